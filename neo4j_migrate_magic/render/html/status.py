"""The rows of a status as HTML, and the line that says where the database is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import State
from neo4j_migrate_magic.render.html.parts import (
    Html,
    Tone,
    badge,
    fragment,
    number,
    paragraph,
    quiet,
    strong,
    table,
    ways,
    whole,
)
from neo4j_migrate_magic.render.status import chosen, left_out, status_summary
from neo4j_migrate_magic.render.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from neo4j_migrate_magic.errors import Next
    from neo4j_migrate_magic.model import Status, StatusRow

MOST = 40
"""More rows than these are not all shown."""

MORE = ".frame() has them"
"""What is said of the others."""

_HEADERS = (
    *("version", "name", "state", "applied at (UTC)", "duration", "by", "note"),
)
_TONES = {
    State.RUNNING: Tone.TODO,
    State.INTERRUPTED: Tone.BAD,
    State.FAILED: Tone.BAD,
    State.MISSING: Tone.ODD,
    State.EDITED: Tone.ODD,
    State.LATE: Tone.ODD,
    State.BASELINE: Tone.QUIET,
    State.APPLIED: Tone.GOOD,
    State.PENDING: Tone.TODO,
}


def status_html(status: Status) -> str:
    """Show a status: the line, and the rows."""
    return rows_html(status.rows, line=status_summary(status), as_of=status.now)


def rows_html(
    rows: Sequence[StatusRow],
    *,
    line: str,
    as_of: datetime | None = None,
    most: int | None = MOST,
    more: str = MORE,
    next: Sequence[Next] = (),
) -> str:
    """Show rows of a status.

    Args:
        rows: The rows, in order of version.
        line: What is said above them.
        as_of: When that was so.
        most: With more rows than this, those that the terminal shows; None means all.
        more: What has the rows that were left out.
        next: The commands that go on from here.
    """
    shown = chosen(rows, most)
    marked = [n for n, row in enumerate(shown) if _TONES[row.state] is Tone.BAD]
    left = left_out(rows, shown)
    lead = quiet(f"{left}  {more}") if left else ""
    when = quiet(f"  as of {utc(as_of)} UTC") if as_of else ""
    return fragment(
        paragraph(strong(line), when),
        table(_HEADERS, [_cells(row) for row in shown], marked, lead=lead),
        ways(next),
    )


def utc(when: datetime | None) -> str:
    """Write a time that is UTC, where its heading says so."""
    return f"{when:%Y-%m-%d %H:%M:%S}" if when else ""


def state_badge(state: State) -> Html:
    """Show a state as its word, in its colour."""
    return badge(state.value, _TONES[state])


def _cells(row: StatusRow) -> list[str]:
    took = "" if row.duration_ms is None else duration(row.duration_ms)
    return [
        whole(row.version),
        row.name,
        whole(state_badge(row.state)),
        whole(utc(row.applied_at)),
        number(took),
        whole(row.by),
        row.note,
    ]
