"""What verbs give back: a plan, a status, the report of a run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model.history import Lock, RecordDetail, Server
from neo4j_migrate_magic.model.migration import (
    Direction,
    Migration,
    MigrationKind,
    Step,
)
from neo4j_migrate_magic.model.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from neo4j_migrate_magic.errors import Next


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


class Stuck(str, Enum):
    """Why a part-way migration does not go on by itself."""

    MISSING = "its file is gone"
    EDITED = "what has run of it was edited"
    DOUBT = "a step was cut, and may not run twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """One line of `status`; `stuck` is for a part-way one that waits for a person."""

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
    stuck: Stuck | None = None

    @property
    def title(self) -> str:
        """The identifier people see: ``<version>-<name>``."""
        return f"{self.version}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Shown):
    """Where the database is: a row per file and record, in order of version.

    `newer` tells whether a newer tool wrote the history: then a record that this one
    cannot read has no row, and its file is shown as pending. Where `rows` are only
    those that were asked for, `whole` has all. `exit_code` is the process's: 0, or
    the `verdict` where that was asked for.
    """

    rows: tuple[StatusRow, ...]
    server: Server
    lock: Lock | None
    now: datetime
    newer: bool = False
    all_rows: tuple[StatusRow, ...] | None = None
    exit_code: int = 0

    @property
    def whole(self) -> tuple[StatusRow, ...]:
        """A row per file and record, whatever was asked for."""
        return self.rows if self.all_rows is None else self.all_rows

    @property
    def current(self) -> str | None:
        """The newest applied version."""
        applied = (State.APPLIED, State.BASELINE, State.EDITED, State.MISSING)
        found = (row.version for row in self.whole if row.state in applied)
        return max(found, default=None)

    @property
    def latest(self) -> str | None:
        """The newest version that has a file."""
        found = (row.version for row in self.whole if row.path is not None)
        return max(found, default=None)

    @property
    def verdict(self) -> int:
        """7 where files and history disagree, 4 where something is still to do, else 0."""
        states = {row.state for row in self.whole}
        if states & {State.EDITED, State.MISSING, State.LATE}:
            return 7
        return 4 if states - {State.APPLIED, State.BASELINE} else 0

    def only(self, states: Collection[str] = (), *, since: str | None = None) -> Status:
        """Give the status with the rows of some states, from a version on.

        Args:
            states: Which; none means all.
            since: The first version, or how it begins.
        """
        wanted = {State(state) for state in states}
        rows = tuple(
            row
            for row in self.rows
            if (not wanted or row.state in wanted)
            and (since is None or row.version >= since)
        )
        return replace(self, rows=rows, all_rows=self.whole)

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
class Report(Shown):
    """What a run did, also when it failed half-way."""

    direction: Direction
    server: Server
    migrations: tuple[MigrationReport, ...]
    current: str | None  # the newest applied version after the run
    applied: int  # how many are applied after the run
    duration_ms: int = 0
    run_id: str = ""
    before: str | None = None  # the newest applied version before the run

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxAnswer(Shown):
    """What a command of the sandbox says: a line, and where it runs, if it does."""

    said: str
    uri: str | None = None
    version: str | None = None  # of the server
    pid: int | None = None
    home: str | None = None  # the folder of its data
    next: tuple[Next, ...] = ()
