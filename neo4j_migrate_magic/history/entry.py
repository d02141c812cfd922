"""A record as a run knows it while it works on the migration."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.model import (
    Direction,
    PlannedMigration,
    Record,
    RecordState,
    Statement,
    Step,
    StepKind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What this run knows to stand in a record: nobody else may have changed it."""

    run_id: str
    direction: Direction
    step: int
    state: RecordState

    @classmethod
    def of(cls, record: Record) -> Seen:
        """Take what a record says that was just read."""
        return cls(
            run_id=record.run_id,
            direction=record.direction,
            step=record.step,
            state=record.state,
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """The values to compare with the record's."""
        return {
            "run_id": self.run_id,
            "direction": self.direction.value,
            "step": self.step,
            "state": self.state.value,
        }


@dataclass(kw_only=True)
class Entry:
    """The record of one migration as this run knows it, and what to write next.

    `seen` is None as long as the database has no record of the migration. `moved`
    tells whether a step of this run is committed; `left` whether a failed one may
    have left something; `sent` whether of the step at work something is, or may be,
    in the database without a record that says so; `doubt` the same of a former run's
    autocommit step that this one begins with.
    """

    planned: PlannedMigration
    seen: Seen | None = None
    steps_done: list[str] = field(default_factory=list)
    inverse: list[tuple[Statement, ...] | None] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)  # of this run
    earlier: dict[str, int] = field(default_factory=dict)  # of runs it goes on from
    intent: Mapping[str, Any] | None = None
    began: float = field(default_factory=time.monotonic)
    moved: bool = False
    left: bool = False
    sent: bool = False
    doubt: bool = False

    @classmethod
    def of(cls, planned: PlannedMigration) -> Entry:
        """Make the entry of a planned migration from the record it was planned with."""
        entry = cls(planned=planned)
        if planned.record is None:
            return entry
        record = planned.record.record
        entry.seen = Seen.of(record)
        if record.direction is planned.direction and record.part_way:
            entry.steps_done = list(planned.record.steps_done[: planned.start - 1])
            kind = (planned.record.intent or {}).get("kind")
            entry.doubt = kind == StepKind.AUTOCOMMIT.value
        entry.inverse = list(planned.record.inverse)
        entry.earlier = dict(planned.record.counters)
        entry.intent = planned.record.intent
        return entry

    @property
    def complete(self) -> bool:
        """Whether every step is committed and recorded."""
        return len(self.steps_done) == len(self.planned.steps)

    def done(self, step: Step) -> bool:
        """Whether a step is committed and recorded."""
        return len(self.steps_done) >= step.index

    @property
    def duration_ms(self) -> int:
        """How long this run has worked on the migration."""
        return int((time.monotonic() - self.began) * 1000)

    @property
    def all_counters(self) -> dict[str, int]:
        """The counters of this run and of those it goes on from."""
        names = self.earlier.keys() | self.counters.keys()
        return {n: self.earlier.get(n, 0) + self.counters.get(n, 0) for n in names}

    def count(self, counters: Mapping[str, int]) -> None:
        """Add a statement's counters."""
        for name, count in counters.items():
            self.counters[name] = self.counters.get(name, 0) + count
