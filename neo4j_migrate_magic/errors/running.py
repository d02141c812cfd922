"""A run stopped, or could not begin because of another."""

from __future__ import annotations

from typing import Any, ClassVar

from neo4j_migrate_magic.errors.base import MigrateError


class RunError(MigrateError):
    """A run stopped; its report says what was kept.

    Args:
        direction: ``"up"`` or ``"down"``; it becomes the code's area.
        exit_code: 8 when something of the run was kept, else the cause's.
    """

    reason: ClassVar[str] = ""

    def __init__(
        self, what: str, *, direction: str, exit_code: int = 8, **parts: Any
    ) -> None:
        super().__init__(what, **parts)
        self.direction = direction
        self.exit_code = exit_code

    @property
    def code(self) -> str:  # type: ignore[override] # the area is the direction
        """The stable code, such as ``UP.STATEMENT_FAILED``."""
        return f"{self.direction.upper()}.{self.reason}"


class StatementFailedError(RunError):
    """A statement, or a Python migration, failed."""

    reason = "STATEMENT_FAILED"


class IndexFailedError(RunError):
    """An index or constraint did not come to what was asked for."""

    reason = "INDEX_FAILED"


class LostLockError(RunError):
    """The lock is not the run's any more, or its lease ran out; it commits nothing."""

    reason = "LOST_LOCK"


class CommitUnknownError(RunError):
    """The answer to a COMMIT was lost and the server cannot be asked."""

    reason = "COMMIT_UNKNOWN"


class HistoryTouchedError(RunError):
    """A statement of a migration changes the history itself, or would."""

    reason = "HISTORY_TOUCHED"


class NotRerunnableError(RunError):
    """An autocommit step was cut, and nobody said it may run again."""

    reason = "NOT_RERUNNABLE"


class LockHeldError(MigrateError):
    """Another run has the lock and kept it for as long as we waited.

    `waited` tells that waiting longer may help; the command line knows what was typed,
    and says how.
    """

    code = "LOCK.HELD"
    exit_code = 9
    waited: bool = False
