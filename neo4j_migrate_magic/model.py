"""The nouns: frozen values that every part of the tool shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    import pandas as pd


class StatementKind(str, Enum):
    """What a statement does, as far as transactions are concerned."""

    READ = "read"
    WRITE = "write"
    SCHEMA = "schema"
    AUTOCOMMIT = "autocommit"  # CALL { … } IN TRANSACTIONS
    ADMIN = "admin"  # runs in the database `system`
    CALL = "call"  # a procedure call: only the server knows whether it writes


class StepKind(str, Enum):
    """What one transaction, or one autocommit call, is made of."""

    DATA = "data"
    SCHEMA = "schema"
    AUTOCOMMIT = "autocommit"


class MigrationKind(str, Enum):
    """The language a migration is written in."""

    CYPHER = "cypher"
    PYTHON = "python"

    @property
    def suffix(self) -> str:
        """The file's suffix, without the dot."""
        return "py" if self is MigrationKind.PYTHON else "cypher"


class Direction(str, Enum):
    """Which way a migration runs."""

    UP = "up"
    DOWN = "down"


class RecordState(str, Enum):
    """What the history says of a migration."""

    APPLIED = "applied"
    RUNNING = "running"
    FAILED = "failed"


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


class Entity(str, Enum):
    """What a constraint or index is over."""

    NODE = "node"
    RELATIONSHIP = "relationship"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaItem:
    """One constraint or index, as a statement asks for it or the catalogue shows it.

    `kind` is one word on every server and in both languages: ``unique``,
    ``existence``, ``type``, ``key`` for constraints; ``range``, ``text``,
    ``point``, ``lookup``, ``fulltext``, ``vector`` for indexes.
    """

    constraint: bool
    kind: str
    entity: Entity
    labels: tuple[str, ...]
    properties: tuple[str, ...]
    name: str | None = None
    detail: str = ""  # the type of a type constraint, as written
    create_statement: str | None = None  # from the catalogue, under its language
    state: str = ""  # of an index in the catalogue: ONLINE, POPULATING, FAILED
    failure: str = ""  # why an index is FAILED

    @property
    def definition(self) -> tuple[Any, ...]:
        """Identify the item apart from its name."""
        return (
            self.constraint,
            self.kind,
            self.entity,
            tuple(sorted(self.labels)),
            self.properties
            if self.kind != "fulltext"
            else tuple(sorted(self.properties)),
            self.detail.upper(),
        )

    def __str__(self) -> str:
        what = "constraint" if self.constraint else "index"
        on = "|".join(self.labels) + "(" + ", ".join(self.properties) + ")"
        return f"{self.kind} {what} {self.name or '(unnamed)'} on {on}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChange:
    """What a schema statement wants: an item there, or an item gone.

    `item` is None in a drop, which knows only the name; `name` is None in a
    create without one.
    """

    create: bool
    constraint: bool
    name: str | None
    item: SchemaItem | None = None
    conditional: bool = False  # IF [NOT] EXISTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One Cypher statement: the text as it stands in the file, and its place.

    `text` has no separator and no outer blanks or comments before its first
    token; it goes to the server as it is. `line` and `column` are those of its
    first token and count from 1; `canonical` is what checksums see: comments
    out, line ends LF, outer blanks off.
    """

    text: str
    canonical: str
    kind: StatementKind
    line: int = 1
    column: int = 1
    language: str | None = None  # "5" or "25" where a CYPHER prefix says so
    change: SchemaChange | None = None  # of schema statements that could be read
    rerunnable: bool = False
    timeout: float | None = None  # seconds; from `// @timeout`
    parameters: Mapping[str, Any] = field(default_factory=dict)  # of computed ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One versioned change to the graph, as its file says it.

    `up` and `down` are the statements of a Cypher file; `down` is None where
    the file has no such section. Of a Python file both are empty, and
    `has_down` tells whether it has the function.
    """

    version: str
    name: str
    kind: MigrationKind
    checksum: str
    source: str
    path: Path | None = None
    description: str = ""
    up: tuple[Statement, ...] = ()
    down: tuple[Statement, ...] | None = None
    has_down: bool = False
    per_call: bool = False  # Python: TRANSACTION = "per-call"
    rerunnable: bool = False  # Python: RERUNNABLE = True

    @property
    def title(self) -> str:
        """The identifier people see: ``<version>-<name>``."""
        return f"{self.version}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What runs in one transaction, or as one autocommit call.

    A Python migration is one step without statements. `index` counts from 1;
    `hash` names the content, so that an edit of a step that has run shows.
    """

    index: int
    kind: StepKind
    hash: str
    statements: tuple[Statement, ...] = ()
    rerunnable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One migration's entry in the history. Times are UTC."""

    version: str
    name: str
    kind: MigrationKind
    origin: str
    state: RecordState
    direction: Direction
    step: int  # the next one, from 1
    steps: int
    checksum: str
    reversible: bool
    sequence: int
    run_id: str
    applied_at: datetime | None = None
    duration_ms: int | None = None
    by: str = ""

    @property
    def title(self) -> str:
        """The identifier people see: ``<version>-<name>``."""
        return f"{self.version}-{self.name}"

    @property
    def applied(self) -> bool:
        """Whether the migration is in the database as a whole."""
        return self.state is RecordState.APPLIED and self.direction is Direction.UP

    @property
    def part_way(self) -> bool:
        """Whether some of its steps, up or down, are still to do."""
        return not self.applied


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDetail:
    """The parts of a record that are only read when they are needed.

    `inverse` has one tuple of computed statements per schema step that ran, in
    order of application; None where the old definition cannot be had. `intent` is what was written before the step in
    flight: its number, the items it touches as they were, and, in the first
    step of a `down`, the counters of the `up` to fall back to.
    """

    record: Record
    source: str
    steps_done: tuple[str, ...] = ()
    inverse: tuple[tuple[Statement, ...] | None, ...] = ()
    intent: Mapping[str, Any] | None = None
    down_from: str = ""
    error: str = ""
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The lock of a project; without an owner it is free. Times are UTC."""

    owner: str | None
    token: int
    format: int
    acquired_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """What one statement gave: rows of values, column names, counters."""

    rows: list[list[Any]]
    keys: list[str]
    counters: Mapping[str, int] = field(default_factory=dict)
    server: Server | None = None

    def frame(self) -> pd.DataFrame:
        """Give the rows as a DataFrame."""
        from neo4j_migrate_magic.render.frame import rows_frame

        return rows_frame(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What answered: server version, database, and where it was asked for."""

    version: str
    database: str
    address: str

    def __str__(self) -> str:
        return f"{self.database}@{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The records of a project in order of version, its lock, the server's clock."""

    records: tuple[Record, ...]
    lock: Lock | None
    now: datetime
    server: Server

    @property
    def running(self) -> str | None:
        """The run that holds the lock now, by its run id, if one does."""
        lock = self.lock
        if lock is None or lock.owner is None or lock.expires_at is None:
            return None
        return lock.owner.rsplit("/", 1)[-1] if lock.expires_at >= self.now else None


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
    """Where the database is: a row per file and record, in order of version."""

    rows: tuple[StatusRow, ...]
    server: Server
    lock: Lock | None
    now: datetime

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


# Events: facts told to a listener when they are true.


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The lock is held and the plan was made."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class LockWaiting:
    """Another run holds the lock; told again every few seconds."""

    lock: Lock
    waited: float  # seconds
    left: float  # seconds


@dataclass(frozen=True, slots=True)
class MigrationStarted:
    """A migration's first step of this run is next."""

    planned: PlannedMigration


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step is about to be sent."""

    planned: PlannedMigration
    step: Step


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step is committed and recorded; `settled` if a former run had done it."""

    planned: PlannedMigration
    step: Step
    duration_ms: int
    counters: Mapping[str, int]
    settled: bool = False


@dataclass(frozen=True, slots=True)
class MigrationFinished:
    """A migration is applied, or rolled back, and recorded so."""

    planned: PlannedMigration
    report: MigrationReport


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Everything asked for is done, or there was nothing to do."""

    report: Report


@dataclass(frozen=True, slots=True)
class RunStopped:
    """The run was asked to stop; what was open is not committed, the lock is free."""

    report: Report


@dataclass(frozen=True, slots=True)
class SandboxProgress:
    """What the sandbox is doing: a line, and how far, where that is known."""

    what: str
    done: int | None = None
    total: int | None = None


Event = (
    RunStarted
    | LockWaiting
    | MigrationStarted
    | StepStarted
    | StepFinished
    | MigrationFinished
    | RunFinished
    | RunStopped
    | SandboxProgress
)

if TYPE_CHECKING:
    Listener = Callable[[Event], None]
