"""Carry schema changes out on paper: what a step makes, collisions, its inverse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from neo4j_migrate_magic.cypher import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neo4j_migrate_magic.model import SchemaChange, SchemaItem, Statement


def touched(
    changes: Sequence[SchemaChange], items: Iterable[SchemaItem]
) -> tuple[SchemaItem, ...]:
    """Give the items that the changes may make, replace or remove."""
    names = {change.name for change in changes if change.name}
    wanted = {change.item.definition for change in changes if change.item}
    return tuple(
        item for item in items if item.name in names or item.definition in wanted
    )


def expected(
    changes: Sequence[SchemaChange], before: Sequence[SchemaItem]
) -> tuple[SchemaItem, ...]:
    """Carry the changes out on paper: the touched items as they should be after."""
    after = list(before)
    for change in changes:
        if not change.create:
            after = [
                item
                for item in after
                if item.name != change.name or item.constraint != change.constraint
            ]
        elif change.item is not None and not _satisfied(change, after):
            after.append(replace(change.item, name=change.name))
    return tuple(after)


def _satisfied(change: SchemaChange, items: Iterable[SchemaItem]) -> bool:
    """Whether IF NOT EXISTS finds the wanted definition, under any name."""
    return change.conditional and any(
        change.item is not None and item.definition == change.item.definition
        for item in items
    )


def collisions(
    changes: Sequence[SchemaChange], before: Sequence[SchemaItem]
) -> list[tuple[SchemaChange, SchemaItem]]:
    """Find each IF NOT EXISTS that would keep silent and make nothing.

    The server takes a name that belongs to another definition for "exists"
    (handbook: neo4j, 3.2).
    """
    found = []
    items = list(before)
    for change in changes:
        if change.create and change.conditional and not _satisfied(change, items):
            found += [(change, item) for item in items if item.name == change.name]
        items = list(expected([change], items))
    return found


def same(left: Iterable[SchemaItem], right: Iterable[SchemaItem]) -> bool:
    """Whether two views are the same; an item asked for without a name fits any."""
    rest = list(right)
    for item in left:
        match = next((other for other in rest if fits(item, other)), None)
        if match is None:
            return False
        rest.remove(match)
    return not rest


def fits(item: SchemaItem, other: SchemaItem) -> bool:
    """Whether two items are the same; one without a name fits any."""
    unnamed = item.name is None or other.name is None
    return item.definition == other.definition and (unnamed or item.name == other.name)


def _unchanged(before: SchemaItem, after: SchemaItem) -> bool:
    """Whether an item is the one that it was, its settings included.

    Only the statement that re-creates it tells of those; in two languages it is not
    the same text.
    """
    old, new = before.create_statement, after.create_statement
    if old is None or new is None or old.split()[:2] != new.split()[:2]:
        return fits(before, after)
    return fits(before, after) and old == new


def untouched(before: Sequence[SchemaItem], now: Sequence[SchemaItem]) -> bool:
    """Whether all is as it was, settings included; see `same`."""
    return same(before, now) and all(any(_unchanged(b, n) for n in now) for b in before)


Inverse = tuple[tuple[str, dict[str, str]], ...]
"""Statements with their parameters, in the order in which they take a step back."""


def inverse(
    before: Sequence[SchemaItem], after: Sequence[SchemaItem]
) -> Inverse | None:
    """Compute what gives `before` back; None where an old definition is not known.

    What a step did not change, such as an IF NOT EXISTS that found its item, it
    does not take back. A drop tells by the parameter `made`, which no statement uses,
    what has the name: see `strangers`.
    """
    made = [item for item in after if not any(_unchanged(b, item) for b in before)]
    gone = [item for item in before if not any(_unchanged(item, a) for a in after)]
    if any(item.create_statement is None for item in gone):
        return None
    drops = tuple(
        (
            f"DROP {'CONSTRAINT' if item.constraint else 'INDEX'} $name IF EXISTS",
            {"name": item.name or "", "made": _made(item)},
        )
        for item in reversed(made)
    )
    return drops + tuple((item.create_statement or "", {}) for item in reversed(gone))


def strangers(
    statements: Iterable[Statement], items: Sequence[SchemaItem]
) -> list[tuple[Statement, SchemaItem]]:
    """Find each computed drop whose name somebody gave to something else."""
    return [
        (statement, item)
        for statement in statements
        if "made" in statement.parameters
        for item in items
        if item.name == statement.parameters["name"]
        and _made(item) != statement.parameters["made"]
    ]


def _made(item: SchemaItem) -> str:
    """Describe an item in the same words on every server, whose orders differ."""
    ordered = item.properties if item.kind != "fulltext" else sorted(item.properties)
    labels = tuple(sorted(item.labels))
    return str(replace(item, labels=labels, properties=tuple(ordered)))


def described(statement: str, parameters: dict[str, str]) -> str:
    """Give a computed statement as one would type it."""
    name = parameters.get("name")
    return statement.replace("$name", quote(name)) if name else statement


def created(changes: Iterable[SchemaChange]) -> list[SchemaItem]:
    """Give what the changes create."""
    return [change.item for change in changes if change.create and change.item]


def orphans(
    wanted: Iterable[SchemaItem], items: Iterable[SchemaItem]
) -> list[SchemaItem]:
    """Find half-built indexes of wanted constraints.

    They have a constraint's name or definition and belong to none: it is being built
    right now, or a crash of the server left them for ever (handbook: neo4j, 3.6).
    """
    constraints = [item for item in wanted if item.constraint]
    return [
        item
        for item in items
        if not item.constraint
        and item.kind == "range"
        and item.state == "POPULATING"
        and any(
            (w.name is not None and w.name == item.name) or _same_keys(item, w)
            for w in constraints
        )
    ]


def _same_keys(item: SchemaItem, wanted: SchemaItem) -> bool:
    return (item.entity, item.labels, item.properties) == (
        wanted.entity,
        wanted.labels,
        wanted.properties,
    )
