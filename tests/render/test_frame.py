"""DataFrames have the same dtypes with no rows and with many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from neo4j_migrate_magic.model import (
    Diagnosis,
    Log,
    QueryResult,
    State,
    Status,
    Verification,
)
from neo4j_migrate_magic.render.columns import COUNTERS
from neo4j_migrate_magic.render.data import DATA
from neo4j_migrate_magic.render.explain import explain
from tests.render.shown import results
from tests.render.test_json import ENTRY, PROBLEM
from tests.render.test_view import view
from tests.render.values import (
    APPLIED,
    FAILED,
    LOCK,
    NOON,
    PENDING,
    SERVER,
    done,
    report,
    status,
)

STATUS_DTYPES = {
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
COUNTED = dict.fromkeys(COUNTERS, "int64")
REPORT_DTYPES = {
    "name": "string",
    "outcome": "category",
    "steps": "int64",
    "steps_run": "int64",
    "duration": "timedelta64[ms]",
    **COUNTED,
}
LOG_DTYPES = {
    "at": "datetime64[us, UTC]",
    **dict.fromkeys(("what", "version", "name", "by", "run_id"), "string"),
    "tool": "string",
    "checksum": "string",
    "step": "Int64",
    "steps": "Int64",
    "duration": "timedelta64[ms]",
    "error": "string",
    **COUNTED,
    "detail": "string",
}
PROBLEM_DTYPES = {
    "kind": "category",
    **dict.fromkeys(("version", "name", "what", "path"), "string"),
    "line": "Int64",
    "column": "Int64",
    "diff": "string",
    "next": "string",
}
CHECK_DTYPES = {
    "verdict": "category",
    **dict.fromkeys(("area", "what", "next"), "string"),
}
VIEW_DTYPES = {
    "step": "int64",
    "kind": "category",
    "state": "category",
    "line": "Int64",
    "text": "string",
}
CODE_DTYPES = dict.fromkeys(
    ("code", "exit_codes", "means", "why", "kept", "next"), "string"
)


def log(*entries: Any) -> Log:
    return Log(entries=entries, server=SERVER)


def problems(*found: Any) -> Verification:
    return Verification(problems=found, compared=3, server=SERVER)


CASES: list[tuple[dict[str, str], list[Any]]] = [
    (STATUS_DTYPES, [status(), status(PENDING), status(APPLIED, FAILED, PENDING)]),
    (REPORT_DTYPES, [report(), report(done(), done(counters={"nodes_created": 1}))]),
    (
        LOG_DTYPES,
        [log(), log(ENTRY), log(ENTRY, replace(ENTRY, version=None, detail={}))],
    ),
    (PROBLEM_DTYPES, [problems(), problems(PROBLEM, replace(PROBLEM, where=None))]),
    (CHECK_DTYPES, [Diagnosis(checks=()), results()["Diagnosis"]]),
    (VIEW_DTYPES, [view(steps=(), states=()), view(), view(computed=True)]),
    (CODE_DTYPES, [replace(explain("lock"), pages=()), explain("config")]),
]


@pytest.mark.parametrize(
    ("expected", "given"), [(dtypes, one) for dtypes, many in CASES for one in many]
)
def test_dtypes(expected: dict[str, str], given: Any) -> None:
    """Nothing there, or much: the columns are the same."""
    found = given.frame().dtypes

    assert {name: str(dtype) for name, dtype in found.items()} == expected
    assert list(found.index) == list(expected)


def test_versions_are_the_index_and_categories_are_complete() -> None:
    for given in (status(), status(APPLIED), report()):
        assert given.frame().index.name == "version"
        assert str(given.frame().index.dtype) in ("string", "str")
    states = status().frame()["state"].cat.categories
    assert list(states) == [state.value for state in State]


def test_status_values() -> None:
    """Versions are text, times are aware, what is not known is missing."""
    frame = status(APPLIED, PENDING).frame()

    assert list(frame.index) == ["20261101081200", "20261125101500"]
    applied = frame.loc["20261101081200"]
    assert applied["state"] == "applied"
    assert applied["applied_at"] == pd.Timestamp("2026-11-01T08:12:04Z")
    assert applied["duration"] == pd.Timedelta("4.1s")
    pending = frame.loc["20261125101500"]
    assert pending[["applied_at", "duration", "by", "reversible"]].isna().all()


def test_attrs_tell_where_and_when() -> None:
    """Plain texts: they are compared and copied with every step of a calculation."""
    attrs = status(APPLIED, PENDING).frame().attrs

    assert attrs == {
        "database": "neo4j",
        "uri": "127.0.0.1:7687",
        "as_of": "2026-11-25T12:00:00+00:00",
        "target": "neo4j@127.0.0.1:7687",
        "lock": "lock free",
        "summary": "neo4j@127.0.0.1:7687: 1 applied, 1 pending; lock free",
        "of": "all",
        "shown": "most",
        "next": "neo4j-migrate up",
        "next_label": "applies 1 migration",
    }
    held = status(APPLIED, lock=LOCK).frame().attrs
    assert "lock held by deploy@ci-7" in held["summary"]
    assert "next" not in held


def test_every_state_has_its_group() -> None:
    """Also those that no migration is in."""
    sizes = status(APPLIED).frame().groupby("state", observed=False).size()

    assert len(sizes) == len(State)
    assert sizes["applied"] == 1


def test_a_report_counts_in_columns() -> None:
    frame = report(done(counters={"nodes_created": 3}), done()).frame()

    assert frame["nodes_created"].tolist() == [3, 0]
    assert frame.attrs["direction"] == "up"


NAMES = {
    "status": status(APPLIED),
    "up": report(done()),
    "log": log(ENTRY),
    "verify": problems(PROBLEM),
    "doctor": results()["Diagnosis"],
    "explain": explain("config"),
}
FLAT = {"where": ["path", "line", "column"], "duration_ms": ["duration"]}
BESIDE = {"direction", "steps_done", "steps"}  # of a status; notebooks have no use


@pytest.mark.parametrize("command", NAMES)
def test_a_frame_has_the_names_and_the_order_of_the_json(command: str) -> None:
    """Flattened, and times that passed without their unit."""
    given: Any = NAMES[command]
    rows = next(v for v in DATA[command](given).values() if isinstance(v, list))
    names = [flat for name in rows[0] for flat in FLAT.get(name, [name])]
    if isinstance(given, Status):
        names = [name for name in names if name not in BESIDE]
    columns = list(given.frame().reset_index().columns)
    shared = [name for name in columns if name in names]

    assert shared == [name for name in names if name != "counters"]


def test_what_an_event_tells_may_be_anything() -> None:
    """Whoever writes to the database writes into the log; what has no column is kept."""
    strange = {
        "tool": 7,
        "step": "two",
        "steps": True,
        "duration_ms": 2**70,
        "counters": {"nodes_created": "many", "nodes_deleted": 2, "x": 1},
        "mark": "applied",
        "made": ["a"],
    }
    frame = log(
        replace(ENTRY, detail=strange), replace(ENTRY, detail={"counters": 3})
    ).frame()
    row = frame.iloc[0]

    assert row["tool"] == "7"
    assert row[["step", "steps", "duration", "error"]].isna().all()
    assert (row["nodes_created"], row["nodes_deleted"]) == (0, 2)
    assert row["detail"] == '{"mark": "applied", "made": ["a"]}'
    assert pd.isna(frame.iloc[1]["detail"])


def test_a_problem_is_a_row() -> None:
    row = problems(PROBLEM).frame().iloc[0]

    assert row["name"] == "add_orders"
    assert (row["path"], row["line"]) == (PROBLEM.where.path, 3)
    assert row["diff"] == "- a\n+ b"
    assert row["next"] == "git checkout -- x"


def test_a_statement_is_a_row_and_so_is_a_step_of_python() -> None:
    frame = view().frame()
    assert frame["step"].tolist() == [1, 2, 3, 3]
    assert frame["state"].tolist() == ["done", "failed", "pending", "pending"]
    assert frame["text"].tolist()[2:] == ["CREATE (:A)", "CREATE (:B)"]
    assert frame["line"].tolist() == [3, 6, 7, 8]

    python = replace(view().steps[0], statements=())
    frame = view(steps=(python,), states=view().states[:1]).frame()
    assert frame[["line", "text"]].isna().all().all()
    assert len(frame) == 1
    assert view(computed=True).frame()["line"].isna().all()  # they stand in no file


def test_rows() -> None:
    """A query's rows keep the names and the order of its columns."""
    rows = QueryResult(rows=[[1, "a"], [2, None]], keys=["n", "name"])
    none = QueryResult(rows=[], keys=["n", "name"])

    assert rows.frame()["n"].tolist() == [1, 2]
    assert rows.frame()["name"].fillna("-").tolist() == ["a", "-"]
    assert list(none.frame().columns) == ["n", "name"]
    assert len(none.frame()) == 0


def test_many_rows_are_no_matter() -> None:
    """A thousand migrations: the frame and what a cell shows of it."""
    many = [replace(APPLIED, version=f"{20260101000000 + n}") for n in range(1000)]
    frame = Status(rows=tuple(many), server=SERVER, lock=None, now=NOON).frame()

    assert len(frame) == 1000
    assert len(frame._repr_html_() or "") < 20_000


def test_the_other_frames_are_plain_ones() -> None:
    assert type(report(done()).frame()) is pd.DataFrame
    assert type(results()["Verification"].frame()) is pd.DataFrame
