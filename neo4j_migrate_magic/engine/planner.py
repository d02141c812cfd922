"""Compare the folder with the history: what `up` would do, or why it may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.checks import (
    Folder,
    refuse_begun_down,
    refuse_edited,
    refuse_edited_prefix,
    refuse_late,
    refuse_missing,
)
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.engine.versions import current_version, find_end, find_version
from neo4j_migrate_magic.model import (
    Direction,
    History,
    Migration,
    Plan,
    PlannedMigration,
    Record,
    RecordDetail,
    RecordState,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

ALL = None
"""The count that means: as many as there are."""


def plan_up(
    folder: Folder,
    history: History,
    details: Mapping[str, RecordDetail],
    *,
    count: int | None = ALL,
    to: str | None = None,
    allow_missing: bool = False,
    allow_late: AbstractSet[str] | None = frozenset(),
) -> Plan:
    """Plan what `up` does: the pending migrations in order of version.

    Args:
        folder: The files.
        history: The records.
        details: What the plan needs of the records that are part-way.
        count: How many at most; None means all.
        to: The last version, inclusive, or a word for it.
        allow_missing: Go on though applied migrations have no file any more.
        allow_late: Pending files, by version or a word for it, to apply though they
            are older than the newest applied one; None means any.

    Raises:
        PlanError, IntegrityError: Files and history do not allow it.
    """
    files = folder.by_version
    records = {record.version: record for record in history.records}
    refuse_begun_down(history)
    refuse_edited(folder, records)
    refuse_missing(files, history, allow_missing=allow_missing)
    pending = [
        m for m in folder.migrations if _to_do(records.get(m.version)) is not None
    ]
    known = files.keys() | records.keys()
    newest = {"current": current_version(history), "latest": max(files, default=None)}
    if to not in (None, "latest"):
        last = find_end(to, known, **newest)
        pending = [m for m in pending if m.version <= last]
    if allow_late is not None:
        allowed = {find_version(word, known, **newest) for word in allow_late}
        refuse_late([m for m in pending if m.version not in allowed], records)
    if count is not ALL:
        pending = pending[:count]
    planned = tuple(
        _planned_up(m, records.get(m.version), details.get(m.version)) for m in pending
    )
    return make_plan(Direction.UP, planned, history)


def _to_do(record: Record | None) -> str | None:
    if record is None:
        return "new"
    return "go on" if record.part_way and record.direction is Direction.UP else None


def _planned_up(
    migration: Migration, record: Record | None, detail: RecordDetail | None
) -> PlannedMigration:
    done = detail.steps_done if detail else ()
    steps = steps_of(migration, Direction.UP, done)
    if record is None or detail is None:
        return PlannedMigration(
            migration=migration, direction=Direction.UP, steps=steps
        )
    refuse_edited_prefix(migration.title, migration, steps, detail)
    return PlannedMigration(
        migration=migration,
        direction=Direction.UP,
        steps=steps,
        start=len(detail.steps_done) + 1,
        record=detail,
    )


def make_plan(
    direction: Direction, planned: tuple[PlannedMigration, ...], history: History
) -> Plan:
    """Make a plan of what is to run and what the history says before it."""
    return Plan(
        direction=direction,
        migrations=planned,
        server=history.server,
        sequence=max((record.sequence for record in history.records), default=0),
        versions=tuple(r.version for r in history.records if r.applied),
    )


def state_of(
    record: Record | None,
    migration: Migration | None,
    history: History,
    *,
    edited: bool,
    late: bool = False,
) -> State:
    """Give the one state that `status` shows; the first that holds."""
    if record is None:
        return State.LATE if late else State.PENDING
    if record.part_way:
        if record.state is RecordState.FAILED:
            return State.FAILED
        alive = history.running is not None and history.running == record.run_id
        return State.RUNNING if alive else State.INTERRUPTED
    if migration is None and record.origin == "run":
        return State.MISSING
    if edited:
        return State.EDITED
    return State.BASELINE if record.origin != "run" else State.APPLIED
