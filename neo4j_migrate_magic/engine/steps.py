"""Cut the statements of a migration into steps, by what one transaction may hold."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import (
    Direction,
    Migration,
    MigrationKind,
    Statement,
    StatementKind,
    Step,
    StepKind,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.model import RecordDetail

_STEP_OF = {
    StatementKind.READ: StepKind.DATA,
    StatementKind.WRITE: StepKind.DATA,
    StatementKind.CALL: StepKind.DATA,
    StatementKind.SCHEMA: StepKind.SCHEMA,
    StatementKind.AUTOCOMMIT: StepKind.AUTOCOMMIT,
    StatementKind.ADMIN: StepKind.AUTOCOMMIT,
}


def steps_of(
    migration: Migration, direction: Direction, done: Sequence[str] = ()
) -> tuple[Step, ...]:
    """Give the steps of one section of a migration.

    A Python migration is one step: a data step, or an autocommit one when each of
    its calls is a transaction of its own.

    Args:
        migration: The file's, or a text that was kept.
        direction: Which section.
        done: The hashes of the steps that have run; see `cut`.
    """
    if migration.kind is MigrationKind.PYTHON:
        kind = StepKind.AUTOCOMMIT if migration.per_call else StepKind.DATA
        return (
            Step(
                index=1,
                kind=kind,
                hash=migration.checksum,
                rerunnable=migration.rerunnable,
            ),
        )
    statements = migration.up if direction is Direction.UP else migration.down
    return cut(statements or (), done)


def cut(statements: Sequence[Statement], done: Sequence[str] = ()) -> tuple[Step, ...]:
    """Group consecutive statements that one transaction may hold.

    What has run stays a step as it ran: a statement that is written behind it later
    is a step that is still to do, though it would have stood with it.

    Data stands with data. Schema stands with schema, but a constraint is built in a
    transaction of its own: a fifth that fails does not throw four away, and a
    constraint cannot be replaced in one transaction on every server (handbook:
    neo4j, 3.7 and 4.1). Autocommit statements stand alone.
    """
    ran: list[Sequence[Statement]] = []
    start = 0
    for digest in done:
        end = _end_of(statements, start, digest)
        if end is None:  # it was edited, and so is all behind it
            break
        ran.append(statements[start:end])
        start = end
    groups: list[list[Statement]] = []
    for statement in statements[start:]:
        if groups and _may_join(groups[-1], statement):
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return tuple(
        _step(index, group) for index, group in enumerate([*ran, *groups], start=1)
    )


def _end_of(statements: Sequence[Statement], start: int, wanted: str) -> int | None:
    """Give the end of the statements from `start` on that are the step of a hash."""
    if start == len(statements):
        return None
    digest = _digest(_STEP_OF[statements[start].kind])
    for end, statement in enumerate(statements[start:], start + 1):
        _add(digest, statement)
        if digest.hexdigest() == wanted:
            return end
    return None


def first_edited(steps: Sequence[Step], done: Sequence[str]) -> int | None:
    """Give the number of the first step that is not as it ran; None where all are.

    Args:
        steps: Those of the file, cut with `done`.
        done: The hashes of the steps that have run.
    """
    for index, digest in enumerate(done, start=1):
        if index > len(steps) or steps[index - 1].hash != digest:
            return index
    return None


def computed_steps(detail: RecordDetail) -> tuple[Step, ...] | None:
    """Give the inverse of what ran, where all of it was schema, newest first."""
    record = detail.record
    going_up = record.direction is Direction.UP
    in_doubt = going_up and (detail.intent or {}).get("kind") == "autocommit"
    ran = record.steps if record.applied else len(detail.steps_done)
    complete = len(detail.inverse) == ran or not going_up
    if in_doubt or not complete or any(i is None for i in detail.inverse):
        return None
    return cut([s for step in reversed(detail.inverse) for s in step or ()])


def _may_join(group: Sequence[Statement], statement: Statement) -> bool:
    kind = _STEP_OF[statement.kind]
    if kind is not _STEP_OF[group[-1].kind]:
        return False
    if kind is StepKind.SCHEMA:
        return not _alone(statement) and not _alone(group[-1])
    return kind is StepKind.DATA


def _alone(statement: Statement) -> bool:
    change = statement.change
    return change is None or (change.create and change.constraint)


def _step(index: int, group: Sequence[Statement]) -> Step:
    kind = _STEP_OF[group[0].kind]
    digest = _digest(kind)
    for statement in group:
        _add(digest, statement)
    return Step(
        index=index,
        kind=kind,
        hash=digest.hexdigest(),
        statements=tuple(group),
        rerunnable=all(statement.rerunnable for statement in group),
    )


def _digest(kind: StepKind) -> hashlib._Hash:
    return hashlib.sha256(kind.value.encode())


def _add(digest: hashlib._Hash, statement: Statement) -> None:
    digest.update(b"\0" + statement.canonical.encode())
