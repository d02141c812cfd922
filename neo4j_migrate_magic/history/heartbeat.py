"""Keep the lease of a lock for as long as the run works."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.database.errors import blocked
from neo4j_migrate_magic.errors import MigrateError, QueryError
from neo4j_migrate_magic.history.clock import seconds
from neo4j_migrate_magic.history.lock import LEASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import LiteralString

    from neo4j_migrate_magic.history.lock import Lease

BEAT: LiteralString = """CYPHER 5
MATCH (l:_MigrateProject {project: $project}) SET l._touch = $owner
WITH l WHERE l.owner = $owner AND l.token = $token
SET l.expires_at = datetime.realtime() + duration({seconds: $lease})
RETURN l.stop AS stop
"""


class Heartbeat(Protocol):
    """What keeps a lease; `stop` ends it."""

    def stop(self) -> None:
        """End it; a beat on its way is given up."""


def heartbeat(
    database: Database, lease: Lease, on_end: Callable[[str], None]
) -> Heartbeat:
    """Start to keep a lease.

    `on_end` is called once, on whatever thread: with ``"lost"`` when the lock is not
    the run's any more, ``"expired"`` when the lease ran out and nobody could be asked,
    ``"stop"`` when somebody asked the run to stop. A driver that was handed to us
    cannot be opened a second time: there the beat shares its loop, and a migration
    that blocks the loop for longer than the lease may lose the lock.
    """
    if database.owned:
        beat = ThreadHeartbeat(database, lease, on_end)
        beat.start()
        return beat
    return LoopHeartbeat(database, lease, on_end)


class LoopHeartbeat:
    """Renew the lease from the engine's own loop."""

    def __init__(
        self, database: Database, lease: Lease, on_end: Callable[[str], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(_keep(database, lease, on_end))

    def stop(self) -> None:
        """End it; callable from any thread."""
        self._loop.call_soon_threadsafe(self._task.cancel)


class ThreadHeartbeat:
    """Renew the lease from a thread of its own, so that a busy loop keeps the lock.

    Its connection is its own too, made when the run is a third of a lease old.
    """

    def __init__(
        self, database: Database, lease: Lease, on_end: Callable[[str], None]
    ) -> None:
        self._target = replace(database.target, database=database.name)
        self._lease = lease
        self._on_end = on_end
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, name="neo4j-migrate-heartbeat", daemon=True
        )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to count."""
        self._task = self._loop.create_task(self._kept())
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a beat on its way is given up."""
        if self._task is not None:
            with suppress(RuntimeError):  # it ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(timeout=6.0)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            if self._task is not None:
                with suppress(asyncio.CancelledError):
                    self._loop.run_until_complete(self._task)
        finally:
            self._loop.close()

    async def _kept(self) -> None:
        database = Database.connect(self._target)
        try:
            await _keep(database, self._lease, self._on_end)
        finally:
            await database.close()


async def _keep(
    database: Database, lease: Lease, on_end: Callable[[str], None]
) -> None:
    """Beat until it is cancelled, or tell why there is nothing left to keep.

    No beat is waited for longer than the lease stands: a line may be silent.
    """
    parameters = {**lease.parameters, "lease": int(LEASE)}
    last = seconds()
    while True:
        await asyncio.sleep(_pause(last))
        sent = seconds()
        beat = database.write(BEAT, parameters, repeatable=True)
        try:
            rows = (await asyncio.wait_for(beat, max(last + LEASE - sent, 1.0))).rows
        except (MigrateError, asyncio.TimeoutError) as error:
            if isinstance(error, QueryError) and blocked(error):
                # a COMMIT at work, ours perhaps, has the node: nobody takes the lock
                last = sent
                continue
            # as long as the lease stands, the next beat may arrive
            if seconds() - last < LEASE:
                continue
            on_end("expired")
            return
        if not rows or rows[0][0] is not None:
            on_end("stop" if rows else "lost")
            return
        last = sent
        lease.term.until = sent + LEASE


def _pause(last: float) -> float:
    """A third of the lease after a beat that arrived; soon after one that did not."""
    return max(LEASE / 3 - (seconds() - last), 1.0)
