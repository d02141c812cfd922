"""Write a migration's file from a text: check it, look at the history, decide, write."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic import files
from neo4j_migrate_magic.engine.cells import (
    Cell,
    decide,
    find_file,
    with_version,
)
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.engine.survey import (
    is_newer,
    resolve_calls,
    settle_all,
    survey,
)
from neo4j_migrate_magic.errors import (
    FileError,
    ForbiddenError,
    Next,
    NotebookNamesError,
    NoUpError,
    ParseError,
    Place,
    QueryError,
    ServerError,
    UnreachableError,
)
from neo4j_migrate_magic.files import cell as cells
from neo4j_migrate_magic.files.names import unbound_names
from neo4j_migrate_magic.model import (
    CellAction,
    Direction,
    MigrationKind,
    WrittenMigration,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from neo4j_migrate_magic.config import Settings
    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.files.cell import CellFile
    from neo4j_migrate_magic.model import Migration, Statement

EXPLAIN_LIMIT = 2.0
"""Seconds that all statements of a text may take to be explained."""

# what EXPLAIN has no answer for: PROFILE, and what is run in `system`
_NOT_EXPLAINED = (
    "Statement.ArgumentError",
    "Statement.UnsupportedAdministrationCommand",
)
_POSITION = re.compile(r" \(line \d+, column \d+ \(offset: \d+\)\)")
_PREFIX = len("EXPLAIN ")
_WRITES = (CellAction.CREATED, CellAction.UPDATED)


async def write_cell(
    settings: Settings,
    name: str,
    text: str,
    *,
    python: bool = False,
    replace: bool = False,
    database: Database | None = None,
    unknown: str = "",
    names: Collection[str] = (),
    explain: bool = True,
    label: str = "stdin",
    first_line: int = 1,
) -> WrittenMigration:
    """Write the text of a migration into its file, if files and history allow it.

    A file of the name is written again; without one there is a new one, later than
    every file and record. The same text again changes nothing.

    Args:
        settings: Those of the project.
        name: What the migration does, in a few words.
        text: The file's text, whose mark of an earlier writing does not count.
        python: Whether it is Python; else it is Cypher.
        replace: Whether what somebody else wrote into the file may go.
        database: Where the history is; None: it is not to be had.
        unknown: Why there is no database.
        names: What the notebook has names for.
        explain: Whether the server is asked about each statement first.
        label: What messages call the text.
        first_line: The number of the text's first line in what its author sees.

    Raises:
        FileError: The text cannot be a migration, or its file is not to be written.
        IntegrityError: The history does not allow it.
        QueryError: A statement is no Cypher to the server.
        ServerError: The server does not tell the history; nothing was written.
    """
    safe = files.safe_name(name)
    cell = read_cell(safe, text, python=python, label=label, first_line=first_line)
    unbound = unbound_names(cell.migration.source) if python else {}
    _refuse_notebook_names(cell, unbound, names)
    there = files.find(settings.migration_dir)
    match = find_file(there, {safe, name}, cell)
    file = cells.read_cell_file(match) if match else None
    cell = with_version(cell, match) if match else cell
    found: Survey | None = None
    notes: list[str] = []
    if database is not None:
        found, cell, unknown = await _look(settings, database, cell, file)
    if found is None:
        notes.append(f"the state in the database is unknown: {unknown}")
    action = decide(
        cell,
        file,
        found,
        versions={one.version for one in there},
        replace=replace,
        unknown=unknown,
    )
    if found is not None and database is not None and explain and action in _WRITES:
        notes += await _explained(database, cell)
    diff: tuple[str, ...] = ()
    if file is not None and action is CellAction.UPDATED:
        diff = cells.body_diff(file, cell.body, label)
        cells.update(file, cell.body)
    path = file.path if file else _created(settings, cell, found)
    notes += [
        f"line {line}: nothing in the file is called `{word}`"
        for word, line in unbound.items()
    ]
    return _result(path, cell, action, diff, notes)


def read_cell(
    name: str,
    text: str,
    *,
    python: bool,
    label: str,
    first_line: int,
) -> Cell:
    """Read a text as the migration that it is to be; nothing else is looked at.

    Raises:
        FileError: It is none, with the place in the text.
    """
    kind = MigrationKind.PYTHON if python else MigrationKind.CYPHER
    body = cells.body_of(text)
    # Lines count as their author sees them; blank lines change nothing else.
    whole = "\n" * (first_line - 1) + cells.as_typed(text)
    try:
        if cells.is_blank(body):
            raise _error(NoUpError, "has nothing to apply", "it is blank", label)
        if "\0" in whole:
            line = whole.count("\n", 0, whole.index("\0")) + 1
            why = "in Cypher write it as \\u0000"
            raise _error(ParseError, "has a NUL character in it", why, label, line)
        migration = files.parse(
            whole, version="", name=name, kind=kind, path=Path(label)
        )
    except FileError as error:
        file_name = f"{name}.{kind.suffix}"
        error.what = error.what.replace(f"-{file_name}", file_name)
        error.kept = "no file was written"
        error.next = (_once_corrected(name, python=python),)
        raise
    return Cell(migration=migration, body=body, label=label)


def _error(
    kind: type[FileError], what: str, why: str, label: str, line: int | None = None
) -> FileError:
    return kind(f"{label} {what}", why=why, where=Place(label, line))


def _once_corrected(name: str, *, python: bool) -> Next:
    option = " --py" if python else ""
    return Next(
        f"neo4j-migrate create {name} --from-stdin{option}", "once it is corrected"
    )


def _refuse_notebook_names(
    cell: Cell, unbound: Mapping[str, int], names: Collection[str]
) -> None:
    here = {name: line for name, line in unbound.items() if name in names}
    if not here:
        return
    line = min(here.values())
    listed = ", ".join(f"`{name}` (line {number})" for name, number in here.items())
    exists = "exists" if len(here) == 1 else "exist"
    raise NotebookNamesError(
        f"{listed} {exists} in this notebook, not in the file",
        why="the file runs by itself, also where there is no notebook: load the data"
        " inside `up`, import modules at the top",
        where=Place(cell.label, line, None, _line(cell.migration, line)),
        kept="no file was written",
        next=[_once_corrected(cell.migration.name, python=True)],
    )


async def _look(
    settings: Settings, database: Database, cell: Cell, file: CellFile | None
) -> tuple[Survey | None, Cell, str]:
    """Read the history with the cell as the file; else say why it is not known."""
    known = (cell.migration,) if file else ()
    found = await survey(database, settings.project, known, settings.migration_dir)
    if is_newer(found.history):
        return None, cell, "a newer neo4j-migrate wrote its history"
    if file is not None and file.body != cell.body:
        found = await settle_all(database, found)
    return found, await _with_calls(database, cell, found), ""


async def _with_calls(database: Database, cell: Cell, found: Survey) -> Cell:
    """Ask the server what procedure calls do: they may be steps of their own."""
    version = cell.migration.version
    records = {r.version: r for r in found.history.records}
    record = records.get(version)
    direction = record.direction if record else Direction.UP
    try:
        known = await resolve_calls(database, [cell.migration], direction)
    except ServerError:  # the run will say why
        return cell
    return changed(cell, migration=known[version]) if version in known else cell


async def _explained(database: Database, cell: Cell) -> list[str]:
    """Let the server plan each statement; give what it could not look at.

    Raises:
        QueryError: One is no Cypher to it.
    """
    statements = (*cell.migration.up, *(cell.migration.down or ()))
    notes: list[str] = []
    try:
        await asyncio.wait_for(
            _explain_all(database, cell, statements, notes), EXPLAIN_LIMIT
        )
    except asyncio.TimeoutError:
        notes.append(
            f"not all statements were looked at by the server: {EXPLAIN_LIMIT:g}s were"
            " too short"
        )
    return notes


async def _explain_all(
    database: Database, cell: Cell, statements: Sequence[Statement], notes: list[str]
) -> None:
    for statement in statements:
        try:
            await database.explain(statement.text)
        except QueryError as error:
            code = error.server_code or ""
            if code.endswith("Statement.SyntaxError"):
                raise _located(error, statement, cell) from error
            if code.endswith(_NOT_EXPLAINED):
                continue
            notes.append(f"line {statement.line}: {error.why}")
        except (ForbiddenError, UnreachableError) as error:
            notes.append(f"the server looked at no statement: {error.what}")
            return
        except ServerError as error:
            notes.append(f"line {statement.line}: {error.what}: {error.why}")


def _located(error: QueryError, statement: Statement, cell: Cell) -> QueryError:
    """Say of a statement that the server cannot read where in the cell it stands."""
    line, column = statement.line, statement.column
    if error.line is not None:  # counted from the first character of `EXPLAIN`
        first = error.line == 1
        column = (error.column or 1) + (column - 1 - _PREFIX if first else 0)
        line += error.line - 1
    return QueryError(
        f"the server cannot read the statement on line {statement.line}",
        why=_POSITION.sub("", error.why),  # that in the text is below
        server_code=error.server_code,
        line=error.line,
        column=error.column,
        edition=error.edition,
        where=Place(cell.label, line, max(column, 1), _line(cell.migration, line)),
        kept="no file was written",
        next=[
            Next(cell.again(), "once it is corrected"),
            Next(cell.again("--no-explain"), "or write it as it is"),
        ],
    )


def _line(migration: Migration, number: int) -> str | None:
    lines = re.split(r"\r\n|\r|\n", migration.source)
    return lines[number - 1] if 0 < number <= len(lines) else None


def _created(settings: Settings, cell: Cell, found: Survey | None) -> Path:
    """Make the file, with a version later than every file and every record."""
    records = found.history.records if found else ()
    return files.create(
        settings.migration_dir,
        cell.migration.name,
        python=cell.kind is MigrationKind.PYTHON,
        text=cells.text_of(cell.body, cell.kind),
        newest=max((record.version for record in records), default=None),
    )


def _result(
    path: Path,
    cell: Cell,
    action: CellAction,
    diff: tuple[str, ...],
    notes: Sequence[str],
) -> WrittenMigration:
    version = path.name.partition("-")[0]
    return WrittenMigration(
        path=path,
        version=version,
        name=cell.migration.name,
        kind=cell.kind,
        action=action,
        steps=steps_of(cell.migration, Direction.UP),
        diff=diff,
        notes=tuple(notes),
    )
