"""One migration as text: what it does, its steps with their states, its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import Direction, State
from neo4j_migrate_magic.render.words import (
    clean,
    counters,
    duration,
    moment,
    relative,
    wrapped,
)
from neo4j_migrate_magic.schema.change import described

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import MigrationView, Statement, Step, StepState

_INDENT = "  "


def migration_view(
    view: MigrationView, *, columns: int | None = None, folder: str | None = None
) -> str:
    """Write all that is known of one migration.

    Args:
        view: What is known.
        columns: What a line must fit into, else it goes on below; None means any.
        folder: Paths inside it are shown relative to it.
    """
    row = view.row
    state = clean(row.note) or row.state.value
    lines = [f"{clean(row.title)}   {state}"]
    if view.description:
        lines.append(f"{_INDENT}{clean(view.description)}")
    lines += [f"{_INDENT}{word:<8}  {text}" for word, text in facts(view, folder)]
    if view.error:
        lines += [f"{_INDENT}{'failed':<8}  {_lines(view.error)}"]
    for line in view.diff:
        lines.append(f"{_INDENT}{'edited':<8}  {clean(line)}")
    lines += _steps(view)
    whole = "\n".join(lines).splitlines()
    return "\n".join(part for line in whole for part in _fitted(line, columns))


def _fitted(line: str, columns: int | None) -> list[str]:
    """Let a line go on below: code at its margin, a path nowhere, the rest indented."""
    if line.startswith(f"{_INDENT}file "):
        return [line]
    code = line[10:13] == " | "
    return wrapped(line, columns, indent=f"{'':>10} | " if code else " " * 12)


def facts(view: MigrationView, folder: str | None) -> list[tuple[str, str]]:
    """List what is known beside the statements, each with its word."""
    row = view.row
    facts = [("file", relative(clean(str(row.path)), folder) if row.path else "gone")]
    if row.state not in (State.PENDING, State.LATE):
        when = moment(row.applied_at) if row.applied_at else "not yet"
        took = f", {duration(row.duration_ms)}" if row.duration_ms else ""
        facts.append(("applied", f"{when}{took}, by {clean(row.by) or 'somebody'}"))
        made = f"{view.run_id}, tool {view.tool}, Neo4j {view.made_on}"
        facts.append(("run", clean(made)))
        changes = counters(view.counters)
        facts += [("changes", changes)] if changes else []
    facts.append(("checksum", clean(row.checksum)))
    facts.append(("way back", view.way_back))
    return facts


def _lines(text: str) -> str:
    """Indent what follows a first line."""
    return f"\n{_INDENT}{'':<10}".join(clean(line) for line in text.splitlines())


def _steps(view: MigrationView) -> list[str]:
    going = "down" if view.direction is Direction.DOWN else "up"
    if not view.steps:
        way = f"neo4j-migrate show {view.row.version} --source prints its text"
        what = f"cannot be read by this version; {way}" if view.source else "not kept"
        return [f"{_INDENT}steps of {going}: {what}"]
    inverse = ", computed when it was applied" if view.computed else ""
    lines = [f"{_INDENT}steps of {going}{inverse}"]
    for step, state in zip(view.steps, view.states, strict=True):
        lines.append(_step(step, state))
        lines += [_statement(s, view.computed) for s in step.statements]
    return lines


def _step(step: Step, state: StepState) -> str:
    more = "  rerunnable" if step.rerunnable else ""
    what = "" if step.statements else "  a Python function"
    return f"  {step.index:>3}  {state.value:<8}  {step.kind.value}{more}{what}"


def _statement(statement: Statement, computed: bool) -> str:
    text = described(statement.text, dict(statement.parameters))
    line = "" if computed else statement.line
    margin = f"\n{'':>10} | "
    return f"{line:>10} | " + margin.join(map(clean, text.splitlines()))
