"""Calls of Python migrations that nobody waits for any more, or that take too long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from neo4j_migrate_magic.errors import StatementFailedError
from tests.engine.runs import open_, states, up

pytestmark = pytest.mark.server

GATHERS = """\
import asyncio

TRANSACTION = "per-call"


async def up(client):
    async def breaks():
        await asyncio.sleep(0.002)
        raise ValueError("no such luck")

    # a driver that is cut while it connects leaves a socket to the collector
    await asyncio.gather(*[client.cypher("RETURN 1") for _ in range(5)])
    await asyncio.gather(breaks(), *[client.cypher("CREATE (:N)") for _ in range(5)])
"""


async def test_calls_beside_one_that_fails_leave_nothing_unrecorded(
    lts_graph: Any, project: Any
) -> None:
    """What `asyncio.gather` lets go on after a failure ends before it is judged."""
    project.add("20260101000000-p.py", GATHERS)
    async with open_(lts_graph, project) as migrator:
        with pytest.raises(StatementFailedError) as caught:
            await migrator.up()
        then = lts_graph.one("MATCH (n:N) RETURN count(n)")
        await asyncio.sleep(0.5)
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == then
    left = "step 1 may have left something" in caught.value.kept
    assert left or then == 0
    assert await states(lts_graph, project) == ["failed" if left else "pending"]


INDEX = """\
TRANSACTION = "per-call"


def up(client):
    client.cypher("CREATE INDEX i FOR (n:N) ON (n.i)")
"""


async def test_the_call_of_a_thread_ends_with_the_run(
    lts_graph: Any, project: Any
) -> None:
    """Else it is carried out once it can be, with nobody left to record it."""
    project.add("20260101000000-p.py", INDEX)
    made = "SHOW INDEXES YIELD name WHERE name = 'i'"
    with lts_graph.driver.session() as session, session.begin_transaction() as tx:
        tx.run("CREATE (:N {i: 1})").consume()  # the index waits for its lock
        async with open_(lts_graph, project) as migrator:
            run = asyncio.create_task(migrator.up())
            waits = "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked'"
            while not lts_graph.rows(waits):  # noqa: ASYNC110 (a server tells of no event)
                await asyncio.sleep(0.05)
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            tx.commit()
            await asyncio.sleep(1.0)
    assert lts_graph.rows(made) == []
    assert await states(lts_graph, project) == ["pending"]


@pytest.mark.parametrize("head", ["", 'TRANSACTION = "per-call"\n'])
async def test_a_call_that_nobody_awaits_is_a_failure(
    lts_graph: Any, project: Any, head: str
) -> None:
    project.add(
        "20260101000000-p.py",
        f"{head}import asyncio\nCALLS = []\n\n\nasync def up(client):\n"
        "    CALLS.append(asyncio.ensure_future(client.cypher('CREATE (:N)')))\n",
    )
    with pytest.raises(StatementFailedError, match="failed at step 1") as caught:
        await up(lts_graph, project)
    assert "await them" in caught.value.why
    count = lts_graph.one("MATCH (n:N) RETURN count(n)")
    assert count == 0 or "may have left something" in caught.value.kept


@pytest.mark.parametrize("head", ["def", "async def"])
async def test_a_generator_that_is_given_back_is_a_failure(
    lts_graph: Any, project: Any, head: str
) -> None:
    """Nobody goes through it: nothing was done."""
    project.add(
        "20260101000000-p.py",
        f"{head} lazy(client):\n    yield client.cypher('CREATE (:N)')\n\n\n"
        "def up(client):\n    return lazy(client)\n",
    )
    with pytest.raises(StatementFailedError) as caught:
        await up(lts_graph, project)
    assert "generator" in caught.value.why
    assert await states(lts_graph, project) == ["pending"]


async def test_a_call_that_was_cut_short_fails_the_file(
    lts_graph: Any, project: Any
) -> None:
    """In one transaction; what the migration makes of it does not matter."""
    project.add(
        "20260101000000-p.py",
        "import asyncio\n\n\nasync def up(client):\n"
        "    slow = client.cypher('UNWIND range(1, 100000000) AS i RETURN sum(sin(i))')\n"
        "    try:\n        await asyncio.wait_for(slow, 0.1)\n"
        "    except asyncio.TimeoutError:\n        pass\n",
    )
    with pytest.raises(StatementFailedError) as caught:
        await up(lts_graph, project)
    assert "a call was cut before its answer came" in caught.value.why
    assert await states(lts_graph, project) == ["pending"]


async def test_a_migration_may_run_out_of_its_own_time(
    lts_graph: Any, project: Any
) -> None:
    """A `TimeoutError` that it raised itself is no `@timeout` of a statement."""
    project.add(
        "20260101000000-p.py",
        "import asyncio\nTRANSACTION = 'per-call'\n\n\nasync def up(client):\n"
        "    await client.cypher('CREATE (:N)')\n"
        "    raise asyncio.TimeoutError('no answer')\n",
    )
    with pytest.raises(StatementFailedError) as caught:
        await up(lts_graph, project)
    assert caught.value.why == "TimeoutError: no answer"
    assert caught.value.exit_code == 8
    assert await states(lts_graph, project) == ["failed"]
    error = lts_graph.one("MATCH (r:_MigrateRecord) RETURN r.error")
    assert str(error).endswith(": TimeoutError")  # what it says may be a value
