"""A whole report as text: the lines about the run, and a table of its migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import Direction, Outcome
from neo4j_migrate_magic.render.report import report_line
from neo4j_migrate_magic.render.table import table
from neo4j_migrate_magic.render.words import clean, counters, duration

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import Report

_WHOLE = (Outcome.APPLIED, Outcome.ROLLED_BACK)
_HEADERS = ("Migration", "Outcome", "Steps run", "Duration", "Changes")


def report_text(report: Report, *, columns: int | None = None) -> str:
    """Write what a run did, also when it was stopped.

    Args:
        report: What it did.
        columns: The width that the table fits into; None means any.
    """
    rows = [
        [
            one.title,
            outcome_words(one.outcome, report.direction),
            f"{one.steps_run} of {one.steps}",
            duration(one.duration_ms),
            counters(one.counters),
        ]
        for one in report.migrations
    ]
    lines = run_lines(report)
    if rows:
        lines.append(table(_HEADERS, rows, columns=columns))
    return "\n".join(lines)


def run_lines(report: Report) -> list[str]:
    """Say what a run did; of one that was stopped, first at what, then what is done."""
    stopped = [one for one in report.migrations if one.outcome not in _WHOLE]
    if not stopped:
        return [report_line(report)]
    last = stopped[-1]
    what = outcome_words(last.outcome, report.direction)
    head = f"stopped at {clean(last.title)}: {what}"
    if len(stopped) == len(report.migrations):
        return [f"{head} on {clean(str(report.server))}"]
    return [head, f"before it: {report_line(report)}"]


def outcome_words(outcome: Outcome, direction: Direction) -> str:
    """Say what became of a migration; one that `down` left alone is still applied."""
    if outcome is Outcome.UNTOUCHED and direction is Direction.DOWN:
        return "not rolled back"
    return outcome.value
