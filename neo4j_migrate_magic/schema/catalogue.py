"""Read the catalogue: the constraints and indexes that the database has."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.model import Entity, SchemaItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.database.connection import Database

OURS = ("_MigrateProject", "_MigrateRecord", "_MigrateEvent")
"""Labels of the history: their constraints are no part of the user's schema."""

# Types of both languages, as one word (handbook: neo4j, 3.3).
_CONSTRAINTS = {
    "UNIQUENESS": "unique",
    "RELATIONSHIP_UNIQUENESS": "unique",
    "NODE_PROPERTY_UNIQUENESS": "unique",
    "RELATIONSHIP_PROPERTY_UNIQUENESS": "unique",
    "NODE_PROPERTY_EXISTENCE": "existence",
    "RELATIONSHIP_PROPERTY_EXISTENCE": "existence",
    "NODE_PROPERTY_TYPE": "type",
    "RELATIONSHIP_PROPERTY_TYPE": "type",
    "NODE_KEY": "key",
    "RELATIONSHIP_KEY": "key",
}


async def read_catalogue(database: Database) -> tuple[SchemaItem, ...]:
    """Read all constraints and all indexes that stand on their own.

    Indexes that a constraint owns are the constraint's; ours are left out. The
    statements that re-create an item carry the language they are written in.
    """
    language = "CYPHER 25" if database.speaks_25 else "CYPHER 5"
    constraints, indexes = await database.pipelined(
        [f"{language} SHOW CONSTRAINTS YIELD *", f"{language} SHOW INDEXES YIELD *"]
    )
    rows = [dict(zip(constraints.keys, row, strict=True)) for row in constraints.rows]
    found = [_constraint(row, language) for row in rows]
    rows = [dict(zip(indexes.keys, row, strict=True)) for row in indexes.rows]
    found += [_index(row, language) for row in rows if row["owningConstraint"] is None]
    return tuple(item for item in found if not set(item.labels) & set(OURS))


def _constraint(row: dict[str, Any], language: str) -> SchemaItem:
    kind = _CONSTRAINTS.get(row["type"], row["type"].lower())
    return SchemaItem(
        constraint=True,
        kind=kind,
        detail=(row["propertyType"] or "") if kind == "type" else "",
        **_common(row, language),
    )


def _index(row: dict[str, Any], language: str) -> SchemaItem:
    return SchemaItem(
        constraint=False,
        kind=row["type"].lower(),
        state=row["state"],
        failure=row["failureMessage"] or "",
        **_common(row, language),
    )


def _common(row: dict[str, Any], language: str) -> dict[str, Any]:
    statement = row["createStatement"]
    return {
        "name": row["name"],
        "entity": Entity(row["entityType"].lower()),
        "labels": tuple(row["labelsOrTypes"] or ()),
        "properties": tuple(row["properties"] or ()),
        "create_statement": f"{language} {statement}" if statement else None,
    }


def snapshot(items: Sequence[SchemaItem]) -> str:
    """Give the catalogue as JSON text, in an order that does not depend on the server."""
    return json.dumps(sorted((plain(item) for item in items), key=json.dumps))


def plain(item: SchemaItem) -> dict[str, Any]:
    """Give an item as what JSON can hold; `item_of` reads it back."""
    return {
        "constraint": item.constraint,
        "kind": item.kind,
        "entity": item.entity.value,
        "labels": list(item.labels),
        "properties": list(item.properties),
        "name": item.name,
        "detail": item.detail,
        "create_statement": item.create_statement,
    }


def item_of(stored: dict[str, Any]) -> SchemaItem:
    """Make an item of what `plain` gave."""
    return SchemaItem(
        constraint=stored["constraint"],
        kind=stored["kind"],
        entity=Entity(stored["entity"]),
        labels=tuple(stored["labels"]),
        properties=tuple(stored["properties"]),
        name=stored["name"],
        detail=stored["detail"],
        create_statement=stored["create_statement"],
    )


async def online(
    database: Database, names: Sequence[str], *, pause: float = 0.05
) -> list[SchemaItem]:
    """Wait until the named indexes are built; give those that failed.

    Polling tells a failure at once; `db.awaitIndexes` would wait in vain.
    """
    began = time.monotonic()
    while True:
        mine = [i for i in await read_catalogue(database) if i.name in set(names)]
        failed = [item for item in mine if item.state == "FAILED"]
        if failed or all(item.state in ("ONLINE", "") for item in mine):
            return failed
        # slower as the build gets longer: each look is a read of the catalogue
        await asyncio.sleep(min(max(pause, (time.monotonic() - began) / 10), 2.0))
