"""Plan a `down` as a whole: one migration that cannot go back refuses all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.checks import (
    from_history,
    path_of,
    place_of,
    refuse_edited_prefix,
    take_back,
    undo_edit,
    ways_back,
)
from neo4j_migrate_magic.engine.planner import ALL, make_plan
from neo4j_migrate_magic.engine.steps import computed_steps, steps_of
from neo4j_migrate_magic.engine.versions import current_version, find_end
from neo4j_migrate_magic.errors import (
    EditedError,
    IrreversibleError,
    MigrateError,
    MissingError,
    PartWayError,
    UnknownVersionError,
)
from neo4j_migrate_magic.model import (
    Direction,
    History,
    Migration,
    MigrationKind,
    Plan,
    PlannedMigration,
    Record,
    RecordDetail,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from neo4j_migrate_magic.engine.checks import Folder


def rollback_order(
    history: History,
    *,
    count: int | None = 1,
    to: str | None = None,
    files: AbstractSet[str] = frozenset(),
) -> tuple[Record, ...]:
    """Choose what `down` takes back: the reverse of the order of application.

    What was only recorded comes last: it cannot go back, and was there before all that
    ran, also when it was recorded later.

    Args:
        history: The records.
        count: How many; None means all. Without meaning when `to` is given.
        to: The version that is the newest applied one afterwards, or a word for it;
            ``zero``: none.
        files: The versions of the files.

    Raises:
        UnknownVersionError: `to` names no migration, or one that is not applied.
    """
    order = sorted(
        history.records,
        key=lambda r: (r.part_way, r.origin == "run", r.sequence, r.version),
        reverse=True,
    )
    if to is not None:
        last = _kept(to, history, files)
        return tuple(record for record in order if record.version > last)
    return tuple(order if count is ALL else order[:count])


def _kept(word: str, history: History, files: AbstractSet[str]) -> str:
    """Give the version that a `down` ends at and keeps, which must be applied."""
    records = {record.version for record in history.records}
    fits = any(version.startswith(word) for version in records)
    last = find_end(
        word,
        records if fits else records | files,
        current=current_version(history),
        latest=max(files, default=None),
    )
    if last and last not in records:
        raise UnknownVersionError(
            f"{last} is not applied",
            why="`down --to` names a migration that stays applied, or `zero`",
            next=[("neo4j-migrate status", "see what is applied")],
        )
    return last


def plan_down(
    chosen: Sequence[Record],
    folder: Folder,
    history: History,
    details: Mapping[str, RecordDetail],
    kept: Callable[[RecordDetail], Migration],
    *,
    allow_part_way: bool = False,
) -> Plan:
    """Plan a `down` as a whole: one that cannot go back refuses all.

    Args:
        chosen: The records to take back, in order.
        folder: The files.
        history: All records.
        details: What the plan needs of the chosen records.
        kept: Reads the text that a record kept as a migration.
        allow_part_way: Run ``// @down`` as written though `up` did not finish.

    Raises:
        PlanError, IntegrityError: One of them has no way back.
    """
    planned, stuck = [], []
    for record in chosen:
        detail = details[record.version]
        try:
            planned.append(
                _planned_down(detail, folder, kept, allow_part_way=allow_part_way)
            )
        except IrreversibleError as error:
            stuck.append((record, error))
    if stuck:
        raise _all_stuck(stuck)
    return make_plan(Direction.DOWN, tuple(planned), history)


def _all_stuck(
    stuck: Sequence[tuple[Record, IrreversibleError]],
) -> IrreversibleError:
    """Give the first error, with the other migrations that have no way back."""
    (_, error), *others = stuck
    if others:
        titles = ", ".join(record.title for record, _ in others)
        error.why += f"; no way back either: {titles}"
    return error


def _planned_down(
    detail: RecordDetail,
    folder: Folder,
    kept: Callable[[RecordDetail], Migration],
    *,
    allow_part_way: bool,
) -> PlannedMigration:
    record = detail.record
    if record.origin != "run":
        raise IrreversibleError(
            f"{record.title} was only recorded, not run ({record.origin})",
            why="what the tool did not apply, it does not take back",
            kept="nothing was touched",
            next=[
                (
                    f"neo4j-migrate repair {record.version} --mark pending",
                    "forgets the record and runs nothing",
                ),
            ],
        )
    migration, source = _text_of(detail, folder, kept)
    begun = record.part_way and record.direction is Direction.DOWN
    half = record.part_way and record.direction is Direction.UP
    steps: tuple[Step, ...] | None
    if begun and detail.down_from == "computed":
        steps, source = computed_steps(detail), "computed"
    elif migration.has_down and (not half or begun):
        done = detail.steps_done if begun else ()
        steps = steps_of(migration, Direction.DOWN, done)
    else:
        steps, source = computed_steps(detail), "computed"
    if steps is None and half and allow_part_way and migration.has_down:
        steps, source = steps_of(migration, Direction.DOWN), "file"
    if steps is None:
        raise _no_way_back(migration, record, folder, half=half)
    if begun:
        refuse_edited_prefix(record.title, migration, steps, detail)
    return PlannedMigration(
        migration=migration,
        direction=Direction.DOWN,
        steps=steps,
        start=len(detail.steps_done) + 1 if begun else 1,
        record=detail,
        statements_from=source,
    )


def _text_of(
    detail: RecordDetail, folder: Folder, kept: Callable[[RecordDetail], Migration]
) -> tuple[Migration, str]:
    """Give the file where it is what was applied, else the text that was kept."""
    record = detail.record
    file = folder.by_version.get(record.version)
    edited = record.version in folder.edited
    half = record.part_way and record.direction is Direction.UP
    if file is not None and (half or not edited):
        return file, "file"
    if record.kind is MigrationKind.PYTHON:
        raise _python_refused(record, file, folder)
    if not detail.source:
        raise MissingError(
            f"{record.title} has no file, and its text was too long to be kept",
            why="the history keeps no text of more than 1 MiB",
            kept="nothing was touched",
            next=[("git log --diff-filter=D --name-only", "find the file")],
        )
    return kept(detail), "history"


def _python_refused(
    record: Record, file: Migration | None, folder: Folder
) -> MigrateError:
    """Python kept in the history is never executed: only a file is."""
    if file is not None:
        edit = folder.edited[record.version]
        return EditedError(
            f"{record.title} was edited after it was applied",
            why=f"{edit}\nthe down of another text could take back what was never done",
            where=edit.where,
            kept="nothing was touched",
            next=[(undo_edit(file, record), "undo the edit")],
        )
    path = folder.path / f"{record.title}.py"
    return MissingError(
        f"{record.title} is a Python migration, and its file is gone",
        why="Python text kept in the history is never executed",
        kept="nothing was touched",
        next=[
            (from_history(path, record), "bring it back"),
        ],
    )


def _no_way_back(
    migration: Migration, record: Record, folder: Folder, *, half: bool
) -> MigrateError:
    file = folder.by_version.get(record.version)
    name = f"{record.title}.{record.kind.suffix}"
    path = Path(path_of(file)) if file else folder.path / name
    if half:
        on = [("neo4j-migrate up", "go on with it")]
        if file is None:  # the steps to do stand in it alone
            on = [(way, "bring its file back") for way in ways_back(path, record)]
        return PartWayError(
            f"{migration.title} is part-way: its up did not finish",
            why="what ran of it has no exact inverse",
            where=place_of(migration, None),
            kept="nothing was touched",
            next=[*on, take_back(migration, exact=False)],
        )
    python = record.kind is MigrationKind.PYTHON
    section = "function down(client)" if python else "section // @down"
    ways = [("neo4j-migrate down", f"after writing a {section}")]
    if file is None or record.version in folder.edited:
        # the text that was applied decides, and it is not in the folder
        back = ways_back(path, record)[0]
        ways.insert(0, (back, "bring back what was applied"))
    return IrreversibleError(
        f"{record.title} has no {section}, and none can be computed",
        why="only pure schema changes have a computed inverse",
        where=place_of(file or migration, None),
        kept="nothing was touched",
        next=ways,
    )
