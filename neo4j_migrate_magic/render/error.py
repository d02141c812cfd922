"""An error as one block: code, what, why, where, kept, next."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import Next
from neo4j_migrate_magic.render.words import (
    clean,
    fitting,
    padded,
    relative,
    width,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.errors import MigrateError, Place

WIDTH = 105
"""The columns that prose is wrapped to, where no terminal has fewer."""

_INDENT = " " * 9  # below `  why    `
_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


def error_block(
    error: MigrateError,
    *,
    columns: int | None = None,
    colour: bool = False,
    folder: str | None = None,
    explain: bool = False,
) -> str:
    """Write an error with all that a person needs to go on.

    Args:
        error: The error.
        columns: The terminal's width, None without one; commands are never wrapped.
        colour: Whether the word `error` is red.
        folder: The working directory: paths inside it are shown relative to it.
        explain: Whether the last command shows the page of the code.
    """

    def shown(text: str) -> str:
        return relative(text, folder)

    room, cut = min(columns or WIDTH, WIDTH), columns is not None
    lines = _head(error, shown(error.what), room, cut=cut, colour=colour)
    if error.why:
        lines += _part("why", _prose(shown(error.why), room, cut=cut))
    if error.where:
        lines += _where(error.where, shown(error.where.path), room)
    if error.kept:
        lines += _part("kept", _prose(shown(error.kept), room, cut=cut))
    ways = [way._replace(command=shown(way.command)) for way in error.next]
    if explain:
        ways.append(Next(f"neo4j-migrate explain {error.code}", "what the code means"))
    lines += next_lines(ways, columns=columns)
    return "\n".join(lines)


def short_lines(error: MigrateError, *, folder: str | None = None) -> list[str]:
    """Write an error in six lines at most: one for each of its parts.

    Args:
        error: The error.
        folder: The working directory: paths inside it are shown relative to it.
    """

    def shown(text: str) -> str:
        return clean(relative(text, folder))

    lines = [f"{error.code}: {shown(error.what)}"]
    if error.why:
        first, *rest = error.why.strip().splitlines() or [""]
        code = f" {rest[-1].strip()}" if rest and rest[-1].startswith("[") else ""
        lines += _part("why", [shown(first.strip() + code)])
    if error.where:
        lines += _part("where", [shown(str(error.where))])
    if error.kept:
        lines += _part("kept", [shown(error.kept)])
    for way in error.next[:1]:
        label = f"    {clean(way.label)}" if way.label else ""
        lines += _part("next", [f"{shown(way.command)}{label}"])
    return lines


def next_lines(ways: Sequence[Next], *, columns: int | None = None) -> list[str]:
    """Write commands to type, each with what it does.

    Args:
        ways: The commands.
        columns: Labels that would stand beyond it get lines of their own.
    """
    commands = [clean(way.command) for way in ways]
    longest = max(map(width, commands), default=0)
    labels = max((width(way.label) for way in ways), default=0)
    beside = columns is None or len(_INDENT) + longest + 4 + labels <= columns
    room = None if columns is None else columns - len(_INDENT)
    lines = []
    for command, way in zip(commands, ways, strict=True):
        label = clean(way.label)
        if beside and label:
            lines.append(f"{padded(command, longest)}    {label}")
        else:
            lines.append(command)
            lines += wrapped(f"    {label}", room, indent="    ") if label else []
    return _part("next", lines)


def _head(
    error: MigrateError, what: str, columns: int, *, cut: bool, colour: bool
) -> list[str]:
    end = f"exit {error.exit_code}"
    text = f"error {error.code}  {clean(what)}"
    *lines, last = wrapped(text, columns if cut else None, indent=_INDENT)
    gap = columns - width(last) - len(end)
    if cut and gap < 3:
        lines += [last, end.rjust(columns)]
    else:
        lines.append(f"{last}{' ' * max(gap, 3)}{end}")
    if colour:
        lines[0] = lines[0].replace("error", f"{_RED}error{_PLAIN}", 1)
    return lines


def _part(word: str, lines: Sequence[str]) -> list[str]:
    return [
        (f"  {word:<5}  " if number == 0 else _INDENT) + line
        for number, line in enumerate(lines)
    ]


def _prose(text: str, columns: int, *, cut: bool) -> list[str]:
    """Wrap text at blanks; a line that fits, such as a server's caret, stays as it is.

    Args:
        text: The text.
        columns: The width there is.
        cut: Whether words that are too long for it are cut, as on a terminal.
    """
    room = max(columns - len(_INDENT), 20)
    lines: list[str] = []
    for line in text.splitlines():
        line = clean(line.replace("\t", " ")).rstrip()
        if cut or width(line) <= room:
            lines += wrapped(line, room)
        else:
            lines += textwrap.wrap(
                line, room, break_long_words=False, break_on_hyphens=False
            )
    return lines or [""]


def _where(place: Place, path: str, columns: int) -> list[str]:
    numbers = [str(n) for n in (place.line, place.column) if n is not None]
    lines = _part("where", [":".join([clean(path), *numbers])])
    if place.text is None or place.line is None:
        return lines
    source, caret = _source(place.text, place.column, max(columns - 11, 20))
    lines.append(f"{place.line:>8} | {source}")
    if caret is not None:
        lines.append(f"{'':>8} | {' ' * caret}^")
    return lines


def _source(text: str, column: int | None, room: int) -> tuple[str, int | None]:
    """Give the part of a line that fits and has the column in it, and the caret's place."""
    text = text.rstrip("\r\n")
    at = None if column is None else min(max(column - 1, 0), len(text))
    start = 0
    if width(text) > room and at is not None:
        start = max(0, at - room // 2)
    before = clean(text[start:at].replace("\t", " ")) if at is not None else ""
    shown = clean(text[start : start + room].replace("\t", " "))
    shown = shown[: fitting(shown, room)]
    if start:
        shown, before = f"...{shown[3:]}", f"...{before[3:]}"
    if start + room < len(text):
        shown = f"{shown[:-3]}..."
    return shown.rstrip() if at is None else shown, None if at is None else width(
        before
    )
