"""Reach into a lock that another run holds: ask it to stop, or take the lock away."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import LockHeldError
from neo4j_migrate_magic.history.lock import FORMAT, end_former, newer_format
from neo4j_migrate_magic.history.owner import myself
from neo4j_migrate_magic.history.reading import read_history
from neo4j_migrate_magic.model import LockView

if TYPE_CHECKING:
    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.connection import Database

# Each names the owner that was seen: who took the lock meanwhile is left alone.
_STOP: LiteralString = """CYPHER 5
MATCH (l:_MigrateProject {project: $project}) SET l._touch = $by
WITH l WHERE l.owner = $owner SET l.stop = $by
RETURN l.owner, l.token, l.format, l.acquired_at.epochMillis, l.expires_at.epochMillis
"""
_BREAK: LiteralString = """CYPHER 5
MATCH (l:_MigrateProject {project: $project}) SET l._touch = $by
WITH l WHERE l.owner = $owner
  AND ($named OR l.expires_at IS NULL OR l.expires_at < datetime.realtime())
SET l.token = l.token + 1
REMOVE l.owner, l.expires_at
CREATE (:_MigrateEvent {project: $project, at: datetime.realtime(), by: $by,
                        what: 'taken over', detail: $owner})
RETURN l.owner, l.token, l.format, l.acquired_at.epochMillis, l.expires_at.epochMillis
"""


async def look(database: Database, project: str) -> LockView:
    """Read the lock; nothing is written."""
    history = await read_history(database, project)
    return LockView(lock=history.lock, now=history.now, server=history.server)


async def request_stop(database: Database, project: str) -> LockView:
    """Ask the run that holds the lock to end; it hears of it with its next heartbeat.

    Only the flag is written; the lock stays its holder's.
    """
    seen = await look(database, project)
    _refuse_newer(seen)
    if not seen.live:
        gone = "its holder is gone" if seen.held else "no run holds the lock"
        return _with(seen, f"{gone}: there is nothing to stop")
    if not await _write(database, project, _STOP, seen):
        return _with(seen, "the run ended meanwhile: there is nothing to stop")
    return _with(
        seen,
        "asked it to stop: within 10s it rolls back what is open and releases the lock",
    )


async def break_lock(
    database: Database,
    project: str,
    *,
    holder: str | None = None,
) -> LockView:
    """Take the lock away from a dead owner, or from the live one that is named.

    The token grows: what the former owner still sends is refused by its fence. What it
    has open on the server is ended, as by a run that takes over.

    Raises:
        LockHeldError: A live run holds it, and it is not the one named.
    """
    seen = await look(database, project)
    _refuse_newer(seen)
    if seen.lock is None or seen.lock.owner is None:
        return _with(seen, "the lock is free")
    owner = seen.lock.owner
    if holder is not None and holder not in (owner, owner.rsplit("/", 1)[-1]):
        raise _held(seen, owner, f"it is not {holder!r} that holds it")
    if holder is None and seen.live:
        raise _held(seen, owner, "it is at work: its last heartbeat is in its lease")
    if not await _write(database, project, _BREAK, seen, named=holder is not None):
        return await break_lock(database, project, holder=holder)  # it changed
    await end_former(database, owner)
    return _with(seen, f"released; it was held by {owner}")


def _refuse_newer(seen: LockView) -> None:
    """Write nothing into a history that a newer tool has written."""
    if seen.lock is not None and seen.lock.format > FORMAT:
        raise newer_format(seen.lock.format)


async def _write(
    database: Database,
    project: str,
    text: LiteralString,
    seen: LockView,
    *,
    named: bool = False,
) -> bool:
    owner = seen.lock.owner if seen.lock else None
    parameters = {"project": project, "owner": owner, "by": myself(), "named": named}
    return bool((await database.write(text, parameters, repeatable=True)).rows)


def _with(seen: LockView, done: str) -> LockView:
    return LockView(lock=seen.lock, now=seen.now, server=seen.server, done=done)


def _held(seen: LockView, owner: str, why: str) -> LockHeldError:
    run_id = owner.rsplit("/", 1)[-1]
    until = seen.lock.expires_at if seen.lock else None
    if until is not None:
        why += f"; the lease {'ends' if seen.live else 'ended'} at {until:%H:%M:%SZ}"
    named = f"neo4j-migrate unlock --holder {shlex.quote(run_id)}"
    ways = [
        ("neo4j-migrate stop", "asks it to end in an orderly way"),
        (named, "takes the lock away; what it still sends is refused"),
    ]
    if not seen.live:
        why += ": its holder is gone"
        ways = [
            ("neo4j-migrate unlock", "releases it; so does the next run that needs it"),
            (named, "releases it without a question"),
        ]
    return LockHeldError(
        f"the lock is held by {owner}",
        why=why,
        kept="nothing was released",
        next=ways,
    )
