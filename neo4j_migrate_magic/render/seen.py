"""How a frame of `status` or `log` shows in a notebook, from the values that it has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from neo4j_migrate_magic.errors import Next
from neo4j_migrate_magic.model import (
    Direction,
    Log,
    LogEntry,
    MigrationKind,
    Server,
    State,
    StatusRow,
)
from neo4j_migrate_magic.render.bundle import status_text
from neo4j_migrate_magic.render.columns import COUNTERS
from neo4j_migrate_magic.render.html.findings import entries_html
from neo4j_migrate_magic.render.html.status import MOST, rows_html
from neo4j_migrate_magic.render.log import log_lines
from neo4j_migrate_magic.render.status import (
    PART_WAY,
    counted,
    status_lock,
    status_next,
    status_summary,
)
from neo4j_migrate_magic.render.words import clean, plural

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import Status

_ALL = "%migrate status --all shows them"

Rows = Sequence[Mapping[str, Any]]
"""The rows of a frame, in Python's own types; None is what is missing."""


class Table(Protocol):
    """What a frame has, in our own words again."""

    index: ClassVar[str | None]
    dtypes: ClassVar[Mapping[str, str]]
    """The columns that a frame must have for it."""

    @classmethod
    def read(cls, rows: Rows, attrs: Mapping[str, str]) -> Table | None:
        """Take a frame's values; None where they are not what we put into one."""

    def html(self) -> str:
        """Show it in a cell."""

    def text(self, columns: int | None) -> str:
        """Show it in a terminal, in as many columns."""


def status_seen(status: Status, *, every: bool) -> dict[str, str]:
    """Give what a status is beside its rows, as plain texts.

    Args:
        status: What it is of.
        every: Whether a notebook shows all rows of a long one.
    """
    told = {
        "as_of": status.now.isoformat(),
        "target": clean(str(status.server)),
        "lock": status_lock(status),
        "summary": status_summary(status),
        "of": "all" if status.all_rows is None else "selection",
        "shown": "all" if every else "most",
    }
    for way in status_next(status)[:1]:
        told |= {"next": way.command, "next_label": way.label}
    return told


@dataclass(frozen=True, slots=True)
class StatusTable:
    """The rows of a frame of `status`, and what its `attrs` tell."""

    rows: Sequence[StatusRow]
    attrs: Mapping[str, str]

    index: ClassVar[str | None] = "version"
    dtypes: ClassVar[Mapping[str, str]] = {
        "name": "string",
        "state": "category",
        "applied_at": "datetime64[us, UTC]",
        "duration": "timedelta64[ms]",
        "kind": "category",
        "reversible": "boolean",
        "checksum": "string",
        "by": "string",
        "path": "string",
        "note": "string",
    }

    @classmethod
    def read(cls, rows: Rows, attrs: Mapping[str, str]) -> StatusTable | None:
        """Take the values of a frame."""
        try:
            return cls([_status_row(row) for row in rows], attrs)
        except ValueError:  # a state or a kind that is none
            return None

    @property
    def line(self) -> str:
        """Say where the database is; what the rows say is counted in them."""
        if self.attrs.get("of") == "selection":
            shown = plural(len(self.rows), "row")
            return f"{self.attrs.get('summary', '')} ({shown} shown)"
        counts = counted(row.state for row in self.rows)
        target, lock = self.attrs.get("target"), self.attrs.get("lock")
        return (
            (f"{target}: " if target else "") + counts + (f"; {lock}" if lock else "")
        )

    def html(self) -> str:
        """Show it in a cell, with the next command."""
        return rows_html(
            self.rows,
            line=self.line,
            as_of=_moment(self.attrs.get("as_of")),
            most=self._most,
            more=_ALL,
            next=self._next,
        )

    def text(self, columns: int | None) -> str:
        """Show it in a terminal."""
        return status_text(
            self.rows,
            self.line,
            columns=columns,
            most=self._most,
            more=_ALL,
            next=self._next,
        )

    @property
    def _most(self) -> int | None:
        return None if self.attrs.get("shown") == "all" else MOST

    @property
    def _next(self) -> list[Next]:
        """Give the next command, as long as the rows are those that it was found for."""
        command = self.attrs.get("next")
        changed = self.attrs.get("of") == "all" and self.line != self.attrs.get(
            "summary"
        )
        if command is None or changed:
            return []
        return [Next(command, self.attrs.get("next_label", ""))]


def _status_row(row: Mapping[str, Any]) -> StatusRow:
    state, applied_at = State(row["state"]), row["applied_at"]
    back = state in PART_WAY and applied_at is not None
    return StatusRow(
        version=row["version"] or "",
        name=row["name"] or "",
        state=state,
        kind=MigrationKind(row["kind"]),
        direction=Direction.DOWN if back else Direction.UP,
        applied_at=applied_at,
        duration_ms=row["duration"],
        reversible=row["reversible"],
        checksum=row["checksum"] or "",
        by=row["by"] or "",
        path=Path(row["path"]) if row["path"] else None,
        note=row["note"] or "",
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:  # somebody put something else there
        return None


def log_seen(log: Log) -> dict[str, str]:
    """Give what a log is beside its entries, as plain texts."""
    more = "yes" if log.more else "no"
    return {"target": clean(str(log.server)), "more": more}


@dataclass(frozen=True, slots=True)
class LogTable:
    """The rows of a frame of `log`, and what its `attrs` tell."""

    rows: Sequence[LogEntry]
    attrs: Mapping[str, str]

    index: ClassVar[str | None] = None
    dtypes: ClassVar[Mapping[str, str]] = {
        "at": "datetime64[us, UTC]",
        **dict.fromkeys(("what", "version", "name", "by", "run_id"), "string"),
        **dict.fromkeys(("tool", "checksum"), "string"),
        **dict.fromkeys(("step", "steps"), "Int64"),
        "duration": "timedelta64[ms]",
        "error": "string",
        **dict.fromkeys(COUNTERS, "int64"),
        "detail": "string",
    }

    @classmethod
    def read(cls, rows: Rows, attrs: Mapping[str, str]) -> LogTable | None:
        """Take the values of a frame."""
        if any(row["at"] is None for row in rows):
            return None
        return cls([_entry(row) for row in rows], attrs)

    @property
    def _more(self) -> bool:
        return self.attrs.get("more") == "yes"

    def html(self) -> str:
        """Show it in a cell."""
        target = f" of {self.attrs['target']}" if "target" in self.attrs else ""
        line = f"log{target}: {plural(len(self.rows), 'event')}"
        return entries_html(self.rows, line=line, more=self._more)

    def text(self, columns: int | None) -> str:
        """Show it in a terminal."""
        server = Server(version="", database="", address="")  # is in no line
        log = Log(entries=tuple(self.rows), server=server, more=self._more)
        return log_lines(log, columns=columns)


def _entry(row: Mapping[str, Any]) -> LogEntry:
    return LogEntry(
        at=row["at"],
        what=row["what"] or "",
        version=row["version"],
        name=row["name"],
        by=row["by"] or "",
        run_id=row["run_id"] or "",
        detail=_detail(row),
    )


def _detail(row: Mapping[str, Any]) -> dict[str, Any]:
    """Put together again what an event told."""
    told = {name: row[name] for name in ("tool", "step", "steps", "error")}
    told["duration_ms"] = row["duration"]
    told["counters"] = {name: row[name] for name in COUNTERS if row[name]}
    try:
        rest = json.loads(row["detail"] or "{}")
    except ValueError:  # somebody changed it
        rest = {}
    found = {name: value for name, value in told.items() if value}
    return {**(rest if isinstance(rest, dict) else {}), **found}
