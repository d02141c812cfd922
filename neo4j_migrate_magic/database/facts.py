"""Facts of a server that are asked for seldom: edition, the user's privileges."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.connection import Database

_EDITION: LiteralString = """CYPHER 5
CALL dbms.components() YIELD name, edition
WITH name, edition WHERE name = 'Neo4j Kernel' RETURN edition
"""
_GRANTED: LiteralString = """CYPHER 5
SHOW USER PRIVILEGES YIELD access, action RETURN access, action
"""
_ACCESS: LiteralString = """CYPHER 5
SHOW DATABASES YIELD name, access WHERE name = $name RETURN access
"""


async def edition(database: Database) -> str:
    """Ask for the server's edition: ``community`` or ``enterprise``."""
    found = await database.read(_EDITION)
    database.edition = str(found.rows[0][0]) if found.rows else None
    return database.edition or "unknown"


async def granted(database: Database) -> set[str]:
    """Ask which actions the user is granted, and nowhere denied; Enterprise alone knows."""
    found: dict[str, set[str]] = {}
    for access, action in (await database.read(_GRANTED)).rows:
        found.setdefault(str(access), set()).add(str(action))
    return found.get("GRANTED", set()) - found.get("DENIED", set())


async def writable(database: Database) -> bool:
    """Ask whether the database takes writes, as far as the user may see that."""
    found = await database.read(_ACCESS, {"name": database.name})
    return all(access != "read-only" for (access,) in found.rows)


async def home(database: Database) -> str:
    """Give the database's name; where none was named it is the server's home database."""
    if database.name is None:
        await database.read("CYPHER 5 RETURN 1")
    return database.name or ""
