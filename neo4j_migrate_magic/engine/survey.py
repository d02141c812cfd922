"""Bring files and history together: what is edited, part-way, in flight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.checks import Edit, Folder
from neo4j_migrate_magic.engine.planner import state_of
from neo4j_migrate_magic.engine.settle import AUTOCOMMIT, SCHEMA, settled, wanted_by
from neo4j_migrate_magic.engine.steps import first_edited, steps_of
from neo4j_migrate_magic.errors import MigrateError, Place, QueryError
from neo4j_migrate_magic.files import difference, parse
from neo4j_migrate_magic.history.lock import FORMAT, newer_format
from neo4j_migrate_magic.history.reading import read_details, read_history
from neo4j_migrate_magic.model import (
    Direction,
    Migration,
    State,
    Statement,
    StatementKind,
    Status,
    StatusRow,
    Stuck,
)
from neo4j_migrate_magic.schema.catalogue import quiet_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.files import Difference, Unusable
    from neo4j_migrate_magic.model import History, Record, RecordDetail


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Files and history of a project at one moment.

    `details` has those records that a plan looks into: part-way ones, and those
    whose file has another checksum. `strict` tells whether a pending file that is
    older than the newest record is late, which stops `up`. `unusable` are the files
    that `folder` is without, where they are no error.
    """

    folder: Folder
    history: History
    details: Mapping[str, RecordDetail]
    strict: bool = True
    unusable: Sequence[Unusable] = ()

    @property
    def late(self) -> frozenset[str]:
        """The versions of the pending files that are late."""
        if not self.strict:
            return frozenset()
        records = {record.version for record in self.history.records}
        newest = max(records, default="")
        versions = {migration.version for migration in self.folder.migrations}
        return frozenset(v for v in versions - records if v < newest)


async def survey(
    database: Database, project: str, migrations: Sequence[Migration], path: Path
) -> Survey:
    """Read the history and compare it with the files; nothing is written.

    Raises:
        IndexFailedError: A schema step was cut and the catalogue does not decide.
        ServerError: The server refused or did not answer.
    """
    history = await read_history(database, project)
    files = {migration.version: migration for migration in migrations}
    wanted = [
        record
        for record in history.records
        if record.part_way or _differs(record, files.get(record.version))
    ]
    details = await read_details(database, project, wanted)
    edited = {
        version: found
        for version, detail in details.items()
        if (file := files.get(version)) and (found := edit_of(detail, file))
    }
    return Survey(
        folder=Folder(migrations=migrations, edited=edited, path=path),
        history=history,
        details=details,
    )


def _differs(record: Record, file: Migration | None) -> bool:
    return (
        file is not None and bool(record.checksum) and record.checksum != file.checksum
    )


def edit_of(detail: RecordDetail, file: Migration) -> Edit | None:
    """Give what was edited in a file since it was applied; None where nothing was.

    The kept text is hashed by today's rules first: a better lexer raises no alarm.
    """
    record = detail.record
    if not _differs(record, file):
        return None
    place = Place(str(file.path))
    if not detail.source:
        return Edit(
            where=place,
            what="its checksum is another, and the applied text was not kept",
        )
    try:
        before = kept_migration(detail)
    except MigrateError as error:  # text that this version cannot read
        return Edit(where=place, what=f"its checksum is another ({error.what})")
    if before.checksum == file.checksum:
        return None
    found = difference(before, file)
    if found is None:
        return Edit(where=place, what="what it declares beside its statements changed")
    return Edit(
        where=found.where,
        what=f"statement {found.number} {_changed(found)}",
        diff=found.lines,
    )


def _changed(found: Difference) -> str:
    if found.old is None:
        return "was added"
    return "was removed" if found.new is None else "changed"


def kept_migration(detail: RecordDetail) -> Migration:
    """Read the text that a record kept as the migration it was."""
    record = detail.record
    return parse(
        detail.source, version=record.version, name=record.name, kind=record.kind
    )


async def settle_all(database: Database, found: Survey) -> Survey:
    """Let the catalogue decide on schema steps that were cut; nothing is written."""
    cut = [
        version
        for version, detail in found.details.items()
        if (detail.intent or {}).get("kind") == SCHEMA and detail.record.part_way
    ]
    if not cut:
        return found
    wanted = [item for version in cut for item in wanted_by(found.details[version])]
    items = await quiet_catalogue(database, wanted)
    decided = {version: settled(found.details[version], items) for version in cut}
    return replace(found, details={**found.details, **decided})


def refuse_newer(history: History) -> None:
    """Write nothing into a history that a newer tool has written.

    Raises:
        HistoryNewerError: Its format is newer than ours.
    """
    if history.lock is not None and is_newer(history):
        raise newer_format(history.lock.format)


def is_newer(history: History) -> bool:
    """Whether a newer tool has written the history."""
    return history.lock is not None and history.lock.format > FORMAT


async def resolve_calls(
    database: Database, migrations: Iterable[Migration], direction: Direction
) -> dict[str, Migration]:
    """Ask the server what procedure calls do; give those migrations that have one.

    A call that the server counts as schema or administration gets a step of its own
    (handbook: neo4j, 8). One that it cannot plan is left as it is: the run says why.
    """
    resolved = {}
    for migration in migrations:
        section = migration.up if direction is Direction.UP else migration.down or ()
        if any(statement.kind is StatementKind.CALL for statement in section):
            known = tuple([await _resolved(database, s) for s in section])
            resolved[migration.version] = (
                replace(migration, up=known)
                if direction is Direction.UP
                else replace(migration, down=known)
            )
    return resolved


async def _resolved(database: Database, statement: Statement) -> Statement:
    if statement.kind is not StatementKind.CALL:
        return statement
    try:
        kind = await database.explain(statement.text)
    except QueryError:
        return statement
    alone = StatementKind.AUTOCOMMIT if kind == "s" else StatementKind.CALL
    return replace(statement, kind=alone)


def status_of(found: Survey) -> Status:
    """Give a row per file and record, in order of version."""
    files = found.folder.by_version
    records = {record.version: record for record in found.history.records}
    late = found.late
    rows = [
        _row(found, records.get(version), files.get(version), late=version in late)
        for version in sorted(files.keys() | records.keys())
    ]
    return Status(
        rows=tuple(rows),
        server=found.history.server,
        lock=found.history.lock,
        now=found.history.now,
        newer=is_newer(found.history),
    )


def _row(
    found: Survey, record: Record | None, migration: Migration | None, *, late: bool
) -> StatusRow:
    edited = record is not None and record.version in found.folder.edited
    state = state_of(record, migration, found.history, edited=edited, late=late)
    if record is None:
        if migration is None:
            raise AssertionError("a row is of a file or a record")
        return StatusRow(
            version=migration.version,
            name=migration.name,
            state=state,
            kind=migration.kind,
            checksum=migration.checksum,
            path=migration.path,
            note=_NOTES.get(state, ""),
        )
    done = record.step - 1 if record.part_way else record.steps
    return StatusRow(
        version=record.version,
        name=migration.name if migration else record.name,
        state=state,
        kind=record.kind,
        direction=record.direction,
        applied_at=record.applied_at,
        duration_ms=record.duration_ms,
        steps_done=done,
        steps=record.steps,
        reversible=record.reversible,
        checksum=record.checksum,
        by=record.by,
        path=migration.path if migration else None,
        note=_note(state, record),
        stuck=_stuck(found.details.get(record.version), migration),
    )


def _stuck(detail: RecordDetail | None, file: Migration | None) -> Stuck | None:
    """Say why a part-way migration waits for a person, as far as files tell."""
    if detail is None or detail.record.applied:
        return None
    up = detail.record.direction is Direction.UP
    if not up and (detail.down_from != "file" or file is None):
        return None  # what is left to do stands in the history
    if file is None:
        return Stuck.MISSING
    steps = steps_of(file, detail.record.direction, detail.steps_done)
    done = len(detail.steps_done)
    if first_edited(steps, detail.steps_done) is not None:
        return Stuck.EDITED
    cut = (detail.intent or {}).get("kind") == AUTOCOMMIT
    again = all(step.rerunnable for step in steps[done : done + 1])
    return Stuck.DOUBT if cut and not again else None


_NOTES = {
    State.LATE: "late: older than the newest applied",
    State.MISSING: "file missing",
    State.EDITED: "edited since it was applied",
    State.BASELINE: "baseline",
}


def _note(state: State, record: Record) -> str:
    words = {
        State.RUNNING: "running",
        State.INTERRUPTED: "interrupted",
        State.FAILED: "failed",
    }
    if state not in words:
        return _NOTES.get(state, "")
    down = "down " if record.direction is Direction.DOWN else ""
    return f"{down}{words[state]} at step {record.step} of {record.steps}"
