"""Decide what a correction writes into a record, or why it may not; nothing runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.engine.checks import refuse_edited_prefix
from neo4j_migrate_magic.engine.steps import computed_steps, steps_of
from neo4j_migrate_magic.engine.survey import kept_migration
from neo4j_migrate_magic.errors import BadOptionError, MissingError
from neo4j_migrate_magic.history.corrections import Change
from neo4j_migrate_magic.history.journal import stored_inverse, within_limit
from neo4j_migrate_magic.model import Direction, RecordState, StepKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.model import Migration, Record, RecordDetail, Step


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

    @property
    def text(self) -> Migration:
        """The text that a run would go by: the file, or what was kept of it.

        Raises:
            MissingError: There is neither.
        """
        going_down = self.record is not None and self.record.direction is Direction.DOWN
        if self.file is not None and not (going_down and self.edited):
            return self.file
        if self.detail is not None and self.detail.source:
            return kept_migration(self.detail)
        return self.need_file()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the direction that a part-way record is going.

        Raises:
            EditedPrefixError: Those that have run are not there as they ran.
        """
        detail = self.need_record()
        if _computed(detail):
            return computed_steps(detail) or ()
        steps = steps_of(self.text, detail.record.direction, detail.steps_done)
        refuse_edited_prefix(self.title, self.text, steps, detail)
        return steps

    def need_file(self) -> Migration:
        """Give the file.

        Raises:
            MissingError: It is gone.
        """
        if self.file is None:
            raise MissingError(
                f"{self.title} has no file",
                why="what is asked for is about the file",
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

    def refused(self, why: str, *ways: tuple[str, str]) -> BadOptionError:
        """Make the error of a correction that has no meaning here."""
        see = (f"neo4j-migrate show {self.version}", "see its steps and their states")
        return BadOptionError(
            f"{self.title} cannot be corrected so",
            why=why,
            kept="nothing was changed",
            next=[*ways, see],
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
    after = _of_text(file, reversible=file.has_down or record.reversible)
    if record.applied or _computed(detail):
        if not subject.edited:
            raise subject.refused("its file is what was applied")
    else:
        after |= _steps_as_in(file, subject, detail)
    return subject.change(after, accepted=file.checksum, instead_of=record.checksum)


def _steps_as_in(
    file: Migration, subject: Subject, detail: RecordDetail
) -> dict[str, Any]:
    """Take the steps that have run as the file has them."""
    steps = steps_of(file, detail.record.direction, detail.steps_done)
    done = len(detail.steps_done)
    if len(steps) < done:
        raise subject.refused(
            f"{done} of its steps have run, and the file has {len(steps)} now"
        )
    hashes = [step.hash for step in steps[:done]]
    if hashes == list(detail.steps_done) and not subject.edited:
        raise subject.refused("what has run of it stands in the file as it ran")
    after: dict[str, Any] = {"steps_done": hashes, "steps": len(steps)}
    if detail.record.step <= done:  # one was cut, and the catalogue says that it ran
        after |= {"step": done + 1, "intent": None}
        after["inverse"] = stored_inverse(detail.inverse)
    if detail.record.direction is Direction.DOWN:
        after["down_from"] = "file"
    return after


def mark_whole(subject: Subject, *, applied: bool) -> Change:
    """Say that all of a migration is in the database, or that none of it is."""
    if not applied:
        subject.need_record()
        return subject.change(None, mark="pending")
    detail = subject.detail
    if detail is None:
        after = recorded(subject.need_file(), subject.next_sequence)
        return subject.change(after, dated=True, mark="applied")
    if detail.record.applied:
        raise subject.refused("it is applied already")
    if detail.record.direction is Direction.DOWN:
        never = detail.record.applied_at is None
        return subject.change(_all_done(subject), dated=never, mark="applied")
    steps = subject.steps
    after = _done([step.hash for step in steps], len(steps), RecordState.APPLIED)
    after |= _of_text(subject.text, reversible=subject.text.has_down)
    rest = steps[len(detail.steps_done) :]
    after["inverse"] = stored_inverse(_unknown_from(detail, rest))
    return subject.change(after, dated=True, mark="applied")


def mark_step(subject: Subject, step: int, *, applied: bool) -> Change:
    """Say that the next step is done, or that the last one is not, or never ran."""
    detail = subject.need_record()
    if not detail.record.part_way:
        raise subject.refused(
            "it is not part-way",
            (f"neo4j-migrate repair {subject.version} --mark pending", "forgets it"),
        )
    done = len(detail.steps_done)
    if applied:
        if step != done + 1:
            raise subject.refused(f"the next step is step {done + 1}")
        return _mark_next(subject, step)
    if step == done + 1 and detail.in_doubt:
        return _forget_doubt(subject, step)
    if step == done and not detail.in_doubt:
        return _step_back(subject, step)
    if detail.in_doubt:
        raise subject.refused(f"the step in doubt is step {done + 1}")
    raise subject.refused(f"the last step that is done is step {done}")


def about_schema(subject: Subject, step: int | None) -> bool:
    """Whether a mark tells that indexes and constraints are others than before.

    Args:
        subject: The migration.
        step: The step that is marked; None: all of it.
    """
    detail = subject.detail
    if detail is not None and _computed(detail):
        return True
    if subject.file is None and not (detail and detail.source):
        return True  # nobody knows what it did
    direction = detail.record.direction if detail else Direction.UP
    done = detail.steps_done if detail else ()
    steps = steps_of(subject.text, direction, done)
    marked = steps if step is None else steps[step - 1 : step]
    return any(one.kind is StepKind.SCHEMA for one in marked)


def _mark_next(subject: Subject, step: int) -> Change:
    detail, steps = subject.need_record(), subject.steps
    if step > len(steps):
        raise subject.refused(f"it has {len(steps)} steps, and all of them are done")
    digest = steps[step - 1].hash
    if detail.in_doubt and digest != (detail.intent or {}).get("hash", digest):
        raise subject.refused(
            f"step {step} of the file is not the one that was sent",
            (
                f"neo4j-migrate repair {subject.version} --mark applied",
                "if all that the file has now is in the database",
            ),
        )
    final, up = step == len(steps), detail.record.direction is Direction.UP
    told: dict[str, Any] = {"step": step, "steps": len(steps), "mark": "applied"}
    if final and not up:
        return subject.change(None, **told)
    state = RecordState.APPLIED if final else RecordState.RUNNING
    after = _done([*detail.steps_done, digest], len(steps), state)
    if up:
        after |= _of_text(subject.text, reversible=subject.text.has_down)
        after["inverse"] = stored_inverse(_unknown_from(detail, [steps[step - 1]]))
    return subject.change(after, dated=final, **told)


def _forget_doubt(subject: Subject, step: int) -> Change:
    """The step in doubt never ran: as if nothing of it had been sent."""
    told: dict[str, Any] = {"step": step, "steps": subject.need_record().record.steps}
    if step == 1:
        return subject.change(_as_before(subject), **told, mark="pending")
    after = {"intent": None, "state": RecordState.RUNNING.value, "error": None}
    return subject.change(after, **told, mark="pending")


def _step_back(subject: Subject, step: int) -> Change:
    """The last step that is recorded as done is to run again."""
    detail = subject.need_record()
    told: dict[str, Any] = {"step": step, "steps": detail.record.steps}
    if step == 1:
        return subject.change(_as_before(subject), **told, mark="pending")
    steps = subject.steps
    after = _done(detail.steps_done[:-1], len(steps), RecordState.RUNNING)
    up = detail.record.direction is Direction.UP
    if up and steps[step - 1].kind is StepKind.SCHEMA:
        after["inverse"] = stored_inverse(detail.inverse[:-1])
    return subject.change(after, **told, mark="pending")


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


def _of_text(migration: Migration, *, reversible: bool) -> dict[str, Any]:
    """Give what a record says of the text that counts as applied."""
    return {
        "name": migration.name,
        "kind": migration.kind.value,
        "checksum": migration.checksum,
        "source": within_limit(migration.source),
        "reversible": reversible,
    }


def _unknown_from(detail: RecordDetail, steps: Sequence[Step]) -> list[Any]:
    """Add to the inverses that of schema steps which somebody else carried out: none."""
    return [*detail.inverse, *(None for s in steps if s.kind is StepKind.SCHEMA)]


def _computed(detail: RecordDetail) -> bool:
    """Whether it is rolled back by the inverse, which stands in no file."""
    down = detail.record.direction is Direction.DOWN
    return down and detail.down_from == "computed"


def _as_before(subject: Subject) -> dict[str, Any] | None:
    """Give what a record says when its first step never ran; None: nothing at all."""
    detail = subject.need_record()
    if detail.record.direction is Direction.UP:
        return None
    was = (detail.intent or {}).get("was")
    if was:
        return {"intent": None, "error": None, **was}
    if detail.record.applied_at is None:
        raise subject.refused(
            "its up had not finished when the down began, and how far it had come is"
            " not kept",
            ("neo4j-migrate down", "go on with the down"),
        )
    return _all_done(subject)


def _all_done(subject: Subject) -> dict[str, Any]:
    """Give what a record says when nothing was rolled back of it."""
    steps = steps_of(subject.text, Direction.UP)
    after = _done([step.hash for step in steps], len(steps), RecordState.APPLIED)
    return {**after, "direction": Direction.UP.value}


def recorded(migration: Migration, sequence: int) -> dict[str, Any]:
    """Give the record of a migration that is in the database, but was not run."""
    steps = steps_of(migration, Direction.UP)
    return {
        **_done([step.hash for step in steps], len(steps), RecordState.APPLIED),
        **_of_text(migration, reversible=False),
        "origin": "baseline",
        "direction": Direction.UP.value,
        "inverse": "[]",
        "counters": json.dumps({}),
        "sequence": sequence,
    }
