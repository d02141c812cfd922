"""Queries that show which data a constraint would not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.cypher import quote
from neo4j_migrate_magic.model import Entity

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import SchemaItem

_LIMIT = 20


def offenders_query(item: SchemaItem) -> str | None:
    """Give a query that shows values which more than one element has.

    The server's own message names the first pair alone (handbook: neo4j, 3.5).

    Args:
        item: A uniqueness constraint; for another one there is no query.
    """
    if not item.constraint or item.kind != "unique" or len(item.labels) != 1:
        return None
    label = _name(item.labels[0])
    node = item.entity is Entity.NODE
    match = f"MATCH (n:{label})" if node else f"MATCH ()-[n:{label}]->()"
    keys = [f"n.{_name(key)}" for key in item.properties]
    there = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    values = ", ".join(keys)
    return (
        f"{match} WHERE {there} WITH [{values}] AS key, count(*) AS n"
        f" WHERE n > 1 RETURN key, n LIMIT {_LIMIT}"
    )


def _name(name: str) -> str:
    """Quote a name only where it needs it: the query is for a person."""
    return name if name.isidentifier() and name.isascii() else quote(name)
