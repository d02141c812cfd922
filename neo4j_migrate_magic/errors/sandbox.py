"""The local Neo4j could not be had."""

from __future__ import annotations

from neo4j_migrate_magic.errors.base import MigrateError


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
