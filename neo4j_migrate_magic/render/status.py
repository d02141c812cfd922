"""The status as a table, a summary and the next command."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import Next
from neo4j_migrate_magic.model import Direction, State, Stuck
from neo4j_migrate_magic.render.table import table
from neo4j_migrate_magic.render.words import clean, holder, moment, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import tzinfo

    from neo4j_migrate_magic.model import Status, StatusRow

PART_WAY = (State.RUNNING, State.INTERRUPTED, State.FAILED)
_APPLIED = (State.APPLIED, State.BASELINE, State.EDITED, State.MISSING)
_PLAIN = (State.APPLIED, State.BASELINE)
_THREE = 57  # columns that a table with notes needs at least
_LAST = 20  # applied migrations that a long table has


def status_table(
    status: Status,
    *,
    zone: tzinfo | None = None,
    columns: int | None = None,
    unicode: bool = True,
    most: int | None = None,
) -> str:
    """Draw the table of `status`.

    Args:
        status: What to draw.
        zone: The time zone of the times; None means the machine's own.
        columns: The width to fit into; None means any.
        unicode: Whether box characters may be used.
        most: With more rows than this, only the last applied ones, and every row that
            is not simply applied; None means all.
    """
    return rows_table(
        status.rows, zone=zone, columns=columns, unicode=unicode, most=most
    )


def rows_table(
    found: Sequence[StatusRow],
    *,
    zone: tzinfo | None = None,
    columns: int | None = None,
    unicode: bool = True,
    most: int | None = None,
    applied_at: str = "Applied At",
    more: str = "--all shows them",
) -> str:
    """Draw the table of some rows of a status.

    Args:
        found: The rows.
        zone: The time zone of the times; None means the machine's own.
        columns: The width to fit into; None means any.
        unicode: Whether box characters may be used.
        most: As for `status_table`.
        applied_at: The heading of the times.
        more: What shows the rows that were left out.
    """
    shown = chosen(found, most)
    headers = ["Migration", applied_at]
    noted = any(row.note for row in shown)
    beside = noted and (columns is None or columns >= _THREE)
    if beside:
        headers.append("Note")
    rows = []
    for row in shown:
        cells = [row.title, _applied_at(row, zone)]
        rows.append([*cells, row.note] if beside else cells)
        if row.note and not beside:  # there is no room: it stands below
            rows.append([f"  {row.note}", ""])
    if left := left_out(found, shown):
        rows.insert(0, [left, more, ""][: len(headers)])
    return table(headers, rows, columns=columns, unicode=unicode)


def chosen(rows: Sequence[StatusRow], most: int | None) -> Sequence[StatusRow]:
    """Choose the rows of a long status: the last applied ones, and what is not that."""
    if most is None or len(rows) <= most:
        return rows
    plain = [row.version for row in rows if row.state in _PLAIN]
    old = set(plain[:-_LAST])
    return [row for row in rows if row.version not in old]


def left_out(rows: Sequence[StatusRow], shown: Sequence[StatusRow]) -> str:
    """Say how many rows were not chosen; nothing where all were."""
    count = len(rows) - len(shown)
    return f"… {count:,} applied before" if count else ""


def _applied_at(row: StatusRow, zone: tzinfo | None) -> str:
    begun = row.state in PART_WAY and (
        row.direction is Direction.UP or row.applied_at is None
    )
    if begun or row.state in (State.PENDING, State.LATE):
        return "PENDING"
    if row.applied_at is None:
        return "APPLIED"
    return f"{row.applied_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def status_summary(status: Status) -> str:
    """Say in one line where the database is, and who holds the lock."""
    counts = counted(row.state for row in status.whole)
    return f"{clean(str(status.server))}: {counts}; {status_lock(status)}"


def counted(states: Iterable[State]) -> str:
    """Count what is applied, part-way and pending."""
    found = Counter(states)
    applied = sum(found[state] for state in _APPLIED)
    begun = sum(found[state] for state in PART_WAY)
    pending = found[State.PENDING] + found[State.LATE]
    parts = [
        f"{applied:,} applied"
        + _of_them(
            ("edited", found[State.EDITED]),
            ("without file", found[State.MISSING]),
            ("baseline", found[State.BASELINE]),
        )
    ]
    if begun:
        parts.append(f"{begun} part-way")
    parts.append(f"{pending:,} pending" + _of_them(("late", found[State.LATE])))
    return ", ".join(parts)


def _of_them(*kinds: tuple[str, int]) -> str:
    named = ", ".join(f"{count:,} {word}" for word, count in kinds if count)
    return f" ({named})" if named else ""


def status_lock(status: Status) -> str:
    """Say who holds the lock, and whether a newer tool wrote the history."""
    newer = "written by a newer neo4j-migrate, of which this one may not see all"
    return f"{_lock(status)}; {newer}" if status.newer else _lock(status)


def _lock(status: Status) -> str:
    lock = status.lock
    if lock is None or lock.owner is None or lock.expires_at is None:
        return "lock free"
    if lock.expires_at < status.now:
        return "lock free (its holder is gone)"
    since = f" since {moment(lock.acquired_at)}" if lock.acquired_at else ""
    return f"lock held by {holder(lock.owner, lock.verb)}{since}"


def status_next(status: Status) -> tuple[Next, ...]:
    """Name the command that goes on from here; none where nothing is to do."""
    if status.newer:
        return (Next("pip install --upgrade neo4j-migrate-magic", "to read it all"),)
    if not status.whole:
        return (Next("neo4j-migrate create NAME", "there is no migration yet"),)
    first = {row.state: row for row in reversed(status.whole)}
    pending = sum(row.state is State.PENDING for row in status.whole)
    for state, way in _WAYS.items():
        if state not in first:
            continue
        if state is State.MISSING and not pending and State.LATE not in first:
            return (Next("neo4j-migrate verify", "says which file is gone"),)
        return (way(first[state]),)
    if pending:
        return (Next("neo4j-migrate up", f"applies {plural(pending, 'migration')}"),)
    return ()


def row_next(row: StatusRow) -> tuple[Next, ...]:
    """Name the command that goes on with one migration; none where all is done."""
    way = _WAYS.get(row.state)
    return (way(row),) if way else ()


def _goes_on(row: StatusRow) -> Next:
    step = f"at step {row.steps_done + 1} of {row.steps}"
    if row.stuck is Stuck.DOUBT:
        return Next(
            f"neo4j-migrate {row.direction.value}",
            f"names the ways on with {row.title} {step}",
        )
    if row.stuck is not None:
        return Next("neo4j-migrate verify", f"{row.stuck.value}: names the ways out")
    if row.direction is Direction.DOWN:
        return Next("neo4j-migrate down", f"goes on rolling back {row.title} {step}")
    return Next("neo4j-migrate up", f"goes on with {row.title} {step}")


# The first of these states that a row has decides.
_WAYS: dict[State, Callable[[StatusRow], Next]] = {
    State.RUNNING: lambda _: Next(
        "neo4j-migrate status", "a run is at work; look again later"
    ),
    State.INTERRUPTED: _goes_on,
    State.FAILED: _goes_on,
    State.EDITED: lambda _: Next(
        "neo4j-migrate verify", "says what was edited, and the ways out"
    ),
    State.MISSING: lambda _: Next(
        "neo4j-migrate up --allow missing", "goes on without the file"
    ),
    State.LATE: lambda row: Next(
        f"neo4j-migrate up --allow-late {row.version}", "applies it too"
    ),
}
