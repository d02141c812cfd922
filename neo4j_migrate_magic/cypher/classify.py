"""Tell what a statement does, as far as transactions are concerned."""

from __future__ import annotations

import re
from functools import lru_cache

from neo4j_migrate_magic.cypher.lexer import BACKTICK, STRING
from neo4j_migrate_magic.model import StatementKind

# Classification reads the canonical text: comments are out, blanks are one space.
_MASK = re.compile(rf"{STRING}|{BACKTICK}", re.DOTALL)
_DIGITS = re.compile(r"\d+")
_PREFIX = re.compile(
    r"(?:CYPHER(?: (?:\d[\d.]*|\w+ ?= ?[\w']+)(?![\w.]))*|EXPLAIN|PROFILE)(?= |$|[(`'])",
)
_LANGUAGE = re.compile(r"CYPHER (\d+)")
_USE = re.compile(
    r"USE (?:GRAPH (?! ?\.))?(?:[\w`.]+(?: ?\. ?[\w`]+)*)(?: ?\([^)]*\))? ?",
)
_SCHEMA = re.compile(
    r"(?:(?:CREATE|DROP) (?:OR REPLACE )?(?:CONSTRAINT|"
    r"(?:(?:RANGE|TEXT|POINT|VECTOR|LOOKUP|FULLTEXT|BTREE) )?INDEX)(?![\w:.=(])"
    r"|ALTER CURRENT GRAPH TYPE\b)",
)
_ADMIN = re.compile(
    r"(?:(?:CREATE|DROP) (?:OR REPLACE )?"
    r"(?:DATABASE|COMPOSITE|REPLICA|USER|ROLE|IMMUTABLE|ALIAS|SERVER|AUTH)\b"
    r"|(?:ALTER|GRANT|DENY|REVOKE|START|STOP|RENAME|ENABLE|DRYRUN|DEALLOCATE|REALLOCATE)\b"
    r"|SHOW (?:(?:ALL|CURRENT|DEFAULT|HOME|POPULATED|SUPPORTED|USER \w+|ROLE \w+) )*"
    r"(?:DATABASES?|USERS?|ROLES?|PRIVILEGES?|SERVERS?|ALIAS(?:ES)?|AUTH)\b)",
)
_READS = re.compile(r"(?:SHOW|TERMINATE)\b")
_BATCHED = re.compile(r"\} ?IN (?:[\w$`']+ )?(?:CONCURRENT )?TRANSACTIONS?\b")
_WRITES = re.compile(
    r"CREATE|MERGE|SET|DELETE|DETACH|NODETACH|REMOVE|INSERT|FOREACH"
)  # without a group, so that the search jumps to their first letters
_CALLS = re.compile(r"(?<![\w.:$])CALL (?=[\w`])")
_SHELL = re.compile(r":[A-Za-z]")


def classify(canonical: str) -> tuple[StatementKind, str | None]:
    """Give the kind of a statement and the language that its prefix names.

    Args:
        canonical: The statement without comments, each run of blanks one space.
    """
    text = _MASK.sub(_hollow, canonical)
    if not text[:6].upper().startswith("CYPHER"):  # there a number is the language
        text = _DIGITS.sub("0", text)
    return _of_shape(text)


@lru_cache(maxsize=2048)
def _of_shape(shape: str) -> tuple[StatementKind, str | None]:
    """Classify a statement without its values: large files repeat few shapes."""
    text = shape.upper()
    language, explained = None, False
    while (match := _PREFIX.match(text)) is not None:
        found = _LANGUAGE.match(match[0])
        language = found[1] if found else language
        explained = explained or match[0] == "EXPLAIN"
        text = text[match.end() :].lstrip(" ")
    used = _USE.match(text)
    if used is not None:
        text = text[used.end() :]
    return (StatementKind.READ if explained else _kind(text)), language


def _hollow(match: re.Match[str]) -> str:
    """Give an empty string or name in the place of one: what is in it is no word."""
    return match[0][0] * 2


def _kind(text: str) -> StatementKind:
    if _SCHEMA.match(text):
        return StatementKind.SCHEMA
    if _ADMIN.match(text):
        return StatementKind.ADMIN
    if _READS.match(text):
        return StatementKind.READ
    if _BATCHED.search(text):
        return StatementKind.AUTOCOMMIT
    if any(_is_clause(text, match) for match in _WRITES.finditer(text)):
        return StatementKind.WRITE
    if _CALLS.search(text):
        return StatementKind.CALL
    return StatementKind.READ


def _is_clause(text: str, match: re.Match[str]) -> bool:
    """Whether a word begins a clause, and is no property, label, parameter or key.

    When in doubt it does: a read that is taken for a write runs as well.
    """
    before = text[max(0, match.start() - 2) : match.start()]
    after = text[match.end() : match.end() + 2]
    if before and (before[-1].isalnum() or before[-1] in "_.:$&!@"):
        return False
    if before[:1] in tuple(".:$&!@") and before[1:] == " ":
        return False
    if after and (after[0].isalnum() or after[0] == "_"):
        return False
    following = after.lstrip(" ")[:1]
    if match[0] == "FOREACH":
        return following == "("
    return not following or following not in ":.,=)]}*|"


def is_shell_line(text: str) -> bool:
    """Whether a statement begins as a line for a shell, such as ``:use``."""
    return _SHELL.match(text) is not None
