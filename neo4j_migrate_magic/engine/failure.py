"""Say what a failed step means: what, why, where, what was kept, what to type."""

from __future__ import annotations

import asyncio
import re
import shlex
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.database.values import without_values
from neo4j_migrate_magic.engine.checks import place_of, take_back
from neo4j_migrate_magic.engine.python import raised_at
from neo4j_migrate_magic.engine.settle import ways_out_of_doubt
from neo4j_migrate_magic.errors import (
    EditionError,
    HistoryTouchedError,
    ImpossibleMixError,
    IndexFailedError,
    MigrateError,
    Next,
    Place,
    QueryError,
    RunError,
    ServerError,
    StatementFailedError,
    UnreachableError,
)
from neo4j_migrate_magic.model import MigrationKind, StepKind
from neo4j_migrate_magic.schema.preflight import offenders_query

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import PlannedMigration, Statement, Step


_COMMITTED = re.compile(r"\(Transactions committed: (\d+)\)")


class StatementFailure(Exception):  # noqa: N818 (internal; the runner makes an error of it)
    """A step failed, with the statement it failed at; the runner makes words of it.

    Args:
        cause: What was raised.
        statement: The statement, where one is known.
        kept: Whether the step itself may have left something.
        swallowed: Whether a Python migration went on as if nothing had happened.
        built: Whether the indexes and constraints are as the statements ask for them;
            else no statement was refused, and yet they did not come to it.
    """

    def __init__(
        self,
        cause: BaseException,
        statement: Statement | None = None,
        *,
        kept: bool = False,
        swallowed: bool = False,
        built: bool = True,
    ) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.statement = statement
        self.kept = kept
        self.swallowed = swallowed
        self.built = built

    @property
    def transient(self) -> bool:
        """Whether the same may succeed when it is tried again."""
        return isinstance(self.cause, ServerError) and self.cause.transient

    @property
    def broken(self) -> bool:
        """Whether no statement is to blame: the database must be restarted."""
        return isinstance(self.cause, QueryError) and self.cause.broken


def nothing_committed(error: Exception, statement: Statement) -> bool:
    """Whether the server says that an autocommit statement left nothing.

    What is refused before it runs comes without a number of transactions; the same
    code may come after some of them: MERGE with a null is a SemanticError. Of
    concurrent ones the number leaves out those that end after the one that failed.
    """
    if not isinstance(error, QueryError):
        return False
    if error.edition:
        return True
    numbers = _COMMITTED.findall(error.why)
    if numbers:
        return numbers[-1] == "0" and "CONCURRENT" not in statement.text.upper()
    return (error.server_code or "").endswith(("SyntaxError", "ParameterMissing"))


def failed_step(
    planned: PlannedMigration, step: Step, failure: StatementFailure, *, kept: str
) -> MigrateError:
    """Make the error of a failed step.

    Args:
        planned: The migration.
        step: Its step that failed.
        failure: What happened.
        kept: What of it, of earlier steps and migrations is in the database, in words.
    """
    cause = failure.cause
    if isinstance(cause, (ImpossibleMixError, HistoryTouchedError)):
        cause.where = _where(planned, failure)
    if isinstance(cause, (RunError, ImpossibleMixError)):
        return _completed(cause, planned, kept)
    if isinstance(cause, UnreachableError):
        error = _completed(cause, planned, kept)
        error.next += tuple(Next(*way) for way in _ways(planned, step, failure))
        return error
    why = _why(cause, failure)
    parts: dict[str, Any] = {
        "why": why,
        "where": _where(planned, failure),
        "kept": kept,
        "next": _ways(planned, step, failure),
    }
    what = (
        f"{planned.migration.title} failed at step {step.index} of {len(planned.steps)}"
    )
    found: MigrateError
    if isinstance(cause, QueryError) and cause.edition:
        found = EditionError(what, **parts)
    else:
        kind = StatementFailedError if failure.built else IndexFailedError
        found = kind(what, direction=planned.direction.value, **parts)
    found.noted = _noted(failure, why)
    return found


def _noted(failure: StatementFailure, why: str) -> str:
    """Leave out what may be a value of the user's: the history keeps none."""
    if isinstance(failure.cause, MigrateError) or failure.statement is not None:
        return without_values(why)
    return type(failure.cause).__name__


def _completed(
    error: MigrateError, planned: PlannedMigration, kept: str
) -> MigrateError:
    error.kept = error.kept or kept
    error.where = error.where or place_of(planned.migration, None)
    return error


def _why(cause: BaseException, failure: StatementFailure) -> str:
    limit = failure.statement.timeout if failure.statement else None
    if isinstance(cause, asyncio.TimeoutError) and limit is not None:
        return f"it took longer than its @timeout of {limit:g}s"
    if isinstance(cause, MigrateError):
        standard = isinstance(cause, QueryError) and cause.server_code
        why = cause.why if standard else f"{cause.what}: {cause.why}"
        if failure.swallowed:
            why = f"a statement failed and the migration went on: {why}"
        return why.rstrip(": ")
    return f"{type(cause).__name__}: {cause}".rstrip(": ")


def _where(planned: PlannedMigration, failure: StatementFailure) -> Place | None:
    migration = planned.migration
    statement = failure.statement
    if migration.kind is MigrationKind.PYTHON:
        return raised_at(failure.cause, migration) if migration.path else None
    if statement is None or planned.statements_from == "computed":
        return place_of(migration, None)
    line, column = statement.line, statement.column
    cause = failure.cause
    if isinstance(cause, QueryError) and cause.line is not None:
        # the server counts from the statement's first character
        column = (cause.column or 1) + (column - 1 if cause.line == 1 else 0)
        line += cause.line - 1
    place = place_of(migration, line)
    if place is None:
        return None
    return Place(place.path, line, column, place.text)


def _ways(
    planned: PlannedMigration, step: Step, failure: StatementFailure
) -> list[tuple[str, str]]:
    verb = planned.direction.value
    if isinstance(failure.cause, UnreachableError):
        return [(f"neo4j-migrate {verb}", "when it answers again: goes on from there")]
    if isinstance(failure.cause, QueryError) and failure.cause.broken:
        again = (f"neo4j-migrate {verb}", "after the restart: goes on from there")
        return [*failure.cause.next, again]
    ways = _on(planned, step, failure)
    ways += _offenders(failure)
    if verb == "up" and step.index > 1:
        ways += _may_stay(planned, step, failure)
        ran = planned.steps[: step.index - 1]
        exact = all(s.kind is StepKind.SCHEMA for s in ran) and not failure.kept
        ways.append(take_back(planned.migration, exact=exact))
    if failure.kept:
        ways.append(("neo4j-migrate status", "see where it stands"))
    cause = failure.cause
    if isinstance(cause, ServerError) and cause.next != cause.ways:
        ways += cause.next  # such as the privilege to ask for
    return ways


def _on(
    planned: PlannedMigration, step: Step, failure: StatementFailure
) -> list[tuple[str, str]]:
    """Give what goes on with the step itself, by where its statements stand."""
    verb, migration = planned.direction.value, planned.migration
    if failure.kept and step.kind is StepKind.AUTOCOMMIT and not step.rerunnable:
        return ways_out_of_doubt(planned, step)
    later = "it" if step.index == 1 else f"step {step.index} or later"
    if verb == "up" or planned.statements_from == "file":
        return [(f"neo4j-migrate {verb}", f"after correcting {later}")]
    repair = f"neo4j-migrate repair {migration.version} --step {step.index}"
    done = (f"{repair} --mark applied", "if what it would do is done, or not needed")
    again = ("neo4j-migrate down", "once nothing is in its way: tries it again")
    if planned.statements_from == "computed":
        return [again, done]
    name = shlex.quote(f"{migration.title}.{migration.kind.suffix}")
    source = f"neo4j-migrate show {migration.version} --source -o {name}"
    return [
        (source, "bring its file back into the folder; there its @down may be edited"),
        again,
        done,
    ]


def _may_stay(
    planned: PlannedMigration, step: Step, failure: StatementFailure
) -> list[tuple[str, str]]:
    """Give the way on for what is there already, as a step of one change wants it."""
    code = getattr(failure.cause, "server_code", None) or ""
    if not code.endswith("AlreadyExists") or len(step.statements) > 1:
        return []
    version = planned.migration.version
    way = f"neo4j-migrate repair {version} --step {step.index} --mark applied"
    return [(way, "if what is there may stay as it is")]


def _offenders(failure: StatementFailure) -> list[tuple[str, str]]:
    """Give the query that shows which data a constraint does not allow."""
    code = getattr(failure.cause, "server_code", None) or ""
    change = failure.statement.change if failure.statement else None
    if not code.endswith("Schema.ConstraintCreationFailed"):
        return []
    query = offenders_query(change.item) if change and change.item else None
    if query is None:
        return []
    return [(f"cypher-shell {shlex.quote(query)}", "see which data are in the way")]
