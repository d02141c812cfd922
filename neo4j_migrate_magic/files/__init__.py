"""Migration files: finding, reading, comparing and making them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neo4j_migrate_magic.files.compare import Difference, difference, unified
    from neo4j_migrate_magic.files.creation import (
        create,
        next_version,
        renumber,
        safe_name,
    )
    from neo4j_migrate_magic.files.cypher_file import parse_cypher
    from neo4j_migrate_magic.files.folder import MigrationFile, find, ignored, scan
    from neo4j_migrate_magic.files.python_file import parse_python
    from neo4j_migrate_magic.files.reading import (
        Unusable,
        parse,
        read,
        read_all,
        read_text,
        read_usable,
    )

__all__ = [
    "Difference",
    "MigrationFile",
    "Unusable",
    "create",
    "difference",
    "find",
    "ignored",
    "next_version",
    "parse",
    "parse_cypher",
    "parse_python",
    "read",
    "read_all",
    "read_text",
    "read_usable",
    "renumber",
    "safe_name",
    "scan",
    "unified",
]

_HOMES = {
    "compare": ("Difference", "difference", "unified"),
    "creation": ("create", "next_version", "renumber", "safe_name"),
    "cypher_file": ("parse_cypher",),
    "folder": ("MigrationFile", "find", "ignored", "scan"),
    "python_file": ("parse_python",),
    "reading": (
        *("Unusable", "parse", "read", "read_all", "read_text", "read_usable"),
    ),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: a completion reads names of files alone."""
    for module, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
