"""Run under the lock: look, take the lock, look again, carry out, release."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from neo4j_migrate_magic.database.connection import uncut
from neo4j_migrate_magic.engine.perform import Performer
from neo4j_migrate_magic.engine.python import load
from neo4j_migrate_magic.engine.runner import Runner
from neo4j_migrate_magic.engine.settle import refuse_in_doubt
from neo4j_migrate_magic.engine.watch import Watch
from neo4j_migrate_magic.errors import (
    IntegrityError,
    LostLockError,
    MigrateError,
    PlanError,
    RunError,
    UsageError,
)
from neo4j_migrate_magic.history.commit import TAKEN, Committer, expired
from neo4j_migrate_magic.history.corrections import note
from neo4j_migrate_magic.history.heartbeat import heartbeat
from neo4j_migrate_magic.history.journal import Journal
from neo4j_migrate_magic.history.lock import (
    CONSTRAINTS,
    bootstrap,
    constraints_present,
    release,
    take,
)
from neo4j_migrate_magic.history.owner import myself, owner_name
from neo4j_migrate_magic.history.reading import read_history
from neo4j_migrate_magic.history.upgrade import upgrade
from neo4j_migrate_magic.model import (
    MigrationKind,
    Plan,
    Report,
    RunFinished,
    RunStarted,
    RunStopped,
)

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Iterator,
        Mapping,
        Sequence,
    )
    from pathlib import Path

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.history.corrections import Change
    from neo4j_migrate_magic.history.heartbeat import Heartbeat
    from neo4j_migrate_magic.history.lock import Lease
    from neo4j_migrate_magic.model import Listener


T = TypeVar("T")

_UNTOUCHED = "nothing was touched"
_NOT_BEGUN = "nothing was run, and no record was changed"
"""Under the lock it is not the same: the lock is written, the constraints are made."""


class Write(Protocol):
    """Writes corrections under the lock; see `history.corrections`."""

    async def __call__(
        self, commits: Committer, changes: Sequence[Change], *, run_id: str, by: str
    ) -> None:
        """Write them, in one transaction."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One `up` or `down`: who runs it, where, and how long it waits for the lock."""

    database: Database
    project: str
    root: Path
    lock_timeout: float
    on_event: Listener

    async def carry_out(
        self, verb: str, make_plan: Callable[[], Awaitable[Plan]]
    ) -> Report:
        """Plan, take the lock, plan again, and do what is left to do.

        With nothing to do there is no lock and no write.

        Args:
            verb: The command, for messages.
            make_plan: Reads files and history anew each time it is called.

        Raises:
            MigrateError: It stopped; the error's `report` tells what was done.
        """

        async def whole() -> Plan:
            plan = await make_plan()
            for planned in plan.migrations:
                refuse_in_doubt(planned)
            return plan

        first = await self._look(whole)
        if first is not None and not first.migrations:
            return self._finished(_nothing(first))
        async with self._locked(verb) as held:
            with _untouched(_NOT_BEGUN):
                plan = await whole()
                functions = _functions(plan, self.root)
            if not plan.migrations:  # another run did it while we waited
                return self._finished(_nothing(plan))
            journal = held.journal(self.database, plan)
            performer = Performer(
                self.database,
                journal,
                functions=functions,
                root=self.root,
                run_id=held.run_id,
            )
            watch = Watch(self.database, held.run_id, self.on_event)
            runner = Runner(
                plan,
                performer,
                journal,
                run_id=held.run_id,
                on_event=self.on_event,
                watch=watch,
            )
            held.runner = runner
            self.on_event(RunStarted(plan))
            try:
                async with watch:
                    report = await runner.run()
                return self._finished(report)
            except asyncio.CancelledError:
                if not held.gone:
                    self.on_event(RunStopped(runner.report()))
                raise

    def _finished(self, report: Report) -> Report:
        self.on_event(RunFinished(report))
        return report

    async def correct(
        self,
        decide: Callable[[], Awaitable[Sequence[Change]]],
        write: Write,
        *,
        verb: str,
    ) -> Sequence[Change]:
        """Decide, take the lock, decide again, and write into the history.

        Args:
            decide: Reads files and history anew each time it is called.
            write: Writes what was decided; with nothing to write it is not called.
            verb: The command, for messages.
        """
        first = await self._look(decide)
        if first is not None and not first:
            return first
        async with self._locked(verb) as held:
            with _untouched(_NOT_BEGUN):
                changes = await decide()
            if changes:
                commits = Committer(self.database, held.lease)
                await write(commits, changes, run_id=held.run_id, by=held.by)
        return changes

    async def preview(
        self, decide: Callable[[], Awaitable[Sequence[Change]]], *, verb: str
    ) -> Sequence[Change]:
        """Decide and write nothing of it; a run that is in the way is waited for."""
        first = await self._look(decide)
        if first is not None:
            return first
        async with self._locked(verb):
            with _untouched(_NOT_BEGUN):
                return await decide()

    async def _look(self, found: Callable[[], Awaitable[T]]) -> T | None:
        """Look before anything is written; None: it is to be judged under the lock.

        What stands in the way may be what another run does at this moment, such as a
        step that is half done: that run is waited for, and judged by how it ends.
        """
        with _untouched():
            try:
                return await found()
            except (IntegrityError, PlanError, RunError, UsageError):
                history = await read_history(self.database, self.project)
                if history.running is not None:
                    return None
                return await found()  # it may have ended in between

    async def restore(self) -> Sequence[str]:
        """Make the tool's own constraints where they are missing, and log it.

        Returns:
            The names of those that were missing.
        """
        if len(await constraints_present(self.database)) == len(CONSTRAINTS):
            return []
        async with self._locked("repair history") as held:
            if held.made:
                commits = Committer(self.database, held.lease)
                detail = {"made": list(held.made)}
                await note(commits, detail, run_id=held.run_id, by=held.by)
            return held.made

    @asynccontextmanager
    async def _locked(self, verb: str) -> AsyncIterator[_Held]:
        """Hold the lock; when it is lost, or a stop is asked for, the work is cancelled."""
        run_id = uuid.uuid4().hex[:12]
        by = myself()
        with _untouched(_NOT_BEGUN):
            made = await bootstrap(self.database)
            lease = await take(
                self.database,
                project=self.project,
                owner=owner_name(run_id),
                by=by,
                verb=verb,
                timeout=self.lock_timeout,
                on_event=self.on_event,
            )
        held = _Held(lease, run_id, by, made)
        beat = heartbeat(self.database, lease, held.ends)
        try:
            try:
                commits = Committer(self.database, lease)
                await upgrade(commits, lease.format, run_id=run_id, by=by)
                yield held
            finally:  # a cancellation that last words held off arrives in here
                await _end(self.database, lease, beat)
        except asyncio.CancelledError as cut:
            if held.gone:
                raise held.lost() from cut
            raise


class _Held:
    """The lock as one run holds it; cancels the run when the heartbeat says so.

    `made` are those of the tool's own constraints that were missing before.
    """

    def __init__(
        self, lease: Lease, run_id: str, by: str, made: Sequence[str] = ()
    ) -> None:
        self.lease = lease
        self.run_id = run_id
        self.by = by
        self.made = made
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self.reason = ""
        self.runner: Runner | None = None

    def journal(self, database: Database, plan: Plan) -> Journal:
        """Give what writes this run's side of the history."""
        return Journal(
            database,
            self.lease,
            run_id=self.run_id,
            by=self.by,
            sequence=plan.sequence,
        )

    def ends(self, reason: str) -> None:
        """Cancel the run: why is what the heartbeat says."""
        self.reason = reason
        with suppress(RuntimeError):  # the loop has ended: nothing is left to cancel
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self.runner is not None:
            self.runner.lost_lock = self.gone
        if self._task is not None:
            self._task.cancel()

    @property
    def gone(self) -> bool:
        """Whether another run has the lock, or may have it."""
        return self.reason in ("lost", "expired")

    def lost(self) -> MigrateError:
        """Give the error of a run whose lock another one has, or may have."""
        error = LostLockError(
            TAKEN,
            direction="up",
            why=f"the heartbeat found it gone; it was held by {self.lease.owner}",
            next=[("neo4j-migrate status", "see where it stands")],
        )
        if self.reason == "expired":
            error = expired("up", self.lease)
        error.kept = _NOT_BEGUN
        if self.runner is not None:
            error.kept = self.runner.kept
            error.report = self.runner.report()
            error.direction = error.report.direction.value
            error.exit_code = 8 if error.report.kept else 2
        return error


async def _end(database: Database, lease: Lease, beat: Heartbeat) -> None:
    """Stop the heartbeat and give the lock back, also when we are cancelled."""
    await uncut(asyncio.to_thread(beat.stop))
    with suppress(MigrateError, asyncio.TimeoutError):  # else the lease runs out
        await uncut(asyncio.wait_for(release(database, lease), 5.0))


@contextmanager
def _untouched(kept: str = _UNTOUCHED) -> Iterator[None]:
    """Let errors from before the first step say that nothing was kept of one."""
    try:
        yield
    except MigrateError as error:
        if error.kept in ("", _UNTOUCHED):
            error.kept = kept
        raise


def _functions(plan: Plan, root: Path) -> Mapping[str, Callable[..., object]]:
    """Load every Python migration of a plan, before the first one runs."""
    return {
        planned.migration.version: load(planned.migration, planned.direction, root)
        for planned in plan.migrations
        if planned.migration.kind is MigrationKind.PYTHON and planned.steps
    }


def _nothing(plan: Plan) -> Report:
    return Report(
        direction=plan.direction,
        server=plan.server,
        migrations=(),
        current=plan.current,
        before=plan.current,
        applied=len(plan.versions),
    )
