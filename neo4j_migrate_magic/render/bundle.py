"""What a cell shows of a result: text and HTML that say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timezone
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
    QueryResult,
    Report,
    SandboxAnswer,
    Status,
    Verification,
    WrittenMigration,
)
from neo4j_migrate_magic.render.answers import (
    correction_text,
    init_lines,
    lock_line,
    query_text,
    sandbox_text,
)
from neo4j_migrate_magic.render.error import next_lines
from neo4j_migrate_magic.render.explain import explanation
from neo4j_migrate_magic.render.findings import diagnosis, verification
from neo4j_migrate_magic.render.html.answers import (
    correction_html,
    init_html,
    lock_html,
    query_html,
    sandbox_html,
)
from neo4j_migrate_magic.render.html.findings import (
    diagnosis_html,
    explanation_html,
    in_cells,
    log_html,
    verification_html,
)
from neo4j_migrate_magic.render.html.runs import report_html, written_html
from neo4j_migrate_magic.render.html.status import MORE, MOST, status_html
from neo4j_migrate_magic.render.html.view import diff_html, view_html
from neo4j_migrate_magic.render.log import log_lines
from neo4j_migrate_magic.render.runs import report_text
from neo4j_migrate_magic.render.status import rows_table, status_summary
from neo4j_migrate_magic.render.view import migration_view
from neo4j_migrate_magic.render.words import clean, in_notebook, relative, wrapped
from neo4j_migrate_magic.render.written import written_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from neo4j_migrate_magic.model import Check, Problem, StatusRow

APPLIED_AT = "Applied At (UTC)"


def bundle(
    result: Any, *, folder: str | None = None, columns: int | None = None
) -> dict[str, str]:
    """Show a result as IPython wants it.

    Commands are written as a cell takes them.

    Args:
        result: What a verb gave.
        folder: Paths inside it are shown relative to it.
        columns: What the lines of the text must fit into; None means any.
    """
    text, html = next(SHOWN[one] for one in type(result).__mro__ if one in SHOWN)
    return {
        "text/plain": text(result, folder, columns),
        "text/html": html(result, folder),
    }


def status_text(
    rows: Sequence[StatusRow],
    line: str,
    *,
    columns: int | None = None,
    most: int | None = MOST,
    more: str = MORE,
    next: Sequence[Next] = (),
) -> str:
    """Write rows of a status as a table, and a line below them.

    Args:
        rows: The rows.
        line: What is said of them.
        columns: The width to fit into; None means any.
        most: With more rows than this, those that the terminal shows; None means all.
        more: What has the rows that were left out.
        next: The commands that go on from here.
    """
    drawn = rows_table(
        rows,
        zone=timezone.utc,
        columns=columns,
        most=most,
        applied_at=APPLIED_AT,
        more=more,
    )
    lines = [drawn, *wrapped(line, columns, indent="  ")]
    return "\n".join([*lines, *next_lines(list(map(_way, next)), columns=columns)])


def _verification(found: Verification, folder: str | None, columns: int | None) -> str:
    ours = replace(found, problems=tuple(map(_problem, found.problems)))
    return verification(ours, columns=columns, folder=folder)


def _problem(problem: Problem) -> Problem:
    return replace(problem, next=tuple(map(_way, problem.next)))


def _diagnosis(found: Diagnosis, folder: str | None, columns: int | None) -> str:
    ours = replace(found, checks=tuple(map(_check, found.checks)))
    return diagnosis(ours, columns=columns, folder=folder)


def _check(check: Check) -> Check:
    return replace(check, next=None if check.next is None else _way(check.next))


def _way(way: Next) -> Next:
    return Next(in_notebook(way.command), in_notebook(way.label))


def _view(view: MigrationView, folder: str | None, columns: int | None) -> str:
    text = migration_view(view, columns=columns, folder=folder)
    return text if view.steps else in_notebook(text)  # a statement stays as it is


def _diff(found: MigrationDiff, folder: str | None, columns: int | None) -> str:
    title = clean(found.row.title)
    if not found.diff:
        return f"{title}: its file is what was applied"
    return "\n".join([title, *map(clean, found.diff)])


def _written(written: WrittenMigration, folder: str | None, columns: int | None) -> str:
    lines = [clean(relative(str(written.path), folder))]
    lines.append(written_lines(written, columns=columns))
    if written.report is not None:
        lines.append(report_text(written.report, columns=columns))
    return "\n".join(lines)


def _lock(view: LockView, folder: str | None, columns: int | None) -> str:
    return _fitted(f"{clean(str(view.server))}: {lock_line(view)}", columns)


def _fitted(text: str, columns: int | None) -> str:
    lines = text.splitlines()
    return "\n".join(p for one in lines for p in wrapped(one, columns, indent="  "))


SHOWN: Mapping[type, tuple[Callable[..., str], Callable[..., str]]] = {
    Status: (
        lambda r, _, columns: status_text(r.rows, status_summary(r), columns=columns),
        lambda r, _: status_html(r),
    ),
    Report: (
        lambda r, _, columns: report_text(r, columns=columns),
        lambda r, _: report_html(r),
    ),
    Log: (
        lambda r, _, columns: log_lines(r, columns=columns),
        lambda r, _: log_html(r),
    ),
    Verification: (_verification, verification_html),
    Diagnosis: (_diagnosis, diagnosis_html),
    MigrationView: (_view, view_html),
    MigrationDiff: (_diff, lambda r, _: diff_html(r)),
    Explanation: (
        lambda r, _, columns: in_cells(explanation(r, columns=columns)),
        lambda r, _: explanation_html(r),
    ),
    WrittenMigration: (_written, written_html),
    QueryResult: (
        lambda r, _, columns: query_text(r, columns=columns),
        lambda r, _: query_html(r),
    ),
    LockView: (_lock, lambda r, _: lock_html(r)),
    Correction: (
        lambda r, folder, columns: _fitted(correction_text(r, folder), columns),
        correction_html,
    ),
    SandboxAnswer: (
        lambda r, folder, _: in_notebook(sandbox_text(r, folder)),
        sandbox_html,
    ),
    InitResult: (
        lambda r, folder, columns: _fitted("\n".join(init_lines(r, folder)), columns),
        init_html,
    ),
}
"""What each result looks like, as text and as HTML; to show another one: a row."""
