"""What a statement gave, taken from the driver as a value of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import QueryResult, Server

if TYPE_CHECKING:
    import neo4j

_COUNTERS = (
    "nodes_created",
    "nodes_deleted",
    "relationships_created",
    "relationships_deleted",
    "properties_set",
    "labels_added",
    "labels_removed",
    "indexes_added",
    "indexes_removed",
    "constraints_added",
    "constraints_removed",
)


async def taken(result: neo4j.AsyncResult) -> QueryResult:
    """Take all rows, keys and counters of a result."""
    keys = list(result.keys())
    rows = [record.values() async for record in result]
    summary = await result.consume()
    counters = {
        name: count for name in _COUNTERS if (count := getattr(summary.counters, name))
    }
    agent = summary.server.agent or ""
    return QueryResult(
        rows=rows,
        keys=keys,
        counters=counters,
        server=Server(
            version=agent.split("/", 1)[-1],
            database=summary.database or "",
            address="",
        ),
    )
