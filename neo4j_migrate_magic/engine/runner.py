"""Walk a plan: take it migration by migration, step by step, and tell what was done."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.database.connection import uncut
from neo4j_migrate_magic.engine.failure import StatementFailure, failed_step
from neo4j_migrate_magic.errors import (
    CommitUnknownError,
    HistoryTouchedError,
    LostLockError,
    MigrateError,
    RunError,
)
from neo4j_migrate_magic.history.entry import Entry
from neo4j_migrate_magic.model import (
    Direction,
    MigrationFinished,
    MigrationReport,
    MigrationStarted,
    Outcome,
    Plan,
    Report,
    Step,
    StepFinished,
    StepStarted,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from neo4j_migrate_magic.engine.perform import Performer
    from neo4j_migrate_magic.engine.watch import Watch
    from neo4j_migrate_magic.history.journal import Journal
    from neo4j_migrate_magic.model import Listener


_PATIENCE = 5.0  # seconds for the last words of a run that ends


class Runner:
    """Carries out a plan under the lock; it stops at the first failure.

    Args:
        plan: What to do; made under the lock.
        performer: Carries out steps.
        journal: Writes the history.
        run_id: The run's identifier.
        on_event: Hears of everything once it is true.
        watch: Looks how far a step is that takes its time.
    """

    def __init__(
        self,
        plan: Plan,
        performer: Performer,
        journal: Journal,
        *,
        run_id: str,
        on_event: Listener,
        watch: Watch,
    ) -> None:
        self._plan = plan
        self._performer = performer
        self._journal = journal
        self._run_id = run_id
        self._on_event = on_event
        self._watch = watch
        self._done: list[MigrationReport] = []
        self._began = time.monotonic()
        self.kept = "nothing was run"  # in words, of a run that was cancelled
        self.lost_lock = False  # set before the run is cancelled for that reason

    async def run(self) -> Report:
        """Carry out the plan.

        Raises:
            MigrateError: A step failed; its `report` tells what was done.
        """
        for planned in self._plan.migrations:
            self._on_event(MigrationStarted(planned))
            entry = Entry.of(planned)
            try:
                await self._migrate(entry)
            except MigrateError as error:
                self._note(entry, Outcome.PART_WAY)
                error.report = self.report()
                if error.report.kept:
                    error.exit_code = 8
                elif isinstance(error, RunError):
                    error.exit_code = 2
                raise
            except asyncio.CancelledError:
                if entry.complete:  # its last COMMIT was on its way already
                    self._finished(entry)
                else:
                    self._note(entry, Outcome.PART_WAY)
                raise
        return self.report()

    async def _migrate(self, entry: Entry) -> None:
        planned = entry.planned
        for step in planned.steps[planned.start - 1 :]:
            self._on_event(StepStarted(planned, step))
            began, before = time.monotonic(), dict(entry.counters)
            try:
                with self._watch.over(planned, step):
                    await self._performer.perform(entry, step)
            except asyncio.CancelledError:
                await self._stopped(entry, step)
                raise
            except StatementFailure as failure:
                if not failure.kept:
                    entry.counters = before
                raise await self._failed(entry, step, failure) from failure.cause
            elapsed = int((time.monotonic() - began) * 1000)
            counters = {
                name: count - before.get(name, 0)
                for name, count in entry.counters.items()
                if count != before.get(name, 0)
            }
            self._on_event(StepFinished(planned, step, elapsed, counters))
        if planned.start > len(planned.steps):
            await self._journal.finish(entry)
        self._finished(entry)

    def _finished(self, entry: Entry) -> None:
        """Take note of a migration that is whole, and tell of it."""
        up = entry.planned.direction is Direction.UP
        if up and entry.planned.record is None:
            self._journal.applied_one()
        report = self._note(entry, Outcome.APPLIED if up else Outcome.ROLLED_BACK)
        self.kept = self._whole()
        self._on_event(MigrationFinished(entry.planned, report))

    def _note(self, entry: Entry, outcome: Outcome) -> MigrationReport:
        """Add what became of a migration to the report."""
        planned = entry.planned
        run = len(entry.steps_done) - (planned.start - 1)
        whole = outcome in (Outcome.APPLIED, Outcome.ROLLED_BACK)
        if not whole and not entry.left:
            outcome = Outcome.UNTOUCHED
        report = MigrationReport(
            version=planned.migration.version,
            name=planned.migration.name,
            outcome=outcome,
            steps=len(planned.steps),
            steps_run=run,
            left=entry.moved or entry.left,
            duration_ms=entry.duration_ms,
            counters=dict(entry.counters),
        )
        self._done.append(report)
        return report

    async def _failed(
        self, entry: Entry, step: Step, failure: StatementFailure
    ) -> MigrateError:
        """Record a failure, as far as the server lets us, and give its error."""
        entry.left = entry.moved or failure.kept or step.index > 1
        kept = self.kept = self._kept(entry, step, doubt=failure.kept)
        if isinstance(failure.cause, (LostLockError, CommitUnknownError)):
            error: MigrateError = failure.cause
            error.kept = error.kept or kept
            return error
        error = failed_step(entry.planned, step, failure, kept=kept)
        writing = self._journal.failed(entry, step, error, kept=failure.kept)
        lost = await self._told(writing)
        if lost is None or isinstance(error, HistoryTouchedError):
            return error
        lost.kept = kept  # whoever has the lock now may have been the cause
        return lost

    async def _stopped(self, entry: Entry, step: Step) -> None:
        """Record that a run was asked to stop; the open transaction is gone already."""
        entry.left = entry.moved or entry.sent or step.index > 1
        self.kept = self._kept(entry, step, doubt=entry.sent and not entry.done(step))
        if not entry.done(step) and not self.lost_lock:
            await self._told(self._journal.stopped(entry, step))

    async def _told(self, writing: Coroutine[Any, Any, None]) -> LostLockError | None:
        """Write why a run ends, unless the server does not answer or the lock is lost.

        The record tells by itself that the migration is unfinished.
        """
        try:
            await uncut(asyncio.wait_for(writing, _PATIENCE))
        except LostLockError as lost:
            return lost
        except (MigrateError, asyncio.TimeoutError):
            pass
        return None

    def _kept(self, entry: Entry, step: Step, *, doubt: bool) -> str:
        """Say in words what is in the database of this migration and those before it.

        Args:
            entry: The migration's entry.
            step: Its step that failed, or was cut.
            doubt: Whether that step may have left something.
        """
        up = self._plan.direction is Direction.UP
        version, parts = entry.planned.migration.version, []
        if doubt:
            parts.append(f"step {step.index} may have left something")
        done = len(entry.steps_done)
        if done:
            which = "step 1 is" if done == 1 else f"steps 1-{done} are"
            parts.append(f"{which} done and recorded")
        if not doubt:
            whose = "else of it" if done else f"of {version}"
            parts.append(f"nothing {whose} was {'kept' if up else 'rolled back'}")
        if self._done:
            parts.append(self._whole(" before it"))
        return "; ".join(parts)

    def _whole(self, which: str = "") -> str:
        """Say in words how many migrations of this run are whole."""
        verb = "applied" if self._plan.direction is Direction.UP else "rolled back"
        count = len(self._done)
        some = f"{count} migration{'s' if count > 1 else ''}{which}"
        return f"{some} {'are' if count > 1 else 'is'} {verb}"

    def report(self) -> Report:
        """Give what was done so far."""
        up = self._plan.direction is Direction.UP
        whole = [
            m for m in self._done if m.outcome in (Outcome.APPLIED, Outcome.ROLLED_BACK)
        ]
        return Report(
            direction=self._plan.direction,
            server=self._plan.server,
            migrations=tuple(self._done),
            current=_current(self._plan, whole),
            applied=len(self._plan.versions)
            + (len(whole) if up else -_were_applied(self._plan, whole)),
            duration_ms=int((time.monotonic() - self._began) * 1000),
            run_id=self._run_id,
            before=self._plan.current,
        )


def _current(plan: Plan, whole: list[MigrationReport]) -> str | None:
    versions = {m.version for m in whole}
    if plan.direction is Direction.UP:
        return max([*versions, *([plan.current] if plan.current else [])], default=None)
    left = [v for v in plan.versions if v not in versions]
    return max(left, default=None)


def _were_applied(plan: Plan, whole: list[MigrationReport]) -> int:
    gone = {m.version for m in whole}
    return sum(version in gone for version in plan.versions)
