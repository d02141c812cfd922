"""Migration files: finding, reading, comparing and making them."""

from neo4j_migrate_magic.files.compare import Difference, difference, unified
from neo4j_migrate_magic.files.creation import (
    create,
    next_version,
    renumber,
    safe_name,
)
from neo4j_migrate_magic.files.cypher_file import parse_cypher
from neo4j_migrate_magic.files.folder import MigrationFile, find, ignored
from neo4j_migrate_magic.files.python_file import parse_python
from neo4j_migrate_magic.files.reading import parse, read, read_all

__all__ = [
    "Difference",
    "MigrationFile",
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
    "renumber",
    "safe_name",
    "unified",
]
