"""Every error of the tool: one tree, each class with a stable code and a next step.

    MigrateError
    ├── UsageError          USAGE.*      the command was not understood
    ├── ProtectionError     ENV.*        a protected environment was not changed
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

from neo4j_migrate_magic.errors.base import (
    MigrateError,
    Next,
    Place,
)
from neo4j_migrate_magic.errors.bug import BugError
from neo4j_migrate_magic.errors.configuration import (
    ConfigError,
    ConfigNotFoundError,
    InvalidConfigError,
    NoTargetError,
    SecretUnavailableError,
    UnknownKeyError,
)
from neo4j_migrate_magic.errors.environment import (
    ConfirmMismatchError,
    DeclinedError,
    ProtectedError,
    ProtectionError,
    UriRedirectedError,
)
from neo4j_migrate_magic.errors.files import (
    BadNameError,
    CellConflictError,
    DuplicateVersionError,
    FileError,
    ImportFailedError,
    NotebookNamesError,
    NoUpError,
    ParseError,
)
from neo4j_migrate_magic.errors.integrity import (
    EditedError,
    EditedPrefixError,
    HistoryCorruptError,
    HistoryNewerError,
    IntegrityError,
    LateError,
    MissingError,
)
from neo4j_migrate_magic.errors.planning import (
    EditionError,
    ImpossibleMixError,
    IrreversibleError,
    PartWayError,
    PlanError,
)
from neo4j_migrate_magic.errors.running import (
    CommitUnknownError,
    HistoryTouchedError,
    IndexFailedError,
    LockHeldError,
    LostLockError,
    NotRerunnableError,
    RunError,
    StatementFailedError,
)
from neo4j_migrate_magic.errors.sandbox import (
    SandboxDownloadError,
    SandboxError,
    SandboxNotInstalledError,
    SandboxStartError,
)
from neo4j_migrate_magic.errors.server import (
    AuthError,
    CommitLostError,
    ForbiddenError,
    NoDatabaseError,
    QueryError,
    ReadOnlyError,
    ServerError,
    UnreachableError,
    UnsupportedError,
)
from neo4j_migrate_magic.errors.usage import (
    AmbiguousVersionError,
    BadOptionError,
    NoInputError,
    UnknownVersionError,
    UsageError,
)

__all__ = [
    "AmbiguousVersionError",
    "AuthError",
    "BadNameError",
    "BadOptionError",
    "BugError",
    "CellConflictError",
    "CommitLostError",
    "CommitUnknownError",
    "ConfigError",
    "ConfigNotFoundError",
    "ConfirmMismatchError",
    "DeclinedError",
    "DuplicateVersionError",
    "EditedError",
    "EditedPrefixError",
    "EditionError",
    "FileError",
    "ForbiddenError",
    "HistoryCorruptError",
    "HistoryNewerError",
    "HistoryTouchedError",
    "ImportFailedError",
    "ImpossibleMixError",
    "IndexFailedError",
    "IntegrityError",
    "InvalidConfigError",
    "IrreversibleError",
    "LateError",
    "LockHeldError",
    "LostLockError",
    "MigrateError",
    "MissingError",
    "Next",
    "NoDatabaseError",
    "NoInputError",
    "NoTargetError",
    "NoUpError",
    "NotRerunnableError",
    "NotebookNamesError",
    "ParseError",
    "PartWayError",
    "Place",
    "PlanError",
    "ProtectedError",
    "ProtectionError",
    "QueryError",
    "ReadOnlyError",
    "RunError",
    "SandboxDownloadError",
    "SandboxError",
    "SandboxNotInstalledError",
    "SandboxStartError",
    "SecretUnavailableError",
    "ServerError",
    "StatementFailedError",
    "UnknownKeyError",
    "UnknownVersionError",
    "UnreachableError",
    "UnsupportedError",
    "UriRedirectedError",
    "UsageError",
]
