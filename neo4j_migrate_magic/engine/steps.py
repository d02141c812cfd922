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
    from collections.abc import Iterable, Sequence

_STEP_OF = {
    StatementKind.READ: StepKind.DATA,
    StatementKind.WRITE: StepKind.DATA,
    StatementKind.CALL: StepKind.DATA,
    StatementKind.SCHEMA: StepKind.SCHEMA,
    StatementKind.AUTOCOMMIT: StepKind.AUTOCOMMIT,
    StatementKind.ADMIN: StepKind.AUTOCOMMIT,
}


def steps_of(migration: Migration, direction: Direction) -> tuple[Step, ...]:
    """Give the steps of one section of a migration.

    A Python migration is one step: a data step, or an autocommit one when each of
    its calls is a transaction of its own.
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
    return cut(statements or ())


def cut(statements: Iterable[Statement]) -> tuple[Step, ...]:
    """Group consecutive statements that one transaction may hold.

    Data stands with data. Schema stands with schema, but a constraint is built in a
    transaction of its own: a fifth that fails does not throw four away, and a
    constraint cannot be replaced in one transaction on every server (handbook:
    neo4j, 3.7 and 4.1). Autocommit statements stand alone.
    """
    groups: list[list[Statement]] = []
    for statement in statements:
        if groups and _may_join(groups[-1], statement):
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return tuple(_step(index, group) for index, group in enumerate(groups, start=1))


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
    digest = hashlib.sha256(kind.value.encode())
    for statement in group:
        digest.update(b"\0" + statement.canonical.encode())
    return Step(
        index=index,
        kind=kind,
        hash=digest.hexdigest(),
        statements=tuple(group),
        rerunnable=all(statement.rerunnable for statement in group),
    )
