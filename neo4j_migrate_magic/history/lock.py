"""Take and release the lock of a project: a lease with a fencing token."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.database.errors import blocked
from neo4j_migrate_magic.errors import (
    HistoryCorruptError,
    HistoryNewerError,
    LockHeldError,
    MigrateError,
    QueryError,
)
from neo4j_migrate_magic.history.clock import seconds
from neo4j_migrate_magic.history.damage import check, columns, damaged_lock
from neo4j_migrate_magic.model import Lock, LockWaiting

if TYPE_CHECKING:
    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.model import Listener

FORMAT = 1
"""The format of the bookkeeping that this version reads and writes."""

LEASE = 30.0
"""How long the lock holds without a heartbeat, in seconds."""

# The node is touched, with a parameter, before anything of it is read: only then is
# what follows seen under the node's lock (handbook: neo4j, 5).
_TAKE: LiteralString = """CYPHER 5
MERGE (l:_MigrateProject {project: $project})
SET l._touch = $owner
WITH l, datetime.realtime() AS now, l.owner AS before
WHERE l.owner IS NULL OR l.owner = $owner OR l.expires_at < now
SET l.owner = $owner, l.token = coalesce(l.token, 0) + 1, l.acquired_at = now,
    l.expires_at = now + duration({seconds: $lease}),
    l.format = coalesce(l.format, $format), l.stop = null, l.verb = $verb
FOREACH (_ IN CASE WHEN before <> $owner THEN [1] ELSE [] END |
  CREATE (:_MigrateEvent {project: $project, run_id: $run_id, at: now,
                          what: 'taken over', detail: before, by: $by}))
RETURN l.token AS token, l.format AS format, before
"""

# Its last transaction would not be committed; but stopped, or cut off, it may hold
# locks on what the new holder needs, for as long as the server believes in it. One
# that makes a constraint is spared, and waited for: ended while its client is stopped,
# it left a half-built index, and dropping that broke the database (Neo4j 5.26).
_END_FORMER: LiteralString = """CYPHER 5
SHOW TRANSACTIONS YIELD transactionId AS open, metaData
WHERE metaData.run = $run AND metaData.builds IS NULL
TERMINATE TRANSACTIONS open YIELD message RETURN message
"""

_LOCK = columns(
    owner=str | None,
    token=int | None,
    format=int | None,
    acquired_at=int | None,
    expires_at=int | None,
    verb=str | None,
)

_HOLDER: LiteralString = """CYPHER 5
MATCH (l:_MigrateProject {project: $project})
RETURN l.owner, l.token, l.format, l.acquired_at.epochMillis, l.expires_at.epochMillis,
  l.verb
"""

_DEAD: LiteralString = """CYPHER 5
MATCH (l:_MigrateProject {project: $project}) WHERE l.expires_at < datetime.realtime()
RETURN l.owner
"""

_RELEASE: LiteralString = """CYPHER 5
MATCH (l:_MigrateProject {project: $project}) SET l._touch = $owner
WITH l WHERE l.owner = $owner AND l.token = $token
REMOVE l.owner, l.expires_at RETURN l.token AS token
"""

CONSTRAINTS = {
    ("_MigrateProject", ("project",)): "_migrate_lock",
    ("_MigrateRecord", ("project", "version")): "_migrate_record",
}
"""The tool's own constraints: what they are on, and their names."""

_BOOTSTRAP: tuple[LiteralString, ...] = (
    "CYPHER 5 CREATE CONSTRAINT _migrate_lock IF NOT EXISTS"
    " FOR (l:_MigrateProject) REQUIRE l.project IS UNIQUE",
    "CYPHER 5 CREATE CONSTRAINT _migrate_record IF NOT EXISTS"
    " FOR (r:_MigrateRecord) REQUIRE (r.project, r.version) IS UNIQUE",
)

_OURS: LiteralString = """CYPHER 5
SHOW CONSTRAINTS YIELD labelsOrTypes, properties, type
WHERE type ENDS WITH 'UNIQUENESS' AND labelsOrTypes IN [['_MigrateProject'], ['_MigrateRecord']]
RETURN labelsOrTypes[0] AS label, properties
"""

_HALF_BUILT: LiteralString = """CYPHER 5
SHOW INDEXES YIELD name, labelsOrTypes, owningConstraint
WHERE owningConstraint IS NULL AND [name, labelsOrTypes[0]] IN
  [['_migrate_lock', '_MigrateProject'], ['_migrate_record', '_MigrateRecord']]
RETURN name
"""

# The text is a parameter: in the statement, it would find itself.
_BUILDERS: LiteralString = """CYPHER 5
SHOW TRANSACTIONS YIELD currentQuery, metaData
WHERE currentQuery CONTAINS $text OR metaData.builds = $builds
RETURN currentQuery
"""
_BUILDER = {"tool": "neo4j-migrate-magic", "builds": "constraint"}

_BUILDS = 10  # attempts at a constraint of ours that another build is in the way of


@dataclass(slots=True)
class Term:
    """Until when a lease stands for certain, by `clock.seconds` of this machine.

    It counts on while the process is stopped, or the machine sleeps.
    """

    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The lock as this run holds it: the token fences whoever held it before."""

    project: str
    owner: str
    token: int
    format: int = FORMAT  # of the history when the lock was taken
    term: Term = field(default_factory=lambda: Term(seconds() + LEASE))

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that the lock's statements share."""
        return {"project": self.project, "owner": self.owner, "token": self.token}


async def bootstrap(database: Database) -> list[str]:
    """Make our two constraints where they are missing, and look that they are there.

    Without them several runs at once could each make a lock of their own.

    Returns:
        The names of those that were missing.

    Raises:
        HistoryCorruptError: A constraint of our name is on something else.
    """
    present = await constraints_present(database)
    if present >= CONSTRAINTS.keys():
        return []
    for statement in _BOOTSTRAP:
        await _make(database, statement)
    if not await constraints_present(database) >= CONSTRAINTS.keys():
        raise HistoryCorruptError(
            "the tool's own constraints could not be made",
            why="another constraint has the name _migrate_lock or _migrate_record,"
            " or another run makes them and does not end",
            next=[('cypher-shell "SHOW CONSTRAINTS"', "see which")],
        )
    return [name for on, name in CONSTRAINTS.items() if on not in present]


async def _make(database: Database, statement: LiteralString) -> None:
    """Make one of our constraints, also where a build that was cut left its index.

    The server takes that index away within seconds, or never if it was killed itself
    (handbook: neo4j, 3.6).
    """
    for attempt in range(1, _BUILDS + 1):
        try:
            await database.write(
                statement,
                {},
                timeout=60.0,
                attempts=10,
                repeatable=True,
                metadata=_BUILDER,
            )
        except QueryError as error:
            code = error.server_code or ""
            if code.endswith(("ConstraintCreationFailed", "ValidationFailed")):
                raise _doubled(error) from error
            if not code.endswith("IndexWithNameAlreadyExists"):
                raise
            await asyncio.sleep(0.1 * attempt)
            await _drop_half_built(database)
        else:
            return


def _doubled(error: QueryError) -> HistoryCorruptError:
    """Say that runs collided while a constraint of ours was missing."""
    find = (
        "MATCH (n:_MigrateRecord|_MigrateProject)"
        " WITH n.project AS project, n.version AS version, collect(n) AS found"
        " WHERE size(found) > 1 UNWIND found AS n RETURN elementId(n), n"
    )
    return HistoryCorruptError(
        "the history has something twice: a constraint of ours was missing, and runs"
        " collided",
        why=error.why,
        next=[
            (f'cypher-shell "{find}"', "shows both: delete the one that is wrong"),
            ("neo4j-migrate repair history", "then makes the constraint"),
        ],
    )


async def _drop_half_built(database: Database) -> None:
    ours = {"text": "CREATE CONSTRAINT _migrate_", "builds": _BUILDER["builds"]}
    if (await database.read(_BUILDERS, ours)).rows:
        return
    for (name,) in (await database.read(_HALF_BUILT)).rows:
        with suppress(QueryError):  # it became a constraint's after all
            await database.write(
                "CYPHER 5 DROP INDEX $name IF EXISTS", {"name": name}, repeatable=True
            )


async def constraints_present(
    database: Database,
) -> set[tuple[str, tuple[str, ...]]]:
    """Give label and keys of those of our two constraints that are there."""
    found = await database.read(_OURS)
    return {(label, tuple(properties)) for label, properties in found.rows}


async def take(
    database: Database,
    *,
    project: str,
    owner: str,
    by: str,
    verb: str,
    timeout: float,
    on_event: Listener,
) -> Lease:
    """Take the lock, waiting up to `timeout` seconds for its holder.

    Raises:
        LockHeldError: It was not free in time.
        HistoryNewerError: The history was written by a newer tool.
    """
    parameters = {
        "project": project,
        "owner": owner,
        "by": by,
        "run_id": _run_of(owner),
        "format": FORMAT,
        "lease": int(LEASE),
        "verb": verb,
    }
    began, told = 0.0, -10.0
    while True:
        sent = seconds()
        rows = await _tried(database, parameters)
        if rows:
            token, format_, before = rows[0]
            term = Term(sent + LEASE)
            lease = Lease(
                project=project, owner=owner, token=token, format=format_, term=term
            )
            if format_ > FORMAT:
                await release(database, lease)
                raise newer_format(format_)
            if before not in (None, owner):
                await end_former(database, before)
            return lease
        began = began or time.monotonic()  # it is held: from here on we wait for it
        waited = time.monotonic() - began
        holder = await _holder(database, project)
        if waited >= timeout:
            raise _held(holder, waited)
        if waited - told >= 5.0:
            told = waited
            on_event(LockWaiting(holder, waited, timeout - waited))
        pause = random.uniform(0.1, 0.4)  # noqa: S311 (jitter)
        await asyncio.sleep(min(pause, max(timeout - waited, 0.01)))


async def _tried(database: Database, parameters: dict[str, Any]) -> list[list[Any]]:
    """Try to take the lock; no row when somebody has it, or just commits with it.

    A lost COMMIT may have taken it: then the same owner takes it once more.
    """
    try:
        return (await database.write(_TAKE, parameters, repeatable=True)).rows
    except QueryError as error:
        if not blocked(error):
            raise
    dead = await database.read(_DEAD, {"project": parameters["project"]})
    for (owner,) in dead.rows:
        await end_former(database, owner)
        return (await database.write(_TAKE, parameters, repeatable=True)).rows
    return []


async def end_former(database: Database, owner: str) -> None:
    """End the transactions of a run that was taken over, as far as the server lets us."""
    with suppress(MigrateError):
        await database.read(_END_FORMER, {"run": _run_of(owner)})


def _run_of(owner: str) -> str:
    return owner.rsplit("/", 1)[-1]


def newer_format(found: int) -> HistoryNewerError:
    """Say that a newer tool wrote the history, and that nothing was written now."""
    return HistoryNewerError(
        f"the history has format {found}, this tool writes format {FORMAT}",
        why="a newer neo4j-migrate-magic has worked on this database",
        kept="nothing was written",
        next=[("pip install --upgrade neo4j-migrate-magic", "then the same again")],
    )


async def _holder(database: Database, project: str) -> Lock:
    rows = (await database.read(_HOLDER, {"project": project})).rows
    if not rows:
        return Lock(owner=None, token=0, format=FORMAT)
    return lock_of(rows[0], project)


def lock_of(row: list[Any], project: str) -> Lock:
    """Make a Lock of ``[owner, token, format, acquired_at, expires_at, verb]``.

    Times are milliseconds since the epoch.

    Raises:
        HistoryCorruptError: No version of the tool writes such a lock.
    """
    owner, token, format_, acquired, expires, verb = row
    try:
        check(_LOCK, row)
        return Lock(
            owner=owner,
            token=token or 0,
            format=format_ or FORMAT,
            acquired_at=at(acquired),
            expires_at=at(expires),
            verb=verb or "",
        )
    except ValueError as error:
        raise damaged_lock(project, error) from error


def at(epoch_ms: int | None) -> datetime | None:
    """Give the UTC time of a number of milliseconds since the epoch.

    Raises:
        ValueError: Python has no such year; Neo4j has.
    """
    if epoch_ms is None:
        return None
    try:
        return datetime.fromtimestamp(epoch_ms / 1000, tz=timezone.utc)
    except OverflowError as error:
        raise ValueError(f"{epoch_ms} ms is out of range") from error


def _held(holder: Lock, waited: float) -> LockHeldError:
    since = (
        f" since {holder.acquired_at:%Y-%m-%d %H:%M:%SZ}" if holder.acquired_at else ""
    )
    until = f" until {holder.expires_at:%H:%M:%SZ}" if holder.expires_at else ""
    error = LockHeldError(
        f"another run holds the lock: {holder.owner or 'it changed hands meanwhile'}",
        why=f"held{since}, lease{until}; waited {waited:.0f}s",
        kept="nothing was touched",
        next=[
            ("neo4j-migrate status", "see what it does; a longer lock_timeout waits"),
        ],
    )
    error.waited = True
    return error


async def release(database: Database, lease: Lease) -> bool:
    """Give the lock back; False when it was not ours any more."""
    released = await database.write(_RELEASE, lease.parameters, repeatable=True)
    return bool(released.rows)
