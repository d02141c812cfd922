"""Run under the lock: look, take the lock, look again, carry out, release."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
import uuid
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neo4j_migrate_magic.database.connection import uncut
from neo4j_migrate_magic.engine.perform import Performer
from neo4j_migrate_magic.engine.python import load
from neo4j_migrate_magic.engine.runner import Runner
from neo4j_migrate_magic.engine.settle import refuse_in_doubt
from neo4j_migrate_magic.errors import LostLockError, MigrateError
from neo4j_migrate_magic.history.heartbeat import heartbeat
from neo4j_migrate_magic.history.journal import Journal
from neo4j_migrate_magic.history.lock import bootstrap, release, take
from neo4j_migrate_magic.model import (
    MigrationKind,
    Plan,
    Report,
    RunFinished,
    RunStarted,
    RunStopped,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.history.heartbeat import Heartbeat
    from neo4j_migrate_magic.history.lock import Lease
    from neo4j_migrate_magic.model import Listener


@dataclass(frozen=True, kw_only=True)
class Run:
    """One `up` or `down`: who runs it, where, and how long it waits for the lock."""

    database: Database
    project: str
    root: Path
    lock_timeout: float
    on_event: Listener

    async def carry_out(self, make_plan: Callable[[], Awaitable[Plan]]) -> Report:
        """Plan, take the lock, plan again, and do what is left to do.

        With nothing to do there is no lock and no write.

        Args:
            make_plan: Reads files and history anew each time it is called.

        Raises:
            MigrateError: It stopped; the error's `report` tells what was done.
        """
        plan = await make_plan()
        if not plan.migrations:
            return self._finished(_nothing(plan))
        _refuse(plan)
        run_id = uuid.uuid4().hex[:12]
        by = f"{_user()}@{socket.gethostname()}"
        owner = f"{by}/{os.getpid()}/{run_id}"
        await bootstrap(self.database)
        async with self._locked(owner, by) as (lease, ended):
            plan = await make_plan()
            if not plan.migrations:  # another run did it while we waited
                return self._finished(_nothing(plan))
            _refuse(plan)
            functions = _functions(plan, self.root)
            journal = Journal(
                self.database, lease, run_id=run_id, by=by, sequence=plan.sequence
            )
            performer = Performer(
                self.database,
                journal,
                functions=functions,
                root=self.root,
                run_id=run_id,
            )
            runner = Runner(
                plan, performer, journal, run_id=run_id, on_event=self.on_event
            )
            ended.runner = runner
            self.on_event(RunStarted(plan))
            try:
                return self._finished(await runner.run())
            except asyncio.CancelledError:
                if ended.reason != "lost":
                    self.on_event(RunStopped(runner.report()))
                raise

    def _finished(self, report: Report) -> Report:
        self.on_event(RunFinished(report))
        return report

    @asynccontextmanager
    async def _locked(self, owner: str, by: str) -> AsyncIterator[tuple[Lease, _Ended]]:
        """Hold the lock; when it is lost, or a stop is asked for, the work is cancelled."""
        lease = await take(
            self.database,
            project=self.project,
            owner=owner,
            by=by,
            timeout=self.lock_timeout,
            on_event=self.on_event,
        )
        ended = _Ended(asyncio.current_task(), asyncio.get_running_loop())
        beat = heartbeat(self.database, lease, ended.because)
        try:
            yield lease, ended
        except asyncio.CancelledError as cut:
            if ended.reason == "lost":
                raise ended.lost(lease) from cut
            raise
        finally:
            await _end(self.database, lease, beat)


class _Ended:
    """Cancels the run from the heartbeat's thread, and remembers why."""

    def __init__(
        self, task: asyncio.Task[object] | None, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._task = task
        self._loop = loop
        self.reason = ""
        self.runner: Runner | None = None

    def because(self, reason: str) -> None:
        """Cancel the run: its lease is ``"lost"``, or a ``"stop"`` is asked for."""
        self.reason = reason
        with suppress(RuntimeError):  # the loop has ended: nothing is left to cancel
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self.runner is not None:
            self.runner.lost_lock = self.reason == "lost"
        if self._task is not None:
            self._task.cancel()

    def lost(self, lease: Lease) -> MigrateError:
        """Give the error of a run that was taken over."""
        error = LostLockError(
            "another run took the lock over",
            direction="up",
            why=f"the lease of {lease.owner} ended before it could be renewed",
            kept="the open transaction was not committed",
            next=[("neo4j-migrate status", "see where it stands")],
        )
        if self.runner is not None:
            error.report = self.runner.report()
            error.direction = error.report.direction.value
        return error


async def _end(database: Database, lease: Lease, beat: Heartbeat) -> None:
    """Stop the heartbeat and give the lock back, also when we are cancelled."""
    await uncut(asyncio.to_thread(beat.stop))
    with suppress(MigrateError, asyncio.TimeoutError):  # else the lease runs out
        await uncut(asyncio.wait_for(release(database, lease), 5.0))


def _refuse(plan: Plan) -> None:
    for planned in plan.migrations:
        refuse_in_doubt(planned)


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
        applied=len(plan.versions),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"
