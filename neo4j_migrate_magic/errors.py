"""Every error of the tool: one tree, each class with a stable code and a next step.

    MigrateError
    ├── UsageError          USAGE.*      the command was not understood
    ├── DeclinedError       ENV.DECLINED the user said no
    ├── ConfigError         CONFIG.*     settings are missing or wrong
    ├── FileError           FILE.*       a migration file cannot be read
    ├── PlanError           PLAN.*       what was asked cannot be carried out
    ├── IntegrityError      INTEGRITY.*  files and history disagree
    ├── RunError            UP.*, DOWN.* a run stopped at a failure
    ├── LockHeldError       LOCK.HELD    another run has the lock
    ├── ServerError         SERVER.*     the server refused or did not answer
    ├── SandboxError        SANDBOX.*    the local Neo4j could not be had
    └── BugError            BUG.*        a fault of ours

`MigrateError.exit_code` is the process's exit code (handbook: interface, 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.model import Report


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; line and column count from 1."""

    path: str
    line: int | None = None
    column: int | None = None
    text: str | None = None  # the source line itself

    def __str__(self) -> str:
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class Next(NamedTuple):
    """One way on: a command to copy, and what it does."""

    command: str
    label: str = ""


class MigrateError(Exception):
    """What went wrong, why, where, what was kept, and what to type next.

    Args:
        what: The fact in one line.
        why: The cause; a server's own words and code last.
        where: The place in a file, if it has one.
        kept: What is in the database and what is not, after a failed run.
        next: Commands to type, the most likely one first.
    """

    code: ClassVar[str] = "BUG.UNEXPECTED"
    exit_code: int = 1
    report: Report | None = None
    """What a run did before it stopped; set by the runner."""
    noted: str = ""
    """What the history keeps of `why`, where that may have values of the user's."""

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        where: Place | None = None,
        kept: str = "",
        next: Sequence[Next | tuple[str, str]] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.where = where
        self.kept = kept
        self.next = tuple(Next(*way) for way in next)

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        why = f": {self.why}" if self.why else ""
        return f"{where}{self.what}{why}"


class UsageError(MigrateError):
    """The command was not understood."""

    exit_code = 2


class BadOptionError(UsageError):
    """An option or an argument has no meaning here."""

    code = "USAGE.BAD_OPTION"


class UnknownVersionError(UsageError):
    """No file and no record has this version."""

    code = "USAGE.UNKNOWN_VERSION"


class AmbiguousVersionError(UsageError):
    """A shortened version fits several migrations."""

    code = "USAGE.AMBIGUOUS_VERSION"


class NoInputError(UsageError):
    """A question would have to be asked, and nobody can answer it."""

    code = "USAGE.NO_INPUT"


class DeclinedError(MigrateError):
    """The user said no; nothing was changed."""

    code = "ENV.DECLINED"
    exit_code = 3


class ConfigError(MigrateError):
    """Settings are missing or wrong."""

    exit_code = 2


class ConfigNotFoundError(ConfigError):
    """There is no configuration file here or above."""

    code = "CONFIG.NOT_FOUND"


class NoTargetError(ConfigError):
    """Nobody said which server to work on."""

    code = "CONFIG.NO_TARGET"


class InvalidConfigError(ConfigError):
    """A setting's value cannot be used."""

    code = "CONFIG.INVALID"


class UnknownKeyError(ConfigError):
    """The configuration file has a key that nothing reads."""

    code = "CONFIG.UNKNOWN_KEY"


class SecretUnavailableError(ConfigError):
    """A password was promised by a variable or file that is not there."""

    code = "CONFIG.SECRET_UNAVAILABLE"


class FileError(MigrateError):
    """A migration file cannot be used."""

    exit_code = 2


class BadNameError(FileError):
    """A name cannot become a file name."""

    code = "FILE.BAD_NAME"


class DuplicateVersionError(FileError):
    """Two files have one version."""

    code = "FILE.DUPLICATE_VERSION"


class ParseError(FileError):
    """The text of a file cannot be read as what it claims to be."""

    code = "FILE.PARSE"


class NoUpError(FileError):
    """A file has nothing to apply."""

    code = "FILE.NO_UP"


class ImportFailedError(FileError):
    """A Python migration raised while it was imported."""

    code = "FILE.IMPORT_FAILED"


class PlanError(MigrateError):
    """What was asked cannot be carried out; nothing was touched."""

    exit_code = 2


class ImpossibleMixError(PlanError):
    """One transaction was asked for what Neo4j does not allow in one."""

    code = "PLAN.IMPOSSIBLE_MIX"


class EditionError(PlanError):
    """The statement needs an edition or language the server does not have."""

    code = "PLAN.EDITION"


class IrreversibleError(PlanError):
    """A migration in the range has no way back."""

    code = "PLAN.IRREVERSIBLE"


class PartWayError(PlanError):
    """A migration that is part-way in the other direction is in the way."""

    code = "PLAN.PART_WAY"


class IntegrityError(MigrateError):
    """Files and history disagree; nothing was touched."""

    exit_code = 7


class EditedError(IntegrityError):
    """A file was changed after it was applied."""

    code = "INTEGRITY.EDITED"


class MissingError(IntegrityError):
    """A migration was applied, and its file is gone."""

    code = "INTEGRITY.MISSING"


class LateError(IntegrityError):
    """A pending file is older than the newest applied one."""

    code = "INTEGRITY.LATE"


class EditedPrefixError(IntegrityError):
    """A step that has run was changed in a part-way migration."""

    code = "INTEGRITY.EDITED_PREFIX"


class HistoryCorruptError(IntegrityError):
    """The history or the catalogue is in a state that the tool did not make."""

    code = "INTEGRITY.HISTORY_CORRUPT"


class HistoryNewerError(IntegrityError):
    """The history was written by a newer tool."""

    code = "INTEGRITY.HISTORY_NEWER"


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
    """Another run took the lock over; this one committed nothing more."""

    reason = "LOST_LOCK"


class CommitUnknownError(RunError):
    """The answer to a COMMIT was lost and the server cannot be asked."""

    reason = "COMMIT_UNKNOWN"


class NotRerunnableError(RunError):
    """An autocommit step was cut, and nobody said it may run again."""

    reason = "NOT_RERUNNABLE"


class LockHeldError(MigrateError):
    """Another run has the lock and kept it for as long as we waited."""

    code = "LOCK.HELD"
    exit_code = 9


class ServerError(MigrateError):
    """The server refused or did not answer.

    `server_code` is the server's own code, such as
    ``Neo.ClientError.Statement.SyntaxError``, where it gave one.
    """

    exit_code = 2
    server_code: str | None = None


class UnreachableError(ServerError):
    """Nothing answers at the address, or not in time."""

    code = "SERVER.UNREACHABLE"
    exit_code = 10


class AuthError(ServerError):
    """User name or password were not accepted."""

    code = "SERVER.AUTH"
    exit_code = 10


class UnsupportedError(ServerError):
    """The server is too old, or is no Neo4j."""

    code = "SERVER.UNSUPPORTED"


class NoDatabaseError(ServerError):
    """The server has no database of that name, or it is not online."""

    code = "SERVER.NO_DATABASE"


class ForbiddenError(ServerError):
    """The user lacks a privilege."""

    code = "SERVER.FORBIDDEN"


class ReadOnlyError(ServerError):
    """The database or this member of the cluster takes no writes."""

    code = "SERVER.READ_ONLY"


class QueryError(ServerError):
    """The server refused a statement; line and column are within its text."""

    code = "SERVER.QUERY"

    def __init__(
        self,
        what: str,
        *,
        server_code: str | None = None,
        line: int | None = None,
        column: int | None = None,
        transient: bool = False,
        **parts: Any,
    ) -> None:
        super().__init__(what, **parts)
        self.server_code = server_code
        self.line = line
        self.column = column
        self.transient = transient


class CommitLostError(ServerError):
    """The connection broke while COMMIT was on its way: kept or not, unknown."""

    code = "SERVER.COMMIT_LOST"
    exit_code = 10


class SandboxError(MigrateError):
    """The local Neo4j could not be had."""

    code = "SANDBOX.FAILED"
    exit_code = 10


class SandboxNotInstalledError(SandboxError):
    """The packages of the ``sandbox`` extra are missing."""

    code = "SANDBOX.NOT_INSTALLED"
    exit_code = 2


class SandboxDownloadError(SandboxError):
    """A jar could not be fetched, or was not the one expected."""

    code = "SANDBOX.DOWNLOAD"


class SandboxStartError(SandboxError):
    """The server did not start."""

    code = "SANDBOX.START"


class BugError(MigrateError):
    """A fault of ours: a traceback file was written."""

    code = "BUG.UNEXPECTED"
    exit_code = 1
