"""The `data` of each command's JSON; what it may look like is in `schemas/`.

To give a command its JSON: a row in `DATA`, and its schema.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.model import Outcome, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from neo4j_migrate_magic.config import InitResult
    from neo4j_migrate_magic.errors import Next, Place
    from neo4j_migrate_magic.model import (
        Correction,
        Diagnosis,
        Explanation,
        Lock,
        LockView,
        Log,
        MigrationReport,
        MigrationView,
        Report,
        SandboxAnswer,
        Status,
        StatusRow,
        Step,
        StepState,
        Verification,
        WrittenMigration,
    )

    Object = dict[str, Any]

_APPLIED = (State.APPLIED, State.BASELINE, State.EDITED, State.MISSING)
_PENDING = (State.PENDING, State.LATE)
_WHOLE = (Outcome.APPLIED, Outcome.ROLLED_BACK)


def moment(when: datetime | None) -> str | None:
    """Write a time in UTC, with ``Z``."""
    if when is None:
        return None
    return f"{when.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S}Z"


def place(where: Place | None) -> Object | None:
    """Say where in a file something stands."""
    if where is None:
        return None
    return {"path": where.path, "line": where.line, "column": where.column}


def ways(found: Sequence[Next]) -> list[Object]:
    """List commands to type."""
    return [{"label": way.label, "command": way.command} for way in found]


def _init(result: InitResult) -> Object:
    return {
        "config": str(result.config_path),
        "created_config": result.created_config,
        "migration_dir": str(result.folder),
        "created_migration_dir": result.created_folder,
    }


def _create(written: WrittenMigration) -> Object:
    return {
        "version": written.version,
        "name": written.name,
        "kind": written.kind.value,
        "path": str(written.path),
        "action": written.action.value,
        "steps": len(written.steps),
        "diff": list(written.diff),
        "notes": list(written.notes),
        "run": _run(written.report) if written.report else None,
    }


def _run(report: Report) -> Object:
    stopped = [m.version for m in report.migrations if m.outcome not in _WHOLE]
    return {
        "direction": report.direction.value,
        "run_id": report.run_id or None,
        "from": report.before,
        "to": report.current,
        "applied": report.applied,
        "stopped_at": stopped[0] if stopped else None,
        "migrations": [done(one) for one in report.migrations],
        "counters": report.counters,
        "duration_ms": report.duration_ms,
    }


def done(report: MigrationReport) -> Object:
    """Say what a run did with one migration."""
    return {
        "version": report.version,
        "name": report.name,
        "outcome": report.outcome.value,
        "steps": report.steps,
        "steps_run": report.steps_run,
        "duration_ms": report.duration_ms,
        "counters": dict(report.counters),
    }


def _status(status: Status) -> Object:
    states = [row.state for row in status.whole]
    return {
        "current": status.current,
        "applied": sum(state in _APPLIED for state in states),
        "pending": sum(state in _PENDING for state in states),
        "lock": _lock(status.lock, status.now),
        "newer_history": status.newer,
        "migrations": [_row(row) for row in status.rows],
    }


def _row(row: StatusRow) -> Object:
    return {
        "version": row.version,
        "name": row.name,
        "state": row.state.value,
        "direction": row.direction.value,
        "applied_at": moment(row.applied_at),
        "duration_ms": row.duration_ms,
        "steps_done": row.steps_done,
        "steps": row.steps,
        "kind": row.kind.value,
        "reversible": row.reversible,
        "checksum": row.checksum,
        "by": row.by or None,
        "path": str(row.path) if row.path else None,
        "note": row.note,
    }


def _lock(lock: Lock | None, now: datetime) -> Object | None:
    """Say who holds the lock; None when nobody does."""
    if lock is None or lock.owner is None:
        return None
    return lock_object(lock) | {
        "live": bool(lock.expires_at and lock.expires_at >= now)
    }


def lock_object(lock: Lock) -> Object:
    """Take a lock's owner apart: ``deploy@ci-7/4122/abc123``."""
    owner = lock.owner or ""
    who, *rest = owner.rsplit("/", 2)
    known = len(rest) == 2
    return {
        "holder": owner,
        "user": who.rpartition("@")[0] if known else None,
        "host": who.rpartition("@")[2] if known else None,
        "pid": int(rest[0]) if known and rest[0].isdecimal() else None,
        "run_id": rest[1] if known else None,
        "command": lock.verb or None,
        "since": moment(lock.acquired_at),
        "expires_at": moment(lock.expires_at),
    }


def _show(found: MigrationView | str) -> Object:
    if isinstance(found, str):  # --source
        return {"migrations": [], "source": found}
    return {"migrations": [_view(found)], "source": None}


def _view(view: MigrationView) -> Object:
    return _row(view.row) | {
        "direction": view.direction.value,
        "description": view.description,
        "way_back": view.way_back,
        "run_id": view.run_id or None,
        "tool": view.tool or None,
        "made_on": view.made_on or None,
        "error": view.error or None,
        "counters": dict(view.counters),
        "diff": list(view.diff),
        "computed": view.computed,
        "steps": [_step(*pair) for pair in zip(view.steps, view.states, strict=True)],
    }


def _step(step: Step, state: StepState) -> Object:
    return {
        "index": step.index,
        "kind": step.kind.value,
        "state": state.value,
        "rerunnable": step.rerunnable,
        "statements": [
            {"line": statement.line, "text": statement.text}
            for statement in step.statements
        ],
    }


def _verify(found: Verification) -> Object:
    return {
        "compared": found.compared,
        "problems": [
            {
                "kind": problem.kind.value,
                "version": problem.version,
                "name": problem.title.partition("-")[2],
                "what": problem.what,
                "where": place(problem.where),
                "diff": list(problem.diff),
                "next": ways(problem.next),
            }
            for problem in found.problems
        ],
    }


def _log(log: Log) -> Object:
    return {
        "events": [
            {
                "at": moment(entry.at),
                "what": entry.what,
                "version": entry.version,
                "name": entry.name,
                "by": entry.by or None,
                "run_id": entry.run_id or None,
                "detail": dict(entry.detail),
            }
            for entry in log.entries
        ],
        "more": log.more,
    }


def _correction(made: Correction) -> Object:
    return {
        "said": made.said,
        "recorded": [_named(title) for title in made.titles],
        "skipped": [
            _named(title) | {"reason": why} for title, why in made.skipped.items()
        ],
    }


def _named(title: str) -> Object:
    version, _, name = title.partition("-")
    return {"version": version, "name": name}


def _held(view: LockView) -> Object:
    return {"lock": _lock(view.lock, view.now), "said": view.done}


def _doctor(found: Diagnosis) -> Object:
    return {
        "checks": [
            {
                "verdict": check.verdict.value,
                "area": check.area,
                "what": check.what,
                "next": ways([check.next] if check.next else ()),
            }
            for check in found.checks
        ]
    }


def _explain(found: Explanation) -> Object:
    return {
        "codes": [
            {
                "code": page.code,
                "exit_codes": list(page.exit_codes),
                "means": page.means,
                "why": page.why,
                "kept": page.kept,
                "next": ways(page.next),
            }
            for page in found.pages
        ]
    }


def _completion(script: str) -> Object:
    return {"script": script}


def _connect(said: str) -> Object:
    return {"said": said}


def _sandbox(answer: SandboxAnswer) -> Object:
    return {
        "running": answer.uri is not None,
        "uri": answer.uri,
        "version": answer.version,
        "pid": answer.pid,
        "home": answer.home,
        "said": answer.said,
    }


DATA: Mapping[str, Callable[[Any], Object]] = {
    "init": _init,
    "create": _create,
    "up": _run,
    "down": _run,
    "status": _status,
    "show": _show,
    "verify": _verify,
    "log": _log,
    "repair": _correction,
    "stop": _held,
    "unlock": _held,
    "baseline": _correction,
    "doctor": _doctor,
    "explain": _explain,
    "completion": _completion,
    "connect": _connect,
    "sandbox start": _sandbox,
    "sandbox stop": _sandbox,
    "sandbox status": _sandbox,
    "sandbox reset": _sandbox,
}
"""The commands, each with what makes the `data` of its result."""
