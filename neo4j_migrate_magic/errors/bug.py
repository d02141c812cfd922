"""A fault of ours."""

from __future__ import annotations

from neo4j_migrate_magic.errors.base import MigrateError


class BugError(MigrateError):
    """A fault of ours: a traceback file was written."""

    code = "BUG.UNEXPECTED"
    exit_code = 1
