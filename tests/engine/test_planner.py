"""The planner decides without a server: tables of files and records."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neo4j_migrate_magic.engine.checks import Edit, Folder
from neo4j_migrate_magic.engine.planner import plan_up, state_of
from neo4j_migrate_magic.engine.rollback import plan_down, rollback_order
from neo4j_migrate_magic.engine.steps import cut, steps_of
from neo4j_migrate_magic.engine.versions import find_version
from neo4j_migrate_magic.errors import (
    AmbiguousVersionError,
    EditedError,
    EditedPrefixError,
    IrreversibleError,
    LateError,
    MigrateError,
    MissingError,
    PartWayError,
    Place,
    UnknownVersionError,
)
from neo4j_migrate_magic.files import parse_cypher, parse_python
from neo4j_migrate_magic.history.reading import computed
from neo4j_migrate_magic.model import (
    Direction,
    History,
    Lock,
    Migration,
    MigrationKind,
    Record,
    RecordDetail,
    RecordState,
    Server,
    State,
    StepKind,
)

SERVER = Server(version="5.26.30", database="neo4j", address="127.0.0.1:7687")
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
MIXED = """\
// @up
CREATE CONSTRAINT p_id FOR (p:P) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT p_x FOR (p:P) REQUIRE p.x IS UNIQUE;
CREATE INDEX p_a FOR (p:P) ON (p.a);
CREATE INDEX p_b FOR (p:P) ON (p.b);
MATCH (p:P) SET p.a = 1;
MATCH (p:P) RETURN count(p);
MATCH (p:P) CALL (p) { SET p.b = 2 } IN TRANSACTIONS;
SHOW DATABASES;
DROP INDEX p_a;
CREATE INDEX p_a FOR (p:P) ON (p.a, p.b);
"""


def migration(version: str, text: str = "CREATE (n:N);") -> Migration:
    path = Path(f"migrations/{version}-m.cypher")
    return parse_cypher(text, version, "m", path)


def record(of: Migration, **values: object) -> Record:
    plain: dict[str, object] = {
        "version": of.version,
        "name": of.name,
        "kind": of.kind,
        "origin": "run",
        "state": RecordState.APPLIED,
        "direction": Direction.UP,
        "step": 2,
        "steps": 1,
        "checksum": of.checksum,
        "reversible": True,
        "sequence": int(of.version[6:8]),
        "run_id": "run",
    }
    return Record(**{**plain, **values})  # type: ignore[arg-type]


def history(*records: Record, lock: Lock | None = None) -> History:
    return History(records=tuple(records), lock=lock, now=NOW, server=SERVER)


def detail(of: Migration, **values: object) -> RecordDetail:
    parts = {"source", "steps_done", "inverse", "intent", "down_from"}
    inner = {k: v for k, v in values.items() if k not in parts}
    outer = {"source": of.source, **{k: v for k, v in values.items() if k in parts}}
    return RecordDetail(record=record(of, **inner), **outer)  # type: ignore[arg-type]


ONE, TWO, THREE = (migration(f"2026010{n}000000") for n in (1, 2, 3))


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
        migrations=[ONE, TWO], edited={ONE.version: Edit(where=place, what="statement 1 changed")}
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


def test_down_takes_back_in_reverse_order_of_application() -> None:
    records = (
        record(ONE, sequence=2),
        record(TWO, sequence=1),
        record(THREE, sequence=3),
    )
    found = history(*records)
    assert [r.version for r in rollback_order(found)] == [THREE.version]
    order = [r.version for r in rollback_order(found, count=None)]
    assert order == [THREE.version, ONE.version, TWO.version]
    assert [r.version for r in rollback_order(found, to="zero")] == order
    assert [r.version for r in rollback_order(found, to=TWO.version)] == [THREE.version]


def test_one_irreversible_migration_refuses_the_whole_down() -> None:
    back = migration(
        "20260102000000", "// @up\nCREATE (n);\n// @down\nMATCH (n) DELETE n;"
    )
    details = {m.version: detail(m) for m in (ONE, back)}
    chosen = [record(back), record(ONE)]
    with pytest.raises(IrreversibleError) as caught:
        plan_down(
            chosen, Folder(migrations=[ONE, back]), history(*chosen), details, _kept
        )
    assert ONE.title in caught.value.what


def test_down_of_pure_schema_is_computed_from_what_was_there() -> None:
    pure = migration("20260101000000", "CREATE INDEX a FOR (n:N) ON (n.a);")
    step = steps_of(pure, Direction.UP)[0]
    inverse = (computed("DROP INDEX $name IF EXISTS", {"name": "a"}),)
    known = detail(pure, steps_done=(step.hash,), inverse=(inverse,))
    plan = plan_down(
        [known.record],
        Folder(migrations=[]),
        history(known.record),
        {pure.version: known},
        _kept,
    )
    (planned,) = plan.migrations
    assert planned.statements_from == "computed"
    assert [s.parameters for step in planned.steps for s in step.statements] == [
        {"name": "a"}
    ]


def test_down_uses_the_text_kept_when_the_file_is_edited_or_gone() -> None:
    before = migration(
        "20260101000000", "// @up\nCREATE (n);\n// @down\nMATCH (n) DELETE n;"
    )
    after = migration(
        "20260101000000", "// @up\nCREATE (m);\n// @down\nMATCH (m) DELETE m;"
    )
    known = detail(before)
    for folder in (
        Folder(migrations=[after], edited={after.version: Edit(where=Place("x"), what="")}),
        Folder(migrations=[]),
    ):
        plan = plan_down(
            [known.record],
            folder,
            history(known.record),
            {before.version: known},
            _kept,
        )
        (planned,) = plan.migrations
        assert planned.statements_from == "history"
        assert planned.steps[0].statements[0].text == "MATCH (n) DELETE n"


def test_python_kept_in_the_history_is_never_run() -> None:
    text = "def up(client): ...\ndef down(client): ...\n"
    python = parse_python(text, "20260101000000", "m", Path("m.py"))
    known = detail(python)
    with pytest.raises(MissingError) as caught:
        plan_down(
            [known.record],
            Folder(migrations=[]),
            history(known.record),
            {python.version: known},
            _kept,
        )
    assert "show 20260101000000 --source" in caught.value.next[0].command


def test_a_part_way_up_goes_back_by_its_inverse_or_when_told() -> None:
    text = MIXED + "// @down\nMATCH (p:P) REMOVE p.a;\n"
    mixed = migration("20260101000000", text)
    steps = steps_of(mixed, Direction.UP)
    inverse = (computed("DROP CONSTRAINT $name IF EXISTS", {"name": "p_id"}),)
    schema_only = detail(
        mixed,
        state=RecordState.FAILED,
        step=2,
        steps=7,
        steps_done=(steps[0].hash,),
        inverse=(inverse,),
    )
    with_data = detail(
        mixed,
        state=RecordState.FAILED,
        step=5,
        steps=7,
        steps_done=tuple(s.hash for s in steps[:4]),
        inverse=(inverse, inverse, inverse),
    )
    folder = Folder(migrations=[mixed])

    def planned(known: RecordDetail, *, allow: bool = False) -> str:
        plan = plan_down(
            [known.record],
            folder,
            history(known.record),
            {mixed.version: known},
            _kept,
            allow_part_way=allow,
        )
        return plan.migrations[0].statements_from

    assert planned(schema_only) == "computed"
    with pytest.raises(PartWayError):
        planned(with_data)
    assert planned(with_data, allow=True) == "file"


def test_batches_that_may_be_committed_have_no_inverse() -> None:
    """A cut autocommit step that came first is not taken for nothing."""
    once = migration(
        "20260101000000", "UNWIND [1] AS x CALL (x) { CREATE () } IN TRANSACTIONS;"
    )
    half = detail(
        once,
        state=RecordState.RUNNING,
        step=1,
        intent={"kind": "autocommit", "step": 1},
    )
    with pytest.raises(PartWayError):
        plan_down(
            [half.record],
            Folder(migrations=[once]),
            history(half.record),
            {once.version: half},
            _kept,
        )


def _kept(known: RecordDetail) -> Migration:
    return parse_cypher(known.source, known.record.version, known.record.name, None)


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
