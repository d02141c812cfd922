"""A Cypher migration: sections, directives, description."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic import cypher
from neo4j_migrate_magic.errors import NoUpError, ParseError
from neo4j_migrate_magic.files.source import BOM, LINE_END, Source
from neo4j_migrate_magic.model import Migration, MigrationKind, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from neo4j_migrate_magic.cypher import Comment

_MARK = re.compile(r"//[ \t]*@(\S+)\s*(.*)", re.DOTALL)
_SECTIONS = ("up", "down")
_DIRECTIVES = ("rerunnable", "timeout", "nolint")
_LATER = {
    "batch": "write CALL { … } IN TRANSACTIONS below `// @rerunnable`",
    "invariant": "write the query in a test of your own",
}
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A comment alone on its line that begins with ``@``."""

    word: str
    argument: str
    comment: Comment


def parse_cypher(
    text: str, version: str, name: str, path: Path | None = None
) -> Migration:
    """Read the text of a Cypher migration; without a path, one from the history."""
    source = Source(
        text=text.removeprefix(BOM),
        version=version,
        name=name,
        kind=MigrationKind.CYPHER,
        path=path,
    )
    source.check()
    marks = _marks(source)
    sections = _sections(source, marks)
    up, down = sections.get("up", ()), sections.get("down", ())
    if not up:
        raise _no_up(source, marks)

    return Migration(
        version=version,
        name=name,
        kind=MigrationKind.CYPHER,
        checksum=cypher.checksum(statement.canonical for statement in up),
        source=source.text,
        path=path,
        description=_description(source),
        up=up,
        # An empty section says that nobody wrote a way back; one may be computed.
        down=down or None,
        has_down=bool(down),
    )


def _comments(source: Source) -> list[Comment]:
    try:
        return cypher.comments(source.text)
    except ParseError:
        # The same text is refused as statements, and then with its file's name.
        _split(source, 0, len(source.text), 1)
        raise


def _split(source: Source, start: int, end: int, line: int) -> tuple[Statement, ...]:
    text = source.text[start:end]
    try:
        return cypher.split(text, path=source.label, first_line=line)
    except ParseError as error:
        # The lexer knows no files, and so no way on.
        error.next = error.next or source.next
        raise


def _marks(source: Source) -> list[_Mark]:
    marks = []
    for comment in _comments(source):
        match = _MARK.fullmatch(comment.text.rstrip()) if comment.alone else None
        if match:
            mark = _Mark(match[1], match[2], comment)
            _check_word(source, mark)
            marks.append(mark)
    return marks


def _check_word(source: Source, mark: _Mark) -> None:
    word, line = mark.word, mark.comment.line
    if word in _LATER:
        raise source.error(
            f"`// @{word}` is not run by this version yet", _LATER[word], line
        )
    if word not in (*_SECTIONS, *_DIRECTIVES):
        known = [*_SECTIONS, *_DIRECTIVES, *_LATER]
        close = difflib.get_close_matches(word.lower(), known, n=1)
        raise source.error(
            f"`// @{word}` means nothing",
            f"did you mean `// @{close[0]}`?"
            if close
            else "a comment that is no directive must not begin with @",
            line,
        )
    if mark.argument and word not in {"timeout", "nolint"}:
        raise source.error(
            f"`// @{word}` takes nothing after it",
            f"{mark.argument!r} belongs into a comment of its own",
            line,
        )


def _sections(
    source: Source, marks: Sequence[_Mark]
) -> dict[str, tuple[Statement, ...]]:
    """Cut the text at its section marks; without one, all of it is ``up``."""
    starts = [mark for mark in marks if mark.word in _SECTIONS]
    if not starts:
        return {"up": _section(source, marks, 0, len(source.text), 1)}

    first = starts[0].comment
    for statement in _section(source, marks, 0, first.start, 1):
        raise source.error(
            "a statement stands before the first section mark",
            f"`// @{starts[0].word}` is on line {first.line}; what is above it"
            " would belong to no section",
            statement.line,
            statement.column,
        )

    sections: dict[str, tuple[Statement, ...]] = {}
    ends = [*(mark.comment.start for mark in starts[1:]), len(source.text)]
    for mark, end in zip(starts, ends, strict=True):
        if mark.word in sections:
            raise source.error(
                f"`// @{mark.word}` stands in the file twice",
                "each section has one place",
                mark.comment.line,
            )
        start = mark.comment.end
        sections[mark.word] = _section(source, marks, start, end, mark.comment.line)
    return sections


def _section(
    source: Source, marks: Sequence[_Mark], start: int, end: int, line: int
) -> tuple[Statement, ...]:
    """Split one section, and give each statement the directives above it."""
    statements = _split(source, start, end, line)
    lines = [statement.line for statement in statements]
    directed: dict[int, dict[str, Any]] = defaultdict(dict)
    for mark in marks:
        if mark.word not in _DIRECTIVES or not start <= mark.comment.start < end:
            continue
        index = bisect_right(lines, mark.comment.line)
        _check_position(source, mark, statements, index)
        if mark.word in directed[index] and mark.word != "nolint":
            raise source.error(
                f"`// @{mark.word}` stands above one statement twice",
                line=mark.comment.line,
            )
        directed[index][mark.word] = (
            _seconds(source, mark) if mark.word == "timeout" else True
        )

    return tuple(
        replace(
            statement,
            rerunnable="rerunnable" in directed[index],
            timeout=directed[index].get("timeout"),
        )
        if index in directed
        else statement
        for index, statement in enumerate(statements)
    )


def _check_position(
    source: Source, mark: _Mark, statements: Sequence[Statement], index: int
) -> None:
    line = mark.comment.line
    if index:
        before = statements[index - 1]
        if line <= before.line + len(LINE_END.findall(before.text)):
            raise source.error(
                f"`// @{mark.word}` stands inside a statement",
                f"put it above line {before.line}, where the statement begins",
                line,
            )
    if index == len(statements):
        raise source.error(
            f"`// @{mark.word}` has no statement below it",
            "a directive is for the next statement of its section",
            line,
        )


def _seconds(source: Source, mark: _Mark) -> float:
    match = _DURATION.fullmatch(mark.argument.strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not 0 < seconds < float("inf"):
        raise source.error(
            f"`// @timeout {mark.argument}` is not a time",
            "write `// @timeout 500ms`, `10s`, `10m` or `1h`",
            mark.comment.line,
        )
    return seconds


def up_lines(migration: Migration) -> tuple[int, list[str]]:
    """Give the lines of a text that belong to ``up``, and the number of the first."""
    source = Source(
        text=migration.source.removeprefix(BOM),
        version=migration.version,
        name=migration.name,
        kind=migration.kind,
        path=migration.path,
    )
    lines = LINE_END.split(source.text)
    marks = [mark for mark in _marks(source) if mark.word in _SECTIONS]
    for number, mark in enumerate(marks, 1):
        if mark.word == "up":
            end = marks[number].comment.line - 1 if number < len(marks) else len(lines)
            return mark.comment.line + 1, lines[mark.comment.line : end]
    return 1, lines


def _no_up(source: Source, marks: Sequence[_Mark]) -> NoUpError:
    for mark in marks:
        if mark.word == "up":
            why = "no statement stands below `// @up`"
            return source.nothing_to_apply(why, mark.comment.line)
    if marks:
        return source.nothing_to_apply("it has no section `// @up`")
    return source.nothing_to_apply("it has no statement")


def _description(source: Source) -> str:
    """Take the first comment with words that is above the first statement."""
    offset = 0
    for token in cypher.tokens(source.text):
        if token.kind != "comment" or source.text[offset : token.start].strip():
            break
        offset = token.end
        comment = source.text[token.start : offset].rstrip()
        if _MARK.fullmatch(comment):
            continue
        block = comment.startswith("/*")
        for line in LINE_END.split(comment.removesuffix("*/") if block else comment):
            words = line.strip().lstrip("/*!").strip()
            if any(map(str.isalnum, words)):
                return words
    return ""
