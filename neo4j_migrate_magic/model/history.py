"""What the database says: records, the lock, the server that answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.model.migration import Direction, MigrationKind, Statement
from neo4j_migrate_magic.model.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd


class RecordState(str, Enum):
    """What the history says of a migration."""

    APPLIED = "applied"
    RUNNING = "running"
    FAILED = "failed"


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
    tool: str = ""  # the version of the tool that wrote it
    server: str = ""  # the version of the server it was written on

    @property
    def in_doubt(self) -> bool:
        """Whether of the next step something may be there that no record tells of.

        A data step is there with its record, or not at all.
        """
        return self.intent is not None and self.intent.get("kind") != "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The lock of a project; without an owner it is free. Times are UTC."""

    owner: str | None
    token: int
    format: int
    acquired_at: datetime | None = None
    expires_at: datetime | None = None
    verb: str = ""  # what its holder does; empty: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What answered: server version, database, and where it was asked for.

    `env` is the environment that was chosen by name; `edition` is known to those
    calls alone that had to ask for it.
    """

    version: str
    database: str
    address: str
    env: str | None = None
    edition: str | None = None  # community, enterprise

    def __str__(self) -> str:
        return f"{self.database}@{self.env or self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult(Shown):
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
