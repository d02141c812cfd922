"""Lines that are broken to fit: nothing is lost, nothing stands out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neo4j_migrate_magic.render.words import fitting, width, wrapped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short", ["short"]),
        ("a line of some words", ["a line of", "  some words"]),
        ("  a line of words", ["  a line of", "  words"]),
        ("one averyveryverylongword", ["one averyver", "  yverylongw", "  ord"]),
        ("one verylongone", ["one verylong", "  one"]),
        ("日本語日本語日本", ["日本語日本語", "  日本"]),
        ("blanks at its end      ", ["blanks at", "  its end"]),
        ("", [""]),
    ],
)
def test_wrapped(text: str, expected: list[str]) -> None:
    """A word that fits no line is cut; one that fits the next is not."""
    assert wrapped(text, 12, indent="  ") == expected


def test_without_a_width_a_line_stays_as_it_is() -> None:
    assert wrapped("x " * 500, None) == ["x " * 500]


@given(
    st.text("ab 日é", max_size=200), st.integers(8, 40), st.sampled_from(["", "   "])
)
def test_nothing_is_lost_and_all_fits(text: str, columns: int, indent: str) -> None:
    lines = wrapped(text, columns, indent=indent)

    assert max(map(width, lines)) <= columns
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text("ab日", max_size=60), st.integers(0, 40))
def test_fitting(text: str, columns: int) -> None:
    """One more character would be too many."""
    count = fitting(text, columns)

    assert width(text[:count]) <= columns
    assert count == len(text) or width(text[: count + 1]) > columns
