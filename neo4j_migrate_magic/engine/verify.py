"""Compare every file with every record: all problems, each with its ways out."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.checks import (
    from_history,
    place_of,
    refuse_edited_prefix,
    undo_edit,
    ways_back,
)
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.engine.survey import refuse_newer, settle_all
from neo4j_migrate_magic.errors import (
    DuplicateVersionError,
    EditedPrefixError,
    IndexFailedError,
    Next,
)
from neo4j_migrate_magic.model import Direction, Problem, ProblemKind, Verification

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neo4j_migrate_magic.engine.project import Project
    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.files import MigrationFile, Unusable
    from neo4j_migrate_magic.model import Migration, Record


async def verified(project: Project) -> Verification:
    """Compare the files of a project that can be used with its history.

    Raises:
        HistoryNewerError: The history has a format that is newer than ours.
    """
    found = await project.survey_usable()
    refuse_newer(found.history)
    with suppress(IndexFailedError):  # what the schema does not decide, `up` tells of
        found = await settle_all(project.database, found)
    return verify(found)


def verify(found: Survey) -> Verification:
    """List where files and history disagree, in order of version."""
    files = found.folder.by_version
    records = {record.version: record for record in found.history.records}
    newest, late = max(records, default=""), found.late
    unusable = {one.file.version: one for one in found.unusable}
    versions = files.keys() | records.keys() | unusable.keys()
    problems = []
    for version in sorted(versions):
        file, record = files.get(version), records.get(version)
        if version in unusable:
            problems.append(_unusable(unusable[version], record))
        elif version in late and file is not None:
            problems.append(_late(file, newest))
        elif record is not None and file is None and record.origin == "run":
            problems.append(_missing(record, found.folder.path))
        elif record is not None and file is not None:
            problems += _edited(found, record, file)
    return Verification(
        problems=tuple(problems),
        compared=len(versions),
        server=found.history.server,
    )


def _edited(found: Survey, record: Record, file: Migration) -> list[Problem]:
    edit = found.folder.edited.get(record.version)
    going_down = record.part_way and record.direction is Direction.DOWN
    if record.part_way and not (going_down and edit):
        return _edited_prefix(found, record, file)
    if edit is None:
        return []
    return [
        Problem(
            kind=ProblemKind.EDITED,
            version=record.version,
            title=file.title,
            what=edit.what,
            where=edit.where,
            diff=edit.diff,
            next=_ways_out_of_an_edit(record, file),
        )
    ]


def _edited_prefix(found: Survey, record: Record, file: Migration) -> list[Problem]:
    detail = found.details[record.version]
    if record.direction is Direction.DOWN and detail.down_from == "computed":
        return []
    edit = found.folder.edited.get(record.version)
    try:
        steps = steps_of(file, record.direction, detail.steps_done)
        refuse_edited_prefix(file.title, file, steps, detail)
    except EditedPrefixError as error:
        return [
            Problem(
                kind=ProblemKind.EDITED,
                version=record.version,
                title=file.title,
                what=error.what.partition(": ")[2],
                where=error.where,
                diff=edit.diff if edit else (),
                next=error.next,
            )
        ]
    return []


def _ways_out_of_an_edit(record: Record, file: Migration) -> tuple[Next, ...]:
    return (
        Next(undo_edit(file, record), "undo the edit"),
        Next("neo4j-migrate create NAME", "or make the change in a new migration"),
        Next(
            f"neo4j-migrate repair {record.version} --accept-checksum",
            "or accept it (logged)",
        ),
    )


def _missing(record: Record, folder: Path) -> Problem:
    when = f" on {record.applied_at:%Y-%m-%d}" if record.applied_at else ""
    what = f"applied by {record.by or 'somebody'}{when}, and its file is gone"
    on = Next("neo4j-migrate up --allow missing", "or go on without it")
    if record.part_way:
        what = f"part-way {record.direction.value}, and its file is gone"
        on = Next("neo4j-migrate down", "or take back what was done of it")
    path = folder / f"{record.title}.{record.kind.suffix}"
    return Problem(
        kind=ProblemKind.MISSING,
        version=record.version,
        title=record.title,
        what=what,
        next=(
            Next(
                from_history(path, record),
                "bring back the text that was applied",
            ),
            on,
        ),
    )


def _unusable(found: Unusable, record: Record | None) -> Problem:
    """Tell of a file that cannot be compared; the record is not missing."""
    file, error = found.file, found.error
    what = error.what.removeprefix(file.path.name).lstrip(": ")
    shared = isinstance(error, DuplicateVersionError)
    ways = error.next if shared else _ways_to_use(file, record)
    return Problem(
        kind=ProblemKind.UNUSABLE,
        version=file.version,
        title=file.title,
        what=f"{what}: {error.why}" if error.why else what,
        where=error.where,
        next=tuple(ways),
        code=error.code,
    )


def _ways_to_use(file: MigrationFile, record: Record | None) -> Iterator[Next]:
    if record is not None:
        for way in ways_back(file.path, record):
            yield Next(way, "bring back the text that was applied")
    yield Next("neo4j-migrate verify", "after correcting the file")


def _late(file: Migration, newest: str) -> Problem:
    return Problem(
        kind=ProblemKind.LATE,
        version=file.version,
        title=file.title,
        what=f"older than the newest applied one, {newest}, and not applied",
        where=place_of(file, None),
        next=(
            Next(
                f"neo4j-migrate up --allow-late {file.version}",
                "apply it all the same",
            ),
            Next(
                f"neo4j-migrate repair {file.version} --renumber",
                "or make it the newest: its file is renamed",
            ),
        ),
    )
