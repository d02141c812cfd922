"""Decide what a correction writes into a record, or why it may not; nothing runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.engine.checks import path_of, place_of
from neo4j_migrate_magic.engine.rollback import computed_steps
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.errors import BadOptionError, MissingError, PartWayError
from neo4j_migrate_magic.history.corrections import Change
from neo4j_migrate_magic.history.journal import stored_inverse, within_limit
from neo4j_migrate_magic.model import Direction, RecordState, StepKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.model import Migration, Record, RecordDetail, Step

_SEE = ("neo4j-migrate show {}", "see its steps and their states")


class Subject:
    """One migration as files and history know it: what a correction is about.

    Args:
        version: Which.
        found: Files and history, with the record's details.
    """

    def __init__(self, version: str, found: Survey) -> None:
        self.version = version
        self.file = found.folder.by_version.get(version)
        self.edited = version in found.folder.edited
        self.detail: RecordDetail | None = found.details.get(version)
        self.next_sequence = 1 + max(
            (record.sequence for record in found.history.records), default=0
        )

    @property
    def record(self) -> Record | None:
        """Its entry in the history."""
        return self.detail.record if self.detail else None

    @property
    def title(self) -> str:
        """The identifier people see."""
        known = self.file or self.record
        return known.title if known else self.version

    @property
    def name(self) -> str:
        """Its name, of the file where there is one."""
        known = self.file or self.record
        return known.name if known else ""

    def need_file(self) -> Migration:
        """Give the file.

        Raises:
            MissingError: It is gone.
        """
        if self.file is None:
            raise MissingError(
                f"{self.title} has no file",
                why="its steps stand in the file alone",
                kept="nothing was changed",
                next=[("git log --diff-filter=D --name-only", "find the file")],
            )
        return self.file

    def need_record(self) -> RecordDetail:
        """Give the record.

        Raises:
            BadOptionError: There is none.
        """
        if self.detail is None:
            raise self.refused("the history has no record of it")
        return self.detail

    def refused(self, why: str) -> BadOptionError:
        """Make the error of a correction that has no meaning here."""
        command, label = _SEE
        return BadOptionError(
            f"{self.title} cannot be corrected so",
            why=why,
            kept="nothing was changed",
            next=[(command.format(self.version), label)],
        )

    def change(
        self, after: dict[str, Any] | None, *, dated: bool = False, **detail: Any
    ) -> Change:
        """Make the correction of this record."""
        return Change(
            version=self.version,
            name=self.name,
            before=self.record,
            after=after,
            dated=dated,
            detail=detail,
        )


def accept_checksum(subject: Subject) -> Change:
    """Take an edited file for what was applied.

    Of a part-way migration the steps that have run are taken as the file has them.
    """
    detail, file = subject.need_record(), subject.need_file()
    record = detail.record
    after: dict[str, Any] = {
        "name": file.name,
        "checksum": file.checksum,
        "source": within_limit(file.source),
    }
    if record.part_way:
        steps = steps_of(file, record.direction)
        done = len(detail.steps_done)
        if len(steps) < done:
            raise subject.refused(
                f"{done} of its steps have run, and the file has {len(steps)} now"
            )
        hashes = [step.hash for step in steps[:done]]
        if hashes == list(detail.steps_done) and not subject.edited:
            raise subject.refused("what has run of it stands in the file as it ran")
        after |= {"steps_done": hashes, "steps": len(steps)}
        if record.direction is Direction.DOWN:
            after = {"steps_done": hashes, "steps": len(steps)}
    elif not subject.edited:
        raise subject.refused("its file is what was applied")
    return subject.change(
        after, accepted=file.checksum, instead_of=record.checksum, path=path_of(file)
    )


def mark_whole(subject: Subject, *, applied: bool) -> Change:
    """Say that all of a migration is in the database, or that none of it is."""
    detail = subject.detail
    if not applied:
        subject.need_record()
        return subject.change(None, mark="pending")
    if detail is None:
        after = recorded(subject.need_file(), subject.next_sequence)
        return subject.change(after, dated=True, mark="applied")
    if detail.record.applied:
        raise subject.refused("it is applied already")
    if detail.record.direction is Direction.DOWN:
        return subject.change(_applied_again(subject), mark="applied")
    steps = steps_of(subject.need_file(), Direction.UP)
    rest = steps[len(detail.steps_done) :]
    hashes = [*detail.steps_done, *(step.hash for step in rest)]
    after = _done(hashes, len(steps), RecordState.APPLIED)
    after["inverse"] = stored_inverse(_unknown_from(detail, rest))
    return subject.change(after, dated=True, mark="applied")


def mark_step(subject: Subject, step: int, *, applied: bool) -> Change:
    """Say that the next step is done, or that the last one is not, or never ran."""
    detail = subject.need_record()
    if not detail.record.part_way:
        raise subject.refused("it is not part-way: mark all of it, without --step")
    done = len(detail.steps_done)
    if applied:
        if step != done + 1:
            raise subject.refused(f"the next step is step {done + 1}")
        return _mark_next(subject, step)
    in_doubt = detail.intent is not None
    if step == done + 1 and in_doubt:
        return _forget_doubt(subject, step)
    if step == done and not in_doubt:
        return _step_back(subject, step)
    ways = (
        f"the step in doubt is step {done + 1}"
        if in_doubt
        else (
            f"the last step that is done is step {done}" if done else "no step is done"
        )
    )
    raise subject.refused(ways)


def _mark_next(subject: Subject, step: int) -> Change:
    detail = subject.need_record()
    record = detail.record
    final = step == record.steps
    if final and record.direction is Direction.DOWN:
        return subject.change(None, step=step, mark="applied")
    known = _step(subject, step)
    digest = str((detail.intent or {}).get("hash") or known.hash)
    state = RecordState.APPLIED if final else RecordState.RUNNING
    after = _done([*detail.steps_done, digest], record.steps, state)
    if record.direction is Direction.UP:
        after["inverse"] = stored_inverse(_unknown_from(detail, [known]))
    return subject.change(after, dated=final, step=step, mark="applied")


def _forget_doubt(subject: Subject, step: int) -> Change:
    """The step in doubt never ran: as if nothing of it had been sent."""
    record = subject.need_record().record
    if step == 1 and record.direction is Direction.UP:
        return subject.change(None, step=step, mark="pending")
    if step == 1:
        return subject.change(_applied_again(subject), step=step, mark="pending")
    after = {"intent": None, "state": RecordState.RUNNING.value}
    return subject.change(after, step=step, mark="pending")


def _step_back(subject: Subject, step: int) -> Change:
    """The last step that is recorded as done is to run again."""
    detail = subject.need_record()
    record = detail.record
    if step == 1:
        return _forget_doubt(subject, step)
    after = _done(detail.steps_done[:-1], record.steps, RecordState.RUNNING)
    if (
        record.direction is Direction.UP
        and _step(subject, step).kind is StepKind.SCHEMA
    ):
        after["inverse"] = stored_inverse(detail.inverse[:-1])
    return subject.change(after, step=step, mark="pending")


def _step(subject: Subject, number: int) -> Step:
    detail = subject.need_record()
    if detail.record.direction is Direction.DOWN and detail.down_from == "computed":
        steps = computed_steps(detail) or ()
    else:
        steps = steps_of(subject.need_file(), detail.record.direction)
    if number > len(steps):
        raise subject.refused(f"its file has {len(steps)} steps")
    return steps[number - 1]


def _done(hashes: Sequence[str], steps: int, state: RecordState) -> dict[str, Any]:
    """Give what a record says once these steps are done."""
    return {
        "steps_done": list(hashes),
        "steps": steps,
        "step": len(hashes) + 1,
        "state": state.value,
        "intent": None,
        "error": None,
    }


def _unknown_from(detail: RecordDetail, steps: Sequence[Step]) -> list[Any]:
    """Add to the inverses that of schema steps which somebody else carried out: none."""
    return [*detail.inverse, *(None for s in steps if s.kind is StepKind.SCHEMA)]


def _applied_again(subject: Subject) -> dict[str, Any]:
    """Give what a record says when its `down` never began."""
    steps = steps_of(subject.need_file(), Direction.UP)
    after = _done([step.hash for step in steps], len(steps), RecordState.APPLIED)
    return {**after, "direction": Direction.UP.value}


def recorded(migration: Migration, sequence: int) -> dict[str, Any]:
    """Give the record of a migration that is in the database, but was not run."""
    steps = steps_of(migration, Direction.UP)
    return {
        **_done([step.hash for step in steps], len(steps), RecordState.APPLIED),
        "name": migration.name,
        "kind": migration.kind.value,
        "origin": "baseline",
        "direction": Direction.UP.value,
        "checksum": migration.checksum,
        "source": within_limit(migration.source),
        "reversible": False,
        "inverse": "[]",
        "counters": json.dumps({}),
        "sequence": sequence,
    }


def baseline_changes(
    found: Survey, last: str
) -> tuple[tuple[Change, ...], dict[str, str]]:
    """Choose what `baseline` records: files up to a version that have no record.

    Returns:
        The changes in order of version, and those left out, with the reason.

    Raises:
        PartWayError: One of them is part-way.
    """
    records = {record.version: record for record in found.history.records}
    sequence = max((r.sequence for r in records.values()), default=0)
    changes, skipped = [], {}
    for file in found.folder.migrations:
        if file.version > last:
            continue
        record = records.get(file.version)
        if record is None:
            sequence += 1
            after = recorded(file, sequence)
            changes.append(
                Change(
                    version=file.version,
                    name=file.name,
                    before=None,
                    after=after,
                    detail={"up_to": last},
                )
            )
        elif record.part_way:
            raise PartWayError(
                f"{file.title} is part-way",
                why="what is begun is gone on with, or taken back, before a baseline",
                where=place_of(file, None),
                kept="nothing was recorded",
                next=[
                    ("neo4j-migrate up", "go on with it"),
                    ("neo4j-migrate down", "or take back what was done of it"),
                ],
            )
        else:
            skipped[record.title] = "it has a record already"
    return tuple(changes), skipped
