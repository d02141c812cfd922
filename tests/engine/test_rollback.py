"""What `down` plans, and what it refuses as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from neo4j_migrate_magic.engine.checks import Edit, Folder
from neo4j_migrate_magic.engine.rollback import plan_down, rollback_order
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.errors import (
    IrreversibleError,
    MissingError,
    PartWayError,
    Place,
)
from neo4j_migrate_magic.files import parse_cypher, parse_python
from neo4j_migrate_magic.history.reading import computed
from neo4j_migrate_magic.model import (
    Direction,
    Migration,
    RecordDetail,
    RecordState,
)
from tests.engine.plans import (
    MIXED,
    ONE,
    THREE,
    TWO,
    detail,
    history,
    migration,
    record,
)


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


def test_what_was_only_recorded_comes_after_all_that_ran() -> None:
    """Also when it was recorded later: it cannot go back, and is in nobody's way."""
    found = history(
        record(ONE, sequence=3, origin="baseline"),
        record(TWO, sequence=1),
        record(THREE, sequence=2),
    )
    order = [r.version for r in rollback_order(found, count=None)]
    assert order == [THREE.version, TWO.version, ONE.version]


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
        Folder(
            migrations=[after], edited={after.version: Edit(where=Place("x"), what="")}
        ),
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
