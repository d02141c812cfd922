"""Connect, read, and run transactions: all that the tool does with the driver."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import neo4j

from neo4j_migrate_magic.database.errors import (
    blocked,
    committing,
    no_answer,
    translated,
)
from neo4j_migrate_magic.database.result import taken
from neo4j_migrate_magic.database.target import Target
from neo4j_migrate_magic.errors import (
    AuthError,
    CommitLostError,
    Next,
    QueryError,
    ReadOnlyError,
    UnreachableError,
)
from neo4j_migrate_magic.model import QueryResult, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from typing_extensions import LiteralString

NO_LIMIT = 0.0
"""A transaction timeout that overrides the server's default by none at all."""

_SILENCE = 10.0  # seconds beyond a statement's own limit until a line counts as dead

_LINES = 3  # attempts at a statement of ours whose line breaks


class Transaction:
    """One open explicit transaction; statements run in the order they are given."""

    def __init__(self, tx: neo4j.AsyncTransaction, address: str) -> None:
        self._tx = tx
        self._address = address

    async def run(
        self, text: str, parameters: Mapping[str, Any] | None = None
    ) -> QueryResult:
        """Send one statement and take its whole result.

        Raises:
            ServerError: The server refused it; the transaction is dead.
        """
        with translated(self._address):
            result = await self._tx.run(_query(text), dict(parameters or {}))
            return await taken(result)

    async def commit(self) -> None:
        """Commit. A cancellation meanwhile leaves it in doubt: see `uncut`.

        Raises:
            CommitLostError: The answer was lost, or is that the database broke down:
                committed or not, unknown.
        """
        with committing(self._address):
            await self._tx.commit()


async def uncut(work: Any) -> Any:
    """Await something that must not be cut: a cancellation waits until it is over.

    Where the work fails, its error is raised and the cancellation comes after it, at
    the next thing that is awaited.
    """
    step, cut = asyncio.ensure_future(work), False
    while not step.done():
        try:
            await asyncio.shield(step)
        except asyncio.CancelledError:
            cut = True
        except Exception:  # noqa: BLE001, S110 (result() below raises it)
            pass
    task = asyncio.current_task()
    if cut and task is not None and (step.cancelled() or step.exception() is not None):
        task.cancel()
    result = step.result()
    if cut:
        raise asyncio.CancelledError
    return result


class Database:
    """One database on one server, through the driver.

    Args:
        driver: An open driver; `close` leaves it open when it is not `owned`.
        target: Where it leads; `target.database` None means the server's home
            database, pinned from the first answer.
    """

    def __init__(
        self, driver: neo4j.AsyncDriver, target: Target, *, owned: bool = True
    ) -> None:
        self.target = target
        self.address = target.address
        self.name = target.database
        self.server_version = ""
        self.edition: str | None = None
        self._driver = driver
        self._owned = owned
        self._bookmarks = neo4j.AsyncGraphDatabase.bookmark_manager()

    @classmethod
    def connect(cls, target: Target) -> Database:
        """Make a driver; nothing is sent before the first read."""
        with translated(target.address):
            driver = neo4j.AsyncGraphDatabase.driver(
                target.uri, **target.driver_options()
            )
        return cls(driver, target)

    @property
    def owned(self) -> bool:
        """Whether the connection is ours, credentials included."""
        return self._owned

    @property
    def server(self) -> Server:
        """What answered so far."""
        return Server(
            version=self.server_version,
            database=self.name or "",
            address=self.address,
            env=self.target.env,
            edition=self.edition,
        )

    @property
    def speaks_25(self) -> bool:
        """Whether the server knows Cypher 25: from 2025.06 on."""
        numbers = self.server_version.split(".")[:2]
        if len(numbers) < 2 or not all(n.isdigit() for n in numbers):
            return False
        return (int(numbers[0]), int(numbers[1])) >= (2025, 6)

    async def close(self) -> None:
        """Close the connections, if the driver is ours."""
        if self._owned:
            await self._driver.close()

    async def read(
        self,
        text: LiteralString,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> QueryResult:
        """Read with one statement of ours; the server enforces that it only reads.

        Args:
            text: The statement.
            parameters: Its parameters.
            timeout: Seconds that it may take; None means the target's.
        """
        limit = self.target.read_timeout if timeout is None else timeout
        query = neo4j.Query(text, timeout=limit)

        async def work() -> QueryResult:
            with translated(self.address):
                async with self._session(neo4j.READ_ACCESS, quiet=True) as session:
                    result = await session.run(query, dict(parameters or {}))
                    return self._known(await taken(result))

        with self._met(), self._bounded(limit):
            return await asyncio.wait_for(work(), limit + _SILENCE)

    @contextmanager
    def _bounded(self, limit: float) -> Iterator[None]:
        """Say of a read that ran out of time what gives it more."""
        more = [("neo4j-migrate status --timeout 5m", "waits longer")]
        try:
            yield
        except asyncio.TimeoutError as error:  # a silent line; the server has a limit
            raise UnreachableError(
                f"{self.address} did not answer for {limit + _SILENCE:.0f}s",
                why="it is overloaded, or the line to it is silent",
                next=more,
            ) from error
        except QueryError as error:
            if blocked(error):
                error.what = f"a read of ours took {self.address} more than {limit:g}s"
                error.next = tuple(Next(*way) for way in more)
            raise

    @contextmanager
    def _met(self) -> Iterator[None]:
        """Say what only the first call meets: a stranger at the port, a login not given."""
        try:
            yield
        except AuthError as error:
            if self._owned and self.target.auth is None:
                error.what = f"{self.address} wants a login, and none was given"
            raise
        except ValueError as error:  # the driver cannot read what it was sent
            if self.server_version:
                raise
            raise no_answer(
                self.address, f"what is there does not speak Bolt: {error}"
            ) from error

    async def explain(self, text: str) -> str:
        """Ask what a statement would do: ``r``, ``rw``, ``w`` or ``s``.

        Raises:
            ServerError: The server cannot plan it.
        """
        with translated(self.address):
            async with self._session(neo4j.READ_ACCESS) as session:
                limit = self.target.read_timeout
                result = await session.run(_query(f"EXPLAIN {text}", timeout=limit))
                summary = await result.consume()
                return summary.query_type or "rw"

    @asynccontextmanager
    async def transaction(
        self,
        *,
        timeout: float = NO_LIMIT,
        metadata: Mapping[str, str] | None = None,
        quiet: bool = False,
    ) -> AsyncIterator[Transaction]:
        """Open a write transaction; leaving without `commit` rolls it back."""
        with translated(self.address):
            async with self._session(neo4j.WRITE_ACCESS, quiet=quiet) as session:
                tx = await session.begin_transaction(
                    metadata=dict(metadata or {}), timeout=timeout
                )
                async with tx:
                    yield Transaction(tx, self.address)
                    if not tx.closed():
                        await tx.rollback()

    async def write(
        self,
        text: LiteralString,
        parameters: Mapping[str, Any],
        *,
        timeout: float = 5.0,
        attempts: int = 6,
        repeatable: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> QueryResult:
        """Write with one statement of ours in a transaction of its own.

        Transient refusals, such as deadlocks, and lines that broke before COMMIT are
        met by trying again; a lost COMMIT only when the statement is `repeatable`.
        """
        lines = min(_LINES, attempts)
        for attempt in range(1, attempts + 1):
            try:
                return await self._written(text, parameters, timeout, metadata)
            except (QueryError, ReadOnlyError) as error:
                if not error.transient or attempt == attempts:
                    raise
            except UnreachableError:
                if attempt >= lines:
                    raise
            except CommitLostError:
                if not repeatable or attempt >= lines:
                    raise
            await asyncio.sleep(random.uniform(0.02, 0.1) * attempt)  # noqa: S311 (jitter)
        raise AssertionError("unreachable")

    async def _written(
        self,
        text: LiteralString,
        parameters: Mapping[str, Any],
        limit: float,
        metadata: Mapping[str, str] | None,
    ) -> QueryResult:
        async def work() -> QueryResult:
            async with self.transaction(
                timeout=limit, metadata=metadata, quiet=True
            ) as tx:
                result = await tx.run(text, parameters)
                await tx.commit()
                return self._known(result)

        try:  # the server's limit is on its own work: a silent line has none
            return await asyncio.wait_for(work(), limit + _SILENCE)
        except asyncio.TimeoutError as error:
            raise CommitLostError(
                f"{self.address} did not answer for {limit + _SILENCE:.0f}s",
                why="whether it was committed can only be told by looking",
            ) from error

    async def autocommit(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        metadata: Mapping[str, str] | None = None,
        system: bool = False,
        ready: Callable[[], None] = lambda: None,
    ) -> QueryResult:
        """Run one statement in auto-commit mode and take its whole result.

        Args:
            text: The statement.
            parameters: Its parameters.
            metadata: What `SHOW TRANSACTIONS` tells others of it.
            system: Whether it is administration, for the database ``system``.
            ready: Called right before it is sent; raises to keep it back.
        """
        query = _query(text, timeout=NO_LIMIT, metadata=metadata)
        with translated(self.address):
            async with self._session(
                neo4j.WRITE_ACCESS, database="system" if system else None
            ) as session:
                ready()
                result = await session.run(query, dict(parameters or {}))
                return await taken(result)

    async def pipelined(self, texts: Sequence[str]) -> list[QueryResult]:
        """Read with several statements in one transaction, sent before the first answer."""
        timeout = self.target.read_timeout
        with translated(self.address):
            async with (
                self._session(neo4j.READ_ACCESS, quiet=True) as session,
                await session.begin_transaction(timeout=timeout) as tx,
            ):
                results = [await tx.run(_query(text)) for text in texts]
                return [await taken(result) for result in results]

    def _session(
        self, access: str, *, database: str | None = None, quiet: bool = False
    ) -> neo4j.AsyncSession:
        options: dict[str, Any] = {
            "database": database or self.name,
            "default_access_mode": access,
            "bookmark_manager": self._bookmarks,
        }
        if quiet:  # else the driver logs a warning for each property not yet stored
            options["notifications_disabled_classifications"] = ["UNRECOGNIZED"]
        return self._driver.session(**options)

    def _known(self, result: QueryResult) -> QueryResult:
        """Pin the database and the server's version from the first answer."""
        if result.server is not None:
            self.server_version = result.server.version
            if self.name is None:
                self.name = result.server.database or None
        return result


def _query(
    text: str,
    *,
    timeout: float | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Any:
    """Make a query of a text that is the user's: the one place where it is one."""
    if timeout is None and metadata is None:
        return text
    return neo4j.Query(text, timeout=timeout, metadata=dict(metadata or {}))
