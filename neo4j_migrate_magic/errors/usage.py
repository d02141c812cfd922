"""The command was not understood."""

from __future__ import annotations

from neo4j_migrate_magic.errors.base import MigrateError


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
