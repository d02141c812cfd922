"""Results as a shell sees them: data on stdout, the rest on stderr."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.cli.sandbox import SandboxAnswer
from neo4j_migrate_magic.config import InitResult
from neo4j_migrate_magic.errors import Next
from neo4j_migrate_magic.model import Report, Status
from neo4j_migrate_magic.render.error import next_lines
from neo4j_migrate_magic.render.report import report_line
from neo4j_migrate_magic.render.status import (
    status_next,
    status_summary,
    status_table,
)
from neo4j_migrate_magic.render.words import relative

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.cli.host import App


def show(result: Any, app: App) -> None:
    """Print what a command returned."""
    match result:
        case Status():
            _status(result, app)
        case Report():
            app.terminal.out(report_line(result))
        case InitResult():
            _init(result, app)
        case SandboxAnswer():
            if result.uri:
                app.terminal.out(result.uri)
            app.tell(_shown(result.said))
            _ways(result.next, app)
        case Path():
            app.terminal.out(_shown(str(result)))
        case None:
            pass
        case _:
            raise AssertionError(f"nobody shows a {type(result).__name__}")
    app.farewell()


def _status(status: Status, app: App) -> None:
    terminal = app.terminal
    terminal.out(
        status_table(status, columns=terminal.table_columns, unicode=terminal.boxes)
    )
    app.tell(status_summary(status))
    _ways(status_next(status), app)


def _init(result: InitResult, app: App) -> None:
    config, folder = _shown(str(result.config_path)), _shown(str(result.folder))
    for warning in result.warnings:
        app.warn(warning)
    app.tell(f"wrote {config}" if result.created_config else f"{config} is there")
    app.tell(f"made {folder}" if result.created_folder else f"{folder} is there")
    _ways([Next("neo4j-migrate create NAME", "makes a migration")], app)


def _ways(ways: Sequence[Next], app: App) -> None:
    if ways:
        app.tell("\n".join(next_lines(ways, columns=app.terminal.columns)))


def _shown(text: str) -> str:
    return relative(text, str(Path.cwd()))
