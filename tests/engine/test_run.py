"""Runs on real servers: what is in the database afterwards, and what is said of it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from neo4j_migrate_magic import Migrator
from neo4j_migrate_magic.errors import (
    CommitLostError,
    HistoryNewerError,
    ImpossibleMixError,
    IndexFailedError,
    LockHeldError,
    LostLockError,
    MigrateError,
    NotRerunnableError,
    StatementFailedError,
)
from neo4j_migrate_magic.history import heartbeat, lock
from neo4j_migrate_magic.model import Outcome, State

pytestmark = pytest.mark.server

MIXED = """\
// @up
CREATE CONSTRAINT p_id FOR (p:P) REQUIRE p.id IS UNIQUE;
CREATE INDEX p_a IF NOT EXISTS FOR (p:P) ON (p.a);
UNWIND range(1, 10) AS id CREATE (:P {id: id});
// @rerunnable
MATCH (p:P) CALL (p) { SET p.a = p.id * 2 } IN TRANSACTIONS OF 3 ROWS;
CREATE TEXT INDEX p_t FOR (p:P) ON (p.t);
// @down
DROP INDEX p_t;
MATCH (p:P) DELETE p;
DROP INDEX p_a;
DROP CONSTRAINT p_id;
"""


def open_(graph: Any, project: Any, **options: Any) -> Migrator:
    return Migrator(uri=graph.uri, config=project.config, **options)


async def up(graph: Any, project: Any, **options: Any) -> Any:
    async with open_(graph, project) as migrator:
        return await migrator.up(**options)


async def down(graph: Any, project: Any, *args: Any, **options: Any) -> Any:
    async with open_(graph, project) as migrator:
        return await migrator.down(*args, **options)


async def states(graph: Any, project: Any) -> list[str]:
    async with open_(graph, project) as migrator:
        return [row.state.value for row in (await migrator.status()).rows]


async def test_a_mixed_file_goes_up_and_back(graph: Any, project: Any) -> None:
    """Schema, data and batches in one file: all of it there, then all of it gone."""
    project.add("20260101000000-mixed.cypher", MIXED)
    empty = graph.schema()

    report = await up(graph, project)

    assert [(m.outcome, m.steps_run) for m in report.migrations] == [
        (Outcome.APPLIED, 5)
    ]
    assert graph.rows("MATCH (p:P) RETURN count(p), sum(p.a)") == [[10, 110]]
    assert len(graph.schema()) == len(empty) + 3
    assert report.counters["properties_set"] == 20

    back = await down(graph, project)

    assert [m.outcome for m in back.migrations] == [Outcome.ROLLED_BACK]
    assert back.counters["nodes_deleted"] == 10
    assert graph.schema() == empty
    assert graph.one("MATCH (p:P) RETURN count(p)") == 0
    assert await states(graph, project) == ["pending"]
    events = [
        row[0]
        for row in graph.rows("MATCH (e:_MigrateEvent) RETURN e.what ORDER BY e.at")
    ]
    assert events == ["applied", "rolled back"]


async def test_pure_schema_goes_back_without_a_down(graph: Any, project: Any) -> None:
    """Also what a later file replaced is given back as it was, names and all."""
    project.add(
        "20260101000000-a.cypher", "CREATE INDEX `odd ``name` FOR (p:P) ON (p.a);"
    )
    project.add(
        "20260102000000-b.cypher",
        "DROP INDEX `odd ``name`;\nCREATE INDEX `odd ``name` FOR (p:P) ON (p.a, p.b);\n"
        "CREATE CONSTRAINT p_id FOR (p:P) REQUIRE p.id IS UNIQUE;\n"
        "CREATE INDEX p_c IF NOT EXISTS FOR (p:P) ON (p.c);",
    )
    graph.rows("CREATE INDEX p_c FOR (p:P) ON (p.c)")  # somebody's own: it stays
    before = graph.schema()
    await up(graph, project, count=1)
    first = graph.schema()
    await up(graph, project)

    await down(graph, project)
    assert graph.schema() == first
    for name in ("20260101000000-a.cypher", "20260102000000-b.cypher"):
        (project.folder / name).unlink()  # the inverse needs no file
    await down(graph, project)
    assert graph.schema() == before


async def test_status_writes_nothing(graph: Any, project: Any) -> None:
    project.add("20260101000000-a.cypher", "CREATE (:A);")
    assert await states(graph, project) == ["pending"]
    assert graph.one("MATCH (n) RETURN count(n)") == 0
    assert graph.one("SHOW CONSTRAINTS YIELD name RETURN count(*)") == 0


async def test_nothing_to_do_takes_no_lock(graph: Any, project: Any) -> None:
    project.add("20260101000000-a.cypher", "CREATE (:A);")
    await up(graph, project)
    token = graph.one("MATCH (l:_MigrateProject) RETURN l.token")
    report = await up(graph, project)
    assert (report.migrations, report.current, report.applied) == (
        (),
        "20260101000000",
        1,
    )
    assert graph.one("MATCH (l:_MigrateProject) RETURN l.token") == token


async def test_a_failed_data_step_leaves_no_trace(graph: Any, project: Any) -> None:
    """Earlier migrations stay; of the failed one there is an event and nothing else."""
    project.add("20260101000000-good.cypher", "CREATE (:A);")
    bad = "CREATE (:B);\nCREATE (:B);\n  RETURN 1 / 0;\nCREATE (:B);"
    project.add("20260102000000-bad.cypher", bad)

    with pytest.raises(StatementFailedError) as caught:
        await up(graph, project)

    error = caught.value
    assert (error.code, error.exit_code) == ("UP.STATEMENT_FAILED", 8)
    assert (error.where.line, error.where.column) == (3, 3)
    assert "/ by zero" in error.why
    assert (
        "nothing of 20260102000000 was kept; 1 migration before it is applied"
        in error.kept
    )
    assert [m.outcome for m in error.report.migrations] == [
        Outcome.APPLIED,
        Outcome.UNTOUCHED,
    ]
    assert graph.one("MATCH (b:B) RETURN count(b)") == 0
    assert graph.rows("MATCH (r:_MigrateRecord) RETURN r.version") == [
        ["20260101000000"]
    ]
    assert graph.one("MATCH (l:_MigrateProject) RETURN l.owner") is None

    with pytest.raises(StatementFailedError) as caught:
        await up(graph, project)
    assert caught.value.exit_code == 2  # nothing was kept of this run


async def test_a_mixed_file_goes_on_where_it_failed(graph: Any, project: Any) -> None:
    text = "CREATE INDEX a FOR (n:N) ON (n.a);\nCREATE (:N {a: 1});\nCREATE INDEX b FOR (n:N) ON (n.b);\nMATCH (n:N) SET n.a = 1 / 0;\n"
    path = project.add("20260101000000-m.cypher", text)
    with pytest.raises(StatementFailedError) as caught:
        await up(graph, project)
    assert "steps 1-3 are done and recorded" in caught.value.kept
    async with open_(graph, project) as migrator:
        (row,) = (await migrator.status()).rows
    assert (row.state, row.note) == (State.FAILED, "failed at step 4 of 4")

    path.write_text(text.replace("1 / 0", "2"))
    report = await up(graph, project)

    assert [m.steps_run for m in report.migrations] == [1]
    assert graph.rows("MATCH (n:N) RETURN n.a") == [[2]]
    assert graph.one("MATCH (r:_MigrateRecord) RETURN r.source") == path.read_text()


async def test_data_that_violate_a_constraint_are_told(
    graph: Any, project: Any
) -> None:
    graph.rows("CREATE (:P {id: 1}), (:P {id: 1})")
    project.add(
        "20260101000000-u.cypher",
        "CREATE CONSTRAINT u FOR (p:P) REQUIRE p.id IS UNIQUE;",
    )
    with pytest.raises(StatementFailedError) as caught:
        await up(graph, project)
    assert "ConstraintCreationFailed" in caught.value.why
    assert caught.value.exit_code == 2
    assert graph.schema() == []
    assert graph.one("MATCH (r:_MigrateRecord) RETURN count(r)") == 0


async def test_an_index_that_fails_to_build_is_taken_back(
    graph: Any, project: Any
) -> None:
    """A value too large for a range index: the server says so only after the commit."""
    graph.rows("CREATE (:P {t: reduce(s = '', i IN range(1, 5000) | s + 'long text')})")
    project.add("20260101000000-i.cypher", "CREATE INDEX t FOR (p:P) ON (p.t);")
    with pytest.raises(StatementFailedError) as caught:
        await up(graph, project)
    assert "failed to build" in caught.value.why
    assert graph.schema() == []
    assert await states(graph, project) == ["pending"]


async def test_if_not_exists_does_not_hide_a_taken_name(
    graph: Any, project: Any
) -> None:
    graph.rows("CREATE INDEX a FOR (p:P) ON (p.other)")
    project.add(
        "20260101000000-i.cypher", "CREATE INDEX a IF NOT EXISTS FOR (p:P) ON (p.a);"
    )
    with pytest.raises(StatementFailedError) as caught:
        await up(graph, project)
    assert "the name a already belongs to another definition" in caught.value.why


async def test_python_runs_in_one_transaction_with_its_record(
    graph: Any, project: Any
) -> None:
    project.add(
        "20260101000000-p.py",
        "from helper import NAME\n"
        "async def up(client):\n"
        "    rows, keys = await client.cypher('CREATE (n:N {name: $name}) RETURN n.name AS name', {'name': NAME})\n"
        "    assert (rows, keys) == ([[NAME]], ['name'])\n"
        "    result = await client.query('MATCH (n:N) SET n.x = 1 RETURN n.x')\n"
        "    assert result.counters == {'properties_set': 1}\n"
        "    assert result.frame().shape == (1, 1)\n"
        "def down(client):\n"
        "    client.cypher('MATCH (n:N) DELETE n')\n",
    )
    (project.root / "helper.py").write_text("NAME = 'John'\n")
    await up(graph, project)
    assert graph.rows("MATCH (n:N) RETURN n.name, n.x") == [["John", 1]]
    await down(graph, project)
    assert graph.one("MATCH (n:N) RETURN count(n)") == 0


SWALLOWS = """\
async def up(client):
    await client.cypher("CREATE (:N)")
    try:
        await client.cypher("RETURN 1 / 0")
    except Exception:
        pass
"""
RAISES = """\
def up(client):
    client.cypher("CREATE (:N)")
    raise ValueError("no such luck")
"""
EXITS = "import sys\n\n\ndef up(client):\n    client.cypher('CREATE (:N)')\n    sys.exit(0)\n"
FORGETS = "async def inner(client):\n    pass\n\n\ndef up(client):\n    return inner(client)\n"


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        (SWALLOWS, "the migration went on", 4),
        (RAISES, "ValueError: no such luck", 3),
        (EXITS, "SystemExit", 6),
        (FORGETS, "gave a coroutine", None),
    ],
)
async def test_python_that_fails_is_not_applied(
    lts_graph: Any, project: Any, text: str, why: str, line: int | None
) -> None:
    project.add("20260101000000-p.py", text)
    with pytest.raises(StatementFailedError) as caught:
        await up(lts_graph, project)
    assert why in caught.value.why
    assert caught.value.where.line == line
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 0
    assert await states(lts_graph, project) == ["pending"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX a FOR (n:N) ON (n.a)",
        "MATCH (n) CALL (n) { SET n.a = 1 } IN TRANSACTIONS",
        "SHOW DATABASES",
    ],
)
async def test_what_one_transaction_cannot_hold_is_refused_before_it_is_sent(
    lts_graph: Any, project: Any, statement: str
) -> None:
    project.add(
        "20260101000000-p.py",
        f"async def up(client):\n    await client.cypher('CREATE (:N)')\n    await client.cypher({statement!r})\n",
    )
    with pytest.raises(ImpossibleMixError) as caught:
        await up(lts_graph, project)
    assert 'TRANSACTION = "per-call"' in caught.value.next[0].label
    assert caught.value.exit_code == 2
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 0


async def test_calls_may_run_side_by_side(lts_graph: Any, project: Any) -> None:
    """In one transaction they queue; per call each has a session of its own."""
    body = (
        "import asyncio\n\n\nasync def up(client):\n"
        "    await asyncio.gather(*(client.cypher('CREATE (:N {i: $i})', {'i': i}) for i in range(20)))\n"
    )
    project.add("20260101000000-one.py", body)
    project.add("20260102000000-each.py", 'TRANSACTION = "per-call"\n' + body)
    await up(lts_graph, project)
    assert lts_graph.rows("MATCH (n:N) RETURN count(n), sum(n.i)") == [[40, 380]]


async def test_a_file_that_does_not_import_stops_before_anything(
    lts_graph: Any, project: Any
) -> None:
    project.add("20260101000000-good.cypher", "CREATE (:N);")
    project.add(
        "20260102000000-bad.py", "import no_such_module\n\n\ndef up(client): ...\n"
    )
    with pytest.raises(MigrateError) as caught:
        await up(lts_graph, project)
    assert (caught.value.code, caught.value.exit_code) == ("FILE.IMPORT_FAILED", 2)
    assert caught.value.where.line == 1
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 0


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
        await asyncio.sleep(1.5)
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


ONCE = """\
// @up
CREATE INDEX c FOR (c:Count) ON (c.n);
UNWIND [1, 2, 0, 4] AS x CALL (x) { CREATE (:N {x: 8 / x}) } IN TRANSACTIONS OF 1 ROW;
// @down
MATCH (n:N) DELETE n;
"""


async def test_batches_that_were_committed_are_not_run_again_unasked(
    graph: Any, project: Any
) -> None:
    """The step may have left something: the next `up` asks, `repair` answers."""
    path = project.add("20260101000000-once.cypher", ONCE)
    with pytest.raises(StatementFailedError) as caught:
        await up(graph, project)
    assert "step 2 may have left something" in caught.value.kept
    assert graph.one("MATCH (n:N) RETURN count(n)") == 2

    with pytest.raises(NotRerunnableError) as asked:
        await up(graph, project)
    assert (asked.value.code, asked.value.exit_code) == ("UP.NOT_RERUNNABLE", 8)
    assert asked.value.where.line == 3
    assert graph.one("MATCH (n:N) RETURN count(n)") == 2

    graph.rows("MATCH (n:N) DELETE n")
    async with open_(graph, project) as migrator:
        with pytest.raises(MigrateError, match="step 1 cannot be marked"):
            await migrator.repair("20260101000000", step=1, mark="pending")
        await migrator.repair("20260101000000", step=2, mark="pending")
    path.write_text(ONCE.replace("2, 0, 4", "2, 4"))
    await up(graph, project)
    assert graph.one("MATCH (n:N) RETURN count(n)") == 3
    events = graph.rows("MATCH (e:_MigrateEvent) RETURN e.what ORDER BY e.at")
    assert [row[0] for row in events] == ["failed", "repaired", "applied"]


async def test_a_step_marked_as_applied_counts_as_done(
    lts_graph: Any, project: Any
) -> None:
    project.add("20260101000000-once.cypher", ONCE)
    with pytest.raises(StatementFailedError):
        await up(lts_graph, project)
    async with open_(lts_graph, project) as migrator:
        await migrator.repair("20260101000000", step=2, mark="applied")
    assert await states(lts_graph, project) == ["applied"]


async def test_a_cut_schema_step_is_settled_by_the_catalogue(
    graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done: it is confirmed. Undone: it runs. Neither: the tool stops and says so."""
    project.add(
        "20260101000000-s.cypher",
        "CREATE INDEX a FOR (n:N) ON (n.a);\nCREATE INDEX b FOR (n:N) ON (n.b);",
    )

    async def cut(self: Any, *args: Any, **options: Any) -> None:
        raise CommitLostError("the process died here")

    from neo4j_migrate_magic.history.journal import Journal

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "confirm", cut)
        patched.setattr(Journal, "failed", cut)
        with pytest.raises(CommitLostError):
            await up(graph, project)
    assert len(graph.schema()) == 2
    assert await states(graph, project) == ["interrupted"]

    graph.rows("DROP INDEX b")
    with pytest.raises(IndexFailedError) as caught:
        await up(graph, project)
    assert "range index b" in caught.value.why

    graph.rows("CREATE INDEX b FOR (n:N) ON (n.b)")
    await up(graph, project)
    assert await states(graph, project) == ["applied"]
    await down(graph, project)
    assert graph.schema() == []


async def test_procedures_are_what_the_server_says(graph: Any, project: Any) -> None:
    """A call that the server counts as schema gets a step of its own."""
    project.add(
        "20260101000000-c.cypher",
        "CREATE (:N);\nCALL db.createLabel('Made');\nCALL dbms.components() YIELD name RETURN name;\nCREATE (:N);",
    )
    report = await up(graph, project)
    assert [m.steps for m in report.migrations] == [3]
    assert graph.one("MATCH (n:N) RETURN count(n)") == 2


async def test_a_driver_of_the_callers_stays_open(lts_graph: Any, project: Any) -> None:
    import neo4j

    project.add("20260101000000-m.cypher", "CREATE (:N);")
    async with neo4j.AsyncGraphDatabase.driver(lts_graph.uri) as driver:
        async with Migrator(driver=driver, migration_dir=project.folder) as migrator:
            await migrator.up()
        records, _, _ = await driver.execute_query("MATCH (n:N) RETURN count(n)")
    assert records[0].values() == [1]


async def test_projects_share_a_database(lts_graph: Any, project: Any) -> None:
    """Each has a lock and a history of its own."""
    project.add("20260101000000-m.cypher", "CREATE (:N);")
    for name in ("one", "two"):
        async with open_(lts_graph, project, project=name) as migrator:
            assert len((await migrator.up()).migrations) == 1
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 2
    assert lts_graph.one("MATCH (l:_MigrateProject) RETURN count(l)") == 2
