"""Read the history: one statement for `status`, one more for what it leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.cypher import read_change
from neo4j_migrate_magic.errors import HistoryCorruptError
from neo4j_migrate_magic.history.damage import (
    check,
    columns,
    damaged_record,
    from_json,
    times,
)
from neo4j_migrate_magic.history.lock import FORMAT, at, lock_of
from neo4j_migrate_magic.model import (
    Direction,
    History,
    MigrationKind,
    Record,
    RecordDetail,
    RecordState,
    Statement,
    StatementKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.connection import Database

# One row of lists: rows of one record each cost five times as much to decode.
_HISTORY: LiteralString = """CYPHER 5
RETURN COLLECT { MATCH (r:_MigrateRecord {project: $project}) RETURN
  [r.version, r.name, r.kind, r.origin, r.state, r.direction, r.step, r.steps,
   r.checksum, r.reversible, r.sequence, r.applied_at.epochMillis, r.duration_ms,
   r.run_id, r.by] } AS records,
 COLLECT { MATCH (l:_MigrateProject {project: $project}) RETURN
  [l.owner, l.token, l.format, l.acquired_at.epochMillis, l.expires_at.epochMillis,
   l.verb] } AS lock,
 datetime.realtime().epochMillis AS now
"""

# They become parts of paths and of commands that are shown to be typed.
_VERSION = re.compile(r"[0-9]{14}")

# as _HISTORY and _DETAILS give them
_RECORD = columns(
    version=str,
    name=str,
    kind=str,
    origin=str | None,
    state=str,
    direction=str,
    step=int,
    steps=int,
    checksum=str | None,
    reversible=bool | None,
    sequence=int | None,
    applied_at=int | None,
    duration_ms=int | None,
    run_id=str | None,
    by=str | None,
)
_DETAIL = columns(
    version=str,
    source=str | None,
    steps_done=list | None,
    inverse=str | None,
    intent=str | None,
    down_from=str | None,
    error=str | None,
    counters=str | None,
    tool=str | None,
    server=str | None,
)

_PROJECTS: LiteralString = """CYPHER 5
MATCH (l:_MigrateProject) RETURN DISTINCT l.project
"""

_DETAILS: LiteralString = """CYPHER 5
MATCH (r:_MigrateRecord {project: $project}) WHERE r.version IN $versions
RETURN r.version, r.source, r.steps_done, r.inverse, r.intent, r.down_from,
  r.error, r.counters, r.tool, r.server
"""


async def read_history(database: Database, project: str) -> History:
    """Read records, lock and clock in one read-only statement.

    It works on a database that has none of our labels, and for a read-only user.

    Raises:
        HistoryCorruptError: A record has values that no version of the tool writes.
        ServerError: The server refused or did not answer.
    """
    with times():
        result = await database.read(_HISTORY, {"project": project})
    rows, locks, now = result.rows[0]
    lock = lock_of(locks[0], project) if locks else None
    if lock is not None and lock.format > FORMAT:
        rows = [row for row in rows if _readable(row, project)]
    moment = at(now)
    if moment is None:
        raise AssertionError("the server's clock is never null")
    return History(
        records=tuple(
            sorted((_record(row, project) for row in rows), key=lambda r: r.version)
        ),
        lock=lock,
        now=moment,
        server=database.server,
    )


async def read_projects(database: Database) -> set[str]:
    """Give the names of all projects that have a history in the database."""
    found = (await database.read(_PROJECTS)).rows
    return {name for (name,) in found if isinstance(name, str)}


def _readable(row: list[Any], project: str) -> bool:
    """Whether a newer tool's record makes sense to us; `status` shows those that do."""
    try:
        _record(row, project)
    except HistoryCorruptError:
        return False
    return True


def _record(row: list[Any], project: str) -> Record:
    version, name, kind, origin, state, direction, step, steps, *rest = row
    checksum, reversible, sequence, applied_at, duration, run_id, by = rest
    try:
        check(_RECORD, row)
        if not _VERSION.fullmatch(version) or "/" in name:
            raise ValueError("its version or name is none that a file can have")  # noqa: TRY301 (one place makes the error)
        return Record(
            version=version,
            name=name,
            kind=MigrationKind(kind),
            origin=origin or "",
            state=RecordState(state),
            direction=Direction(direction),
            step=step,
            steps=steps,
            checksum=checksum or "",
            reversible=bool(reversible),
            sequence=sequence or 0,
            run_id=run_id or "",
            applied_at=at(applied_at),
            duration_ms=duration,
            by=by or "",
        )
    except ValueError as error:
        raise damaged_record(project, version, error) from error


async def read_details(
    database: Database, project: str, records: Iterable[Record]
) -> dict[str, RecordDetail]:
    """Read what `read_history` leaves out, of some records, by version."""
    wanted = {record.version: record for record in records}
    if not wanted:
        return {}
    result = await database.read(
        _DETAILS, {"project": project, "versions": list(wanted)}
    )
    return {row[0]: _detail(wanted[row[0]], row, project) for row in result.rows}


def _detail(record: Record, row: list[Any], project: str) -> RecordDetail:
    _, source, steps_done, inverse, intent, down_from, error, *rest = row
    counters, tool, server = rest
    try:
        check(_DETAIL, row)
        return RecordDetail(
            record=record,
            source=source or "",
            steps_done=tuple(steps_done or ()),
            inverse=tuple(map(_inverse, from_json("inverse", inverse, list) or ())),
            intent=from_json("intent", intent, dict),
            down_from=down_from or "",
            error=error or "",
            counters=from_json("counters", counters, dict) or {},
            tool=tool or "",
            server=server or "",
        )
    except ValueError as damage:
        raise damaged_record(project, record.version, damage) from damage


def _inverse(entry: Any) -> tuple[Statement, ...] | None:
    """Make the computed statements of a step of their stored form; they are never split."""
    if entry is None:
        return None
    try:
        return tuple(computed(s["text"], s.get("parameters") or {}) for s in entry)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"of its inverse a part is {entry!r}") from error


def computed(text: str, parameters: dict[str, Any]) -> Statement:
    """Make a schema statement that the tool itself wrote."""
    return Statement(
        text=text,
        canonical=text,
        kind=StatementKind.SCHEMA,
        change=read_change(text, parameters),
        parameters=parameters,
    )
