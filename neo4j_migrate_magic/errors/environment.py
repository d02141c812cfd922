"""What an environment permits, and what its user did not."""

from __future__ import annotations

from neo4j_migrate_magic.errors.base import MigrateError


class ProtectionError(MigrateError):
    """A protected environment was not changed."""

    exit_code = 2


class ProtectedError(ProtectionError):
    """A change was asked for, and not who may be changed."""

    code = "ENV.PROTECTED"


class UriRedirectedError(ProtectionError):
    """Its URI or database would come from anywhere but its own section or an option."""

    code = "ENV.URI_REDIRECTED"


class ConfirmMismatchError(ProtectionError):
    """Another database was named than the one that would be changed."""

    code = "ENV.CONFIRM_MISMATCH"


class DeclinedError(MigrateError):
    """The user said no; nothing was changed."""

    code = "ENV.DECLINED"
    exit_code = 3
