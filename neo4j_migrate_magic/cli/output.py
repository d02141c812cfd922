"""Results as a shell sees them: data on stdout, the rest on stderr."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import InitResult
from neo4j_migrate_magic.errors import Next
from neo4j_migrate_magic.model import (
    Correction,
    Diagnosis,
    Explanation,
    LockView,
    Log,
    MigrationDiff,
    MigrationView,
    Report,
    SandboxAnswer,
    Status,
    Verification,
    WrittenMigration,
)
from neo4j_migrate_magic.render.error import next_lines
from neo4j_migrate_magic.render.findings import diagnosis, verification
from neo4j_migrate_magic.render.log import log_lines
from neo4j_migrate_magic.render.report import report_line
from neo4j_migrate_magic.render.status import (
    row_next,
    status_next,
    status_summary,
    status_table,
)
from neo4j_migrate_magic.render.words import clean, lock_words, relative, wrapped
from neo4j_migrate_magic.render.written import written_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.cli.host import App

_MOST = 40  # rows of a status that a terminal shows whole


def show(result: Any, app: App) -> None:
    """Print what a command returned."""
    text = _data(result, app)
    if text is not None:
        app.terminal.out(text)
    elif result is not None:
        _told(result, app)


def _data(result: Any, app: App) -> str | None:
    """Give the text of a result that is data and nothing else."""
    columns, folder = app.terminal.table_columns, str(Path.cwd())
    match result:
        case str():  # a file's text, which ends as it ends
            return result.removesuffix("\n")
        case Report():
            return report_line(result, columns=columns)
        case Verification():
            return verification(result, columns=columns, folder=folder)
        case Log():
            return log_lines(result, columns=columns)
        case Diagnosis():
            return diagnosis(result, columns=columns, folder=folder)
        case Correction():
            return "\n".join(wrapped(_shown(clean(result.said)), columns, indent="  "))
        case Explanation():
            from neo4j_migrate_magic.render.explain import explanation

            return explanation(result, columns=columns)
        case _:
            return None


def _told(result: Any, app: App) -> None:
    """Print a result that is said in part on stdout, in part beside it."""
    match result:
        case Status():
            _status(result, app)
        case InitResult():
            _init(result, app)
        case SandboxAnswer():
            _sandbox(result, app)
        case WrittenMigration():
            _written(result, app)
        case LockView():
            _lock(result, app)
        case MigrationDiff():
            _diff(result, app)
        case MigrationView():
            _view(result, app)
        case _:
            raise AssertionError(f"nobody shows a {type(result).__name__}")


def done(result: Any) -> str:
    """Say what a command changed that tells of no run; empty: nothing."""
    match result:
        case Correction() | SandboxAnswer():
            return clean(result.said)
        case LockView():
            return clean(result.done)
        case WrittenMigration():
            return f"{_shown(str(result.path))} is written"
        case InitResult():
            return f"{_shown(str(result.config_path))} is there"
        case _:
            return ""


def _sandbox(answer: SandboxAnswer, app: App) -> None:
    if answer.uri:
        app.terminal.out(answer.uri)
    app.say(_shown(answer.said))
    _ways(answer.next, app)


def _written(written: WrittenMigration, app: App) -> None:
    """Print the path as data; what a text became is said beside it."""
    if written.report is not None:  # the rest was said before the run
        app.tell(report_line(written.report, columns=app.terminal.columns))
        return
    app.terminal.out(_shown(str(written.path)))
    if written.steps:
        app.tell(written_lines(written, columns=app.terminal.columns))


def _status(status: Status, app: App) -> None:
    terminal = app.terminal
    columns = terminal.table_columns
    most = None if columns is None or app.all_rows else _MOST
    terminal.out(
        status_table(status, columns=columns, unicode=terminal.boxes, most=most)
    )
    app.say(status_summary(status))
    _ways(status_next(status), app)


def _diff(found: MigrationDiff, app: App) -> None:
    title = clean(found.row.title)
    if found.diff:
        app.terminal.out("\n".join(_shown(clean(line)) for line in found.diff))
    else:
        app.tell(f"{title}: its file is what was applied")
    if found.diff and not found.counts:
        app.tell(f"{title}: every statement is as applied; the rest may change")
    elif found.diff:
        _ways(row_next(found.row), app)


def _view(view: MigrationView, app: App) -> None:
    from neo4j_migrate_magic.render.view import migration_view  # it brings the parsers

    columns, folder = app.terminal.table_columns, str(Path.cwd())
    app.terminal.out(migration_view(view, columns=columns, folder=folder))
    _ways(row_next(view.row), app)


def _lock(view: LockView, app: App) -> None:
    if view.done:
        app.terminal.out(clean(view.done))
    elif view.lock is not None and view.lock.owner is not None:
        app.say(f"the lock {lock_words(view.lock, view.now)}")


def preview(planned: Correction, app: App) -> None:
    """Say which migrations a correction is about, and which it leaves out."""
    for title in planned.titles:
        app.tell(f"  {clean(title)}")
    for title, why in planned.skipped.items():
        app.say(f"  {clean(title)}  left out: {why}")


def _init(result: InitResult, app: App) -> None:
    config, folder = _shown(str(result.config_path)), _shown(str(result.folder))
    for warning in result.warnings:
        app.warn(warning)
    app.tell(f"wrote {config}" if result.created_config else f"{config} is there")
    app.tell(f"made {folder}" if result.created_folder else f"{folder} is there")
    _ways([Next("neo4j-migrate create NAME", "makes a migration")], app)


def _ways(ways: Sequence[Next], app: App) -> None:
    if ways:
        led = [app.leading(way) for way in ways]
        app.tell("\n".join(next_lines(led, columns=app.terminal.columns)))


def _shown(text: str) -> str:
    return relative(text, str(Path.cwd()))
