"""Look at one migration: its steps with their states, its record, its edit."""

from __future__ import annotations

import shlex
from dataclasses import fields
from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.steps import computed_steps, steps_of
from neo4j_migrate_magic.engine.survey import kept_migration, status_of
from neo4j_migrate_magic.errors import BadOptionError, MigrateError, MissingError
from neo4j_migrate_magic.files import unified
from neo4j_migrate_magic.model import (
    Direction,
    MigrationDiff,
    MigrationView,
    RecordState,
    StepState,
)

if TYPE_CHECKING:
    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.model import Migration, RecordDetail, Step


def view(version: str, found: Survey) -> MigrationView:
    """Give all that is known of one migration.

    Args:
        version: The whole version, of a file or a record.
        found: Files and history, with the record's details.
    """
    row = next(row for row in status_of(found).rows if row.version == version)
    file = found.folder.by_version.get(version)
    detail = found.details.get(version)
    edit = found.folder.edited.get(version)
    migration = _text(file, detail, edited=edit is not None)
    direction = detail.record.direction if detail else Direction.UP
    steps = _steps(migration, detail, direction)
    kept = detail.source if detail else ""
    return MigrationView(
        row=row,
        description=migration.description if migration else "",
        steps=steps,
        computed=_computed(detail),
        states=_states(steps, detail),
        direction=direction,
        way_back=_way_back(migration, detail),
        source=kept or (file.source if file else ""),
        server=found.history.server,
        error=detail.error if detail else "",
        run_id=detail.record.run_id if detail else "",
        tool=detail.tool if detail else "",
        made_on=detail.server if detail else "",
        counters=detail.counters if detail else {},
        diff=edit.diff if edit else (),
    )


def diff(version: str, found: Survey) -> MigrationDiff:
    """Give one migration with the difference between what was applied and its file.

    Args:
        version: The whole version, of a file or a record.
        found: Files and history, with the record's details.

    Raises:
        BadOptionError: It was never applied.
        MissingError: One of the two texts is gone.
    """
    seen, file = view(version, found), found.folder.by_version.get(version)
    detail = found.details.get(version)
    source = (
        "neo4j-migrate show " + version + " --source",
        "the text that was applied",
    )
    if detail is None:
        raise BadOptionError(
            f"{seen.row.title} is not applied",
            why="there is no applied text that its file could differ from",
            next=[(f"neo4j-migrate show {version}", "see what it would do")],
        )
    if file is None:
        raise MissingError(
            f"{seen.row.title} has no file to compare",
            why="it was applied, and its file is gone",
            next=[source],
        )
    if not detail.source:
        raise MissingError(
            f"{seen.row.title}: its text was not kept",
            why="the history keeps no text of more than 1 MiB",
            next=[("git log -p -- " + shlex.quote(str(file.path)), "see its edits")],
        )
    values = {f.name: getattr(seen, f.name) for f in fields(seen)}
    kept = kept_migration(detail)
    values["diff"] = unified(kept, file)
    return MigrationDiff(**values, counts=kept.checksum != file.checksum)


def _text(
    file: Migration | None, detail: RecordDetail | None, *, edited: bool
) -> Migration | None:
    """Give the text that counts: what was applied, else the file.

    None where what was kept is no text that this version can read.
    """
    if detail is None or not detail.source:
        return file
    begun = detail.record.part_way and detail.record.direction is Direction.UP
    if file is not None and (begun or not edited):
        return file
    try:
        return kept_migration(detail)
    except MigrateError:
        return None


def _computed(detail: RecordDetail | None) -> bool:
    """Whether it is being rolled back by the inverse, which stands in no file."""
    if detail is None or detail.record.direction is Direction.UP:
        return False
    return detail.down_from == "computed"


def _steps(
    migration: Migration | None, detail: RecordDetail | None, direction: Direction
) -> tuple[Step, ...]:
    if detail is not None and _computed(detail):
        return computed_steps(detail) or ()
    done = detail.steps_done if detail else ()
    return steps_of(migration, direction, done) if migration else ()


def _states(
    steps: tuple[Step, ...], detail: RecordDetail | None
) -> tuple[StepState, ...]:
    if detail is None:
        return (StepState.PENDING,) * len(steps)
    if detail.record.applied:
        return (StepState.DONE,) * len(steps)
    done = min(len(detail.steps_done), len(steps))
    here = StepState.IN_DOUBT if detail.in_doubt else StepState.NEXT
    if detail.record.state is RecordState.FAILED:
        here = StepState.FAILED
    rest = len(steps) - done
    as_ran = zip(steps, detail.steps_done, strict=False)
    return (
        *(StepState.DONE if s.hash == d else StepState.EDITED for s, d in as_ran),
        *(here,) * min(rest, 1),
        *(StepState.PENDING,) * max(rest - 1, 0),
    )


def _way_back(migration: Migration | None, detail: RecordDetail | None) -> str:
    """Say where a `down` would come from: written, computed, or nowhere."""
    if detail is not None and detail.record.origin != "run":
        return "none"
    if migration is not None and migration.has_down:
        return "written"
    if detail is not None:
        return "none" if computed_steps(detail) is None else "computed"
    return "computed after it is applied, if it is pure schema"
