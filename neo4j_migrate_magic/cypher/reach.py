"""Tell whether a statement may change nodes that it does not name by a label."""

from __future__ import annotations

import re
from functools import lru_cache

from neo4j_migrate_magic.cypher.classify import NAME
from neo4j_migrate_magic.cypher.statements import shapes
from neo4j_migrate_magic.errors import ParseError

_CHANGES = re.compile(r"\b(?:SET|REMOVE|DELETE)\b", re.IGNORECASE)
# what a procedure does cannot be seen here; `CALL (a, b) {` is a subquery
_PROCEDURE = re.compile(r"\bCALL [\w`]+ ?[.(]", re.IGNORECASE)
_CLAUSES = (
    "MATCH|MERGE|CREATE|INSERT|WITH|UNION|UNWIND|CALL|SET|REMOVE|DETACH|NODETACH|DELETE"
    "|FOREACH|RETURN|FINISH|LOAD|ORDER|SKIP|LIMIT"
)
_CLAUSE = re.compile(rf"\b(?:{_CLAUSES})\b", re.IGNORECASE)
_ALL = re.compile(r" ?(?:DISTINCT )?\*", re.IGNORECASE)
_KEPT = re.compile(rf"(?<!\w)({NAME})(?!\w)(?! AS\b)", re.IGNORECASE)
_OPENED = re.compile(rf"\( ?({NAME})")
# A node that stands alone: no relationship before or behind it. `f(x)` is a function.
_NODE = re.compile(
    rf"(?<![\w`>-])(?<![>-] )\( ?(?P<name>{NAME}) ?"
    r"(?P<label>(?::|IS\b)[^(){]*)?"
    r"(?:\)|\{[^}]*\} ?\)|WHERE\b|\{|\()(?! ?<?-)",
    re.IGNORECASE,
)
# `(n:!A)`, `(n:%)` and `(n:$(x))` may be any; `*0..` and `{0,}` reach what stands alone.
_OPEN = re.compile(r"[!%$]")
_NO_HOPS = re.compile(r"\* ?0|\{ ?0? ?,|\)\*")
_EVERY = re.compile(
    rf"MATCH ?\( ?(?P<name>{NAME}) ?\) ?"
    r"(?:CALL\b|DETACH\b|DELETE\b|WITH (?P=name) CALL\b).*\bDELETE (?P=name)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=16)  # a loop of a Python migration sends the same again
def reaches_any_node(text: str) -> bool:
    """Whether a statement may change or delete nodes whatever labels they have.

    When in doubt it may: then somebody has to look what it did. Nodes that a pattern
    connects with others are left out: those of the history are connected with none.

    Args:
        text: Cypher, as it is sent.
    """
    if "_migrate" in text.lower():
        return True
    try:
        return any(map(_reaches, shapes(text)))
    except ParseError:
        return True


def deletes_every_node(text: str) -> bool:
    """Whether a statement is certain to delete all nodes: ``MATCH (n) … DELETE n``."""
    try:
        return any(_EVERY.match(shape) for shape in shapes(text))
    except ParseError:
        return False


def _reaches(shape: str) -> bool:
    if _PROCEDURE.search(shape):
        return True
    return _CHANGES.search(shape) is not None and (
        _NO_HOPS.search(shape) is not None or _finds_any(shape)
    )


def _finds_any(shape: str) -> bool:
    """Whether a variable may stand for any node, as far as one can tell by patterns."""
    bound: set[str] = set()  # variables that are no node of any label
    clauses = [*_CLAUSE.finditer(shape)]
    ends = [clause.start() for clause in clauses[1:]] + [len(shape)]
    for clause, end in zip(clauses, ends, strict=True):
        word, body = clause[0].upper(), shape[clause.end() : end]
        if word == "UNION":
            bound.clear()
        elif word == "WITH" and not _ALL.match(body):
            bound &= set(_KEPT.findall(body))
        for node in _NODE.finditer(" " + body):
            name, label = node["name"], node["label"]
            free = _OPEN.search(label) if label else name not in bound
            if free and word in ("MATCH", "MERGE"):
                return True
            bound.add(name)
        if word in ("MATCH", "MERGE", "CREATE", "INSERT"):
            # the others are connected, or are made here
            bound |= set(_OPENED.findall(body))
    return False
