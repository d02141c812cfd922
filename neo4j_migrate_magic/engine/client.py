"""What a Python migration gets: `cypher` and `query`, in one transaction or per call."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from neo4j_migrate_magic.cypher import split
from neo4j_migrate_magic.errors import (
    ImpossibleMixError,
    MigrateError,
    ParseError,
    QueryError,
)
from neo4j_migrate_magic.history.fence import check_text
from neo4j_migrate_magic.model import StatementKind
from neo4j_migrate_magic.schema.catalogue import BUILDS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from neo4j_migrate_magic.database.connection import Database, Transaction
    from neo4j_migrate_magic.history.commit import Committer
    from neo4j_migrate_magic.history.guard import Guard
    from neo4j_migrate_magic.model import QueryResult

_T = TypeVar("_T")

_CURE = 'set TRANSACTION = "per-call" at the top of the file'

_NOT_DATA = {
    StatementKind.SCHEMA: "schema cannot share a transaction with data",
    StatementKind.AUTOCOMMIT: "CALL … IN TRANSACTIONS commits by itself",
    StatementKind.ADMIN: "administration runs by itself, in the database system",
}


class Client(ABC):
    """Sends the statements of a Python migration.

    Two calls give the same result in two forms: `cypher` the rows and the column
    names, `query` an object with ``rows``, ``keys``, ``counters`` and ``frame()``.
    """

    def __init__(self, count: Callable[[Mapping[str, int]], None]) -> None:
        self._count = count
        self._open: set[asyncio.Task[QueryResult]] = set()
        self._over = False

    async def cypher(
        self, query: str, parameters: Mapping[str, Any] | None = None
    ) -> tuple[list[list[Any]], list[str]]:
        """Run one statement and give ``(rows, keys)``: ``([[1]], ["1"])``.

        Raises:
            MigrateError: The server refused it, or it may not run here.
        """
        result = await self.query(query, parameters)
        return result.rows, result.keys

    async def query(
        self, query: str, parameters: Mapping[str, Any] | None = None
    ) -> QueryResult:
        """Run one statement and give its rows, keys and counters.

        Raises:
            MigrateError: The server refused it, or it may not run here.
        """
        if self._over:
            raise RuntimeError("the migration is over: its client sends nothing more")
        # a task of its own, which the end of the migration can cut: what called it
        # may be a thread, or a task that goes on after another one has failed
        call = asyncio.ensure_future(self._send(query, kind_of(query), parameters))
        self._open.add(call)
        try:
            result = await call
        finally:
            self._open.discard(call)
        self._count(result.counters)
        return result

    async def end(self) -> int:
        """Cut the calls that nobody waited for, refuse later ones; give their number."""
        await asyncio.sleep(0)  # a call that was asked for last is on its way now
        self._over = True
        left = list(self._open)
        for call in left:
            call.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left)

    @abstractmethod
    async def _send(
        self, query: str, kind: StatementKind, parameters: Mapping[str, Any] | None
    ) -> QueryResult: ...


def kind_of(query: str) -> StatementKind:
    """Classify one text; what cannot be read is left to the server's judgement."""
    try:
        statements = split(query)
    except ParseError:
        return StatementKind.WRITE
    return statements[0].kind if len(statements) == 1 else StatementKind.WRITE


def _makes_constraint(query: str) -> bool:
    """Whether a text of schema makes a constraint, or may: only such a one is waited for."""
    change = split(query)[0].change
    return change is None or (change.create and change.constraint)


class TransactionClient(Client):
    """Runs every call in the one transaction that the record is written in.

    A statement that failed killed the transaction: `failure` keeps it, whatever the
    migration made of it, so that the work cannot be taken for done.
    """

    def __init__(
        self,
        tx: Transaction,
        direction: str,
        count: Callable[[Mapping[str, int]], None],
        guard: Guard,
    ) -> None:
        super().__init__(count)
        self._tx = tx
        self._direction = direction
        self._guard = guard
        self._one_at_a_time = asyncio.Lock()
        self.failure: MigrateError | None = None

    async def _send(
        self, query: str, kind: StatementKind, parameters: Mapping[str, Any] | None
    ) -> QueryResult:
        if kind in _NOT_DATA:
            self.failure = ImpossibleMixError(
                f"{_NOT_DATA[kind]}: {first_words(query)}",
                why="this file runs in one transaction together with its record;"
                " the statement was not sent",
                next=[(f"neo4j-migrate {self._direction}", f"after you {_CURE}")],
            )
            raise self.failure
        async with self._one_at_a_time:
            if self.failure is not None:
                raise self.failure
            try:
                send = partial(self._tx.run, query, parameters)
                return await self._guard.watch(query, send)
            except MigrateError as error:
                self.failure = error
                raise
            except asyncio.CancelledError:  # the driver then ends the transaction
                self.failure = QueryError(
                    "a call was cut before its answer came",
                    why="that ends the one transaction that the file runs in",
                )
                raise


class PerCallClient(Client):
    """Runs each call in a transaction of its own, guarded by the lease.

    `in_doubt` tells whether something may be committed: then a cut or failed
    migration cannot simply be run again.
    """

    def __init__(
        self,
        database: Database,
        commits: Committer,
        direction: str,
        count: Callable[[Mapping[str, int]], None],
        metadata: Mapping[str, str],
    ) -> None:
        super().__init__(count)
        self._database = database
        self._commits = commits
        self._direction = direction
        self._metadata = metadata
        self.in_doubt = False

    async def _send(
        self, query: str, kind: StatementKind, parameters: Mapping[str, Any] | None
    ) -> QueryResult:
        if kind is StatementKind.READ:
            return await self._transaction(query, parameters, fenced=False)
        if kind in (StatementKind.WRITE, StatementKind.CALL):
            return await self._transaction(query, parameters, fenced=True)
        await self._commits.check_lease(self._direction)
        ready = await self._commits.hold(self._direction)
        if kind is StatementKind.SCHEMA:
            told = {"builds": BUILDS} if _makes_constraint(query) else {}
            return await self._transaction(
                query, parameters, fenced=False, told=told, ready=ready
            )

        async def run() -> QueryResult:
            self.in_doubt = True
            return await self._database.autocommit(
                query,
                parameters,
                metadata=self._metadata,
                system=kind is StatementKind.ADMIN,
                ready=ready,
            )

        return await self._commits.guard(self._direction).watch(query, run)

    async def _transaction(
        self,
        query: str,
        parameters: Mapping[str, Any] | None,
        *,
        fenced: bool,
        told: Mapping[str, str] | None = None,
        ready: Callable[[], None] = lambda: None,
    ) -> QueryResult:
        metadata = {**self._metadata, **(told or {})}
        async with self._database.transaction(metadata=metadata) as tx:
            ready()
            send = partial(tx.run, query, parameters)
            guard = self._commits.guard(self._direction, tx)
            result = await (guard.watch(query, send) if fenced else send())
            if fenced:
                try:
                    await tx.run(check_text(), self._commits.parameters())
                except QueryError as error:
                    raise self._commits.refused(error, self._direction) from error
            # a READ that creates a label through a procedure is still no doubt of ours
            self.in_doubt = self.in_doubt or fenced or bool(result.counters)
            await tx.commit()
            return result


class BlockingClient:
    """The same client for ``def up(client)``: its methods block their thread.

    Once the run is cancelled it refuses, so that a thread which cannot be stopped
    does nothing more.
    """

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop
        self._closed = False

    def cypher(
        self, query: str, parameters: Mapping[str, Any] | None = None
    ) -> tuple[list[list[Any]], list[str]]:
        """Run one statement and give ``(rows, keys)``."""
        return self._wait(self._client.cypher(query, parameters))

    def query(
        self, query: str, parameters: Mapping[str, Any] | None = None
    ) -> QueryResult:
        """Run one statement and give its rows, keys and counters."""
        return self._wait(self._client.query(query, parameters))

    def close(self) -> None:
        """Refuse every later call."""
        self._closed = True

    def _wait(self, call: Coroutine[Any, Any, _T]) -> _T:
        if self._closed:
            call.close()
            raise RuntimeError("the run was stopped: this client sends nothing more")
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()


def first_words(text: str, limit: int = 60) -> str:
    """Give the beginning of a statement on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
