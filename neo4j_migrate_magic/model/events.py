"""Events: facts told to a listener when they are true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model.history import Lock
from neo4j_migrate_magic.model.migration import Step
from neo4j_migrate_magic.model.results import (
    MigrationReport,
    Plan,
    PlannedMigration,
    Report,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
class ServerWaiting:
    """The server does not answer yet; told again every few seconds."""

    address: str
    why: str
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
class StepProgress:
    """A step goes on; told once a second at most, and less often the longer it takes.

    `done` of `total` is there only where somebody counts: of an index that is being
    built, the server, in per cent. `left` is known only once it can be reckoned.
    """

    planned: PlannedMigration
    step: Step
    waited: float  # seconds since its start
    what: str = ""  # what is counted, such as ``index person_last``
    done: float | None = None
    total: float | None = None
    left: float | None = None  # seconds
    blocked_by: tuple[str, ...] = ()  # transactions whose locks it waits for

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1."""
        if self.done is None or not self.total:
            return None
        return min(self.done / self.total, 1.0)


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
    | ServerWaiting
    | MigrationStarted
    | StepStarted
    | StepProgress
    | StepFinished
    | MigrationFinished
    | RunFinished
    | RunStopped
    | SandboxProgress
)

if TYPE_CHECKING:
    Listener = Callable[[Event], None]
