"""DataFrames have the same dtypes with no rows and with many."""

from __future__ import annotations

import pandas as pd
import pytest

from neo4j_migrate_magic.model import QueryResult, Report, State, Status
from tests.render.values import APPLIED, FAILED, PENDING, done, report, status

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


@pytest.mark.parametrize(
    "given", [status(), status(PENDING), status(APPLIED, FAILED, PENDING)]
)
def test_status_dtypes(given: Status) -> None:
    """Nothing applied, or much: the columns are the same."""
    frame = given.frame()

    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == STATUS_DTYPES
    assert frame.index.name == "version"
    assert str(frame.index.dtype) in ("string", "str")
    assert list(frame["state"].cat.categories) == [state.value for state in State]


def test_status_values() -> None:
    """Versions are text, times are aware, what is not known is missing."""
    frame = status(APPLIED, PENDING).frame()

    assert list(frame.index) == ["20261101081200", "20261125101500"]
    applied = frame.loc["20261101081200"]
    assert applied["state"] == "applied"
    assert applied["applied_at"] == pd.Timestamp("2026-11-01T08:12:04Z")
    assert applied["duration"] == pd.Timedelta("4.1s")
    assert frame.loc["20261125101500"][["applied_at", "duration", "by"]].isna().all()
    assert frame.attrs == {
        "database": "neo4j",
        "uri": "127.0.0.1:7687",
        "as_of": "2026-11-25T12:00:00+00:00",
    }


def test_every_state_has_its_group() -> None:
    """Also those that no migration is in."""
    sizes = status(APPLIED).frame().groupby("state", observed=False).size()

    assert len(sizes) == len(State)
    assert sizes["applied"] == 1


@pytest.mark.parametrize("given", [report(), report(done(), done())])
def test_report_dtypes(given: Report) -> None:
    """A run that did nothing has the same columns."""
    dtypes = {name: str(dtype) for name, dtype in given.frame().dtypes.items()}

    assert dtypes == {
        "name": "string",
        "outcome": "category",
        "steps": "int64",
        "steps_run": "int64",
        "duration": "timedelta64[ms]",
    }


def test_rows() -> None:
    """A query's rows keep the names and the order of its columns."""
    rows = QueryResult(rows=[[1, "a"], [2, None]], keys=["n", "name"])
    none = QueryResult(rows=[], keys=["n", "name"])

    assert rows.frame()["n"].tolist() == [1, 2]
    assert rows.frame()["name"].fillna("-").tolist() == ["a", "-"]
    assert list(none.frame().columns) == ["n", "name"]
    assert len(none.frame()) == 0
