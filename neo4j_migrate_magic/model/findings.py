"""What the verbs for a bad day give back: log, problems, one migration, checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.model.history import Lock, Server
from neo4j_migrate_magic.model.migration import Direction, Step
from neo4j_migrate_magic.model.results import StatusRow
from neo4j_migrate_magic.model.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd

    from neo4j_migrate_magic.errors import Next, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One event of the log. The time is UTC, by the server's clock."""

    at: datetime
    what: str  # applied, rolled back, failed, repaired, baselined, adopted, taken over
    version: str | None
    name: str | None
    by: str
    run_id: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(Shown):
    """What happened, newest first; `more` tells whether there are older entries."""

    entries: tuple[LogEntry, ...]
    server: Server
    more: bool = False

    def frame(self) -> pd.DataFrame:
        """Give a row per entry as a DataFrame."""
        from neo4j_migrate_magic.render.frame import log_frame

        return log_frame(self)


class ProblemKind(str, Enum):
    """How a file and the history disagree, or why they cannot be compared."""

    EDITED = "edited"
    MISSING = "missing"
    LATE = "late"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One disagreement of a file with the history, and the ways out of it.

    `diff` has the lines of the statement that changed: ``-`` as applied, ``+`` as in
    the file. `code` is that of the error which other verbs raise for a file that
    cannot be used.
    """

    kind: ProblemKind
    version: str
    title: str
    what: str
    where: Place | None = None
    diff: tuple[str, ...] = ()
    next: tuple[Next, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Shown):
    """Every file against every record: all problems, in order of version."""

    problems: tuple[Problem, ...]
    compared: int
    server: Server

    @property
    def exit_code(self) -> int:
        """The process's exit code: 7 when files and history disagree."""
        return 7 if self.problems else 0

    def frame(self) -> pd.DataFrame:
        """Give a row per problem as a DataFrame."""
        from neo4j_migrate_magic.render.frame import verification_frame

        return verification_frame(self)


class StepState(str, Enum):
    """How far a step is."""

    DONE = "done"
    EDITED = "edited since it ran"
    FAILED = "failed"
    IN_DOUBT = "in doubt"
    NEXT = "next"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationView(Shown):
    """One migration: its statements, its steps with their states, its record.

    `steps` are those of the direction that it is going; `error` is why it failed;
    `source` the text that was applied, or that the file has. `diff` shows the edit
    of a file that was edited after it was applied. `computed` steps are those of an
    inverse, which stand in no file.
    """

    row: StatusRow
    description: str
    steps: tuple[Step, ...]
    states: tuple[StepState, ...]
    direction: Direction
    way_back: str  # written, computed, none
    source: str
    server: Server
    error: str = ""
    run_id: str = ""
    tool: str = ""
    made_on: str = ""  # the server's version when it was applied
    counters: Mapping[str, int] = field(default_factory=dict)
    diff: tuple[str, ...] = ()
    computed: bool = False

    def frame(self) -> pd.DataFrame:
        """Give a row per statement as a DataFrame, with its step."""
        from neo4j_migrate_magic.render.frame import view_frame

        return view_frame(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationDiff(MigrationView):
    """One migration whose `diff` is of the whole `up`, as applied and as in its file.

    `counts` tells whether a statement is another: comments may change at any time.
    `exit_code` is the process's: 0, or 4 where that was asked for and there is a diff.
    """

    counts: bool
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LockView(Shown):
    """The lock as `unlock` and `stop` find it, and what was done about it."""

    lock: Lock | None
    now: datetime
    server: Server
    done: str = ""  # a sentence; empty: nothing was done

    @property
    def live(self) -> bool:
        """Whether somebody holds it, and its lease has not ended."""
        lock = self.lock
        if lock is None or lock.owner is None or lock.expires_at is None:
            return False
        return lock.expires_at >= self.now

    @property
    def held(self) -> bool:
        """Whether it has an owner, alive or dead."""
        return self.lock is not None and self.lock.owner is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Shown):
    """What `repair` or `baseline` wrote into the history, as a sentence.

    `titles` are those of the migrations whose records it concerns.
    """

    said: str
    server: Server
    titles: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)  # title → why


class Verdict(str, Enum):
    """What a check of `doctor` found."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that `doctor` looked at; `exit_code` counts when it failed."""

    verdict: Verdict
    area: str  # config, server, rights, files, history, lock, schema, clock, foreign
    what: str
    next: Next | None = None
    exit_code: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis(Shown):
    """What `doctor` found, in the order of its looking."""

    checks: tuple[Check, ...]
    server: Server | None = None

    @property
    def exit_code(self) -> int:
        """The process's exit code: that of the gravest check that failed."""
        failed = {c.exit_code for c in self.checks if c.verdict is Verdict.FAIL}
        return next((code for code in (10, 7) if code in failed), 2 if failed else 0)

    def frame(self) -> pd.DataFrame:
        """Give a row per check as a DataFrame."""
        from neo4j_migrate_magic.render.frame import diagnosis_frame

        return diagnosis_frame(self)
