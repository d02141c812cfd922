"""The planner decides without a server: tables of files and records."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neo4j_migrate_magic.engine.checks import Edit, Folder
from neo4j_migrate_magic.engine.planner import plan_up, state_of
from neo4j_migrate_magic.engine.steps import cut, steps_of
from neo4j_migrate_magic.engine.versions import find_version
from neo4j_migrate_magic.errors import (
    AmbiguousVersionError,
    EditedError,
    EditedPrefixError,
    LateError,
    MigrateError,
    MissingError,
    PartWayError,
    Place,
    UnknownVersionError,
)
from neo4j_migrate_magic.files import parse_cypher, parse_python
from neo4j_migrate_magic.model import (
    Direction,
    Lock,
    Migration,
    MigrationKind,
    RecordState,
    State,
    StepKind,
)
from tests.engine.plans import (
    MIXED,
    NOW,
    ONE,
    THREE,
    TWO,
    detail,
    history,
    migration,
    record,
)


def test_statements_are_cut_by_what_a_transaction_may_hold() -> None:
    """Constraints alone, schema with schema, data with data, autocommit alone."""
    steps = steps_of(migration("20260101000000", MIXED), Direction.UP)

    assert [(step.kind.value, len(step.statements)) for step in steps] == [
        ("schema", 1),
        ("schema", 1),
        ("schema", 2),
        ("data", 2),
        ("autocommit", 1),
        ("autocommit", 1),
        ("schema", 2),
    ]
    assert [step.index for step in steps] == [1, 2, 3, 4, 5, 6, 7]


def test_a_step_is_rerunnable_when_its_statement_says_so() -> None:
    text = "// @rerunnable\nMATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS;"
    (step,) = steps_of(migration("20260101000000", text), Direction.UP)
    assert (step.kind, step.rerunnable) == (StepKind.AUTOCOMMIT, True)


@pytest.mark.parametrize(
    ("head", "kind", "rerunnable"),
    [
        ("", StepKind.DATA, False),
        ('TRANSACTION = "per-call"\n', StepKind.AUTOCOMMIT, False),
        ('TRANSACTION = "per-call"\nRERUNNABLE = True\n', StepKind.AUTOCOMMIT, True),
    ],
)
def test_a_python_migration_is_one_step(
    head: str, kind: StepKind, rerunnable: bool
) -> None:
    text = f"{head}async def up(client): ...\n"
    found = parse_python(text, "20260101000000", "m", Path("m.py"))
    (step,) = steps_of(found, Direction.UP)
    assert (step.kind, step.rerunnable, step.statements) == (kind, rerunnable, ())


def test_up_takes_what_is_pending_in_order_of_version() -> None:
    plan = plan_up(Folder(migrations=[ONE, TWO, THREE]), history(record(ONE)), {})
    assert [p.migration for p in plan.migrations] == [TWO, THREE]
    assert (plan.current, plan.sequence) == (ONE.version, 1)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"count": 1}, [ONE]),
        ({"count": 9}, [ONE, TWO, THREE]),
        ({"to": TWO.version}, [ONE, TWO]),
        ({"to": "20260102"}, [ONE, TWO]),
        ({"to": "latest"}, [ONE, TWO, THREE]),
    ],
)
def test_up_stops_where_it_is_told(
    options: dict[str, object], expected: list[Migration]
) -> None:
    plan = plan_up(Folder(migrations=[ONE, TWO, THREE]), history(), {}, **options)  # type: ignore[arg-type]
    assert [p.migration for p in plan.migrations] == expected


def test_an_edited_file_is_refused_with_its_place() -> None:
    place = Place("migrations/x.cypher", 3)
    folder = Folder(
        migrations=[ONE, TWO],
        edited={ONE.version: Edit(where=place, what="statement 1 changed")},
    )
    with pytest.raises(EditedError) as caught:
        plan_up(folder, history(record(ONE)), {})
    assert (caught.value.exit_code, caught.value.where) == (7, place)
    assert "statement 1 changed" in caught.value.why


def test_a_missing_file_stops_up_until_it_is_told() -> None:
    found = history(record(ONE))
    with pytest.raises(MissingError):
        plan_up(Folder(migrations=[TWO]), found, {})
    plan = plan_up(Folder(migrations=[TWO]), found, {}, allow_missing=True)
    assert [p.migration for p in plan.migrations] == [TWO]


def test_a_late_file_stops_up_unless_it_is_named() -> None:
    folder, found = Folder(migrations=[ONE, TWO]), history(record(TWO))
    with pytest.raises(LateError) as caught:
        plan_up(folder, found, {})
    assert ONE.title in caught.value.what
    for allowed in (frozenset({ONE.version}), None):
        plan = plan_up(folder, found, {}, allow_late=allowed)
        assert [p.migration for p in plan.migrations] == [ONE]


def test_a_part_way_migration_goes_on_at_its_step() -> None:
    mixed = migration("20260101000000", MIXED)
    done = tuple(step.hash for step in steps_of(mixed, Direction.UP)[:2])
    half = detail(mixed, state=RecordState.FAILED, step=3, steps=7, steps_done=done)
    plan = plan_up(
        Folder(migrations=[mixed]), history(half.record), {mixed.version: half}
    )
    assert [p.start for p in plan.migrations] == [3]


def test_a_step_that_has_run_may_not_be_edited() -> None:
    mixed = migration("20260101000000", MIXED)
    done = tuple(step.hash for step in steps_of(mixed, Direction.UP)[:2])
    edited = migration("20260101000000", MIXED.replace("p_x", "p_y"))
    half = detail(mixed, state=RecordState.FAILED, step=3, steps=7, steps_done=done)
    with pytest.raises(EditedPrefixError) as caught:
        plan_up(
            Folder(migrations=[edited]), history(half.record), {mixed.version: half}
        )
    assert caught.value.where is not None
    assert caught.value.where.line == 3


def test_a_begun_down_goes_before_any_up() -> None:
    begun = record(ONE, state=RecordState.RUNNING, direction=Direction.DOWN, step=1)
    with pytest.raises(PartWayError):
        plan_up(Folder(migrations=[ONE, TWO]), history(begun), {})


@pytest.mark.parametrize(
    ("values", "edited", "expected"),
    [
        ({}, False, State.APPLIED),
        ({}, True, State.EDITED),
        ({"origin": "baseline"}, False, State.BASELINE),
        ({"state": RecordState.FAILED, "step": 1}, False, State.FAILED),
        ({"state": RecordState.RUNNING, "run_id": "live"}, False, State.RUNNING),
        ({"state": RecordState.RUNNING, "run_id": "dead"}, False, State.INTERRUPTED),
        (
            {"state": RecordState.RUNNING, "direction": Direction.DOWN},
            True,
            State.INTERRUPTED,
        ),
    ],
)
def test_status_shows_the_first_state_that_holds(
    values: dict[str, object], edited: bool, expected: State
) -> None:
    lock = Lock(owner="me@host/1/live", token=1, format=1, expires_at=NOW)
    known = record(ONE, **values)
    assert state_of(known, ONE, history(known, lock=lock), edited=edited) is expected


def test_versions_may_be_shortened_while_it_is_clear_which_is_meant() -> None:
    versions = {ONE.version, TWO.version}
    assert find_version("20260101", versions) == ONE.version
    with pytest.raises(AmbiguousVersionError):
        find_version("2026", versions)
    for unknown in ("2027", "x", "", "20260101000000x"):
        with pytest.raises((UnknownVersionError, AmbiguousVersionError)):
            find_version(unknown, versions)


@given(
    applied=st.sets(st.integers(1, 9)),
    files=st.sets(st.integers(1, 9)),
    count=st.none() | st.integers(1, 9),
)
def test_nothing_is_both_applied_and_planned(
    applied: set[int], files: set[int], count: int | None
) -> None:
    """Whatever the folder and the history: planned means a file and no record."""
    known = {n: migration(f"2026010{n}000000") for n in applied | files}
    folder = Folder(migrations=[known[n] for n in sorted(files)])
    found = history(*(record(known[n]) for n in sorted(applied)))
    try:
        plan = plan_up(folder, found, {}, count=count, allow_missing=True)
    except MigrateError as error:
        assert isinstance(error, LateError)  # noqa: PT017
        assert any(n < max(applied) for n in files - applied)
        return
    planned = [int(p.migration.version[7:8]) for p in plan.migrations]
    assert planned == sorted(files - applied)[:count]


@given(
    st.lists(
        st.sampled_from(
            [
                "CREATE (n);",
                "CREATE INDEX i FOR (n:N) ON (n.a);",
                "UNWIND [1] AS x CALL (x) { CREATE () } IN TRANSACTIONS;",
            ]
        ),
        max_size=12,
    )
)
def test_steps_keep_every_statement_in_order(texts: list[str]) -> None:
    statements = parse_cypher(
        "CREATE ();" + "\n".join(texts), "20260101000000", "m", None
    ).up
    steps = cut(statements)
    assert tuple(s for step in steps for s in step.statements) == statements
    assert all(len({s.kind for s in step.statements}) == 1 for step in steps)


def test_kinds_have_their_suffix() -> None:
    assert {kind.value: kind.suffix for kind in MigrationKind} == {
        "cypher": "cypher",
        "python": "py",
    }
