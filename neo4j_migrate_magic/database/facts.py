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
SHOW USER PRIVILEGES YIELD access, action WHERE access = 'GRANTED' RETURN action
"""


async def edition(database: Database) -> str:
    """Ask for the server's edition: ``community`` or ``enterprise``."""
    found = await database.read(_EDITION)
    return str(found.rows[0][0]) if found.rows else "unknown"


async def granted(database: Database) -> set[str]:
    """Ask which actions the user is granted; Enterprise alone knows."""
    return {str(action) for (action,) in (await database.read(_GRANTED)).rows}
