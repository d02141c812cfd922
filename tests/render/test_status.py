"""The table, the summary and the next command of `status`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from neo4j_migrate_magic.model import Direction, Lock, State, StatusRow
from neo4j_migrate_magic.render.status import (
    status_next,
    status_summary,
    status_table,
)
from neo4j_migrate_magic.render.table import table
from neo4j_migrate_magic.render.words import width
from tests.render.values import APPLIED, FAILED, LOCK, NOON, PENDING, row, status

UTC = timezone.utc

PLAIN = """\
┌─────────────────────────────┬─────────────────────┐
│ Migration                   │ Applied At          │
├─────────────────────────────┼─────────────────────┤
│ 20261101081200-add_orders   │ 2026-11-01 08:12:04 │
│ 20261125101500-add_fulltext │ PENDING             │
└─────────────────────────────┴─────────────────────┘"""

NOTED = """\
┌─────────────────────────────┬─────────────────────┬───────────────────────┐
│ Migration                   │ Applied At          │ Note                  │
├─────────────────────────────┼─────────────────────┼───────────────────────┤
│ 20261101081200-add_orders   │ 2026-11-01 08:12:04 │                       │
│ 20261122091400-split_name   │ PENDING             │ failed at step 2 of 3 │
│ 20261125101500-add_fulltext │ PENDING             │                       │
└─────────────────────────────┴─────────────────────┴───────────────────────┘"""

ASCII = """\
+---------------------------+---------------------+
| Migration                 | Applied At          |
+---------------------------+---------------------+
| 20261101081200-add_orders | 2026-11-01 08:12:04 |
+---------------------------+---------------------+"""

NARROW = """\
┌────────────────┬─────────────────────┐
│ Migration      │ Applied At          │
├────────────────┼─────────────────────┤
│ 20261101081200 │ 2026-11-01 08:12:04 │
│ -add_orders    │                     │
└────────────────┴─────────────────────┘"""

EMPTY = """\
┌───────────┬────────────┐
│ Migration │ Applied At │
├───────────┼────────────┤
└───────────┴────────────┘"""


def test_table_without_notes_has_two_columns() -> None:
    """It is the table of pyneo4j-ogm."""
    assert status_table(status(APPLIED, PENDING), zone=UTC) == PLAIN


def test_a_note_brings_its_column() -> None:
    """One row that needs it is enough; a part-way `up` counts as pending."""
    assert status_table(status(APPLIED, FAILED, PENDING), zone=UTC) == NOTED


def test_ascii() -> None:
    """A console without box characters gets others."""
    assert status_table(status(APPLIED), zone=UTC, unicode=False) == ASCII


def test_forty_columns() -> None:
    """Cells are wrapped; a time never is."""
    assert status_table(status(APPLIED), zone=UTC, columns=40) == NARROW


def test_no_rows() -> None:
    """An empty project has an empty table."""
    assert status_table(status(), zone=UTC) == EMPTY


def test_times_are_of_the_zone_asked_for() -> None:
    """The history has UTC, the table what the reader's clock shows."""
    zone = timezone(timedelta(hours=2))

    assert "2026-11-01 10:12:04" in status_table(status(APPLIED), zone=zone)


def test_wide_characters_keep_the_box_straight() -> None:
    """Every line takes the same columns on a terminal."""
    drawn = table(["名前", "x"], [["日本語のマイグレーション", "e\u0301"], ["a", "b"]])

    assert len({width(line) for line in drawn.splitlines()}) == 1


def test_a_part_way_down_shows_when_it_was_applied() -> None:
    """It is still in the database."""
    going = replace(
        FAILED, direction=Direction.DOWN, applied_at=APPLIED.applied_at, note="n"
    )

    assert "2026-11-01 08:12:04" in status_table(status(going), zone=UTC)


EDITED = row("1", "a", State.EDITED)
MISSING = row("1", "a", State.MISSING)
LATE = row("1", "a", State.LATE)
BASELINE = row("1", "a", State.BASELINE)
GONE = replace(LOCK, expires_at=NOON - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("rows", "lock", "expected"),
    [
        ((), None, "0 applied, 0 pending; lock free"),
        ((APPLIED, PENDING), None, "1 applied, 1 pending; lock free"),
        ((APPLIED, FAILED), None, "1 applied, 1 part-way, 0 pending; lock free"),
        ((EDITED, APPLIED), None, "2 applied (1 edited), 0 pending; lock free"),
        (
            (EDITED, MISSING, BASELINE, LATE),
            None,
            "3 applied (1 edited, 1 without file, 1 baseline), 1 pending (1 late);"
            " lock free",
        ),
        (
            (APPLIED,),
            LOCK,
            "1 applied, 0 pending;"
            " lock held by deploy@ci-7 (pid 4122) since 2026-11-25 11:58:00Z",
        ),
        ((), GONE, "0 applied, 0 pending; lock free (its holder is gone)"),
        ((), Lock(owner=None, token=1, format=1), "0 applied, 0 pending; lock free"),
    ],
)
def test_summary(rows: tuple[StatusRow, ...], lock: Lock | None, expected: str) -> None:
    """It names the target, counts, and says who holds the lock."""
    summary = status_summary(status(*rows, lock=lock))

    assert summary == f"neo4j@127.0.0.1:7687: {expected}"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((), "neo4j-migrate create NAME"),
        ((APPLIED,), None),
        ((APPLIED, PENDING), "neo4j-migrate up"),
        ((FAILED, PENDING), "neo4j-migrate up"),
        ((replace(FAILED, direction=Direction.DOWN),), "neo4j-migrate down"),
        ((LATE, PENDING), "neo4j-migrate up --allow-late 1"),
        ((MISSING,), "neo4j-migrate verify"),
        ((MISSING, APPLIED), "neo4j-migrate verify"),
        ((MISSING, PENDING), "neo4j-migrate up --allow missing"),
        ((MISSING, LATE), "neo4j-migrate up --allow missing"),
        ((row("1", "a", State.RUNNING), PENDING), "neo4j-migrate status"),
    ],
)
def test_next(rows: tuple[StatusRow, ...], expected: str | None) -> None:
    """The most pressing thing decides what to type."""
    ways = status_next(status(*rows))

    assert [way.command for way in ways] == ([expected] if expected else [])
