"""A status, or the part of it that was asked for, and the exit code it is worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from neo4j_migrate_magic.model import State
from tests.render.values import row, status

ROWS = [
    row("20260101000000", "a", State.APPLIED, path=Path("a.cypher")),
    row("20260102000000", "b", State.EDITED, path=Path("b.cypher")),
    row("20260103000000", "c", State.MISSING),
    row("20260104000000", "d", State.PENDING, path=Path("d.cypher")),
]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], 0),
        ([State.APPLIED, State.BASELINE], 0),
        ([State.APPLIED, State.PENDING], 4),
        ([State.FAILED], 4),
        ([State.INTERRUPTED, State.APPLIED], 4),
        ([State.RUNNING], 4),
        ([State.EDITED], 7),
        ([State.MISSING, State.PENDING], 7),
        ([State.LATE, State.APPLIED], 7),
    ],
)
def test_the_gravest_state_decides_the_exit_code(
    states: list[State], expected: int
) -> None:
    rows = [row(f"2026010{n}000000", "m", s) for n, s in enumerate(states, 1)]
    assert expected == status(*rows).verdict


@pytest.mark.parametrize(
    ("states", "since", "expected"),
    [
        ((), None, "abcd"),
        (("pending",), None, "d"),
        ((State.EDITED, "missing"), None, "bc"),
        ((), "20260102000000", "bcd"),
        ((), "20260103", "cd"),
        ((), "2027", ""),
        ((), "", "abcd"),
        (("applied", "pending"), "20260102", "d"),
    ],
)
def test_rows_are_chosen_by_state_and_by_version(
    states: tuple[str, ...], since: str | None, expected: str
) -> None:
    """What the whole is worth, and where the database is, stay as they are."""
    chosen = status(*ROWS).only(states, since=since)

    assert expected == "".join(row.name for row in chosen.rows)
    assert tuple(ROWS) == chosen.whole
    assert (chosen.verdict, chosen.current, chosen.latest) == (
        7,
        "20260103000000",
        "20260104000000",
    )


def test_choosing_twice_narrows_what_was_chosen() -> None:
    chosen = status(*ROWS).only(("edited", "pending")).only(since="20260103")

    assert [row.name for row in chosen.rows] == ["d"]
    assert len(chosen.whole) == len(ROWS)


def test_an_empty_database_has_neither_current_nor_latest() -> None:
    found = status()

    assert (found.current, found.latest, found.verdict) == (None, None, 0)
