"""A driver that blocks, as one that is awaited: for one that somebody else opened.

A plain `neo4j.Driver` may be used from any thread. Each call runs in one, and is
never cut: an interrupt is felt between statements.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import neo4j

from neo4j_migrate_magic.database.connection import uncut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


def is_driver(value: Any) -> bool:
    """Whether a value is an open `neo4j.Driver`, or an `neo4j.AsyncDriver`."""
    return isinstance(value, (neo4j.Driver, neo4j.AsyncDriver))


def is_async(driver: Any) -> bool:
    """Whether a driver is one that is awaited: it belongs to one event loop."""
    return isinstance(driver, neo4j.AsyncDriver)


class ThreadedDriver:
    """What `Database` needs of an `neo4j.AsyncDriver`, on a `neo4j.Driver`.

    Args:
        driver: An open driver; it stays open.
    """

    def __init__(self, driver: neo4j.Driver) -> None:
        self._driver = driver
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()

    def session(self, **options: Any) -> _Session:
        """Open a session; the bookmarks of an asynchronous one are of no use."""
        options["bookmark_manager"] = self._bookmarks
        return _Session(self._driver.session(**options))

    async def close(self) -> None:
        """Leave it open."""


class _Session:
    def __init__(self, session: neo4j.Session) -> None:
        self._session = session

    async def __aenter__(self) -> _Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        await _threaded(self._session.close)

    async def run(self, query: Any, parameters: Any = None) -> _Result:
        return _Result(await _threaded(self._session.run, query, parameters))

    async def begin_transaction(self, **options: Any) -> _Transaction:
        begin = self._session.begin_transaction
        return _Transaction(await _threaded(begin, **options))


class _Transaction:
    def __init__(self, tx: neo4j.Transaction) -> None:
        self._tx = tx

    async def __aenter__(self) -> _Transaction:
        return self

    async def __aexit__(self, *_: object) -> None:
        await _threaded(self._tx.close)  # rolls back what is open

    async def run(self, query: Any, parameters: Any = None) -> _Result:
        return _Result(await _threaded(self._tx.run, query, parameters))

    async def commit(self) -> None:
        await _threaded(self._tx.commit)

    async def rollback(self) -> None:
        await _threaded(self._tx.rollback)

    def closed(self) -> bool:
        return self._tx.closed()


class _Result:
    def __init__(self, result: neo4j.Result) -> None:
        self._result = result

    def keys(self) -> tuple[str, ...]:
        return self._result.keys()

    async def __aiter__(self) -> AsyncIterator[neo4j.Record]:
        for record in await _threaded(list, self._result):
            yield record

    async def consume(self) -> neo4j.ResultSummary:
        return await _threaded(self._result.consume)  # type: ignore[no-any-return] # a thread's


async def _threaded(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    return await uncut(asyncio.to_thread(call, *args, **options))
