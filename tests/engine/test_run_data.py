"""Data and mixed runs on real servers: what is in the database, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from neo4j_migrate_magic import Migrator
from neo4j_migrate_magic.errors import (
    MigrateError,
    NotRerunnableError,
    StatementFailedError,
)
from neo4j_migrate_magic.model import Outcome, State
from tests.engine.runs import down, open_, states, up

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
        with pytest.raises(MigrateError, match="the step in doubt is step 2"):
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
        async with Migrator(
            uri=lts_graph.uri, config=project.config, project=name
        ) as migrator:
            assert len((await migrator.up()).migrations) == 1
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 2
    assert lts_graph.one("MATCH (l:_MigrateProject) RETURN count(l)") == 2
