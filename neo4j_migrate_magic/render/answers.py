"""What the smaller results say: a lock, a correction, the sandbox, rows of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.render.error import next_lines
from neo4j_migrate_magic.render.table import table
from neo4j_migrate_magic.render.words import (
    clean,
    counters,
    lock_words,
    plural,
    relative,
)

if TYPE_CHECKING:
    from neo4j_migrate_magic.config import InitResult
    from neo4j_migrate_magic.model import (
        Correction,
        LockView,
        QueryResult,
        SandboxAnswer,
    )

ROWS = 60
"""The rows of a query that are shown."""

_LONGEST = 1000  # characters of a value


def lock_line(view: LockView) -> str:
    """Say what was done about a lock, or who holds it."""
    if view.done:
        return clean(view.done)
    if view.lock is None or not view.held:
        return "the lock is free"
    return f"the lock {lock_words(view.lock, view.now)}"


def correction_text(made: Correction, folder: str | None) -> str:
    """Write what was written into the history, and of which migrations."""
    lines = [f"{clean(str(made.server))}: {clean(relative(made.said, folder))}"]
    lines += [f"  {clean(title)}" for title in made.titles]
    lines += [f"  {clean(t)}  left out: {clean(w)}" for t, w in made.skipped.items()]
    return "\n".join(lines)


def sandbox_text(answer: SandboxAnswer, folder: str | None) -> str:
    """Write where the sandbox runs, and what to type next."""
    lines = [clean(answer.uri)] if answer.uri else []
    lines.append(clean(relative(answer.said, folder)))
    return "\n".join([*lines, *next_lines(answer.next)])


def init_lines(result: InitResult, folder: str | None) -> list[str]:
    """Say what `init` found or made."""
    config = clean(relative(str(result.config_path), folder))
    made = clean(relative(str(result.folder), folder))
    return [
        f"wrote {config}" if result.created_config else f"{config} is there",
        f"made {made}" if result.created_folder else f"{made} is there",
        *(f"warning: {clean(text)}" for text in result.warnings),
    ]


def query_text(result: QueryResult, *, columns: int | None = None) -> str:
    """Write the rows of a query as a table, the first ones of many."""
    line = rows_line(result)
    if not result.keys:
        return line
    drawn = table(result.keys, row_values(result), columns=columns)
    return f"{drawn}\n{line}"


def rows_line(result: QueryResult) -> str:
    """Say how many rows there are, and what the query changed."""
    count = len(result.rows)
    line = plural(count, "row")
    if count > ROWS:
        line = f"the first {ROWS} of {line}; .frame() has them all"
    changes = counters(result.counters)
    return f"{line}      {changes}" if changes else line


def row_values(result: QueryResult) -> list[list[str]]:
    """Write the values of the first rows."""
    return [[_written(value) for value in row] for row in result.rows[:ROWS]]


def _written(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
