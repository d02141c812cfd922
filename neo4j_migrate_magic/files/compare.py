"""Where two texts of one migration part: the first statement that is not the same."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import Place
from neo4j_migrate_magic.files import cypher_file, python_file
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
    olds, news = _parts(old), _parts(new)
    more = len(news) - len(olds)
    for number, (before, after) in enumerate(zip_longest(olds, news), 1):
        if before is None or after is None or before.text != after.text:
            if more > 0 and _texts(olds[number - 1 :]) == _texts(
                news[number - 1 + more :]
            ):
                before = None  # it was put in between
            if more < 0 and _texts(olds[number - 1 - more :]) == _texts(
                news[number - 1 :]
            ):
                after = None
            return Difference(
                number=number,
                old=before.text if before else None,
                new=after.text if after else None,
                where=_place(new, after),
                lines=_changed(_raw(old, number, before), _raw(new, number, after)),
            )
    return None


def unified(old: Migration, new: Migration) -> tuple[str, ...]:
    """Give the difference of two texts' ``up`` as a unified diff, with the texts' lines.

    Line ends and blank lines around it are no difference.
    """
    (first, before), (second, after) = _up(old), _up(new)
    lines = list(
        difflib.unified_diff(before, after, "as applied", _label(new), lineterm="")
    )
    return tuple(
        _moved(line, first - 1, second - 1) if line.startswith("@@") else line
        for line in lines
    )


_HUNK = re.compile(r"@@ -(\d+)(.*) \+(\d+)(.*) @@")


def _moved(line: str, old: int, new: int) -> str:
    """Let the head of a hunk count from the text's first line."""
    return _HUNK.sub(
        lambda m: f"@@ -{int(m[1]) + old}{m[2]} +{int(m[3]) + new}{m[4]} @@", line
    )


def _up(migration: Migration) -> tuple[int, list[str]]:
    python = migration.kind is MigrationKind.PYTHON
    first, lines = (python_file if python else cypher_file).up_lines(migration)
    while lines and not lines[0].strip():
        first, lines = first + 1, lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return first, lines


def _texts(parts: Sequence[Part]) -> list[str]:
    return [part.text for part in parts]


def _label(migration: Migration) -> str:
    return str(migration.path or f"{migration.title}.{migration.kind.suffix}")


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
