"""Results as columns: the names and the order of their JSON, flattened, each typed."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from neo4j_migrate_magic.model import (
    MigrationKind,
    Outcome,
    ProblemKind,
    State,
    StepKind,
    StepState,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from neo4j_migrate_magic.errors import Next
    from neo4j_migrate_magic.model import (
        Diagnosis,
        Explanation,
        Log,
        MigrationView,
        Report,
        Statement,
        StatusRow,
        Step,
        Verification,
    )

COUNTERS = (
    *("nodes_created", "nodes_deleted"),
    *("relationships_created", "relationships_deleted"),
    "properties_set",
    *("labels_added", "labels_removed"),
    *("indexes_added", "indexes_removed"),
    *("constraints_added", "constraints_removed"),
)
"""What the server counts, as it names it."""

_TOLD = ("tool", "checksum", "step", "steps", "duration_ms", "error", "counters")
_LARGEST = 2**63 - 1


class Kind(Enum):
    """What a column has."""

    TEXT = "text"
    COUNT = "count"  # a number in every row
    NUMBER = "number"  # or none
    TIME = "time"  # in UTC
    SPAN = "span"  # in milliseconds
    TRUTH = "truth"  # or none


class Column(NamedTuple):
    """One column of a frame; a `kind` that is an enum has its words as categories."""

    name: str
    kind: Kind | type[Enum]
    values: list[Any]


def status_columns(rows: Sequence[StatusRow]) -> list[Column]:
    """Give what `status` knows of each migration."""
    return [
        _texts("version", (row.version for row in rows)),
        _texts("name", (row.name for row in rows)),
        Column("state", State, [row.state.value for row in rows]),
        Column("applied_at", Kind.TIME, [row.applied_at for row in rows]),
        Column("duration", Kind.SPAN, [row.duration_ms for row in rows]),
        Column("kind", MigrationKind, [row.kind.value for row in rows]),
        Column("reversible", Kind.TRUTH, [row.reversible for row in rows]),
        _texts("checksum", (row.checksum for row in rows)),
        _texts("by", (row.by for row in rows)),
        _texts("path", (str(row.path) if row.path else None for row in rows)),
        _texts("note", (row.note for row in rows)),
    ]


def report_columns(report: Report) -> list[Column]:
    """Give what a run did with each migration."""
    rows = report.migrations
    return [
        _texts("version", (row.version for row in rows)),
        _texts("name", (row.name for row in rows)),
        Column("outcome", Outcome, [row.outcome.value for row in rows]),
        Column("steps", Kind.COUNT, [row.steps for row in rows]),
        Column("steps_run", Kind.COUNT, [row.steps_run for row in rows]),
        Column("duration", Kind.SPAN, [row.duration_ms for row in rows]),
        *_counts([row.counters for row in rows]),
    ]


def log_columns(log: Log) -> list[Column]:
    """Give each event; what an event tells and no column has is JSON in `detail`."""
    rows = log.entries
    told = [row.detail for row in rows]
    return [
        Column("at", Kind.TIME, [row.at for row in rows]),
        _texts("what", (row.what for row in rows)),
        _texts("version", (row.version for row in rows)),
        _texts("name", (row.name for row in rows)),
        _texts("by", (row.by for row in rows)),
        _texts("run_id", (row.run_id for row in rows)),
        _texts("tool", (_text(one.get("tool")) for one in told)),
        _texts("checksum", (_text(one.get("checksum")) for one in told)),
        Column("step", Kind.NUMBER, [_number(one.get("step")) for one in told]),
        Column("steps", Kind.NUMBER, [_number(one.get("steps")) for one in told]),
        Column(
            "duration", Kind.SPAN, [_number(one.get("duration_ms")) for one in told]
        ),
        _texts("error", (_text(one.get("error")) for one in told)),
        *_counts([_counted(one.get("counters")) for one in told]),
        _texts("detail", map(_rest, told)),
    ]


def verification_columns(found: Verification) -> list[Column]:
    """Give each problem: where it is, what changed, what to type."""
    rows = found.problems
    places = [row.where for row in rows]
    return [
        Column("kind", ProblemKind, [row.kind.value for row in rows]),
        _texts("version", (row.version for row in rows)),
        _texts("name", (row.title.partition("-")[2] for row in rows)),
        _texts("what", (row.what for row in rows)),
        _texts("path", (place.path if place else None for place in places)),
        Column(
            "line", Kind.NUMBER, [place.line if place else None for place in places]
        ),
        Column(
            "column", Kind.NUMBER, [place.column if place else None for place in places]
        ),
        _texts("diff", ("\n".join(row.diff) for row in rows)),
        _texts("next", (_commands(row.next) for row in rows)),
    ]


def diagnosis_columns(found: Diagnosis) -> list[Column]:
    """Give each check."""
    rows = found.checks
    return [
        Column("verdict", Verdict, [row.verdict.value for row in rows]),
        _texts("area", (row.area for row in rows)),
        _texts("what", (row.what for row in rows)),
        _texts("next", (row.next.command if row.next else None for row in rows)),
    ]


def view_columns(view: MigrationView) -> list[Column]:
    """Give each statement with its step; a step without any, of Python, has a row."""
    rows: list[tuple[Step, StepState, Statement | None]] = [
        (step, state, statement)
        for step, state in zip(view.steps, view.states, strict=True)
        for statement in step.statements or (None,)
    ]
    found = [statement for *_, statement in rows]
    lines = [one.line if one and not view.computed else None for one in found]
    return [
        Column("step", Kind.COUNT, [step.index for step, *_ in rows]),
        Column("kind", StepKind, [step.kind.value for step, *_ in rows]),
        Column("state", StepState, [state.value for _, state, _ in rows]),
        Column("line", Kind.NUMBER, lines),
        _texts("text", (one.text if one else None for one in found)),
    ]


def explanation_columns(found: Explanation) -> list[Column]:
    """Give each code."""
    rows = found.pages
    return [
        _texts("code", (row.code for row in rows)),
        _texts("exit_codes", (", ".join(map(str, row.exit_codes)) for row in rows)),
        _texts("means", (row.means for row in rows)),
        _texts("why", (row.why for row in rows)),
        _texts("kept", (row.kept for row in rows)),
        _texts("next", (_commands(row.next) for row in rows)),
    ]


def _texts(name: str, values: Iterable[str | None]) -> Column:
    return Column(name, Kind.TEXT, [value or None for value in values])


def _counts(found: Sequence[Mapping[str, int]]) -> list[Column]:
    """Give a column for every counter, also for those that nothing counted."""
    return [
        Column(name, Kind.COUNT, [counts.get(name, 0) for counts in found])
        for name in COUNTERS
    ]


def _commands(ways: Sequence[Next]) -> str:
    return "\n".join(way.command for way in ways)


# Whoever writes to the database writes into the log: what an event tells may be anything.


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool)
    return value if fits and abs(value) <= _LARGEST else None


def _counted(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    return {name: _number(count) or 0 for name, count in value.items()}


def _rest(told: Mapping[str, Any]) -> str | None:
    rest = {name: value for name, value in told.items() if name not in _TOLD}
    return json.dumps(rest, ensure_ascii=False, default=str) if rest else None
