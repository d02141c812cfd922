"""Commit statements of the history; look up those whose answer was lost."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.database.connection import uncut
from neo4j_migrate_magic.database.errors import blocked
from neo4j_migrate_magic.errors import (
    CommitLostError,
    CommitUnknownError,
    LostLockError,
    MigrateError,
    QueryError,
    UnreachableError,
)
from neo4j_migrate_magic.history.clock import seconds
from neo4j_migrate_magic.history.fence import check_text
from neo4j_migrate_magic.history.guard import Guard
from neo4j_migrate_magic.history.heartbeat import BEAT
from neo4j_migrate_magic.history.lock import LEASE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.connection import Database, Transaction
    from neo4j_migrate_magic.history.fence import Fence
    from neo4j_migrate_magic.history.lock import Lease

_STANDS: LiteralString = """CYPHER 5
OPTIONAL MATCH (l:_MigrateProject {project: $project}) SET l._touch = $owner
WITH l OPTIONAL MATCH (r:_MigrateRecord {project: $project, version: $version})
RETURN l.owner = $owner AND l.token = $token AS held,
       [r.run_id, r.direction, r.step, r.state, r.intent] AS stands,
       EXISTS { MATCH (e:_MigrateEvent {project: $project, run_id: $run_id})
                WHERE e.version = $version
                   OR $version IS NULL AND e.detail = $detail } AS told
"""

TAKEN = "another run took the lock over, or `unlock` took it away"
"""What is known of a lock that the server says is not ours any more."""

_NO_ANSWER = "the answer to COMMIT was lost"
_SENT = 3  # times that a statement is sent whose COMMIT did not arrive
_PAUSE = 0.3  # seconds between two looks at a server that does not answer


class Committer:
    """Commits what a run writes of the history, as long as the lock is its own.

    Args:
        database: Where the history lives.
        lease: The lock as the run holds it.
    """

    def __init__(self, database: Database, lease: Lease) -> None:
        self.database = database
        self._lease = lease

    def parameters(self, events: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        """Give the parameters that all statements of the history share."""
        return {**self._lease.parameters, "events": list(events)}

    def guard(self, direction: str, tx: Transaction | None = None) -> Guard:
        """Give what watches a transaction, or without one what commits by itself."""
        return Guard(
            tx.run if tx else self.database.read,
            project=self._lease.project,
            direction=direction,
            commits=tx is None,
        )

    async def check_lease(self, direction: str) -> None:
        """Look, under the lock node's own lock, that the lease is ours.

        Raises:
            LostLockError: Another run took it over.
        """
        try:
            await self.database.write(check_text(), self.parameters(), repeatable=True)
        except QueryError as error:
            raise self.refused(error, direction) from error

    async def hold(self, direction: str) -> Callable[[], None]:
        """See to it that the lease stands for a while, before what cannot be fenced.

        Returns:
            What is called right before it is sent: after a stop of this process it may
            be too late, and another run be at the same.

        Raises:
            LostLockError: Another run took it over.
        """
        term, sent = self._lease.term, seconds()
        if term.until - sent < LEASE / 3:
            parameters = {**self._lease.parameters, "lease": int(LEASE)}
            renewed = await self.database.write(BEAT, parameters, repeatable=True)
            if not renewed.rows:
                raise self.lost(direction)
            term.until = sent + LEASE

        def ready() -> None:
            if seconds() > term.until:
                raise expired(direction, self._lease)

        return ready

    async def alone(self, fence: Fence, then: Callable[[], None] | None = None) -> None:
        """Commit a statement by itself; `then` takes note of it.

        It is not cut by a cancellation, and whether a COMMIT whose answer was lost
        arrived is looked up: sent again, the statement would meet its own work.
        """

        async def once() -> None:
            try:
                result = await self.database.write(fence.text, fence.parameters)
            except QueryError as error:
                raise self.refused(error, fence.direction) from error
            if len(result.rows) != 1:
                raise self.lost(fence.direction)
            if then is not None:
                then()

        for sent in range(1, _SENT + 1):
            try:
                await uncut(once())
            except CommitLostError as lost:
                if not await self.arrived(fence, lost):
                    if sent == _SENT:
                        raise
                    continue
                if then is not None:
                    then()
            return

    async def arrived(self, fence: Fence, lost: CommitLostError) -> bool:
        """Look whether a transaction whose answer was lost is committed.

        A server that does not answer is waited for, as long as a lease.

        Raises:
            LostLockError: Another run has taken over; it will look for itself.
            CommitUnknownError: The server cannot be asked.
        """
        limit = time.monotonic() + LEASE
        while True:
            try:
                return await self._stands(fence)
            except (UnreachableError, CommitLostError) as error:
                if isinstance(error, CommitLostError) and error.answered:
                    raise _unknown(fence, error) from lost  # it fails at every COMMIT
            except QueryError as error:  # what is in doubt still has the lock's node
                if not blocked(error):
                    raise
            if time.monotonic() > limit:
                raise _unknown(fence, lost) from lost
            await asyncio.sleep(_PAUSE)

    async def _stands(self, fence: Fence) -> bool:
        """Whether the history is as `fence` writes it.

        The touch of the lock node waits until a commit in flight is decided.
        """
        events = fence.parameters["events"]
        parameters = {
            **self.parameters(),
            "version": fence.parameters.get("version"),
            "detail": events[0]["detail"] if events else None,
            "run_id": fence.run_id,
        }
        found = await self.database.write(_STANDS, parameters, repeatable=True)
        held, stands, told = found.rows[0]
        if not held:
            raise self.lost(fence.direction)
        if fence.run_id is not None:
            return bool(told)
        return fence.written is None or fence.written == stands

    def refused(self, error: QueryError, direction: str) -> MigrateError:
        """Give what a refusal of our own statement means: the lock is not ours."""
        if (error.server_code or "").endswith(
            ("Statement.ArithmeticError", "Schema.ConstraintValidationFailed")
        ):
            return self.lost(direction)
        return error

    def lost(self, direction: str) -> LostLockError:
        """Give the error of a run whose lock another one has."""
        return LostLockError(
            TAKEN,
            direction=direction,
            why=f"it was held by {self._lease.owner} (token {self._lease.token})",
            next=[("neo4j-migrate status", "see what it does")],
        )


def expired(direction: str, lease: Lease) -> LostLockError:
    """Give the error of a run whose lease ran out: another one may have the lock."""
    return LostLockError(
        "the lease of the lock ran out",
        direction=direction,
        why=f"it was not renewed for {LEASE:.0f}s: the process was stopped, or the"
        " server did not answer; another run may have taken the lock over;"
        f" it was held by {lease.owner}",
        next=[("neo4j-migrate status", "see where it stands")],
    )


def _unknown(fence: Fence, lost: CommitLostError) -> CommitUnknownError:
    version, why = fence.parameters.get("version"), lost.why
    if not lost.answered:
        why = f"{why}; the server did not answer for {LEASE:.0f}s"
    return CommitUnknownError(
        f"{version}: {'the server failed at COMMIT' if lost.answered else _NO_ANSWER}",
        direction=fence.direction,
        why=why,
        kept="the transaction is either kept as a whole, with its record, or not at all",
        next=[(f"neo4j-migrate {fence.direction}", "looks, and goes on from there")],
    )
