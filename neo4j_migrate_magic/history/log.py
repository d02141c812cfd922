"""Read the log: the events of a project, newest first."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import AmbiguousVersionError, UnknownVersionError
from neo4j_migrate_magic.history.damage import check, columns, damaged_event, times
from neo4j_migrate_magic.history.lock import at
from neo4j_migrate_magic.model import Log, LogEntry

if TYPE_CHECKING:
    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.connection import Database

# Events of one transaction share a time: there the version breaks the tie. A file that
# was renumbered is found under its former version, too.
_LOG: LiteralString = """CYPHER 5
MATCH (e:_MigrateEvent {project: $project})
WHERE ($version IS NULL OR $version IN [e.version, e.former])
  AND ($since IS NULL OR e.at >= $since)
  AND ($ago IS NULL OR e.at >= datetime.realtime() - $ago)
WITH e ORDER BY e.at DESC, e.version DESC LIMIT $limit
OPTIONAL MATCH (r:_MigrateRecord {project: $project, version: e.version})
RETURN e.at.epochMillis, e.what, e.version, coalesce(e.name, r.name), e.by, e.run_id,
  e.detail ORDER BY e.at DESC, e.version DESC
"""
_EVENT = columns(
    at=int,
    what=str | None,
    version=str | None,
    name=str | None,
    by=str | None,
    run_id=str | None,
    detail=str | None,
)
_VERSIONS: LiteralString = """CYPHER 5
MATCH (e:_MigrateEvent {project: $project})
UNWIND [e.version, e.former] AS version
WITH DISTINCT version WHERE version STARTS WITH $word
RETURN version ORDER BY version LIMIT 20
"""


async def read_log(
    database: Database,
    project: str,
    *,
    version: str | None = None,
    since: datetime | timedelta | None = None,
    limit: int = 100,
) -> Log:
    """Read the newest events, in one read-only statement.

    Args:
        database: Where the history lives.
        project: Whose events.
        version: Only those of one migration.
        since: Only those from this time on, or of the last so much time.
        limit: How many at most.
    """
    ago = since if isinstance(since, timedelta) else None
    # of one moment in two zones, Cypher takes one for the later
    start = since.astimezone(timezone.utc) if isinstance(since, datetime) else None
    parameters = {
        "project": project,
        "version": version,
        "since": start,
        "ago": ago,
        "limit": limit + 1,
    }
    with times():
        found = await database.read(_LOG, parameters)
    entries = tuple(_entry(row) for row in found.rows[:limit])
    return Log(
        entries=entries, server=database.server, more=len(found.rows) > len(entries)
    )


def _entry(row: list[Any]) -> LogEntry:
    epoch_ms, what, version, name, by, run_id, detail = row
    try:
        check(_EVENT, row)
        moment = at(epoch_ms)
    except ValueError as error:
        raise damaged_event(error) from error
    if moment is None:
        raise AssertionError("every event has a time")
    return LogEntry(
        at=moment,
        what=what or "",
        version=version,
        name=name,
        by=by or "",
        run_id=run_id or "",
        detail=_detail(detail),
    )


def _detail(text: str | None) -> dict[str, Any]:
    """Read the JSON of an event; a take-over's is the former owner's name alone."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"from": text}


async def known_version(database: Database, project: str, word: str) -> str:
    """Give the version in the log that begins so.

    Raises:
        UnknownVersionError: None does.
        AmbiguousVersionError: Several do.
    """
    found = await database.read(_VERSIONS, {"project": project, "word": word})
    versions = [version for (version,) in found.rows]
    if len(versions) == 1:
        return str(versions[0])
    if versions:
        raise AmbiguousVersionError(
            f"{word} fits {len(versions)} migrations",
            why=", ".join(versions[:5]) + ("…" if len(versions) > 5 else ""),
            next=[("neo4j-migrate log", "see all")],
        )
    raise UnknownVersionError(
        f"the log knows no version {word!r}",
        why="nothing has been done to a migration of that version",
        next=[("neo4j-migrate log", "see all")],
    )
