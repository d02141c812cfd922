"""A real local Neo4j, from package registries alone."""

from neo4j_migrate_magic.sandbox.life import Sandbox, SandboxState
from neo4j_migrate_magic.sandbox.versions import (
    DEFAULT_VERSION,
    LATEST_VERSION,
    resolve_version,
)

__all__ = [
    "DEFAULT_VERSION",
    "LATEST_VERSION",
    "Sandbox",
    "SandboxState",
    "resolve_version",
]
