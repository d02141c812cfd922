"""The one envelope that every command's JSON is, on success and on failure.

What it may look like is in `schemas/`, a file per command.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import InitResult
from neo4j_migrate_magic.model import (
    Diagnosis,
    MigrationDiff,
    State,
    Status,
    Verdict,
    Verification,
)
from neo4j_migrate_magic.render.data import DATA, place, ways
from neo4j_migrate_magic.render.status import row_next, status_next
from neo4j_migrate_magic.render.words import plural, relative

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.errors import MigrateError, Next, Place
    from neo4j_migrate_magic.model import Server
    from neo4j_migrate_magic.render.data import Object

VERSION = 1
"""Of the schemas: within it fields are added, never renamed."""

NO_COMMAND = "error"
"""The schema of an answer to a line in which no command was understood."""

_CODES = {
    State.EDITED: "INTEGRITY.EDITED",
    State.MISSING: "INTEGRITY.MISSING",
    State.LATE: "INTEGRITY.LATE",
}
_DONE = (State.APPLIED, State.BASELINE)
# What may have a path in it; the user's own texts are not among them.
_PATHS = {"command", "config", "migration_dir", "path", "summary", "what", "why"}
_SEVERITIES = {Verdict.FAIL: "error", Verdict.WARN: "warning"}


def line(value: Object) -> str:
    """Write an object as one line, in characters that every output can take."""
    return json.dumps(value)


def envelope(
    command: str,
    *,
    data: Object | None,
    exit_code: int,
    tool_version: str,
    server: Server | None = None,
    diagnostics: Sequence[Object] = (),
    timing_ms: int = 0,
) -> Object:
    """Make the one object that a command prints.

    Args:
        command: Its words, as far as they were understood: ``sandbox start``.
        data: What `data_of` gives.
        exit_code: The process's; `ok` means 0.
        tool_version: Of this package.
        server: What answered, if anything did.
        diagnostics: The error, if there is one, then what else is worth a word.
        timing_ms: How long the command took.
    """
    return {
        "schema": f"neo4j-migrate.{schema_name(command)}/{VERSION}",
        "command": command if command in DATA else None,
        "ok": exit_code == 0,
        "exit_code": exit_code,
        "tool_version": tool_version,
        "database": None if server is None else database(server),
        "data": data,
        "diagnostics": list(diagnostics),
        "timing_ms": timing_ms,
    }


def schema_name(command: str) -> str:
    """Give the name of a command's schema, which is also its file's."""
    return command.replace(" ", "-") if command in DATA else NO_COMMAND


def data_of(command: str, result: Any) -> Object | None:
    """Give the `data` of a command's result; None where nothing is known."""
    return None if result is None else DATA[command](result)


def shortened(value: Any, folder: str | None, *, key: str = "") -> Any:
    """Write the paths that lead into a folder relative to it, as texts do."""
    match value:
        case dict():
            return {k: shortened(v, folder, key=k) for k, v in value.items()}
        case list():
            return [shortened(one, folder, key=key) for one in value]
        case str() if key in _PATHS:
            return relative(value, folder)
        case _:
            return value


def database(server: Server) -> Object:
    """Say what answered; None for what it has not told."""
    return {
        "name": server.database or None,
        "env": server.env,
        "server": server.version or None,
        "edition": server.edition,
    }


# diagnostics


def diagnostic(
    code: str,
    summary: str,
    *,
    severity: str = "error",
    why: str = "",
    where: Place | None = None,
    kept: str = "",
    next: Sequence[Next] = (),
) -> Object:
    """Make one thing that went wrong, or may be; ``where`` is None without a place."""
    return {
        "code": code,
        "severity": severity,
        "summary": summary,
        "why": why,
        "where": place(where),
        "kept": kept,
        "next": ways(next),
    }


def error_diagnostic(error: MigrateError) -> Object:
    """Say what an error block says."""
    return diagnostic(
        error.code,
        error.what,
        why=error.why,
        where=error.where,
        kept=error.kept,
        next=error.next,
    )


def diagnostics_of(result: Any) -> list[Object]:
    """Name what a result tells of that is not as it should be."""
    match result:
        case Status():
            return _of_status(result)
        case MigrationDiff(exit_code=4):
            what = f"{result.row.title}: its file is not what was applied"
            return [diagnostic("INTEGRITY.EDITED", what, next=row_next(result.row))]
        case Verification(problems=problems):
            return [
                diagnostic(
                    problem.code or f"INTEGRITY.{problem.kind.name}",
                    f"{problem.title}: {problem.what}",
                    where=problem.where,
                    next=problem.next,
                )
                for problem in problems
            ]
        case Diagnosis(checks=checks):
            return [
                diagnostic(
                    f"DOCTOR.{check.area.upper()}",
                    check.what,
                    severity=_SEVERITIES[check.verdict],
                    next=[check.next] if check.next else (),
                )
                for check in sorted(checks, key=lambda c: c.verdict is not Verdict.FAIL)
                if check.verdict in _SEVERITIES
            ]
        case InitResult(warnings=warnings):
            return [
                diagnostic("CONFIG.WARNING", text, severity="warning")
                for text in warnings
            ]
        case _:
            return []


def _of_status(status: Status) -> list[Object]:
    """Rows that need a look are warnings; where the exit code tells, errors."""
    severity = "error" if status.exit_code == 7 else "warning"
    found = [
        diagnostic(
            _CODES[row.state],
            f"{row.title}: {row.note}",
            severity=severity,
            next=row_next(row),
        )
        for row in status.whole
        if row.state in _CODES
    ]
    if status.exit_code != 4:
        return found
    left = plural(sum(row.state not in _DONE for row in status.whole), "migration")
    what = f"{left} not applied as a whole"
    return [diagnostic("STATUS.PENDING", what, next=status_next(status)), *found]
