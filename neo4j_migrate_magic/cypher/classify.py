"""Tell what a statement does, as far as transactions are concerned."""

from __future__ import annotations

import re
from functools import lru_cache

from neo4j_migrate_magic.model import StatementKind

# What is read here is a shape: comments are out, each run of blanks is one space, and
# nothing stands in quotes and backticks.
_DIGITS = re.compile(r"\d+")
_PREFIX = re.compile(
    r"(?:CYPHER\b(?: ?(?P<language>\d+)[\d.]*)?(?: \w+ ?= ?\w+)*|(?P<explain>EXPLAIN)\b"
    r"|PROFILE\b) ?",
    re.IGNORECASE,
)
NAME = r"(?:\w+|``)"
"""The pattern of a name in a shape: what stands in backticks is out."""
_USE = re.compile(
    # a database may be named `graph`: then a clause follows
    r"USE\b ?(?:GRAPH (?=[\w`])(?!(?:CREATE|DROP|ALTER|SHOW|CALL|MATCH|MERGE|UNWIND)\b))?"
    rf"(?:{NAME}(?: ?\. ?{NAME})*)? ?",
)
_BRACKET = re.compile(r"[()]")
# `CREATE index = (a)-->(b)` names a path.
_SCHEMA = re.compile(
    r"(?:(?:CREATE|DROP) (?:OR REPLACE )?(?:CONSTRAINT|"
    r"(?:(?:RANGE|TEXT|POINT|VECTOR|LOOKUP|FULLTEXT|BTREE) )?INDEX)\b(?! ?=)"
    r"|ALTER CURRENT GRAPH TYPE\b)",
)
_ADMIN = re.compile(
    r"(?:(?:CREATE|DROP) (?:OR REPLACE )?"
    r"(?:DATABASE|COMPOSITE|REPLICA|USER|ROLE|IMMUTABLE|ALIAS|SERVER|AUTH)\b(?! ?=)"
    r"|(?:ALTER|GRANT|DENY|REVOKE|START|STOP|RENAME|ENABLE|DRYRUN|DEALLOCATE|REALLOCATE)\b"
    r"|SHOW (?:(?:ALL|CURRENT|DEFAULT|HOME|POPULATED|SUPPORTED) )*"
    r"(?:DATABASES?|USERS?(?! DEFINED FUNCTION)|ROLES?|PRIVILEGES?|SERVERS?"
    r"|ALIAS(?:ES)?|AUTH)\b)",
)
_BRACE = re.compile(r"\{(?P<projection> ?[.}])?|\}(?P<within> ?IN\b)?")
_WRITES = re.compile(
    r"CREATE|MERGE|INSERT|SET|REMOVE|DELETE|FOREACH"
)  # without a group, so that the search jumps to their first letters
_CALLS = re.compile(r"CALL(?= [\w`])")

# What stands before a property, label, parameter, map's value or operand.
_NO_CLAUSE = r".:$&!@|,(\[=<>^~/%\-"
_BEGINS = re.compile(rf"(?<![\w{_NO_CLAUSE}])(?<![{_NO_CLAUSE}] )")
_PATTERN = re.compile(rf" ?(?:\(|{NAME} ?=)")
# `SET $node.p`, `SET {a: n}.a.p` and `SET CASE … END.p` are valid too.
_TARGET = re.compile(
    rf" ?(?:\(|\$|\{{ ?{NAME} ?:|CASE\b"
    r"|(?!(?:MATCH|AND|OR|XOR|IN|WHERE|CALL|WITH|RETURN|UNWIND) ?[({])"
    rf"{NAME} ?(?:[.:=(\[{{]|\+=|IS\b))| \["
)
_OPERANDS = {
    "CREATE": _PATTERN,
    "MERGE": _PATTERN,
    "INSERT": _PATTERN,
    "SET": _TARGET,
    "REMOVE": _TARGET,
    "DELETE": re.compile(r"(?!\w| ?\Z) ?[\w($'`\[{]"),
    "FOREACH": re.compile(r" ?\("),
}
_SHELL = re.compile(r":[A-Za-z]")


def classify(shape: str) -> tuple[StatementKind, str | None]:
    """Give the kind of a statement and the language that its prefix names.

    Args:
        shape: The statement without comments and without what is in its quotes and
            backticks, each run of blanks one space.
    """
    language, explained, at = None, False, 0
    while (match := _PREFIX.match(shape, at)) is not None:
        language = match["language"] or language
        explained = explained or match["explain"] is not None
        at = match.end()
    if explained:
        return StatementKind.READ, language
    return _kind(_DIGITS.sub("0", shape[at:])), language


@lru_cache(maxsize=2048)
def _kind(shape: str) -> StatementKind:
    """Classify a statement without its values: large files repeat few shapes."""
    text = shape.upper()
    text = text[_after_use(text) :]
    if _SCHEMA.match(text):
        return StatementKind.SCHEMA
    if _ADMIN.match(text):
        return StatementKind.ADMIN
    if _is_batched(text):
        return StatementKind.AUTOCOMMIT
    if any(_is_clause(text, match) for match in _WRITES.finditer(text)):
        return StatementKind.WRITE
    if any(_BEGINS.match(text, match.start()) for match in _CALLS.finditer(text)):
        return StatementKind.CALL
    return StatementKind.READ


def _after_use(text: str) -> int:
    """Give where the statement goes on behind ``USE graph``; 0 without one."""
    used = _USE.match(text)
    if used is None:
        return 0
    if not text.startswith("(", used.end()):
        return used.end()
    depth = 0
    for match in _BRACKET.finditer(text, used.end()):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return match.end() + text.startswith(" ", match.end())
    return len(text)


def _is_batched(text: str) -> bool:
    """Whether a subquery runs in transactions of its own: ``CALL … { … } IN …``.

    `IN` behind any other brace asks for a member of a list.
    """
    opened = []
    for match in _BRACE.finditer(text):
        if match[0][0] == "{":
            opened.append((match.start(), match["projection"] is None))
        elif opened:
            start, subquery = opened.pop()
            if match["within"] and subquery and _is_called(text, start):
                return True
    return False


def _is_called(text: str, brace: int) -> bool:
    """Whether ``CALL`` or ``CALL (variables)`` stands before a brace."""
    end = _before_blank(text, brace)
    if text.endswith(")", 0, end):
        end = _before_blank(text, text.rfind("(", 0, end))
    start = max(0, end - 4)
    return text.startswith("CALL", start) and _BEGINS.match(text, start) is not None


def _before_blank(text: str, end: int) -> int:
    return end - 1 if text.endswith(" ", 0, end) else end


def _is_clause(text: str, match: re.Match[str]) -> bool:
    """Whether a word begins a clause, and is no property, label, variable or key.

    When in doubt it does: a read that is taken for a write runs as well.
    """
    return (
        _BEGINS.match(text, match.start()) is not None
        and _OPERANDS[match[0]].match(text, match.end()) is not None
    )


def is_shell_line(text: str) -> bool:
    """Whether a statement begins as a line for a shell, such as ``:use``."""
    return _SHELL.match(text) is not None
