"""The lock on real servers: waited for, kept, taken over, lost, given back."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.engine import run as locked
from neo4j_migrate_magic.errors import (
    HistoryNewerError,
    LockHeldError,
    LostLockError,
    MigrateError,
    UnreachableError,
)
from neo4j_migrate_magic.history import heartbeat, lock
from neo4j_migrate_magic.history.commit import Committer
from neo4j_migrate_magic.model import Outcome, StepStarted
from tests.engine.runs import down, open_, states, up

pytestmark = pytest.mark.server


async def test_two_runs_at_once_apply_each_migration_once(
    graph: Any, project: Any
) -> None:
    for n in range(1, 6):
        project.add(
            f"2026010{n}000000-m.cypher",
            f"CREATE (:N {{i: {n}}});\nCREATE INDEX i{n} FOR (n:N) ON (n.p{n});",
        )
    reports = await asyncio.gather(*(up(graph, project) for _ in range(4)))
    assert sorted(len(r.migrations) for r in reports) == [0, 0, 0, 5]
    assert graph.rows("MATCH (n:N) RETURN count(n), sum(n.i)") == [[5, 15]]
    assert graph.one("MATCH (l:_MigrateProject) RETURN count(l)") == 1


async def test_a_held_lock_is_waited_for_and_then_named(
    lts_graph: Any, project: Any
) -> None:
    project.add("20260101000000-m.cypher", "CREATE (:N);")
    lts_graph.rows(
        "CREATE (:_MigrateProject {project: 'default', token: 7, format: 1, owner: 'ann@host/1/x',"
        " acquired_at: datetime.realtime(), expires_at: datetime.realtime() + duration('PT1M')})"
    )
    told: list[Any] = []
    async with open_(
        lts_graph, project, lock_timeout="1s", on_event=told.append
    ) as migrator:
        with pytest.raises(LockHeldError) as caught:
            await migrator.up()
    assert "ann@host/1/x" in caught.value.what
    assert caught.value.exit_code == 9
    assert type(told[0]).__name__ == "LockWaiting"
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 0
    assert lts_graph.one("MATCH (l:_MigrateProject) RETURN l.token") == 7


TAKEN_OVER = """\
import threading

import neo4j


def up(client):
    client.cypher("CREATE (:N)")
    with neo4j.GraphDatabase.driver({uri!r}) as driver:
        driver.execute_query("MATCH (l:_MigrateProject) SET l.token = l.token + 1, l.owner = 'thief'")
"""


async def test_a_run_that_was_taken_over_commits_nothing(
    graph: Any, project: Any
) -> None:
    """The fence is the last statement: the work of a stale run is not stored."""
    project.add("20260101000000-p.py", TAKEN_OVER.format(uri=graph.uri))
    with pytest.raises(LostLockError) as caught:
        await up(graph, project)
    assert caught.value.code == "UP.LOST_LOCK"
    assert graph.one("MATCH (n:N) RETURN count(n)") == 0
    assert graph.one("MATCH (l:_MigrateProject) RETURN l.owner") == "thief"


async def test_told_twice_that_the_lock_is_lost_a_run_says_what_it_kept(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the fence, and by the heartbeat while the run ends."""
    project.add("20260101000000-m.cypher", "CREATE (:M);")
    project.add("20260102000000-p.py", TAKEN_OVER.format(uri=lts_graph.uri))

    class Late:
        def __init__(self, database: Any, lease: Any, on_end: Any) -> None:
            self._on_end = on_end

        def stop(self) -> None:
            self._on_end("lost")

    monkeypatch.setattr(locked, "heartbeat", Late)
    with pytest.raises(LostLockError) as caught:
        await up(lts_graph, project)
    kept = "nothing of 20260102000000 was kept; 1 migration before it is applied"
    assert (caught.value.kept, caught.value.exit_code) == (kept, 8)


async def test_per_call_data_are_fenced_too(lts_graph: Any, project: Any) -> None:
    text = (
        'TRANSACTION = "per-call"\n' + TAKEN_OVER + "    client.cypher('CREATE (:M)')\n"
    )
    project.add("20260101000000-p.py", text.format(uri=lts_graph.uri))
    with pytest.raises(MigrateError):
        await up(lts_graph, project)
    assert lts_graph.one("MATCH (m:M) RETURN count(m)") == 0


async def test_a_migration_that_blocks_the_loop_keeps_its_lock(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heartbeat has a thread and a connection of its own."""
    monkeypatch.setattr(lock, "LEASE", 3.0)
    monkeypatch.setattr(heartbeat, "LEASE", 3.0)
    project.add(
        "20260101000000-p.py",
        "import time\n\n\nasync def up(client):\n    await client.cypher('CREATE (:N)')\n    time.sleep(6)\n",
    )
    await up(lts_graph, project)
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 1
    assert not [t for t in threading.enumerate() if "heartbeat" in t.name]


async def test_a_lease_that_ran_out_is_not_said_to_be_taken(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No beat got through: who has the lock now is not known."""
    monkeypatch.setattr(heartbeat, "LEASE", 2.0)
    project.add(
        "20260101000000-p.py",
        "import asyncio\n\n\nasync def up(client):\n    await asyncio.sleep(60)\n",
    )
    write = Database.write

    async def silent(self: Database, text: Any, *args: Any, **options: Any) -> Any:
        if text == heartbeat.BEAT:
            raise UnreachableError("no Neo4j answers")
        return await write(self, text, *args, **options)

    monkeypatch.setattr(Database, "write", silent)
    with pytest.raises(LostLockError) as caught:
        await up(lts_graph, project)
    assert caught.value.what == "the lease of the lock ran out"
    assert "may have taken the lock over" in caught.value.why


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.cypher", "UNWIND [1] AS x CALL (x) { CREATE (:N) } IN TRANSACTIONS;"),
        ("i.cypher", "CREATE INDEX i FOR (n:N) ON (n.i);"),
        (
            "p.py",
            'TRANSACTION = "per-call"\n\n\ndef up(client):\n'
            "    client.cypher('CREATE INDEX i FOR (n:N) ON (n.i)')\n",
        ),
    ],
)
async def test_what_cannot_be_fenced_is_not_sent_once_the_lease_is_over(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    """The process was stopped right before it; another run may be at the same."""
    project.add(f"20260101000000-{name}", text)
    hold = Committer.hold

    async def stopped(self: Committer, direction: str) -> Any:
        ready = await hold(self, direction)
        self._lease.term.until = 0.0
        return ready

    monkeypatch.setattr(Committer, "hold", stopped)
    with pytest.raises(LostLockError) as caught:
        await up(lts_graph, project)
    assert "the process was stopped" in caught.value.why
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 0
    assert lts_graph.schema() == []


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="Linux has that clock")
async def test_the_seconds_that_the_machine_sleeps_are_the_lease_s_too(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laptop is opened again after an hour, right before a statement is sent.

    The clock is played: a test cannot put the machine to sleep.
    """
    project.add("20260101000000-i.cypher", "CREATE INDEX i FOR (n:N) ON (n.i);")
    hold, clock, slept = Committer.hold, time.clock_gettime, 0.0

    async def asleep(self: Committer, direction: str) -> Any:
        nonlocal slept
        ready = await hold(self, direction)
        slept = 3600.0
        return ready

    monkeypatch.setattr(
        time, "clock_gettime", lambda i: clock(i) + slept * (i == time.CLOCK_BOOTTIME)
    )
    monkeypatch.setattr(Committer, "hold", asleep)
    with pytest.raises(LostLockError):
        await up(lts_graph, project)
    assert lts_graph.schema() == []


async def test_a_lease_that_is_nearly_over_is_renewed_before_what_cannot_be_fenced(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long COMMIT keeps beats away; nobody took the lock over meanwhile."""
    project.add("20260101000000-i.cypher", "CREATE INDEX i FOR (n:N) ON (n.i);")
    hold = Committer.hold

    async def late(self: Committer, direction: str) -> Any:
        self._lease.term.until = 0.0
        return await hold(self, direction)

    monkeypatch.setattr(Committer, "hold", late)
    await up(lts_graph, project)
    assert await states(lts_graph, project) == ["applied"]


async def test_a_stop_ends_the_run_within_a_heartbeat(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "LEASE", 3.0)
    project.add(
        "20260101000000-p.py",
        "import asyncio\n\n\nasync def up(client):\n    await client.cypher('CREATE (:N)')\n    await asyncio.sleep(60)\n",
    )
    run = asyncio.create_task(up(lts_graph, project))
    while not lts_graph.rows(  # noqa: ASYNC110 (the server has no event for it)
        "MATCH (l:_MigrateProject) WHERE l.owner IS NOT NULL RETURN 1"
    ):
        await asyncio.sleep(0.05)
    lts_graph.rows("MATCH (l:_MigrateProject) SET l.stop = 'ann'")
    with pytest.raises(asyncio.CancelledError):
        await run
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 0
    assert lts_graph.one("MATCH (l:_MigrateProject) RETURN l.owner") is None


@pytest.mark.parametrize("function", ["async def", "def"])
async def test_cancelling_rolls_back_and_releases(
    graph: Any, project: Any, function: str
) -> None:
    wait = "await " if function == "async def" else ""
    project.add(
        "20260101000000-p.py",
        f"{function} up(client):\n    {wait}client.cypher('CREATE (:N)')\n"
        f"    {wait}client.cypher('UNWIND range(1, 1000000000) AS x WITH x WHERE x < 0 RETURN x')\n",
    )
    told: list[Any] = []
    async with open_(graph, project, on_event=told.append) as migrator:
        run = asyncio.create_task(migrator.up())
        while not any(isinstance(event, StepStarted) for event in told):  # noqa: ASYNC110 (a listener is no coroutine)
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)  # into its long statement
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert type(told[-1]).__name__ == "RunStopped"
    assert [m.outcome for m in told[-1].report.migrations] == [Outcome.UNTOUCHED]
    assert graph.one("MATCH (n:N) RETURN count(n)") == 0
    assert graph.one("MATCH (l:_MigrateProject) RETURN l.owner") is None
    assert await states(graph, project) == ["pending"]


async def test_a_newer_history_is_not_written(lts_graph: Any, project: Any) -> None:
    project.add("20260101000000-m.cypher", "CREATE (:N);")
    await up(lts_graph, project)
    lts_graph.rows("MATCH (l:_MigrateProject) SET l.format = 2")
    project.add("20260102000000-m.cypher", "CREATE (:N);")
    for run in (up, down):
        with pytest.raises(HistoryNewerError) as caught:
            await run(lts_graph, project)
        assert caught.value.exit_code == 7
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 1
    assert await states(lts_graph, project) == ["applied", "pending"]
