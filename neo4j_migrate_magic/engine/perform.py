"""Carry out one step: in the way its kind can be, with its record."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.database.connection import uncut
from neo4j_migrate_magic.engine.client import PerCallClient, TransactionClient
from neo4j_migrate_magic.engine.failure import StatementFailure, nothing_committed
from neo4j_migrate_magic.engine.python import call
from neo4j_migrate_magic.engine.settle import (
    AUTOCOMMIT,
    DATA,
    changes_of,
    inverse_of,
    schema_intent,
)
from neo4j_migrate_magic.errors import (
    CommitLostError,
    LostLockError,
    MigrateError,
    QueryError,
    UnreachableError,
)
from neo4j_migrate_magic.model import StatementKind, StepKind
from neo4j_migrate_magic.schema.catalogue import (
    BUILDS,
    online,
    quiet_catalogue,
    read_catalogue,
    snapshot,
)
from neo4j_migrate_magic.schema.change import (
    collisions,
    created,
    expected,
    orphans,
    same,
    strangers,
    touched,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from neo4j_migrate_magic.database.connection import Database, Transaction
    from neo4j_migrate_magic.history.entry import Entry
    from neo4j_migrate_magic.history.fence import Fence
    from neo4j_migrate_magic.history.guard import Guard
    from neo4j_migrate_magic.history.journal import Journal
    from neo4j_migrate_magic.model import QueryResult, SchemaItem, Statement, Step

_LOOKED = "the server was asked: nothing was kept"
_ATTEMPTS = 5  # of a step that met a transient error, such as a deadlock


class Performer:
    """Carries out steps on one database.

    Args:
        database: Where.
        journal: Writes the records.
        functions: The loaded functions of the plan's Python migrations, by version.
        root: The config's folder, importable while they run.
        run_id: The run's identifier, told to the server with each transaction.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        functions: Mapping[str, Callable[..., Any]],
        root: Path,
        run_id: str,
    ) -> None:
        self._database = database
        self._journal = journal
        self._functions = functions
        self._root = root
        self._run_id = run_id

    async def perform(self, entry: Entry, step: Step) -> None:
        """Carry out one step and record it.

        Raises:
            StatementFailure: It failed; `kept` tells whether it may have left something.
        """
        entry.sent = False
        try:
            if step.kind is StepKind.DATA:
                await self._data(entry, step)
            elif step.kind is StepKind.SCHEMA:
                await self._schema(entry, step)
            else:
                await self._autocommit(entry, step)
        except MigrateError as error:
            raise StatementFailure(error, kept=entry.sent) from error

    # data: the statements and their record, in one transaction

    async def _data(self, entry: Entry, step: Step) -> None:
        resumed = (
            entry.seen is not None and entry.seen.direction is entry.planned.direction
        )
        if resumed and not entry.moved:
            await self._journal.intend(entry, step, {"kind": DATA})
        before = dict(entry.counters)
        for attempt in range(1, _ATTEMPTS + 1):
            entry.counters = dict(before)
            # Python may have done more than the database saw
            last = not step.statements or attempt == _ATTEMPTS
            try:
                lost = await self._transaction(entry, step)
            except StatementFailure as failure:
                if not failure.transient or last:
                    raise
                await asyncio.sleep(_jitter(attempt))
                continue
            if lost is None:
                return
            if last:
                why = f"{lost.why}; {_LOOKED}"
                raise StatementFailure(CommitLostError(lost.what, why=why)) from lost

    async def _transaction(self, entry: Entry, step: Step) -> CommitLostError | None:
        """Run a data step once; give the error of a COMMIT that did not arrive."""
        fence: Fence | None = None
        try:
            async with self._database.transaction(metadata=self._metadata(step)) as tx:
                await self._body(tx, entry, step)
                fence = self._journal.advance(entry, step)
                await self._fenced(tx, fence)
                # a cancellation on the way finds it committed, and noted as such
                await uncut(self._committed(tx, entry, step, fence))
        except CommitLostError as lost:
            if fence is None:
                raise
            entry.sent = True  # until somebody has looked
            if not await self._journal.commits.arrived(fence, lost):
                entry.sent = False
                return lost
            self._journal.advanced(entry, step, fence)
        return None

    async def _committed(
        self, tx: Transaction, entry: Entry, step: Step, fence: Fence
    ) -> None:
        await tx.commit()
        self._journal.advanced(entry, step, fence)

    async def _body(self, tx: Transaction, entry: Entry, step: Step) -> None:
        direction = entry.planned.direction.value
        guard = self._journal.commits.guard(direction, tx)
        if step.statements:
            for statement in step.statements:
                result = await self._send(tx, statement, guard)
                entry.count(result.counters)
            return
        client = TransactionClient(tx, direction, entry.count, guard)
        await self._python(entry, client)
        if client.failure is not None:
            raise StatementFailure(client.failure, swallowed=True)

    async def _send(
        self, tx: Transaction, statement: Statement, guard: Guard | None = None
    ) -> Any:
        async def run() -> QueryResult:
            running = tx.run(statement.text, statement.parameters)
            return await asyncio.wait_for(running, statement.timeout)

        try:
            return await (guard.watch(statement.text, run) if guard else run())
        except (MigrateError, asyncio.TimeoutError) as error:
            raise StatementFailure(error, statement) from error

    async def _fenced(self, tx: Transaction, fence: Fence) -> None:
        try:
            result = await tx.run(fence.text, fence.parameters)
        except QueryError as error:
            raise self._journal.commits.refused(error, fence.direction) from error
        if len(result.rows) != 1:
            raise AssertionError("the fence gives exactly one row")

    # schema: intent, the statements, a look at the catalogue, confirmation

    async def _schema(self, entry: Entry, step: Step) -> None:
        items = await self._without_orphans(entry, step)
        changes = changes_of(step)
        before = touched(changes, items) if changes is not None else ()
        for change, other in collisions(changes or (), before):
            raise StatementFailure(
                QueryError(
                    f"the name {change.name} already belongs to another definition",
                    why=f"{other}; IF NOT EXISTS would keep silent and make nothing",
                ),
                next(s for s in step.statements if s.change is change),
            )
        for statement, other in strangers(step.statements, before):
            raise StatementFailure(
                QueryError(
                    f"{other} is not what its up made",
                    why=f"that was: {statement.parameters['made']}",
                ),
                statement,
            )
        await self._journal.intend(entry, step, schema_intent(step, items))
        await self._ddl(entry, step)
        entry.sent = True
        now = await read_catalogue(self._database)
        taken = None
        if changes is not None:
            now = await self._as_wanted(step, before, expected(changes, before))
            taken = inverse_of(before, touched(changes, now))
        await self._journal.confirm(entry, step, inverse=taken, schema=snapshot(now))

    async def _ddl(self, entry: Entry, step: Step) -> None:
        before = dict(entry.counters)
        for attempt in range(1, _ATTEMPTS + 1):
            entry.counters = dict(before)
            try:
                ready = await self._hold(entry)
                async with self._database.transaction(
                    metadata=self._metadata(step)
                ) as tx:
                    ready()
                    for statement in step.statements:
                        entry.count((await self._send(tx, statement)).counters)
                    entry.sent = True
                    await tx.commit()
            except StatementFailure as failure:
                # a server that died, or broke down, may have left half of an index
                dead = isinstance(failure.cause, UnreachableError)
                failure.kept = dead or failure.broken
                if not failure.transient or attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(_jitter(attempt))
            except (CommitLostError, UnreachableError) as error:
                # the catalogue tells, when the next `up` or `down` looks
                raise StatementFailure(error, kept=True) from error
            except QueryError as error:
                raise StatementFailure(error) from error
            else:
                return

    async def _as_wanted(
        self,
        step: Step,
        before: tuple[SchemaItem, ...],
        wanted: tuple[SchemaItem, ...],
    ) -> tuple[SchemaItem, ...]:
        """Wait until all is online, and look that it is what was asked for."""
        changes = changes_of(step) or ()
        broken = await online(self._database, wanted)
        now = await read_catalogue(self._database)
        if broken:
            taken_back = await self._take_back(before, touched(changes, now))
            raise StatementFailure(
                QueryError(f"{broken[0]} failed to build", why=broken[0].failure),
                _maker(step, broken[0]),
                kept=not taken_back,
                built=False,
            )
        if not same(wanted, touched(changes, now)):
            raise StatementFailure(
                QueryError(
                    "the server did not make what was asked for",
                    why="now: " + "; ".join(map(str, touched(changes, now))),
                ),
                step.statements[0],
                kept=True,
                built=False,
            )
        return now

    async def _take_back(
        self, before: tuple[SchemaItem, ...], now: tuple[SchemaItem, ...]
    ) -> bool:
        """Remove what a step made that failed to build; an index that failed is useless."""
        statements = inverse_of(before, now)
        if statements is None:
            return False
        with suppress(MigrateError):
            async with self._database.transaction() as tx:
                for statement in statements:
                    await tx.run(statement.text, statement.parameters)
                await tx.commit()
            return True
        return False

    async def _without_orphans(
        self, entry: Entry, step: Step
    ) -> tuple[SchemaItem, ...]:
        """Drop half-built indexes that a crash left in the way; give the catalogue."""
        wanted = created(changes_of(step) or ())
        items = await quiet_catalogue(self._database, wanted)
        left = orphans(wanted, items)
        for item in left:
            (await self._hold(entry))()
            await self._database.write(
                "CYPHER 5 DROP INDEX $name IF EXISTS",
                {"name": item.name},
                repeatable=True,
            )
        return await read_catalogue(self._database) if left else items

    # autocommit: intent, the statement, confirmation

    async def _autocommit(self, entry: Entry, step: Step) -> None:
        await self._journal.intend(entry, step, {"kind": AUTOCOMMIT})
        if step.statements:
            await self._one_call(entry, step.statements[0], step)
        else:
            await self._per_call(entry, step)
        entry.sent = True
        await self._journal.confirm(entry, step)

    async def _hold(self, entry: Entry) -> Callable[[], None]:
        return await self._journal.commits.hold(entry.planned.direction.value)

    async def _one_call(self, entry: Entry, statement: Statement, step: Step) -> None:
        async def run() -> QueryResult:
            ready = await self._hold(entry)
            entry.sent = True
            running = self._database.autocommit(
                statement.text,
                metadata=self._metadata(step),
                system=statement.kind is StatementKind.ADMIN,
                ready=ready,
            )
            return await asyncio.wait_for(running, statement.timeout)

        guard = self._journal.commits.guard(entry.planned.direction.value)
        try:
            result = await guard.watch(statement.text, run)
        except (MigrateError, asyncio.TimeoutError) as error:
            if isinstance(error, LostLockError) or nothing_committed(error, statement):
                entry.sent = False
            raise StatementFailure(error, statement, kept=entry.sent) from error
        entry.count(result.counters)

    async def _per_call(self, entry: Entry, step: Step) -> None:
        client = PerCallClient(
            self._database,
            self._journal.commits,
            entry.planned.direction.value,
            entry.count,
            self._metadata(step),
        )
        try:
            await self._python(entry, client)
        except StatementFailure as failure:
            failure.kept = client.in_doubt
            raise
        finally:
            entry.sent = client.in_doubt

    async def _python(self, entry: Entry, client: Any) -> None:
        function, left = self._functions[entry.planned.migration.version], 0
        try:
            try:
                await call(function, client, self._root)
            finally:  # only then it is known what may be in the database
                left = await uncut(client.end())
            if left:
                raise RuntimeError(f"it ended before {left} of its calls: await them")  # noqa: TRY301 (told as what it raised itself)
        except (Exception, SystemExit) as error:
            raise StatementFailure(error) from error

    def _metadata(self, step: Step) -> dict[str, str]:
        metadata = {
            "tool": "neo4j-migrate-magic",
            "run": self._run_id,
            "step": str(step.index),
        }
        changes = changes_of(step) if step.kind is StepKind.SCHEMA else ()
        if changes is None or any(c.create and c.constraint for c in changes):
            metadata["builds"] = BUILDS
        return metadata


def _maker(step: Step, item: SchemaItem) -> Statement:
    """Find the statement of a step that made an item."""
    for statement in step.statements:
        change = statement.change
        if change is None or not change.create:
            continue
        made = change.item and change.item.definition == item.definition
        if made or change.name == item.name:
            return statement
    return step.statements[0]


def _jitter(attempt: int) -> float:
    return random.uniform(0.05, 0.15) * attempt  # noqa: S311 (no secret)
