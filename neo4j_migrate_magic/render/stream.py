"""The events of a run as objects, for ``--format jsonl``; see `schemas/event.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import (
    LockWaiting,
    MigrationFinished,
    MigrationStarted,
    RunStarted,
    ServerWaiting,
    StepFinished,
    StepProgress,
    StepStarted,
)
from neo4j_migrate_magic.render.data import done, lock_object, moment
from neo4j_migrate_magic.render.json import database

if TYPE_CHECKING:
    from datetime import datetime

    from neo4j_migrate_magic.model import Event, PlannedMigration, Step
    from neo4j_migrate_magic.render.data import Object

LAST = "run_finished"
"""The event of the last line, which is also the envelope of ``--json``."""


def event_object(event: Event, at: datetime) -> Object | None:
    """Give the object of an event; None where a stream has none of it.

    Args:
        event: What happened.
        at: When we heard of it, by this machine's clock.
    """
    found = _object(event)
    if found is None:
        return None
    name, values = found
    return {"event": name, "at": moment(at), **values}


def _object(event: Event) -> tuple[str, Object] | None:
    match event:
        case RunStarted(plan):
            return "run_started", {
                "direction": plan.direction.value,
                "database": database(plan.server),
                "from": plan.current,
                "migrations": [_planned(one) for one in plan.migrations],
            }
        case LockWaiting(lock, waited, left):
            return "lock_waiting", {
                "lock": lock_object(lock) if lock.owner else None,
                "waited_ms": int(waited * 1000),
                "left_ms": int(max(left, 0) * 1000),
            }
        case ServerWaiting(address, why, waited, left):
            return "server_waiting", {
                "address": address,
                "why": why,
                "waited_ms": int(waited * 1000),
                "left_ms": int(max(left, 0) * 1000),
            }
        case MigrationStarted(planned):
            return "migration_started", _planned(planned)
        case StepStarted(planned, step):
            return "step_started", _step(planned, step)
        case StepProgress(planned, step):
            return "step_progress", {**_step(planned, step), **_progress(event)}
        case StepFinished(planned, step):
            return "step_finished", {
                **_step(planned, step),
                "duration_ms": event.duration_ms,
                "counters": dict(event.counters),
                "settled": event.settled,
            }
        case MigrationFinished(_, report):
            return "migration_finished", done(report)
        case _:
            return None


def _progress(event: StepProgress) -> Object:
    left = event.left
    return {
        "waited_ms": int(event.waited * 1000),
        "what": event.what,
        "done": event.done,
        "total": event.total,
        "left_ms": None if left is None else int(left * 1000),
        "blocked_by": list(event.blocked_by),
    }


def _planned(planned: PlannedMigration) -> Object:
    return {
        "version": planned.migration.version,
        "name": planned.migration.name,
        "steps": len(planned.steps),
        "starts_at": planned.start,
    }


def _step(planned: PlannedMigration, step: Step) -> Object:
    return {
        "version": planned.migration.version,
        "name": planned.migration.name,
        "step": step.index,
        "steps": len(planned.steps),
        "kind": step.kind.value,
    }
