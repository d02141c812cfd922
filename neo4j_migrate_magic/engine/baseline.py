"""Decide what a baseline records, or why it may not; nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.checks import place_of, take_back
from neo4j_migrate_magic.engine.repair import recorded
from neo4j_migrate_magic.engine.steps import computed_steps
from neo4j_migrate_magic.errors import PartWayError
from neo4j_migrate_magic.history.corrections import Change
from neo4j_migrate_magic.model import Direction

if TYPE_CHECKING:
    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.model import RecordDetail


def baseline_changes(
    found: Survey, last: str
) -> tuple[tuple[Change, ...], dict[str, str]]:
    """Choose what `baseline` records: files up to a version that have no record.

    Returns:
        The changes in order of version, and those left out, with the reason.

    Raises:
        PartWayError: Something up to there is part-way.
    """
    records = {r.version: r for r in found.history.records if r.version <= last}
    for record in records.values():
        if record.part_way:
            raise _part_way(found.details[record.version], found)
    sequence = max((r.sequence for r in found.history.records), default=0)
    files = [f for f in found.folder.migrations if f.version <= last]
    new = [f for f in files if f.version not in records]
    changes = tuple(
        Change(
            version=file.version,
            name=file.name,
            before=None,
            after=recorded(file, place),
            detail={"up_to": last},
        )
        for place, file in enumerate(new, sequence + 1)
    )
    skipped = {
        f.title: "it has a record already" for f in files if f.version in records
    }
    return changes, skipped


def _part_way(detail: RecordDetail, found: Survey) -> PartWayError:
    record, file = detail.record, found.folder.by_version.get(detail.record.version)
    ways = [("neo4j-migrate down", "go on with it")]
    if record.direction is Direction.UP:
        ways = [("neo4j-migrate up", "go on with it")]
        exact = computed_steps(detail) is not None
        ways += [take_back(file, exact=exact)] if file else []
    return PartWayError(
        f"{record.title} is part-way",
        why="what is begun is gone on with, or taken back, before a baseline",
        where=place_of(file, None) if file else None,
        kept="nothing was recorded",
        next=ways,
    )
