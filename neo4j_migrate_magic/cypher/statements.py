"""Cut a text into statements, each with its place, kind and canonical form."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from neo4j_migrate_magic.cypher.classify import classify, is_shell_line
from neo4j_migrate_magic.cypher.ddl import read_change
from neo4j_migrate_magic.cypher.lexer import (
    BLANK,
    BLANKS,
    COMMENT,
    Lines,
    Token,
    parse_error,
    tokens,
)
from neo4j_migrate_magic.model import Statement, StatementKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LEADING = re.compile(rf"[{BLANK}]*(?:(?:{COMMENT})[{BLANK}]*)*", re.DOTALL)
# one plain space is canonical as it is; everything else becomes one
_UNEVEN = re.compile(rf"[{BLANK}]{{2,}}|[{BLANK.replace(' ', '', 1)}]")
_BOM = "\ufeff"


def split(
    text: str, *, path: str = "<text>", first_line: int = 1
) -> tuple[Statement, ...]:
    """Cut a text into its statements; one without a statement gives none.

    Args:
        text: Cypher; a byte order mark is skipped.
        path: What errors name as the file.
        first_line: The number of the text's first line in that file.

    Raises:
        ParseError: Something is opened and never closed, a character is hidden
            behind an escape, or a line is a shell's.
    """
    text = text.removeprefix(_BOM)
    lines = Lines(text)
    found = []
    for start, end, within in _chunks(text, path, first_line):
        body = text[start:end]
        canonical, shape = _canonical(text, start, end, within)
        line, column = lines.at(start)
        if is_shell_line(body):
            raise parse_error(
                text,
                start,
                f"{body.split(maxsplit=1)[0]} is a line for a shell, not Cypher",
                "remove it: CALL … IN TRANSACTIONS is run in auto-commit mode as it"
                " is, and the database is a setting",
                path=path,
                first_line=first_line,
            )
        kind, language = classify(shape)
        found.append(
            Statement(
                text=body,
                canonical=canonical,
                kind=kind,
                line=line + first_line - 1,
                column=column,
                language=language,
                change=read_change(body) if kind is StatementKind.SCHEMA else None,
            )
        )
    return tuple(found)


def shapes(text: str) -> list[str]:
    """Give each statement without comments and without what is in quotes and backticks.

    Raises:
        ParseError: As `split` does.
    """
    text = text.removeprefix(_BOM)
    return [_canonical(text, *chunk)[1] for chunk in _chunks(text, "<text>", 1)]


def _chunks(
    text: str, path: str, first_line: int
) -> Iterator[tuple[int, int, list[Token]]]:
    """Give each statement's start and end, and what hides text within it."""
    begin, within = 0, []
    for token in tokens(text, path=path, first_line=first_line):
        if token[0] != "end":
            within.append(token)
            continue
        yield from _chunk(text, begin, token[1], within)
        begin, within = token[2], []
    yield from _chunk(text, begin, len(text), within)


def _chunk(
    text: str, start: int, end: int, within: list[Token]
) -> Iterator[tuple[int, int, list[Token]]]:
    """Give one statement, without the blanks and comments around it; or nothing."""
    match = _LEADING.match(text, start, end)
    start = match.end() if match else start
    first, last = 0, len(within)
    if last and within[0][1] < start:
        first = bisect_left(within, start, key=_start)
    end = _stripped(text, start, end)
    # a comment may itself end in blanks
    while (
        last > first and within[last - 1][0] == "comment" and within[last - 1][2] >= end
    ):
        last -= 1
        before = within[last - 1][2] if last > first else start
        end = _stripped(text, before, within[last][1])
    if end > start:
        yield start, end, within[first:last]


def _start(token: Token) -> int:
    return token.start


def _stripped(text: str, start: int, end: int) -> int:
    """Give the end of a piece of text without the blanks at its end."""
    return start + len(text[start:end].rstrip(BLANKS))


def _canonical(
    text: str, start: int, end: int, within: Sequence[Token]
) -> tuple[str, str]:
    """Give what a checksum sees: each run of blanks and comments is one space.

    So neither comments nor line ends nor indentation are an edit. What stands in
    strings and backticks is kept, with line ends as LF; the second text, by which a
    statement is classified, has nothing in them.
    """
    if not within:
        canonical = _UNEVEN.sub(" ", text[start:end])
        return canonical, canonical
    parts: list[str] = []
    hollow: list[str] = []
    gap, offset = "", start
    for kind, begin, stop in within:
        gap += text[offset:begin]
        offset = stop
        if kind == "comment":
            gap += " "
            continue
        even = _UNEVEN.sub(" ", gap)
        gap = ""
        parts += (even, _unix(text[begin:offset]))
        hollow += (even, "``" if kind == "name" else "''")
    even = _UNEVEN.sub(" ", gap + text[offset:end])
    return "".join((*parts, even)), "".join((*hollow, even))


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def checksum(canonicals: Iterable[str]) -> str:
    """Give the SHA-256 of a sequence of texts, in hex; each text's end counts."""
    digest = hashlib.sha256()
    for canonical in canonicals:
        data = canonical.encode()
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()
