"""How far the server is with the indexes that it builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.connection import Database

_POPULATED: LiteralString = """CYPHER 5
SHOW INDEXES YIELD name, state, populationPercent WHERE name IN $names
RETURN count(*) AS there, sum(populationPercent) AS percent,
       count(CASE WHEN state = 'POPULATING' THEN 1 END) AS building
"""


async def populated(
    database: Database, names: Sequence[str], *, timeout: float
) -> float | None:
    """Give how far indexes, or those of constraints, are built; None: none is being.

    Args:
        database: Where.
        names: Their names; one that is not there yet is not built at all.
        timeout: Seconds that the server may take to say so.

    Returns:
        A number from 0 to 100, the mean of all.
    """
    asked = {"names": list(names)}
    (row,) = (await database.read(_POPULATED, asked, timeout=timeout)).rows
    there, percent, building = row
    return float(percent) / len(names) if there and building else None
