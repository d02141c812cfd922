"""Where settings come from: options, variables, a file, defaults."""

from neo4j_migrate_magic.config.layers import OPTIONS
from neo4j_migrate_magic.config.scaffold import InitResult, init
from neo4j_migrate_magic.config.settings import Settings, load, require_target
from neo4j_migrate_magic.config.values import SANDBOX, duration

__all__ = [
    "OPTIONS",
    "SANDBOX",
    "InitResult",
    "Settings",
    "duration",
    "init",
    "load",
    "require_target",
]
