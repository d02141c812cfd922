"""Files and history disagree."""

from __future__ import annotations

from neo4j_migrate_magic.errors.base import MigrateError


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
