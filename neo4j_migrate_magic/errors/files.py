"""A migration file cannot be used."""

from __future__ import annotations

from neo4j_migrate_magic.errors.base import MigrateError, Next


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
    ways = (Next("neo4j-migrate up", "after correcting it"),)


class NoUpError(FileError):
    """A file has nothing to apply."""

    code = "FILE.NO_UP"


class ImportFailedError(FileError):
    """A Python migration raised while it was imported."""

    code = "FILE.IMPORT_FAILED"


class CellConflictError(FileError):
    """The text of a cell must not be written over the file that there is."""

    code = "FILE.CELL_CONFLICT"


class NotebookNamesError(FileError):
    """A Python migration uses names that its notebook has, and its file has not."""

    code = "FILE.NOTEBOOK_NAMES"
