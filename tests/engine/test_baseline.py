"""A baseline is decided without a server: what it records, and what stops it."""

from __future__ import annotations

from typing import Any

import pytest

from neo4j_migrate_magic.engine.baseline import baseline_changes
from neo4j_migrate_magic.engine.checks import Folder
from neo4j_migrate_magic.engine.survey import Survey
from neo4j_migrate_magic.errors import PartWayError
from neo4j_migrate_magic.model import Direction, Migration, RecordDetail, RecordState
from tests.engine.plans import ONE, THREE, TWO, history, record


def found(*records: Any, files: tuple[Migration, ...] = (ONE, TWO, THREE)) -> Survey:
    return Survey(
        folder=Folder(migrations=files),
        history=history(*records),
        details={r.version: RecordDetail(record=r, source="") for r in records},
    )


def test_a_baseline_records_what_has_no_record_up_to_a_version() -> None:
    """In order of version, after all that was applied; the rest is named."""
    changes, skipped = baseline_changes(found(record(TWO, sequence=7)), THREE.version)

    assert [(c.version, (c.after or {})["sequence"]) for c in changes] == [
        (ONE.version, 8),
        (THREE.version, 9),
    ]
    assert skipped == {TWO.title: "it has a record already"}
    assert {(c.after or {})["origin"] for c in changes} == {"baseline"}
    assert baseline_changes(found(), ONE.version)[0][0].version == ONE.version
    assert len(baseline_changes(found(), ONE.version)[0]) == 1


@pytest.mark.parametrize(
    ("direction", "ways"),
    [
        (Direction.UP, ["neo4j-migrate up", "neo4j-migrate down"]),
        (Direction.DOWN, ["neo4j-migrate down"]),
    ],
)
def test_a_baseline_does_not_go_over_what_is_part_way(
    direction: Direction, ways: list[str]
) -> None:
    """The ways out are those that work: without a file, that one comes back first."""
    half = record(ONE, state=RecordState.FAILED, direction=direction)

    with pytest.raises(PartWayError) as caught:
        baseline_changes(found(half), THREE.version)
    with pytest.raises(PartWayError) as without:
        baseline_changes(found(half, files=(TWO, THREE)), THREE.version)

    assert caught.value.kept == "nothing was recorded"
    assert [way.command for way in caught.value.next] == ways
    assert [way.command for way in without.value.next] == ways[:1]
