"""Find where Cypher's strings, names and comments begin and end.

The rules are those of both servers (handbook: neo4j, 8): a text is jumped through
from one character that opens something to the next, never read one by one.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from neo4j_migrate_magic.errors import ParseError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

BLANK = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f"
    "\u205f\u3000"
)
"""The blanks of Cypher, as a character class (U+0085 under Cypher 25 alone)."""

BLANKS = "".join(chr(c) for c in range(0x3001) if re.match(f"[{BLANK}]", chr(c)))
"""The same, one by one."""

COMMENT = r"//[^\r\n]*|/\*.*?\*/"
STRING = r"'[^'\\]*(?:\\.[^'\\]*)*'|\"[^\"\\]*(?:\\.[^\"\\]*)*\""
BACKTICK = "`[^`]*(?:``[^`]*)*`(?!`)"

# What may open something, or end a statement; the match that follows decides.
_NEXT = re.compile(r"[;'\"`/\\]")
_PIECES = {
    "'": ("string", re.compile(STRING, re.DOTALL)),
    '"': ("string", re.compile(STRING, re.DOTALL)),
    "`": ("name", re.compile(BACKTICK)),
    "/": ("comment", re.compile(COMMENT, re.DOTALL)),
}
# An interpolated string begins at a token's start only: the s of `AS'x'` belongs to
# the word.
_INTERPOLATED = re.compile(r"(?<![\w$])[sS]\Z")
_INSIDE = re.compile(
    rf"(?P<comment>{COMMENT})|(?P<string>{STRING})|(?P<name>{BACKTICK})"
    r"|(?P<interpolated>(?<![\w$])[sS]['\"])|(?P<brace>[{}])|(?P<open>/\*|['\"`])",
    re.DOTALL,
)
_TEXT = {quote: re.compile(rf"\\.|[{{{quote}]", re.DOTALL) for quote in "'\""}

# The server replaces \uXXXX before it reads anything else: these characters would
# open, close or end something that the file does not show. A backslash before the
# backslash makes it none.
_HIDDEN = re.compile(
    r"\\(?:u00(?:22|27|2a|2f|3b|5c|60|7b|7d|0a|0d)|.)", re.IGNORECASE | re.DOTALL
)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Token(NamedTuple):
    """A piece of text that hides what is in it, or the end of a statement.

    `kind` is ``comment``, ``string``, ``name`` (in backticks), ``interpolated`` or
    ``end`` (a semicolon that separates).
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A ``//`` comment; `alone` when only blanks stand before it on its line."""

    text: str
    line: int
    start: int
    end: int
    alone: bool


class Lines:
    """Lines and columns of offsets; both count from 1, a lone CR ends a line too."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Give the line and column of an offset."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Give the text of a line."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self._text)
        return self._text[start:end].rstrip("\r\n")


def tokens(text: str, *, path: str = "<text>", first_line: int = 1) -> Iterator[Token]:
    """Give what hides text, and the semicolons that separate, in order.

    Raises:
        ParseError: Something is opened and never closed, or a character is hidden
            behind a Unicode escape that the server replaces before it reads the text.
    """
    _refuse_hidden(text, path, first_line)
    offset = 0
    while (found := _NEXT.search(text, offset)) is not None:
        start, character = found.start(), found[0]
        if character == ";":
            offset = start + 1
            yield Token("end", start, offset)
            continue
        if character == "\\":
            _refuse_spelled(text, start, path, first_line)
            offset = start + (2 if text.startswith("\\\\", start) else 1)
            continue
        kind, pattern = _PIECES[character]
        opener = start > 0 and character in "'\"" and text[start - 1] in "sS"
        if opener and _INTERPOLATED.search(text, max(0, start - 2), start):
            offset = _interpolated(text, start + 1, start - 1, path, first_line)
            yield Token("interpolated", start - 1, offset)
            continue
        match = pattern.match(text, start)
        if match is not None:
            offset = match.end()
            yield Token(kind, start, offset)
        elif character == "/" and not text.startswith("/*", start):
            offset = start + 1  # a division
        else:
            raise _unterminated(text, start, path, first_line)


def _refuse_hidden(text: str, path: str, first_line: int) -> None:
    if "\\u00" not in text:
        return
    for match in _HIDDEN.finditer(text):
        if len(match[0]) > 2:
            what = f"{match[0]} stands for a character that opens or ends something"
            raise _escaped(text, match.start(), what, path, first_line)


def _refuse_spelled(text: str, start: int, path: str, first_line: int) -> None:
    r"""Refuse an escape, outside of quotes, that may be part of a word of Cypher.

    ``\u0043REATE`` is one for the server; a letter that no such word has is a name's.
    """
    match = _ESCAPE.match(text, start)
    if match is None:
        return
    character = chr(int(match[1], 16))
    if character.isascii() or not character.isalnum():
        what = f"{match[0]} stands for a character of Cypher itself"
        raise _escaped(text, start, what, path, first_line)


def _escaped(
    text: str, start: int, what: str, path: str, first_line: int
) -> ParseError:
    why = (
        "the server replaces it before it reads the statement: write the character"
        " itself"
    )
    return parse_error(text, start, what, why, path=path, first_line=first_line)


def _interpolated(
    text: str, offset: int, opened: int, path: str, first_line: int
) -> int:
    """Give the end of ``s'…{expression}…'``; expressions hold strings of their own."""
    modes = [text[offset - 1]]  # a quote: within text; a brace: within an expression
    opens = [opened]
    while modes:
        inside = modes[-1] == "{"
        pattern = _INSIDE if inside else _TEXT[modes[-1]]
        match = pattern.search(text, offset)
        if match is None or (inside and match.lastgroup == "open"):
            start = opens[-1] if match is None else match.start()
            raise _unterminated(text, start, path, first_line)
        offset = match.end()
        if inside and match.lastgroup == "interpolated":
            modes.append(match[0][-1])
            opens.append(match.start())
        elif match[0] == "{":
            modes.append("{")
            opens.append(match.start())
        elif match[0] == "}" or (not inside and match[0] == modes[-1]):
            modes.pop()
            opens.pop()
    return offset


def comments(text: str) -> list[Comment]:
    """List the ``//`` comments that the lexer sees as such, in order."""
    lines = Lines(text)
    found = []
    for token in tokens(text):
        if token.kind == "comment" and text.startswith("//", token.start):
            line, column = lines.at(token.start)
            before = text[token.start - column + 1 : token.start]
            found.append(
                Comment(
                    text=text[token.start : token.end],
                    line=line,
                    start=token.start,
                    end=token.end,
                    alone=not before.strip(BLANKS + "\ufeff"),
                )
            )
    return found


def _unterminated(text: str, start: int, path: str, first_line: int) -> ParseError:
    what = {"/*": "comment", "`": "name in backticks", "{": "brace within a string"}
    opened = text[start : start + 2]
    kind = what.get(opened, what.get(opened[:1], "string"))
    return parse_error(
        text,
        start,
        f"a {kind} is opened here and never closed",
        "the file ends before it does",
        path=path,
        first_line=first_line,
    )


def parse_error(
    text: str, offset: int, what: str, why: str, *, path: str, first_line: int
) -> ParseError:
    """Give an error at an offset of a text."""
    lines = Lines(text)
    line, column = lines.at(offset)
    place = Place(path, line + first_line - 1, column, lines.line(line))
    return ParseError(what, why=why, where=place)
