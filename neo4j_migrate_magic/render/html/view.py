"""One migration as HTML: what it does, its steps with their states, its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import Direction, StepState
from neo4j_migrate_magic.render.html.parts import (
    Html,
    Tone,
    badge,
    block,
    difference,
    fragment,
    joined,
    line_of,
    paragraph,
    quiet,
    said,
    table,
    whole,
)
from neo4j_migrate_magic.render.html.status import state_badge
from neo4j_migrate_magic.render.view import facts
from neo4j_migrate_magic.render.words import in_notebook
from neo4j_migrate_magic.schema.change import described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.model import (
        MigrationDiff,
        MigrationView,
        Statement,
        Step,
    )

_TONES = {
    StepState.DONE: Tone.GOOD,
    StepState.EDITED: Tone.BAD,
    StepState.FAILED: Tone.BAD,
    StepState.IN_DOUBT: Tone.ODD,
    StepState.NEXT: Tone.TODO,
    StepState.PENDING: Tone.QUIET,
}


def view_html(view: MigrationView, folder: str | None) -> str:
    """Show all that is known of one migration."""
    rows = [[whole(quiet(word)), text] for word, text in facts(view, folder)]
    return fragment(
        _head(view),
        paragraph(view.description),
        table(("", ""), rows) if rows else "",
        joined([paragraph(badge("failed", Tone.BAD)), block(view.error)])
        if view.error
        else "",
        joined([paragraph(badge("edited", Tone.ODD)), difference(view.diff)])
        if view.diff
        else "",
        _steps(view),
    )


def diff_html(view: MigrationDiff) -> str:
    """Show how a migration's file differs from what was applied."""
    if not view.diff:
        line = "its file is what was applied"
    elif view.counts:
        line = "a statement is not as applied"
    else:
        line = "every statement is as applied; the rest may change"
    return fragment(_head(view), paragraph(line), difference(view.diff))


def _head(view: MigrationView) -> Html:
    row = view.row
    note = f"  {row.note}" if row.note else ""
    return paragraph(said(view.server, row.title), "  ", state_badge(row.state), note)


def _steps(view: MigrationView) -> Html:
    going = "down" if view.direction is Direction.DOWN else "up"
    if not view.steps:
        way = f"neo4j-migrate show {view.row.version} --source prints its text"
        what = f"cannot be read by this version; {way}" if view.source else "not kept"
        return paragraph(in_notebook(f"steps of {going}: {what}"))
    inverse = ", computed when it was applied" if view.computed else ""
    head = paragraph(quiet(f"steps of {going}{inverse}"))
    return joined([head, steps_html(view.steps, view.states, computed=view.computed)])


def steps_html(
    steps: Sequence[Step],
    states: Sequence[StepState] = (),
    *,
    computed: bool = False,
) -> Html:
    """Show steps with their statements.

    Args:
        steps: The steps.
        states: How far each is; none where that is not the question.
        computed: Whether the statements stand in no file, and so have no lines.
    """
    parts: list[str] = []
    for number, step in enumerate(steps):
        state = badge(states[number].value, _TONES[states[number]]) if states else ""
        rerunnable = "  rerunnable" if step.rerunnable else ""
        what = "" if step.statements else "  a Python function"
        head = f"{step.index}  {step.kind.value}{rerunnable}{what}"
        parts.append(paragraph(head, "  " if state else "", state))
        parts += [_statement(one, computed=computed) for one in step.statements]
    return joined(parts)


def _statement(statement: Statement, *, computed: bool) -> Html:
    text = described(statement.text, dict(statement.parameters))
    return joined(["" if computed else line_of(statement.line), block(text)])
