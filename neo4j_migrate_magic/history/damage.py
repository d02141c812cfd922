"""See that what is read of the history is what the tool writes; else say how to mend it."""

from __future__ import annotations

import json
import shlex
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

from neo4j_migrate_magic.errors import HistoryCorruptError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import UnionType

_SEE = [
    (
        'cypher-shell "MATCH (r:_MigrateRecord) RETURN r {.*, source: null}"',
        "see what was changed by hand, and change it back",
    ),
    ('cypher-shell "MATCH (l:_MigrateProject) RETURN l"', "the lock, too"),
]

Columns = tuple[tuple[str, tuple[type, ...]], ...]
"""The names of a row's columns, and the types that their values may have."""


def columns(**types: type | UnionType) -> Columns:
    """Describe a row: the type of each column, such as ``str`` or ``str | None``."""
    return tuple((name, get_args(type_) or (type_,)) for name, type_ in types.items())


def check(described: Columns, row: Sequence[Any]) -> None:
    """See that the values of a row have the types that the tool writes.

    Raises:
        ValueError: One has not; the words say which.
    """
    wrong = _wrong(described, tuple(map(type, row)))
    if wrong is not None:
        raise ValueError(f"its {described[wrong][0]} is {row[wrong]!r:.60}")


@lru_cache(maxsize=256)
def _wrong(described: Columns, types: tuple[type, ...]) -> int | None:
    """Find the first value of a wrong type; most rows have the same types."""
    for place, ((_, allowed), type_) in enumerate(zip(described, types, strict=True)):
        if type_ not in allowed:
            return place
    return None


def from_json(name: str, text: str | None, kind: type) -> Any:
    """Read a value that is kept as JSON; None where there is none.

    Raises:
        ValueError: It is no JSON, or of another kind.
    """
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, kind):
        raise ValueError(f"its {name} is {text[:60]!r}")  # noqa: TRY004 (of a value, not of a call)
    return found


@contextmanager
def times() -> Iterator[None]:
    """Say what it means that the server refuses to read a time: it is none.

    Raises:
        HistoryCorruptError: It did.
    """
    try:
        yield
    except QueryError as error:
        if not (error.server_code or "").endswith("Statement.TypeError"):
            raise
        raise HistoryCorruptError(
            "a time in the history cannot be read",
            why=error.why,
            kept="nothing was touched",
            next=_SEE,
        ) from error


def damaged_record(
    project: str, version: object, error: ValueError
) -> HistoryCorruptError:
    """Give the error of a record that the tool did not write so.

    Args:
        project: Whose.
        version: Its version; where that is none, only a look helps.
        error: What is wrong with it, in words.
    """
    ways = _SEE[:1]
    if isinstance(version, str) and version.isascii() and version.isdigit():
        of = f"{{project: {json.dumps(project)}, version: '{version}'}}"
        forget = shlex.quote(f"MATCH (r:_MigrateRecord {of}) DELETE r")
        again = f"neo4j-migrate repair {version} --mark applied"
        ways = [
            *ways,
            (f"cypher-shell {forget}", "or forget it: it is pending then"),
            (again, "and record it anew, if what it did is in the database"),
        ]
    return _damaged(f"the record of {version!r:.60}", error, ways)


def damaged_lock(project: str, error: ValueError) -> HistoryCorruptError:
    """Give the error of a lock that the tool did not write so."""
    of = f"{{project: {json.dumps(project)}}}"
    forget = shlex.quote(f"MATCH (l:_MigrateProject {of}) DELETE l")
    way = (f"cypher-shell {forget}", "if no run is at work: the next makes it anew")
    return _damaged("the lock", error, [*_SEE[1:], way])


def damaged_event(error: ValueError) -> HistoryCorruptError:
    """Give the error of an event that the tool did not write so."""
    see = 'cypher-shell "MATCH (e:_MigrateEvent) RETURN e ORDER BY e.at"'
    return _damaged("an event of the log", error, [(see, "see all of them")])


def _damaged(
    what: str, error: ValueError, ways: list[tuple[str, str]]
) -> HistoryCorruptError:
    return HistoryCorruptError(
        f"{what} cannot be read",
        why=f"no version of neo4j-migrate writes it so: {error}",
        kept="nothing was touched",
        next=ways,
    )
