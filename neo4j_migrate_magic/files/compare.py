"""Where two texts of one migration part: the first statement that is not the same."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import Place
from neo4j_migrate_magic.files.python_file import Part, parts
from neo4j_migrate_magic.files.source import LINE_END, Source
from neo4j_migrate_magic.model import MigrationKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.model import Migration


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first statement of `up` that differs; None where there is no such one.

    `number` counts statements from 1: those of `up` in a Cypher file, those at
    the top level in a Python file, without docstring and `down`.
    """

    number: int
    old: str | None
    new: str | None
    where: Place  # in the new text
    lines: tuple[str, ...] = ()
    """The lines that changed: ``-`` of the old statement, ``+`` of the new one."""


def difference(old: Migration, new: Migration) -> Difference | None:
    """Find the first statement that makes the checksums differ, if one does."""
    pairs = zip_longest(_parts(old), _parts(new))
    for number, (before, after) in enumerate(pairs, 1):
        if before is None or after is None or before.text != after.text:
            return Difference(
                number=number,
                old=before.text if before else None,
                new=after.text if after else None,
                where=_place(new, after),
                lines=_changed(_raw(old, number, before), _raw(new, number, after)),
            )
    return None


def _raw(migration: Migration, number: int, part: Part | None) -> list[str]:
    """Give a statement's lines as they stand in the text."""
    if part is None:
        return []
    if migration.kind is MigrationKind.CYPHER:
        return LINE_END.split(migration.up[number - 1].text)
    return part.text.split("\n")


def _changed(old: list[str], new: list[str]) -> tuple[str, ...]:
    lines = (
        f"{line[0]} {line[1:].rstrip()}"
        for line in list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]
        if not line.startswith("@@")
    )
    return tuple(lines)


def _parts(migration: Migration) -> Sequence[Part]:
    if migration.kind is MigrationKind.PYTHON:
        return parts(migration)
    return [Part(statement.canonical, statement.line) for statement in migration.up]


def _place(migration: Migration, part: Part | None) -> Place:
    source = Source(
        text=migration.source,
        version=migration.version,
        name=migration.name,
        kind=migration.kind,
        path=migration.path,
    )
    return source.place(part.line if part else None)
