"""What verbs give back: a plan, a status, the report of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model.history import Lock, RecordDetail, Server
from neo4j_migrate_magic.model.migration import (
    Direction,
    Migration,
    MigrationKind,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMigration:
    """One migration of a plan: its steps, and the one to begin with.

    `done` are the steps that a former run finished. `record` is its entry in
    the history, if it has one. `statements_from` says where a `down` comes
    from: ``file``, ``history`` (the text kept) or ``computed`` (the inverse).
    """

    migration: Migration
    direction: Direction
    steps: tuple[Step, ...]
    start: int = 1
    record: RecordDetail | None = None
    statements_from: str = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The exact steps of a run, computed without writing; the runner takes it."""

    direction: Direction
    migrations: tuple[PlannedMigration, ...]
    server: Server
    sequence: int = 0  # the highest order of application so far
    versions: tuple[str, ...] = ()  # what is applied before the run

    @property
    def current(self) -> str | None:
        """The newest applied version before the run."""
        return max(self.versions, default=None)


class State(str, Enum):
    """What `status` says of a migration; the first that holds, in this order."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    MISSING = "missing"
    EDITED = "edited"
    LATE = "late"
    BASELINE = "baseline"
    APPLIED = "applied"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """One line of `status`."""

    version: str
    name: str
    state: State
    kind: MigrationKind
    direction: Direction = Direction.UP
    applied_at: datetime | None = None
    duration_ms: int | None = None
    steps_done: int = 0
    steps: int | None = None
    reversible: bool | None = None
    checksum: str = ""
    by: str = ""
    path: Path | None = None
    note: str = ""

    @property
    def title(self) -> str:
        """The identifier people see: ``<version>-<name>``."""
        return f"{self.version}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where the database is: a row per file and record, in order of version.

    `newer` tells whether a newer tool wrote the history: then a record that this one
    cannot read has no row, and its file is shown as pending.
    """

    rows: tuple[StatusRow, ...]
    server: Server
    lock: Lock | None
    now: datetime
    newer: bool = False

    def frame(self) -> pd.DataFrame:
        """Give the rows as a DataFrame with the version as index."""
        from neo4j_migrate_magic.render.frame import status_frame

        return status_frame(self)


class Outcome(str, Enum):
    """What became of a migration in a run."""

    APPLIED = "applied"
    ROLLED_BACK = "rolled back"
    PART_WAY = "part-way"
    UNTOUCHED = "not applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationReport:
    """What a run did with one migration.

    `steps_run` counts the steps of this run that are committed and recorded; `left`
    tells whether something of the migration is, or may be, in the database that
    would not be there without the run, or would be.
    """

    version: str
    name: str
    outcome: Outcome
    steps: int
    steps_run: int
    left: bool
    duration_ms: int
    counters: Mapping[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The identifier people see: ``<version>-<name>``."""
        return f"{self.version}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did, also when it failed half-way."""

    direction: Direction
    server: Server
    migrations: tuple[MigrationReport, ...]
    current: str | None  # the newest applied version after the run
    applied: int  # how many are applied after the run
    duration_ms: int = 0
    run_id: str = ""

    @property
    def kept(self) -> bool:
        """Whether anything of this run is in the database."""
        return any(m.left for m in self.migrations)

    @property
    def counters(self) -> dict[str, int]:
        """The sums of the server's counters, such as ``nodes_created``."""
        total: dict[str, int] = {}
        for migration in self.migrations:
            for name, count in migration.counters.items():
                total[name] = total.get(name, 0) + count
        return total

    def frame(self) -> pd.DataFrame:
        """Give a row per migration as a DataFrame."""
        from neo4j_migrate_magic.render.frame import report_frame

        return report_frame(self)
