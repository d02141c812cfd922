"""Corrections are decided without a server: what a record says after each of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.engine.checks import Edit, Folder
from neo4j_migrate_magic.engine.repair import (
    Subject,
    accept_checksum,
    mark_step,
    mark_whole,
)
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.engine.survey import Survey
from neo4j_migrate_magic.errors import (
    BadOptionError,
    EditedPrefixError,
    MissingError,
    Place,
)
from neo4j_migrate_magic.files import parse_python
from neo4j_migrate_magic.history.corrections import Change
from neo4j_migrate_magic.history.reading import computed
from neo4j_migrate_magic.model import (
    Direction,
    Migration,
    RecordDetail,
    RecordState,
)
from tests.engine.plans import NOW, detail, history, migration

VERSION = "20260101000000"
TEXT = """\
// @up
CREATE INDEX a FOR (n:A) ON (n.a);
MATCH (n:A) CALL (n) { SET n.b = 1 } IN TRANSACTIONS;
CREATE (:B);
// @down
MATCH (n:B) DELETE n;
DROP INDEX a;
MATCH (n:A) REMOVE n.b;
"""
FILE = migration(VERSION, TEXT)
UP = [step.hash for step in steps_of(FILE, Direction.UP)]
DOWN = [step.hash for step in steps_of(FILE, Direction.DOWN)]
DROP_A = (computed("DROP INDEX $name IF EXISTS", {"name": "a"}),)
EDIT = Edit(where=Place("migrations/x.cypher", 2), what="statement 1 changed")

Decide = Callable[[Subject], Change]


def subject(
    file: Migration | None, known: RecordDetail | None, *, edited: bool = False
) -> Subject:
    """What `repair` is about: a file, a record, or both."""
    folder = Folder(
        migrations=[file] if file else [], edited={VERSION: EDIT} if edited else {}
    )
    records = [known.record] if known else []
    details = {VERSION: known} if known else {}
    found = Survey(folder=folder, history=history(*records), details=details)
    return Subject(VERSION, found)


def part_way(
    done: int, *, down: bool = False, doubt: str = "", **more: Any
) -> RecordDetail:
    """A record of FILE that is so many steps on its way."""
    hashes = (DOWN if down else UP)[: done + 1]
    values: dict[str, Any] = {
        "state": RecordState.RUNNING,
        "direction": Direction.DOWN if down else Direction.UP,
        "step": done + 1,
        "steps": 3,
        "steps_done": tuple(hashes[:done]),
        "inverse": (DROP_A,) if down or done else (),
        "down_from": "file" if down else "",
        "applied_at": NOW if down else None,
    }
    if doubt:
        values["intent"] = {"kind": doubt, "step": done + 1, "hash": hashes[-1]}
    return detail(FILE, **{**values, **more})


APPLIED = detail(FILE, step=4, steps=3, steps_done=tuple(UP), inverse=(DROP_A,))


def said(change: Change) -> tuple[Any, ...]:
    """What a record says of its way: direction, state, next step, steps done."""
    after = change.after
    if after is None:
        return ("forgotten",)
    record = change.before
    return (
        after.get("direction", record.direction.value if record else None),
        after.get("state", record.state.value if record else None),
        after.get("step", record.step if record else None),
        after.get("steps_done"),
    )


def inverse(change: Change) -> list[Any]:
    found: list[Any] = json.loads((change.after or {})["inverse"])
    return found


def whole(applied: bool) -> Decide:
    return lambda subject: mark_whole(subject, applied=applied)


def step(number: int, applied: bool) -> Decide:
    return lambda subject: mark_step(subject, number, applied=applied)


FORGOTTEN = ("forgotten",)
ALL_UP = ("up", "applied", 4, UP)


@pytest.mark.parametrize(
    ("known", "decide", "expected"),
    [
        (None, whole(True), ALL_UP),
        (APPLIED, whole(False), FORGOTTEN),
        (part_way(0, doubt="schema"), whole(True), ALL_UP),
        (part_way(1), whole(True), ALL_UP),
        (part_way(2), whole(True), ALL_UP),
        (part_way(1), whole(False), FORGOTTEN),
        (part_way(0, down=True, doubt="schema"), whole(True), ALL_UP),
        (part_way(1, down=True), whole(True), ALL_UP),
        (part_way(2, down=True), whole(True), ALL_UP),
        (part_way(2, down=True), whole(False), FORGOTTEN),
        (part_way(0, doubt="schema"), step(1, True), ("up", "running", 2, UP[:1])),
        (part_way(1, doubt="autocommit"), step(2, True), ("up", "running", 3, UP[:2])),
        (part_way(1), step(2, True), ("up", "running", 3, UP[:2])),
        (part_way(2), step(3, True), ALL_UP),
        (part_way(0, doubt="schema"), step(1, False), FORGOTTEN),
        (
            part_way(1, doubt="autocommit"),
            step(2, False),
            ("up", "running", 2, None),
        ),
        (part_way(1), step(1, False), FORGOTTEN),
        (part_way(2), step(2, False), ("up", "running", 2, UP[:1])),
        (part_way(1, down=True), step(2, True), ("down", "running", 3, DOWN[:2])),
        (part_way(2, down=True), step(3, True), FORGOTTEN),
        (
            part_way(1, down=True, doubt="schema"),
            step(2, False),
            ("down", "running", 2, None),
        ),
        (part_way(1, down=True), step(1, False), ALL_UP),
        (part_way(0, down=True, doubt="autocommit"), step(1, False), ALL_UP),
        (part_way(2, down=True), step(2, False), ("down", "running", 2, DOWN[:1])),
        (part_way(1, doubt="data"), step(1, False), FORGOTTEN),
    ],
)
def test_a_mark_says_how_far_a_migration_is(
    known: RecordDetail | None, decide: Decide, expected: tuple[Any, ...]
) -> None:
    """Up and down, whole and by step; a data step is in doubt for nobody."""
    change = decide(subject(FILE, known))

    assert expected == said(change)
    assert change.before == (known.record if known else None)
    assert (change.after or {"intent": None})["intent"] is None


@pytest.mark.parametrize(
    ("known", "decide", "why"),
    [
        (None, whole(False), "the history has no record of it"),
        (None, step(1, True), "the history has no record of it"),
        (None, accept_checksum, "the history has no record of it"),
        (APPLIED, whole(True), "it is applied already"),
        (APPLIED, step(1, True), "it is not part-way"),
        (APPLIED, step(3, False), "it is not part-way"),
        (APPLIED, accept_checksum, "its file is what was applied"),
        (part_way(1), accept_checksum, "what has run of it stands in the file"),
        (part_way(1), step(1, True), "the next step is step 2"),
        (part_way(1), step(3, True), "the next step is step 2"),
        (part_way(1), step(2, False), "the last step that is done is step 1"),
        (part_way(1, doubt="data"), step(2, False), "that is done is step 1"),
        (part_way(1, doubt="schema"), step(1, False), "the step in doubt is step 2"),
        (part_way(3), step(4, True), "it has 3 steps, and all of them are done"),
        (part_way(1, down=True), step(3, True), "the next step is step 2"),
        (
            part_way(1, down=True, applied_at=None),
            step(1, False),
            "its up had not finished when the down began",
        ),
    ],
)
def test_a_correction_without_meaning_is_refused(
    known: RecordDetail | None, decide: Decide, why: str
) -> None:
    """The reason says what could be corrected; nothing is changed."""
    with pytest.raises(BadOptionError) as caught:
        decide(subject(FILE, known))

    assert why in caught.value.why
    assert caught.value.kept == "nothing was changed"
    assert f"neo4j-migrate show {VERSION}" in [way.command for way in caught.value.next]


def test_a_schema_step_that_somebody_else_ran_has_no_inverse() -> None:
    """So no `down` is computed that would take back what may not be there."""
    first = mark_step(subject(FILE, part_way(0, doubt="schema")), 1, applied=True)
    rest = mark_whole(subject(FILE, part_way(0, doubt="schema")), applied=True)
    data = mark_step(subject(FILE, part_way(2)), 3, applied=True)

    assert inverse(first) == inverse(rest) == [None]
    assert len(inverse(data)) == 1
    assert inverse(data) != [None]


def test_a_schema_step_that_did_not_run_takes_its_inverse_along() -> None:
    text = "CREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:A);\nCREATE INDEX b FOR (n:B) ON (n.b);\nCREATE (:B);"
    file = migration(VERSION, text)
    hashes = tuple(step.hash for step in steps_of(file, Direction.UP))
    half = detail(
        file,
        state=RecordState.RUNNING,
        step=4,
        steps=4,
        steps_done=hashes[:3],
        inverse=(DROP_A, DROP_A),
    )

    change = mark_step(subject(file, half), 3, applied=False)

    assert len(inverse(change)) == 1


def test_a_down_that_never_began_leaves_the_record_as_it_was() -> None:
    """The intent of its first step kept what the record said before."""
    was = {"run_id": "first", "direction": "up", "step": 3, "state": "failed"}
    was |= {"steps": 3, "steps_done": UP[:2]}
    intent = {"kind": "schema", "step": 1, "hash": DOWN[0], "was": was}
    begun = part_way(0, down=True, intent=intent, applied_at=None)

    change = mark_step(subject(FILE, begun), 1, applied=False)

    assert change.after == {**was, "intent": None, "error": None}


def test_all_of_a_migration_whose_up_did_not_finish_counts_as_applied_now() -> None:
    never = mark_whole(
        subject(FILE, part_way(1, down=True, applied_at=None)), applied=True
    )
    once = mark_whole(subject(FILE, part_way(1, down=True)), applied=True)

    assert (never.dated, once.dated) == (True, False)


def test_the_file_counts_when_its_later_statements_were_edited() -> None:
    """Marking the end of it records the text that is there, else it shows as edited."""
    longer = migration(
        VERSION, TEXT.replace("(:B);", "(:B);\nCREATE INDEX z FOR (n:Z) ON (n.z);", 1)
    )

    third = mark_step(subject(longer, part_way(2), edited=True), 3, applied=True)
    all_ = mark_whole(subject(longer, part_way(2), edited=True), applied=True)

    assert said(third)[1:3] == ("running", 4)
    assert said(all_)[1:3] == ("applied", 5)
    for change in (third, all_):
        assert change.after
        assert change.after["checksum"] == longer.checksum
        assert change.after["source"] == longer.source


@pytest.mark.parametrize(
    ("done", "decide"), [(1, whole(True)), (1, step(2, True)), (2, step(2, False))]
)
def test_what_has_run_must_stand_in_the_file(done: int, decide: Decide) -> None:
    """A mark that would mix two texts is refused; the edit is accepted first."""
    edited = migration(VERSION, TEXT.replace("n.a", "n.z"))

    with pytest.raises(EditedPrefixError) as caught:
        decide(subject(edited, part_way(done), edited=True))

    assert any("--accept-checksum" in way.command for way in caught.value.next)


def test_a_step_in_doubt_that_was_edited_is_not_the_one_that_was_sent() -> None:
    edited = migration(VERSION, TEXT.replace("SET n.b = 1", "SET n.b = 2"))
    doubt = part_way(1, doubt="autocommit")

    with pytest.raises(BadOptionError, match="cannot be corrected") as caught:
        mark_step(subject(edited, doubt, edited=True), 2, applied=True)

    assert caught.value.why == "step 2 of the file is not the one that was sent"
    assert said(mark_whole(subject(edited, doubt, edited=True), applied=True))[1] == (
        "applied"
    )


def test_an_accepted_file_is_what_was_applied() -> None:
    """The steps that ran, and how they go back, stay what they were."""
    edited = migration(VERSION, TEXT.replace("n.a", "n.z"))

    change = accept_checksum(subject(edited, APPLIED, edited=True))

    assert change.after == {
        "name": "m",
        "kind": "cypher",
        "checksum": edited.checksum,
        "source": edited.source,
        "reversible": True,
    }
    assert change.detail == {
        "accepted": edited.checksum,
        "instead_of": FILE.checksum,
    }


def test_an_accepted_part_way_file_gives_the_steps_that_ran() -> None:
    up = migration(VERSION, TEXT.replace("n.a", "n.z"))
    down = migration(VERSION, TEXT.replace("(n:B) DELETE", "(n:B) DETACH DELETE"))

    rising = accept_checksum(subject(up, part_way(1), edited=True)).after or {}
    falling = accept_checksum(subject(down, part_way(1, down=True))).after or {}

    assert rising["steps_done"] == [steps_of(up, Direction.UP)[0].hash]
    assert falling["steps_done"] == [steps_of(down, Direction.DOWN)[0].hash]
    assert (rising.get("down_from"), falling["down_from"]) == (None, "file")
    assert falling["checksum"] == down.checksum


def test_a_file_with_fewer_steps_than_have_run_is_not_accepted() -> None:
    short = migration(VERSION, "CREATE (:B);")
    with pytest.raises(BadOptionError) as caught:
        accept_checksum(subject(short, part_way(2), edited=True))
    assert caught.value.why == "2 of its steps have run, and the file has 1 now"


def test_a_computed_down_has_its_steps_in_no_file() -> None:
    """It is marked without one; accepting an edit says nothing of its steps."""
    pure = migration(VERSION, "CREATE INDEX a FOR (n:A) ON (n.a);")
    again = computed("CREATE CONSTRAINT c FOR (n:A) REQUIRE n.c IS UNIQUE", {})
    known = detail(
        pure,
        state=RecordState.RUNNING,
        direction=Direction.DOWN,
        step=2,
        steps=2,
        steps_done=("x",),
        inverse=(DROP_A, (again,)),
        down_from="computed",
        applied_at=NOW,
    )
    edited = migration(VERSION, "CREATE INDEX a FOR (n:A) ON (n.z);")

    assert said(mark_step(subject(None, known), 2, applied=True)) == FORGOTTEN
    assert said(mark_whole(subject(None, known), applied=True))[:2] == ("up", "applied")
    accepted = accept_checksum(subject(edited, known, edited=True)).after or {}
    assert "steps_done" not in accepted
    with pytest.raises(BadOptionError):
        accept_checksum(subject(pure, known))


def test_without_a_file_the_text_that_was_kept_has_the_steps() -> None:
    """Where that is gone too, there is nothing to go by."""
    change = mark_step(subject(None, part_way(2)), 3, applied=True)
    assert said(change) == ALL_UP
    change = mark_step(subject(None, part_way(1, down=True)), 2, applied=True)
    assert said(change)[1:3] == ("running", 3)

    for decide in (step(3, True), whole(True), accept_checksum):
        with pytest.raises(MissingError):
            decide(subject(None, replace(part_way(2), source="")))


def test_a_python_file_is_recorded_without_being_run() -> None:
    text = "raise SystemExit\n\n\nasync def up(client): ...\n"
    file = parse_python(text, VERSION, "p", Path("p.py"))

    after = mark_whole(subject(file, None), applied=True).after or {}

    assert (after["kind"], after["origin"], after["steps"]) == ("python", "baseline", 1)
    assert after["steps_done"] == [file.checksum]
