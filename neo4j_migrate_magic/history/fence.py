"""The statements that end a run's transactions: lock check, record, event, in one.

Each gives exactly one row, or fails and takes its transaction with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import LiteralString

    from neo4j_migrate_magic.history.entry import Seen

# Divides by zero when the lock is not ours any more, or there is no lock node: a
# plain MATCH would give no row, and the work would commit (handbook: neo4j, 5.3).
_HELD: LiteralString = """CYPHER 5
OPTIONAL MATCH (l:_MigrateProject {project: $project})
SET l._touch = $owner
WITH l, 1 / (CASE WHEN l.owner = $owner AND l.token = $token THEN 1 ELSE 0 END) AS held
"""
_DUE: LiteralString = """
OPTIONAL MATCH (r:_MigrateRecord {project: $project, version: $version})
WITH l, r, 1 / (CASE WHEN r.run_id = $seen.run_id AND r.direction = $seen.direction
  AND r.step = $seen.step AND r.state = $seen.state THEN 1 ELSE 0 END) AS due
"""
_CREATE: LiteralString = """
CREATE (r:_MigrateRecord {project: $project, version: $version})
"""
_SET: LiteralString = """
SET r += $record
SET r.applied_at = CASE WHEN $final THEN datetime.realtime() ELSE r.applied_at END
"""
_DELETE: LiteralString = """
DETACH DELETE r
"""
_SCHEMA: LiteralString = """
SET l.schema = $schema
"""
_EVENTS: LiteralString = """
FOREACH (e IN $events |
  CREATE (x:_MigrateEvent {project: $project, at: datetime.realtime()}) SET x += e)
RETURN 1 AS ok
"""
_BASELINE: LiteralString = """
UNWIND $records AS record
CREATE (r:_MigrateRecord {project: $project, version: record.version})
SET r += record, r.applied_at = datetime.realtime()
WITH count(r) AS n
"""
_OLD: LiteralString = """
WITH l, 1 / (CASE WHEN coalesce(l.format, 1) = $old THEN 1 ELSE 0 END) AS due
"""
_NEW: LiteralString = """
SET l.format = $new
"""


@dataclass(frozen=True, slots=True)
class Fence:
    """The last statement of a transaction that writes for a run."""

    text: LiteralString
    parameters: dict[str, Any]
    direction: str
    seen: Seen | None = None  # the record when it is committed; None: there is none
    written: list[object] | None = None
    """What can be looked up once it is committed: run, direction, step, state, intent."""
    run_id: str | None = None
    """A correction may leave all of that as it was: there this run's event is looked up."""


def check_text() -> LiteralString:
    """Give the text that checks the lock, and adds events."""
    return _HELD + _EVENTS


def baseline_text() -> LiteralString:
    """Give the text that checks the lock and makes several records at once."""
    return _HELD + _BASELINE + _EVENTS


def upgrade_text(clauses: LiteralString) -> LiteralString:
    """Give the text that checks the lock and the format, and makes the next one."""
    return _HELD + _OLD + clauses + _NEW + _EVENTS


def record_text(*, exists: bool, delete: bool, schema: bool) -> LiteralString:
    """Give the text that checks the lock and the record, and writes it.

    Args:
        exists: Whether the record is there, and must be as this run knows it.
        delete: Whether the record goes.
        schema: Whether the catalogue's snapshot is written too.
    """
    text = _HELD + (_DUE if exists else _CREATE)
    text += _DELETE if delete else _SET
    return text + (_SCHEMA if schema else "") + _EVENTS
