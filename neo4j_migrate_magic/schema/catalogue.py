"""Read the catalogue: the constraints and indexes that the database has."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.model import Entity, SchemaItem
from neo4j_migrate_magic.schema.change import fits, orphans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import LiteralString

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

# A failure comes as Java printed it: the exception, then where it was thrown.
_STACK = re.compile(r"\s+(at |\.\.\. \d+ )")
_THROWN = re.compile(r"^(Caused by: )?([\w$]+\.)+[\w$]+(: |$)")


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
        percent=row["populationPercent"] or 0.0,
        failure=reason(row["failureMessage"]),
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


def reason(failure: str | None) -> str:
    """Give the server's own reason for an index that failed, without the Java in it."""
    lines = (failure or "").strip().splitlines()
    said = [line for line in lines if not _STACK.match(line)]
    causes = [line for line in said[1:] if line.startswith("Caused by: ")]
    words = [_THROWN.sub("", line).strip() for line in (*said[:1], *causes[-1:])]
    return "; ".join(dict.fromkeys(filter(None, words)))


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


# The pattern is a parameter: in the text, the statement would find itself.
_BUILDERS: LiteralString = """CYPHER 5
SHOW TRANSACTIONS YIELD currentQuery, metaData
WHERE currentQuery =~ $pattern OR metaData.builds = $builds
RETURN count(*) AS n
"""
BUILDS = "constraint"
"""Metadata of a transaction that has made, or makes, a constraint: its client may be
slow to commit, and then no statement tells of it."""

_CREATES_CONSTRAINT = r"(?is).*\bcreate\s+constraint\b.*"


async def quiet_catalogue(
    database: Database, wanted: Sequence[SchemaItem]
) -> tuple[SchemaItem, ...]:
    """Read the catalogue once nothing of `wanted` is being built any more.

    A run that was killed leaves a build behind: of an index until it is online, of a
    constraint until the server notices. What still is half-built then is an orphan:
    done in all but name. One that goes on may be somebody's plain index.
    """
    definitions = {item.definition for item in wanted}
    while True:
        items = await read_catalogue(database)
        half = orphans(wanted, items)
        building = any(
            item.state == "POPULATING"
            and (
                item.percent < 100.0 if item in half else item.definition in definitions
            )
            for item in items
        )
        if not building and not (half and await _constraint_builders(database)):
            return items
        await asyncio.sleep(0.5)


async def _constraint_builders(database: Database) -> int:
    parameters = {"pattern": _CREATES_CONSTRAINT, "builds": BUILDS}
    found = await database.read(_BUILDERS, parameters)
    count: int = found.rows[0][0]
    return count


# A build that is done in all but name belongs to a constraint that never came.
_BUILDS: LiteralString = """CYPHER 5
SHOW INDEXES YIELD name, state, populationPercent, owningConstraint, failureMessage
WHERE state <> 'ONLINE'
RETURN name, populationPercent, owningConstraint IS NULL, failureMessage ORDER BY name
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """An index that is not online: being built, failed, or left by a crash."""

    name: str
    percent: float
    orphan: bool
    failure: str


async def read_builds(database: Database) -> list[Build]:
    """Read the indexes that are not online."""
    rows = (await database.read(_BUILDS)).rows
    at_work = bool(rows) and await _constraint_builders(database) > 0
    return [
        Build(
            name=name,
            percent=percent or 0.0,
            orphan=alone and (percent or 0.0) >= 100.0 and not at_work,
            failure=reason(failure),
        )
        for name, percent, alone, failure in rows
    ]


async def online(
    database: Database, wanted: Sequence[SchemaItem], *, pause: float = 0.05
) -> list[SchemaItem]:
    """Wait until the wanted indexes are built; give those that failed.

    Polling tells a failure at once; `db.awaitIndexes` would wait in vain.
    """
    began = time.monotonic()
    while True:
        items = await read_catalogue(database)
        mine = [item for item in items if any(fits(w, item) for w in wanted)]
        failed = [item for item in mine if item.state == "FAILED"]
        if failed or all(item.state in ("ONLINE", "") for item in mine):
            return failed
        # slower as the build gets longer: each look is a read of the catalogue
        await asyncio.sleep(min(max(pause, (time.monotonic() - began) / 10), 2.0))
