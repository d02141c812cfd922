"""Writing a migration's file from what was typed, and giving it back to be edited."""

from __future__ import annotations

import shlex
from dataclasses import replace as changed
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import (
    AuthError,
    BadOptionError,
    MigrateError,
    Next,
    NoDatabaseError,
    NoTargetError,
    SandboxError,
    SecretUnavailableError,
    UnreachableError,
)
from neo4j_migrate_magic.model import CellAction, MigrationKind, WrittenMigration

if TYPE_CHECKING:
    from pathlib import Path

    from neo4j_migrate_magic.cli.host import App
    from neo4j_migrate_magic.migrator import Migrator

_NOT_REACHED = (
    *(AuthError, NoDatabaseError, NoTargetError, UnreachableError),
    *(SandboxError, SecretUnavailableError),
)


def create(
    app: App,
    name: str,
    var: str | None,
    *,
    py: bool,
    from_stdin: bool,
    replace: bool,
    apply: bool,
    explain: bool | None,
    cell: bool,
) -> WrittenMigration | None:
    """Make a migration's file, or a cell that will make it; see the command."""
    needing = {"--replace": replace, "--apply": apply, "--explain": explain is not None}
    _refuse_alone(name, needing, from_stdin=from_stdin)
    if cell:
        _refuse_with_cell(name, {"--from-stdin": from_stdin, "--var": bool(var)})
        app.cell(_template(name, python=py))
        return None
    if var is not None:
        app.may_keep(var)
    if from_stdin:
        wanted = {"python": py, "replace": replace, "explain": explain is not False}
        result = _write(app, name, apply=apply, **wanted)
    else:
        result = _from_template(app, name, python=py)
    if var is not None:
        app.keep(var, result)
    return result


def _refuse_alone(name: str, needing: dict[str, bool], *, from_stdin: bool) -> None:
    given = [option for option, there in needing.items() if there]
    if not given or from_stdin:
        return
    option = given[0]
    typed = f"neo4j-migrate create {shlex.quote(name)}"
    raise BadOptionError(
        f"{option} goes with --from-stdin",
        why="a template has nothing to be looked at, written again, or applied",
        kept="no file was written",
        next=[
            Next(f"{typed} --from-stdin {option}", "takes the text from stdin"),
            Next(typed, "makes a file to edit"),
        ],
    )


def _refuse_with_cell(name: str, given: dict[str, bool]) -> None:
    others = [option for option, there in given.items() if there]
    if others:
        raise BadOptionError(
            f"--cell and {others[0]} exclude each other",
            why="a cell is made to be edited; no file is written",
            kept="nothing was done",
            next=[Next(f"neo4j-migrate create {shlex.quote(name)}", "makes a file")],
        )


def _from_template(app: App, name: str, *, python: bool) -> WrittenMigration:
    from neo4j_migrate_magic.engine.creation import create as make

    path = make(app.settings, name, python=True if python else None)
    version, _, stem = path.stem.partition("-")
    kind = MigrationKind.PYTHON if path.suffix == ".py" else MigrationKind.CYPHER
    return WrittenMigration(
        path=path, version=version, name=stem, kind=kind, action=CellAction.CREATED
    )


def _template(name: str, *, python: bool) -> str:
    from neo4j_migrate_magic.files import safe_name, templates

    safe = safe_name(name)
    kind = MigrationKind.PYTHON if python else MigrationKind.CYPHER
    make = templates.python_template if python else templates.cypher_template
    return cell_text(safe, kind, make(safe))


def cell_text(name: str, kind: MigrationKind, body: str) -> str:
    """Give a cell that writes a body into the file of a name."""
    option = " --py" if kind is MigrationKind.PYTHON else ""
    return f"%%migration {shlex.quote(name)}{option}\n{body}"


def show_cell(app: App, word: str, *, alone: bool) -> None:
    """Hand over the file of a migration as a cell; no database is asked.

    Args:
        app: The host.
        word: The version, enough of it, or the name.
        alone: Whether no option was given that shows something else.
    """
    from neo4j_migrate_magic import files
    from neo4j_migrate_magic.engine.cells import named
    from neo4j_migrate_magic.files.cell import read_cell_file

    if not alone:
        raise BadOptionError(
            "--cell gives the file, and nothing else",
            why="--source, --diff and --exit-code are about what was applied",
            next=[
                Next(f"neo4j-migrate show {shlex.quote(word)} --source", "prints it")
            ],
        )
    file = named(word, files.find(app.settings.migration_dir))
    app.cell(cell_text(file.name, file.kind, read_cell_file(file).body))


def _write(app: App, name: str, *, apply: bool, **wanted: Any) -> WrittenMigration:
    """Write a text into its file, and apply it if that was asked for."""
    text = app.stdin()
    if apply:
        app.lean = False  # a migration in Python may hand over values of pandas
        app.permit("apply pending migrations")
    wanted |= {"label": app.texts, "first_line": app.first_line, "names": app.names}
    written = _written(app, name, text, certain=apply, **wanted)
    return _applied(app, written) if apply else written


def _written(
    app: App, name: str, text: str, *, certain: bool, **wanted: Any
) -> WrittenMigration:
    """Write it as the history allows; without one as can be done, unless `certain`."""
    from neo4j_migrate_magic.engine.writing import write_cell

    async def write(migrator: Migrator, unknown: str = "") -> WrittenMigration:
        there = {"unknown": unknown} if unknown else {"database": migrator.database}
        return await write_cell(migrator.settings, name, text, **there, **wanted)

    try:
        return app.run(write)
    except _NOT_REACHED as error:
        if certain:
            raise
        why = error.what
    return app.run(lambda migrator: write(migrator, why), connect=False)


def _applied(app: App, written: WrittenMigration) -> WrittenMigration:
    """Apply what is written, as ``up --to`` does; its path is told before."""
    app.show(written)
    try:
        report = app.run(lambda migrator: migrator.up(to=written.version))
    except MigrateError as error:
        error.kept = "; ".join(filter(None, [_where(written.path), error.kept]))
        raise
    return changed(written, report=report)


def _where(path: Path) -> str:
    return f"the file is {path.name}"
