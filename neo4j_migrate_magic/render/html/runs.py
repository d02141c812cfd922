"""What a run did, and what became of a migration's file, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import Outcome
from neo4j_migrate_magic.render.html.parts import (
    Html,
    Tone,
    badge,
    difference,
    fragment,
    joined,
    number,
    paragraph,
    quiet,
    strong,
    table,
    whole,
)
from neo4j_migrate_magic.render.html.view import steps_html
from neo4j_migrate_magic.render.runs import outcome_words, run_lines
from neo4j_migrate_magic.render.words import counters, duration, relative

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import MigrationReport, Report, WrittenMigration

_HEADERS = ("version", "name", "outcome", "steps run", "duration", "changes")
_TONES = {
    Outcome.APPLIED: Tone.GOOD,
    Outcome.ROLLED_BACK: Tone.GOOD,
    Outcome.PART_WAY: Tone.BAD,
    Outcome.UNTOUCHED: Tone.ODD,
}


def report_html(report: Report) -> str:
    """Show what a run did: the line, and a row for each migration."""
    return fragment(report_part(report))


def report_part(report: Report) -> Html:
    """Show what a run did, as a part of something larger."""
    first, *rest = run_lines(report)
    head = joined([paragraph(strong(first)), *map(paragraph, rest)])
    rows = [_cells(one, report) for one in report.migrations]
    marked = [
        n for n, one in enumerate(report.migrations) if one.outcome is Outcome.PART_WAY
    ]
    return joined([head, table(_HEADERS, rows, marked)])


def _cells(one: MigrationReport, report: Report) -> list[str]:
    outcome = outcome_words(one.outcome, report.direction)
    return [
        whole(one.version),
        one.name,
        whole(badge(outcome, _TONES[one.outcome])),
        number(f"{one.steps_run} of {one.steps}"),
        number(duration(one.duration_ms)),
        counters(one.counters),
    ]


def written_html(written: WrittenMigration, folder: str | None) -> str:
    """Show a migration's file: where it is, its steps, what changed in it, its run."""
    path = relative(str(written.path), folder)
    return fragment(
        paragraph(strong(path), "  ", badge(written.action.value, Tone.GOOD)),
        steps_html(written.steps),
        difference(written.diff),
        *(paragraph(quiet(f"note  {note}")) for note in written.notes),
        report_part(written.report) if written.report else "",
    )
