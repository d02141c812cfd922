"""A frame of `status` or `log` in a notebook: good to look at, and a plain frame."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from neo4j_migrate_magic.model import Direction, Log, State
from neo4j_migrate_magic.render.frame import LogFrame, StatusFrame, status_frame
from tests.render.test_bundle import Seen
from tests.render.test_log import entry, log
from tests.render.values import APPLIED, FAILED, LOCK, NOON, PENDING, row, status

FIRST = APPLIED.version


def frame(*rows: Any, **more: Any) -> pd.DataFrame:
    return status(*(rows or (APPLIED, FAILED, PENDING)), **more).frame()


def formatted(given: pd.DataFrame) -> dict[str, str]:
    found, _ = DisplayFormatter().format(given)
    assert {"text/plain", "text/html"} <= set(found)
    return dict(found)


def ours(given: pd.DataFrame) -> bool:
    return "neo4j-migrate" in formatted(given)["text/html"]


def test_a_status_shows_its_rows_its_line_and_the_next_command() -> None:
    shown = formatted(frame(APPLIED, PENDING))
    page = Seen(shown["text/html"])

    assert "neo4j@127.0.0.1:7687: 1 applied, 1 pending; lock free" in page.text
    assert [cells[2] for cells in page.rows[1:]] == ["applied", "pending"]
    assert "%migrate up" in page.text
    assert "applies 1 migration" in page.text
    assert "2026-11-01 08:12:04" in shown["text/plain"]
    assert "Applied At (UTC)" in shown["text/plain"]
    assert "%migrate up    applies 1 migration" in shown["text/plain"]


def test_it_shows_what_the_result_shows() -> None:
    """The same rows, whichever of the two one has."""
    going = replace(
        FAILED, direction=Direction.DOWN, applied_at=NOON, note="failed at step 2 of 3"
    )
    for rows in [(APPLIED, FAILED, PENDING), (going,), ()]:
        given = status(*rows, lock=LOCK)
        result = given._repr_mimebundle_()
        shown = formatted(given.frame())
        assert Seen(shown["text/html"]).rows == Seen(result["text/html"]).rows
        assert shown["text/plain"].startswith(result["text/plain"])


def test_a_log_shows_its_entries() -> None:
    detail = {
        "tool": "1.2.3",
        "duration_ms": 132_000,
        "counters": {"nodes_created": 1200},
        "steps": 3,
        "checksum": "ab",
    }
    given = log(
        entry("applied", detail=detail),
        entry("failed", detail={"step": 2, "steps": 3, "error": "/ by zero\nmore"}),
        entry("taken over", None, name=None, detail={"from": "bob@laptop/4122/def"}),
        entry("repaired", detail={"mark": "pending", "step": 2}),
        more=True,
    )
    shown, result = formatted(given.frame()), given._repr_mimebundle_()

    assert shown["text/plain"] == result["text/plain"]
    assert Seen(shown["text/html"]).rows == Seen(result["text/html"]).rows
    assert "step 2 of 3: / by zero" in shown["text/plain"]
    assert (
        "%" not in formatted(Log(entries=(), server=given.server).frame())["text/plain"]
    )


def test_what_is_made_of_it_is_a_plain_frame() -> None:
    given = frame()
    made = [
        given[given.state == "pending"],
        given.sort_values("name"),
        given.copy(),
        given.head(1),
        given.reset_index(),
        given[["state"]],
        given.assign(x=1),
        given.T,
        pd.concat([given, given]),
        copy.copy(given),
        copy.deepcopy(given),
    ]

    assert type(given) is StatusFrame
    assert {type(one) for one in made} == {pd.DataFrame}
    assert not any(ours(one) for one in made)
    assert made[0].attrs == made[2].attrs == given.attrs


def test_otherwise_it_is_what_pandas_makes_of_it() -> None:
    given = frame()
    plain = pd.DataFrame(given)

    assert repr(given) == repr(plain)
    assert given.to_csv() == plain.to_csv()
    assert given.equals(plain)
    assert (given.state == "pending").tolist() == [False, False, True]
    assert given.groupby("state", observed=False).size()["pending"] == 1


@pytest.mark.parametrize("given", [frame(), log(entry("applied")).frame()])
def test_a_pickled_one_is_the_same(given: pd.DataFrame) -> None:
    again = pickle.loads(pickle.dumps(given))  # noqa: S301 (our own)

    assert type(again) is type(given)
    pd.testing.assert_frame_equal(again, given)
    assert again.attrs == given.attrs
    assert formatted(again) == formatted(given)


def test_a_frame_changed_in_place_is_shown_as_it_is() -> None:
    """The line counts what is there; advice for what was there is not given."""
    given = frame(APPLIED, PENDING)
    given.loc[PENDING.version, "state"] = "applied"
    given.loc[FIRST, "name"] = "<b>"
    shown = formatted(given)
    page = Seen(shown["text/html"])

    assert [cells[1:3] for cells in page.rows[1:]] == [
        ["<b>", "applied"],
        ["add_fulltext", "applied"],
    ]
    assert "2 applied, 0 pending; lock free" in page.text
    assert "%migrate up" not in page.text + shown["text/plain"]


@pytest.mark.filterwarnings("ignore:.*inplace")  # new pandas discourage it
def test_rows_dropped_in_place_are_not_shown() -> None:
    given = frame(APPLIED, PENDING)
    given.drop(index=[FIRST], inplace=True)

    assert isinstance(given, StatusFrame)
    assert "0 applied, 1 pending" in Seen(formatted(given)["text/html"]).text


@pytest.mark.parametrize(
    "change",
    [
        lambda df: df.insert(0, "x", 1),
        lambda df: df.pop("note"),
        lambda df: setattr(df, "columns", [name.title() for name in df.columns]),
        lambda df: df.insert(1, "name", df["name"], allow_duplicates=True),
        lambda df: df.__setitem__("note", 1),
        lambda df: df.__setitem__("state", "odd"),
        lambda df: setattr(df, "index", range(len(df))),
        lambda df: setattr(df.index, "name", "x"),
        lambda df: df.__setitem__("state", pd.Categorical([None] * 3, ["applied"])),
    ],
)
def test_a_frame_that_is_another_one_is_drawn_by_pandas(change: Any) -> None:
    given = frame()
    change(given)

    assert isinstance(given, StatusFrame)
    assert not ours(given)
    assert formatted(given)["text/plain"] == repr(given)


def test_a_log_without_a_time_is_drawn_by_pandas() -> None:
    given = log(entry("applied")).frame()
    assert isinstance(given, LogFrame)
    given.loc[0, "at"] = pd.NaT

    assert not ours(given)


def test_attrs_that_somebody_changed_do_no_harm() -> None:
    given = frame()
    given.attrs = {"as_of": "yesterday", "of": 1}
    assert "1 applied, 1 part-way, 1 pending" in formatted(given)["text/html"]
    given.attrs = {"next": "x", "of": "all"}
    assert ours(given)
    entries = log(entry("repaired", detail={"mark": "applied"})).frame()
    entries.attrs = {}
    entries.loc[0, "detail"] = "no json"
    assert ours(entries)


def test_a_selection_says_so() -> None:
    """Counts and the next command are of the whole."""
    given = status(APPLIED, PENDING).only(["pending"]).frame()
    page = Seen(formatted(given)["text/html"])

    assert "1 applied, 1 pending; lock free (1 row shown)" in page.text
    assert "%migrate up" in page.text
    assert len(page.rows) == 2


def test_all_rows_are_there_where_all_were_asked_for() -> None:
    many = status(
        *[row(f"{20260101000000 + n}", "m", State.APPLIED) for n in range(50)]
    )

    short, whole = many.frame(), status_frame(many, every=True)
    assert len(short) == len(whole) == 50
    assert len(Seen(formatted(short)["text/html"]).rows) == 1 + 1 + 20
    assert "%migrate status --all shows them" in formatted(short)["text/plain"]
    assert len(Seen(formatted(whole)["text/html"]).rows) == 1 + 50


def test_pandas_may_be_told_to_show_no_html() -> None:
    with pd.option_context("display.notebook_repr_html", False):
        assert frame()._repr_html_() is None
