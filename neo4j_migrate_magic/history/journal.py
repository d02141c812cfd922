"""Write the history: intents, fences, failures; each checks that the lock is ours."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.history.commit import Committer
from neo4j_migrate_magic.history.entry import Entry, Seen
from neo4j_migrate_magic.history.fence import Fence, check_text, record_text
from neo4j_migrate_magic.model import (
    Direction,
    MigrationKind,
    PlannedMigration,
    RecordState,
    Statement,
    Step,
    StepKind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.errors import MigrateError
    from neo4j_migrate_magic.history.lock import Lease

TOOL = version("neo4j-migrate-magic")
"""The version that writes; each record and event names it."""

_SOURCE_LIMIT = 1024 * 1024  # bytes of a file's text that a record keeps


class Journal:
    """Writes a run's side of the history.

    Args:
        database: Where the history lives.
        lease: The lock as this run holds it.
        run_id: The run's identifier.
        by: Who runs it, such as ``deploy@ci-7``.
        sequence: The highest order of application so far.
    """

    def __init__(
        self, database: Database, lease: Lease, *, run_id: str, by: str, sequence: int
    ) -> None:
        self.commits = Committer(database, lease)
        self._run_id = run_id
        self._by = by
        self._sequence = sequence

    async def intend(
        self, entry: Entry, step: Step, payload: Mapping[str, Any]
    ) -> None:
        """Write that a step is about to run, before anything of it is sent.

        The claim of a resumed migration is the same write: from here on the record
        is this run's.
        """
        seen = self._claimed(entry, step.index)
        intent = {"step": step.index, "hash": step.hash, **payload}
        if self._begins_down(entry):
            intent["was"] = self._fallback(entry)
        elif step.index == 1 and entry.intent and "was" in entry.intent:
            intent["was"] = entry.intent["was"]
        record = {**self._facts(entry), **seen.parameters}
        record["intent"] = json.dumps(intent)

        def written() -> None:
            entry.seen, entry.intent = seen, intent

        await self.commits.alone(self._fence(entry, record, seen=seen), written)

    def advance(
        self,
        entry: Entry,
        step: Step,
        *,
        inverse: tuple[Statement, ...] | None = None,
        schema: str | None = None,
        event: str | None = None,
    ) -> Fence:
        """Give the statement that records a step as done; it ends the transaction.

        The last step of an `up` makes the record `applied`, that of a `down` deletes
        it; either adds its event, unless the caller names another.
        """
        planned = entry.planned
        final = step.index == len(planned.steps)
        up = planned.direction is Direction.UP
        if final and not up:
            event = event or "rolled back"
            return self._fence(entry, None, event=event, schema=schema, final=True)
        state = RecordState.APPLIED if final else RecordState.RUNNING
        seen = Seen(
            run_id=self._run_id,
            direction=planned.direction,
            step=step.index + 1,
            state=state,
        )
        record = {**self._facts(entry), **seen.parameters, "intent": None}
        record["steps_done"] = [*entry.steps_done, step.hash]
        if up:
            record["inverse"] = stored_inverse(self._inverses(entry, step, inverse))
        event = event or ("applied" if final else None)
        return self._fence(
            entry, record, seen=seen, event=event, schema=schema, final=final
        )

    async def confirm(
        self,
        entry: Entry,
        step: Step,
        *,
        inverse: tuple[Statement, ...] | None = None,
        schema: str | None = None,
    ) -> None:
        """Record a step that ran outside the record's transaction."""
        fence = self.advance(entry, step, inverse=inverse, schema=schema)
        await self.commits.alone(
            fence, lambda: self.advanced(entry, step, fence, inverse=inverse)
        )

    def advanced(
        self,
        entry: Entry,
        step: Step,
        fence: Fence,
        *,
        inverse: tuple[Statement, ...] | None = None,
    ) -> None:
        """Take note that the transaction which `fence` ended is committed."""
        entry.seen, entry.intent, entry.moved = fence.seen, None, True
        entry.steps_done.append(step.hash)
        if entry.planned.direction is Direction.UP:
            entry.inverse = self._inverses(entry, step, inverse)

    @staticmethod
    def _inverses(
        entry: Entry, step: Step, inverse: tuple[Statement, ...] | None
    ) -> list[tuple[Statement, ...] | None]:
        """Add a schema step's inverse; data has none, and needs no place."""
        added = [inverse] if step.kind is StepKind.SCHEMA else []
        return [*entry.inverse, *added]

    async def failed(
        self, entry: Entry, step: Step, error: MigrateError, *, kept: bool
    ) -> None:
        """Write what a failure left: an event, and a record only if something is kept.

        Args:
            entry: The migration's entry.
            step: The step that failed.
            error: Why.
            kept: Whether the step itself may have left something.
        """
        reason = _reason(error)
        detail = _ended_at(entry, step, reason)
        kept = kept or (entry.doubt and step.index == entry.planned.start)
        if entry.seen is None:  # a data step that came first: there is no record
            fence = self._only_event(entry, "failed", detail)
        elif step.index == 1 and not kept:
            fence = self._as_before(entry, detail)
        else:
            seen = replace(self._claimed(entry, step.index), state=RecordState.FAILED)
            record = {**self._facts(entry), **seen.parameters, "error": reason}
            record["intent"] = json.dumps(entry.intent) if kept else None
            fence = self._fence(entry, record, seen=seen, event="failed", detail=detail)
        await self.commits.alone(fence)
        entry.seen = fence.seen

    async def stopped(self, entry: Entry, step: Step) -> None:
        """Write that a run was stopped at a step; what it began can be gone on with."""
        detail = _ended_at(entry, step, "interrupted")
        nothing = step.index == 1 and not entry.sent and not entry.doubt
        if entry.intent is not None and nothing:
            fence = self._as_before(entry, detail)
        else:
            fence = self._only_event(entry, "failed", detail)
        await self.commits.alone(fence)
        entry.seen = fence.seen

    def _as_before(
        self, entry: Entry, detail: Mapping[str, Any], *, event: str = "failed"
    ) -> Fence:
        """Take our intent back: of an `up` the record goes, of a `down` it is applied."""
        was = (entry.intent or {}).get("was")
        if entry.planned.direction is Direction.UP:
            return self._fence(entry, None, event=event, detail=detail)
        if was is None:  # no intent was written: the record stands as it was
            return self._only_event(entry, event, detail)
        record = {"intent": None, "error": None, **was}
        seen = Seen(
            run_id=was["run_id"],
            direction=Direction(was["direction"]),
            step=was["step"],
            state=RecordState(was["state"]),
        )
        return self._fence(entry, record, seen=seen, event=event, detail=detail)

    async def finish(self, entry: Entry) -> None:
        """Close a migration that has no step left: applied, or its record gone."""
        planned = entry.planned
        if planned.direction is Direction.DOWN:
            fence = self._fence(entry, None, event="rolled back", final=True)
        else:
            seen = Seen(
                run_id=self._run_id,
                direction=Direction.UP,
                step=len(planned.steps) + 1,
                state=RecordState.APPLIED,
            )
            record = {**self._facts(entry), **seen.parameters, "intent": None}
            fence = self._fence(entry, record, seen=seen, event="applied", final=True)

        def written() -> None:
            entry.seen, entry.moved = fence.seen, True

        await self.commits.alone(fence, written)

    def _claimed(self, entry: Entry, step: int) -> Seen:
        return Seen(
            run_id=self._run_id,
            direction=entry.planned.direction,
            step=step,
            state=RecordState.RUNNING,
        )

    def _begins_down(self, entry: Entry) -> bool:
        return (
            entry.planned.direction is Direction.DOWN
            and entry.seen is not None
            and entry.seen.direction is Direction.UP
        )

    def _fallback(self, entry: Entry) -> dict[str, Any]:
        """Keep what the record said before a `down` began, should nothing come of it."""
        detail = entry.planned.record
        if detail is None or entry.seen is None:
            return {}
        return {
            **entry.seen.parameters,
            "steps": detail.record.steps,
            "steps_done": list(detail.steps_done),
            "intent": json.dumps(detail.intent) if detail.intent else None,
            "error": detail.error or None,
        }

    def _facts(self, entry: Entry) -> dict[str, Any]:
        """Give what each write says of the migration and the run."""
        facts: dict[str, Any] = {
            "steps": len(entry.planned.steps),
            "steps_done": entry.steps_done,
            "by": self._by,
            "tool": TOOL,
            "server": self.commits.database.server_version,
            "error": None,
        }
        if entry.planned.direction is Direction.DOWN:
            # the rest goes on telling of the `up` that is taken back; of its last step
            # the catalogue alone may have told
            inverse = stored_inverse(entry.inverse)
            return facts | {
                "down_from": entry.planned.statements_from,
                "inverse": inverse,
            }
        migration = entry.planned.migration
        facts |= {
            "name": migration.name,
            "kind": migration.kind.value,
            "checksum": migration.checksum,
            "source": within_limit(migration.source),
            "reversible": _reversible(entry.planned),
            "inverse": stored_inverse(entry.inverse),
            "duration_ms": entry.duration_ms,
            "counters": json.dumps(entry.all_counters),
        }
        if entry.seen is None:
            facts |= {"origin": "run", "sequence": self._sequence + 1}
        return facts

    def _fence(
        self,
        entry: Entry,
        record: Mapping[str, Any] | None,
        *,
        seen: Seen | None = None,
        event: str | None = None,
        detail: Mapping[str, Any] | None = None,
        schema: str | None = None,
        final: bool = False,
    ) -> Fence:
        """Compose a statement; `record` None deletes the record."""
        text = record_text(
            exists=entry.seen is not None,
            delete=record is None,
            schema=schema is not None,
        )
        told = detail or {
            "checksum": entry.planned.migration.checksum,
            "steps": len(entry.planned.steps),
            "duration_ms": entry.duration_ms,
            "counters": entry.counters,
        }
        events = self._event(entry, event, told) if event else []
        parameters = self.commits.parameters(events)
        parameters |= {
            "version": entry.planned.migration.version,
            "record": record,
            "seen": entry.seen.parameters if entry.seen else None,
            "final": final,
            "schema": schema,
        }
        written: list[object] = [None] * 5
        if seen is not None and record is not None:
            written = [*seen.parameters.values(), record.get("intent")]
        direction = entry.planned.direction.value
        return Fence(text, parameters, direction, seen=seen, written=written)

    def _only_event(self, entry: Entry, what: str, detail: Mapping[str, Any]) -> Fence:
        """Compose a statement that leaves the record as it is."""
        parameters = self.commits.parameters(self._event(entry, what, detail))
        direction = entry.planned.direction.value
        return Fence(check_text(), parameters, direction, seen=entry.seen)

    def _event(
        self, entry: Entry, what: str, detail: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        return [
            {
                "run_id": self._run_id,
                "what": what,
                "version": entry.planned.migration.version,
                "name": entry.planned.migration.name,
                "detail": json.dumps({**detail, "tool": TOOL}),
                "by": self._by,
            }
        ]

    def applied_one(self) -> None:
        """Count on: the next migration gets the next place in the order."""
        self._sequence += 1


def within_limit(source: str) -> str | None:
    """Give a text, unless it is longer than a record keeps."""
    return source if len(source.encode()) <= _SOURCE_LIMIT else None


def _ended_at(entry: Entry, step: Step, reason: str) -> dict[str, Any]:
    """Give what the log tells of a step that a run did not get beyond."""
    detail = {"step": step.index, "steps": len(entry.planned.steps), "error": reason}
    down = entry.planned.direction is Direction.DOWN
    return {**detail, "direction": Direction.DOWN.value} if down else detail


def _reason(error: MigrateError) -> str:
    """Say why a step failed, with the file's name and line, not this machine's path."""
    place = error.where
    if place is None:
        return f"{error.what}: {error.noted or error.why}".rstrip(": ")[:4000]
    where = replace(place, path=PurePath(place.path).name)
    return f"{where}: {error.noted or error.why or error.what}"[:4000]


def _reversible(planned: PlannedMigration) -> bool:
    migration = planned.migration
    if migration.kind is MigrationKind.PYTHON or migration.has_down:
        return migration.has_down
    return all(step.kind is StepKind.SCHEMA for step in planned.steps)


def stored_inverse(inverse: Sequence[tuple[Statement, ...] | None]) -> str:
    """Give the stored form of the computed statements."""
    return json.dumps(
        [
            None
            if entry is None
            else [{"text": s.text, "parameters": dict(s.parameters)} for s in entry]
            for entry in inverse
        ]
    )
