"""Where settings come from: options, variables, a file, defaults."""

from neo4j_migrate_magic.config.layers import OPTIONS
from neo4j_migrate_magic.config.protection import (
    permitted,
    refuse_redirected,
    refuse_unnamed,
    refuse_unpermitted,
    unconfirmed,
)
from neo4j_migrate_magic.config.scaffold import InitResult, init
from neo4j_migrate_magic.config.settings import Settings, load
from neo4j_migrate_magic.config.target import refuse_unreachable, with_target
from neo4j_migrate_magic.config.values import SANDBOX, duration

__all__ = [
    "OPTIONS",
    "SANDBOX",
    "InitResult",
    "Settings",
    "duration",
    "init",
    "load",
    "permitted",
    "refuse_redirected",
    "refuse_unnamed",
    "refuse_unpermitted",
    "refuse_unreachable",
    "unconfirmed",
    "with_target",
]
