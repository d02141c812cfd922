"""Constraints and indexes, and what a statement wants of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Entity(str, Enum):
    """What a constraint or index is over."""

    NODE = "node"
    RELATIONSHIP = "relationship"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaItem:
    """One constraint or index, as a statement asks for it or the catalogue shows it.

    `kind` is one word on every server and in both languages: ``unique``,
    ``existence``, ``type``, ``key`` for constraints; ``range``, ``text``,
    ``point``, ``lookup``, ``fulltext``, ``vector`` for indexes.
    """

    constraint: bool
    kind: str
    entity: Entity
    labels: tuple[str, ...]
    properties: tuple[str, ...]
    name: str | None = None
    detail: str = ""  # the type of a type constraint, as written
    create_statement: str | None = None  # from the catalogue, under its language
    state: str = ""  # of an index in the catalogue: ONLINE, POPULATING, FAILED
    percent: float = 100.0  # how far an index in the catalogue is built
    failure: str = ""  # why an index is FAILED

    @property
    def definition(self) -> tuple[Any, ...]:
        """Identify the item apart from its name."""
        return (
            self.constraint,
            self.kind,
            self.entity,
            tuple(sorted(self.labels)),
            self.properties
            if self.kind != "fulltext"
            else tuple(sorted(self.properties)),
            self.detail.upper(),
        )

    def __str__(self) -> str:
        what = "constraint" if self.constraint else "index"
        on = "|".join(self.labels) + "(" + ", ".join(self.properties) + ")"
        return f"{self.kind} {what} {self.name or '(unnamed)'} on {on}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChange:
    """What a schema statement wants: an item there, or an item gone.

    `item` is None in a drop, which knows only the name; `name` is None in a
    create without one.
    """

    create: bool
    constraint: bool
    name: str | None
    item: SchemaItem | None = None
    conditional: bool = False  # IF [NOT] EXISTS
