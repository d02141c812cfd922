"""The log as lines: time, version, what happened, by whom, with what, how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.render.words import (
    clean,
    counters,
    duration,
    holder,
    moment,
    padded,
    width,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neo4j_migrate_magic.model import Log, LogEntry


def log_lines(log: Log, *, columns: int | None = None) -> str:
    """Write an entry per line, newest first, in columns.

    Args:
        log: What happened.
        columns: What a line must fit into, else it goes on below; None means any.
    """
    if not log.entries:
        return "nothing has happened yet"
    whats = max(width(clean(entry.what)) for entry in log.entries)
    titles = max(width(_title(entry)) for entry in log.entries)
    lines = []
    for entry in log.entries:
        rest = "  ".join(filter(None, [entry.by, *told(entry)]))
        what, title = padded(clean(entry.what), whats), padded(_title(entry), titles)
        line = f"{moment(entry.at)}  {what}  {title}  {clean(rest)}".rstrip()
        lines += wrapped(line, columns, indent="    ")
    if log.more:
        lines.append("… and older ones; --limit N shows more")
    return "\n".join(lines)


def _title(entry: LogEntry) -> str:
    if entry.version is None:
        return ""
    return clean(f"{entry.version}-{entry.name}" if entry.name else entry.version)


def told(entry: LogEntry) -> list[str]:
    """Say what an event tells beside who and when."""
    detail = entry.detail
    said = [f"tool {detail['tool']}"] if "tool" in detail else []
    if "from" in detail:
        said.append(f"from {holder(str(detail['from']))}")
    said += _correction(detail)
    if "error" in detail:
        said.append(f"{_step(detail)}: {' '.join(str(detail['error']).split())}")
    elif "duration_ms" in detail:
        said.append(duration(int(detail["duration_ms"])))
    changes = detail.get("counters")
    if isinstance(changes, dict) and changes:
        said.append(counters(changes))
    return said


def _step(detail: Mapping[str, Any]) -> str:
    """Name a step, and how many there are, of `down` where it is one of a `down`."""
    words = f"step {detail.get('step')}"
    if "steps" in detail:
        words += f" of {detail['steps']}"
    return f"{words} of down" if detail.get("direction") == "down" else words


def _mark(detail: Mapping[str, Any]) -> str:
    """Say what a person said, and what the migration is since then."""
    marked = f"marked as {detail['mark']}"
    if "step" not in detail:
        amid = detail.get("direction") == "down"
        return f"{marked}, amid its down" if amid else marked
    now = f": {detail['now']}" if "now" in detail else ""
    return f"{_step(detail)} {marked}{now}"


def _renumbered(versions: Any) -> str:
    before = versions.get("from") if isinstance(versions, dict) else None
    return f"renumbered from {before}" if before else "renumbered"


def _correction(detail: Mapping[str, Any]) -> list[str]:
    told = []
    if "mark" in detail:
        told.append(_mark(detail))
    if "renumbered" in detail:
        told.append(_renumbered(detail["renumbered"]))
    if "accepted" in detail:
        told.append(
            f"accepted the edited file, checksum {str(detail['accepted'])[:12]}"
        )
    if "format" in detail:
        told.append(f"history upgraded to format {detail['format']}")
    if "made" in detail:
        told.append(f"made {' and '.join(map(str, detail['made']))}")
    return told
