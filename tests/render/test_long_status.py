"""More migrations than a screen takes: the last applied ones, and all that needs a look."""

from __future__ import annotations

from datetime import timezone

import pytest

from neo4j_migrate_magic.model import State, StatusRow
from neo4j_migrate_magic.render.status import status_next, status_summary, status_table
from tests.render.values import row, status


def rows(*states: State) -> list[StatusRow]:
    return [
        row(f"{20260101000000 + n}", "m", state, note=_note(state))
        for n, state in enumerate(states)
    ]


def _note(state: State) -> str:
    return "" if state in (State.APPLIED, State.PENDING) else state.value


def shown(found: list[StatusRow], most: int | None = 40) -> list[str]:
    table = status_table(status(*found), zone=timezone.utc, most=most)
    return [line[2:] for line in table.splitlines()[3:-1]]


def test_a_long_table_has_the_last_twenty_applied() -> None:
    lines = shown(rows(*[State.APPLIED] * 50))

    assert lines[0].split("│")[0].strip() == "… 30 applied before"
    assert "--all shows them" in lines[0]
    assert len(lines) == 1 + 20
    assert lines[1].startswith("20260101000030-m")


@pytest.mark.parametrize("most", [None, 50])
def test_all_rows_are_there_where_they_are_wanted_or_not_too_many(
    most: int | None,
) -> None:
    assert len(shown(rows(*[State.APPLIED] * 50), most)) == 50


def test_forty_are_not_too_many() -> None:
    assert len(shown(rows(*[State.APPLIED] * 40))) == 40


def test_what_is_not_simply_applied_is_always_there() -> None:
    """Also when it is old, and when there is more of it than fits."""
    odd = [State.EDITED, State.MISSING, State.LATE, State.FAILED]
    plain = [*[State.BASELINE] * 30, *[State.APPLIED] * 10]
    lines = shown(rows(*odd, *plain, *[State.PENDING] * 30))

    assert "… 20 applied before" in lines[0]
    assert [line.split()[0][-6:] for line in lines[1:5]] == [
        f"{n:04}-m" for n in range(4)
    ]
    assert len(lines) == 1 + 4 + 20 + 30


def test_summary_and_next_command_speak_of_the_whole() -> None:
    """Whatever rows were asked for."""
    found = status(*rows(State.APPLIED, State.EDITED, State.PENDING)).only(("pending",))

    assert "2 applied (1 edited), 1 pending; lock free" in status_summary(found)
    assert [way.command for way in status_next(found)] == ["neo4j-migrate verify"]
    assert "says what was edited" in status_next(found)[0].label
    assert status_next(found.only(("late",))) == status_next(found)
