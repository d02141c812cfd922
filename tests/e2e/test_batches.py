"""Statements that commit by themselves, and what is remembered of one that failed."""

from __future__ import annotations

from typing import Any

NULL = (
    "UNWIND [1, 2, null] AS i\n"
    "CALL (i) { CREATE (:Batch) MERGE (:N {i: i}) } IN TRANSACTIONS OF 1 ROW;\n"
)


def test_batches_before_a_merge_with_null_are_not_forgotten(each_site: Any) -> None:
    """The server calls that a SemanticError, as it calls what it refuses to begin."""
    each_site.add("20260101000000-b.cypher", NULL)
    assert each_site("up").error == ("UP.STATEMENT_FAILED", 8)
    assert each_site.records() == ["20260101000000 up failed at 1 of 1"]
    assert each_site("up").error == ("UP.NOT_RERUNNABLE", 8)
    assert each_site.count("Batch") == 2


def test_what_concurrent_batches_say_is_not_trusted(site: Any) -> None:
    """They count what was committed before the failure; others end after it."""
    site.add(
        "20260101000000-b.cypher",
        "UNWIND range(1, 200) AS i CALL (i) { CREATE (:Batch {i: 1 / (i - 1)}) }"
        " IN 8 CONCURRENT TRANSACTIONS OF 1 ROW;\n",
    )
    said = site("up")
    assert said.error == ("UP.STATEMENT_FAILED", 8)
    assert "step 1 may have left something" in said.part("kept")
    assert site.records() == ["20260101000000 up failed at 1 of 1"]


def test_what_fails_before_its_first_batch_leaves_nothing(site: Any) -> None:
    site.add("20260101000000-b.cypher", NULL.replace("1, 2, null", "null, 1"))
    assert site("up").error == ("UP.STATEMENT_FAILED", 2)
    assert site.records() == []


def test_a_down_that_came_to_nothing_leaves_the_question(site: Any) -> None:
    """Whether what failed part-way may run again is asked before and after it."""
    site.add(
        "20260101000000-b.cypher", f"// @up\n{NULL}// @down\nDROP CONSTRAINT none;\n"
    )
    assert site("up").code == 8
    assert site("down", "--allow", "part-way").error == ("DOWN.STATEMENT_FAILED", 2)
    assert site.records() == ["20260101000000 up failed at 1 of 1"]
    assert site("up").error == ("UP.NOT_RERUNNABLE", 8)
    assert site.count("Batch") == 2


def test_a_down_that_is_said_never_to_have_run_leaves_the_question(site: Any) -> None:
    site.add(
        "20260101000000-b.cypher",
        f"// @up\n{NULL}// @down\n"
        "UNWIND [1, 0] AS i CALL (i) { CREATE (:Undo {i: 1 / i}) }"
        " IN TRANSACTIONS OF 1 ROW;\n",
    )
    assert site("up").code == 8
    assert site("down", "--allow", "part-way").code == 8
    assert (
        site("repair", "20260101000000", "--step", "1", "--mark", "pending").code == 0
    )
    assert site.records() == ["20260101000000 up failed at 1 of 1"]
    assert site("up").error == ("UP.NOT_RERUNNABLE", 8)
    assert site.count("Batch") == 2
