"""Schema and data migrations for Neo4j, from a notebook and in production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neo4j_migrate_magic.errors import MigrateError
    from neo4j_migrate_magic.migrator import Migrator

__all__ = ["MigrateError", "Migrator"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: `--help` needs no driver."""
    if name == "Migrator":
        from neo4j_migrate_magic.migrator import Migrator

        return Migrator
    if name in ("load_ipython_extension", "unload_ipython_extension"):
        from neo4j_migrate_magic.notebook import extension

        return getattr(extension, name)
    if name == "MigrateError":
        from neo4j_migrate_magic.errors import MigrateError

        return MigrateError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
