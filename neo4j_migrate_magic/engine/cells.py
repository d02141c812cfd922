"""Decide what becomes of a migration's file when a cell is run, also again; pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.checks import refuse_edited_prefix
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.engine.versions import find_version
from neo4j_migrate_magic.errors import (
    AmbiguousVersionError,
    CellConflictError,
    EditedError,
    EditedPrefixError,
    LockHeldError,
    MissingError,
    Next,
    Place,
)
from neo4j_migrate_magic.files import parse, unified
from neo4j_migrate_magic.files.cell import body_diff, unmarked
from neo4j_migrate_magic.model import CellAction, Direction, MigrationKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.files import MigrationFile
    from neo4j_migrate_magic.files.cell import CellFile
    from neo4j_migrate_magic.model import Migration, Record, RecordDetail

_DIFF = 16  # lines of a diff that an error shows
_AS_IT_WAS = "the file is as it was"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A text that is to be a migration's file.

    `migration` is what it says, with the file's version once it has one; its places
    are in the cell. `label` is what messages call it: the cell, or stdin.
    """

    migration: Migration
    body: str
    label: str

    @property
    def kind(self) -> MigrationKind:
        """Its language."""
        return self.migration.kind

    def again(self, *options: str, name: str = "") -> str:
        """Give the command that writes it, to be typed again.

        Args:
            options: What is added.
            name: The migration's, where it is another one.
        """
        python = ["--py"] if self.kind is MigrationKind.PYTHON else []
        words = ["create", name or self.migration.name, "--from-stdin"]
        return f"neo4j-migrate {shlex.join([*words, *python, *options])}"


def find_file(
    files: Sequence[MigrationFile], names: Collection[str], cell: Cell
) -> MigrationFile | None:
    """Find the one file that a cell writes again; None where it makes a new one.

    Args:
        files: Those of the folder.
        names: The name, and how it was typed.
        cell: What is to be written.

    Raises:
        CellConflictError: There are two, or it is in the other language.
    """
    found = [file for file in files if file.name in names]
    if not found:
        return None
    first = found[0]
    other = Next(cell.again(name=f"{cell.migration.name}_2"), "use another name")
    if len(found) > 1:
        raise CellConflictError(
            f"{len(found)} files have the name {first.name}",
            why=" and ".join(str(file.path) for file in found),
            where=Place(str(first.path)),
            kept="the files are as they were",
            next=[other],
        )
    if first.kind is not cell.kind:
        languages = {MigrationKind.PYTHON: "Python", MigrationKind.CYPHER: "Cypher"}
        raise CellConflictError(
            f"{first.title} is a {languages[first.kind]} file,"
            f" and {cell.label} is {languages[cell.kind]}",
            why="--py says that a text is Python; without it, it is Cypher",
            where=Place(str(first.path)),
            kept=_AS_IT_WAS,
            next=[other],
        )
    return first


def named(word: str, files: Sequence[MigrationFile]) -> MigrationFile:
    """Give the file that a word names: by version, enough of it, or by name.

    Args:
        word: What was typed.
        files: Those of the folder.

    Raises:
        UnknownVersionError, AmbiguousVersionError: None, or several.
    """
    found = [file.version for file in files if word in (file.name, file.title)]
    versions = {file.version: file for file in files}
    if len(found) > 1:
        raise AmbiguousVersionError(
            f"{word!r} is the name of {len(found)} migrations",
            why=", ".join(found),
            next=[Next("neo4j-migrate status", "see all versions")],
        )
    if found:
        return versions[found[0]]
    return versions[find_version(word, versions, latest=max(versions, default=None))]


def decide(
    cell: Cell,
    file: CellFile | None,
    found: Survey | None,
    *,
    versions: Collection[str] = (),
    replace: bool = False,
    unknown: str = "",
) -> CellAction:
    """Say what becomes of the file; the table is in the handbook: notebook, 9.

    Args:
        cell: What is to be written.
        file: The file of its name, if there is one.
        found: The history, with the cell as the file; None: it could not be read.
        versions: Those that have a file.
        replace: Whether what somebody else wrote into the file may go.
        unknown: Why the history could not be read.

    Raises:
        CellConflictError, IntegrityError, LockHeldError: The file stays as it is.
    """
    if file is None:
        if found is not None:
            _refuse_applied_without_file(cell, found, versions)
        return CellAction.CREATED
    same = file.body == cell.body
    if found is None:
        if not same and not replace:
            raise _unknown(cell, file, unknown)
        return CellAction.UNCHANGED if same else CellAction.UPDATED
    applied = _allowed_by_history(cell, file, found)
    if same:
        return CellAction.APPLIED if applied else CellAction.UNCHANGED
    if not file.as_left and not replace:
        raise _edited_elsewhere(cell, file)
    return CellAction.UPDATED


def _allowed_by_history(cell: Cell, file: CellFile, found: Survey) -> bool:
    """Refuse what was or is being applied as another text; tell whether it is applied."""
    record = _record(found, file.file.version)
    if record is None:
        return False
    if record.applied or record.direction is Direction.DOWN:
        _refuse_edited(cell, found, record)
    if record.applied:
        return True
    if file.body != cell.body:
        _refuse_running(cell, file, found, record)
    _refuse_steps_that_ran(cell, file, found.details[record.version])
    return False


def _record(found: Survey, version: str) -> Record | None:
    records = found.history.records
    return next((r for r in records if r.version == version), None)


def _refuse_applied_without_file(
    cell: Cell, found: Survey, versions: Collection[str]
) -> None:
    name = cell.migration.name
    gone = [
        record
        for record in found.history.records
        if record.name == name and record.version not in versions
    ]
    if not gone:
        return
    title, state = gone[-1].title, "applied" if gone[-1].applied else "part-way"
    suffix = gone[-1].kind.suffix
    raise MissingError(
        f"{title} is {state}, and its file is gone",
        why=f"a new file would be a second migration of the name {name}",
        kept="no file was written",
        next=[
            Next(
                f"neo4j-migrate show {gone[-1].version} --source -o"
                f" {shlex.quote(f'{title}.{suffix}')}",
                "bring its text back; it belongs into the folder",
            ),
            Next(cell.again(name=f"{name}_2"), "or use another name"),
        ],
    )


def _refuse_edited(cell: Cell, found: Survey, record: Record) -> None:
    """What was applied stays in its file: only comments and `down` may change."""
    edit = found.folder.edited.get(record.version)
    if edit is None:
        return
    detail = found.details[record.version]
    lines = _applied_diff(detail, cell.migration) if edit.diff else ()
    state = "applied" if record.applied else "being rolled back"
    raise EditedError(
        f"{record.title} is {state}, and {cell.label} has another text",
        why=_with_diff(edit.what, lines),
        where=edit.where,
        kept=f"it is {state} as it was, and {_AS_IT_WAS}",
        next=[
            Next(cell.again(name=f"{record.name}_2"), "make it a new migration"),
            *_ways_back(record, found.history.records),
            Next(f"neo4j-migrate show {record.version} --source", "what was applied"),
        ],
    )


def _ways_back(record: Record, records: Sequence[Record]) -> list[Next]:
    """Give the command that takes a migration back with all applied after it."""
    later = [r for r in records if r.sequence >= record.sequence]
    if not all(r.reversible for r in later):
        return []
    count = f" --down-count {len(later)}" if len(later) > 1 else ""
    return [Next(f"neo4j-migrate down{count}", "or take it back first, then write it")]


def _applied_diff(detail: RecordDetail, new: Migration) -> tuple[str, ...]:
    """Give the diff from what was applied to a cell; marks are no part of it."""
    record = detail.record
    old = parse(
        unmarked(detail.source),
        version=record.version,
        name=record.name,
        kind=record.kind,
    )
    return unified(old, changed(new, source=unmarked(new.source)))


def _refuse_running(cell: Cell, file: CellFile, found: Survey, record: Record) -> None:
    if found.history.running is None or found.history.running != record.run_id:
        return
    raise LockHeldError(
        f"{record.title} is running at this moment",
        why=_with_diff(
            f"by {record.by or 'somebody'}; {cell.label} has another text",
            body_diff(file, cell.body, cell.label),
        ),
        where=Place(str(file.path)),
        kept=_AS_IT_WAS,
        next=[Next("neo4j-migrate status", "see when it is over; write it then")],
    )


def _refuse_steps_that_ran(cell: Cell, file: CellFile, detail: RecordDetail) -> None:
    """What has run of a migration that is part-way stays; later steps may change."""
    record = detail.record
    steps = steps_of(cell.migration, record.direction, detail.steps_done)
    going_down = record.direction is Direction.DOWN
    if going_down and detail.down_from != "file":
        return  # what is left to do stands in the history
    try:
        refuse_edited_prefix(record.title, cell.migration, steps, detail)
    except EditedPrefixError as error:
        error.what = error.what.replace(" in the file", f" in {cell.label}")
        error.why = _with_diff(error.why, body_diff(file, cell.body, cell.label))
        error.kept = f"what has run is recorded; {_AS_IT_WAS}"
        error.next = (
            Next(f"neo4j-migrate show {record.version}", "see which steps have run"),
            Next("neo4j-migrate down", "take back what was done"),
        )
        raise


def _edited_elsewhere(cell: Cell, file: CellFile) -> CellConflictError:
    return _conflict(
        cell,
        file,
        "was edited elsewhere",
        why="it is not what was last written from a cell or from stdin",
        ways=[
            Next(cell.again("--replace"), "write this text over it"),
            Next(cell.again(name=f"{cell.migration.name}_2"), "or use another name"),
        ],
    )


def _unknown(cell: Cell, file: CellFile, unknown: str) -> CellConflictError:
    return _conflict(
        cell,
        file,
        "has another text, and may be applied",
        why=f"the database was not reached: {unknown}",
        ways=[
            Next("neo4j-migrate doctor", "see why it does not answer"),
            Next(cell.again("--replace"), "write this text all the same"),
        ],
    )


def _conflict(
    cell: Cell, file: CellFile, what: str, *, why: str, ways: Sequence[Next]
) -> CellConflictError:
    return CellConflictError(
        f"{file.path.name} {what}",
        why=_with_diff(why, body_diff(file, cell.body, cell.label)),
        where=Place(str(file.path)),
        kept=_AS_IT_WAS,
        next=ways,
    )


def _with_diff(why: str, lines: Sequence[str]) -> str:
    shown = lines[:_DIFF]
    left = len(lines) - len(shown)
    return "\n".join([why, *shown, *([f"… {left} more lines"] if left else [])])


def with_version(cell: Cell, file: MigrationFile) -> Cell:
    """Give the cell with the version and the name of its file."""
    known = changed(cell.migration, version=file.version, name=file.name)
    return changed(cell, migration=known)
