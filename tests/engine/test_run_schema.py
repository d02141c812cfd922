"""Schema changes on real servers: made, taken back, refused, cut."""

from __future__ import annotations

from typing import Any

import pytest
from neo4j import exceptions as driver

from neo4j_migrate_magic.database.connection import Transaction
from neo4j_migrate_magic.database.errors import translate
from neo4j_migrate_magic.errors import (
    CommitLostError,
    IndexFailedError,
    Place,
    QueryError,
    StatementFailedError,
)
from tests.engine.runs import down, states, up

pytestmark = pytest.mark.server


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
    with pytest.raises(IndexFailedError) as caught:
        await up(graph, project)
    assert (caught.value.code, caught.value.exit_code) == ("UP.INDEX_FAILED", 2)
    assert "failed to build" in caught.value.why
    assert graph.schema() == []
    assert await states(graph, project) == ["pending"]


async def test_the_index_that_failed_is_the_one_that_is_shown(
    graph: Any, project: Any
) -> None:
    """Not the step's first statement, nor what Java was doing at that moment."""
    graph.rows(
        "CREATE (:K {t: reduce(s = '', i IN range(1, 4000) | s + 'abcdefghij')})"
    )
    path = project.add(
        "20260101000000-i.cypher",
        "CREATE INDEX ok1 FOR (k:K) ON (k.b);\n"
        "CREATE INDEX big_t FOR (k:K) ON (k.t);\n"
        "CREATE INDEX ok2 FOR (k:K) ON (k.z);\n",
    )

    with pytest.raises(IndexFailedError) as caught:
        await up(graph, project)

    error = caught.value
    assert error.where == Place(
        str(path), 2, 1, "CREATE INDEX big_t FOR (k:K) ON (k.t);"
    )
    assert error.why.startswith(
        "range index big_t on K(t) failed to build: Property value is too large to index"
    )
    assert "\n" not in error.why
    assert "java" not in error.why
    assert graph.schema() == []
    logged = str(graph.one("MATCH (e:_MigrateEvent) RETURN e.detail"))
    assert "i.cypher:2:1: range index big_t on K(t) failed to build" in logged


async def test_a_database_that_breaks_down_in_a_step_asks_for_a_restart(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No statement is corrected for it; of a schema step half may be there."""
    project.add("20260101000000-s.cypher", "CREATE INDEX a FOR (n:N) ON (n.a);")
    run = Transaction.run

    async def broken(tx: Transaction, text: str, *args: Any, **options: Any) -> Any:
        if "INDEX a" not in text:
            return await run(tx, text, *args, **options)
        raise translate(
            driver.Neo4jError._hydrate_neo4j(
                code="Neo.DatabaseError.Transaction.TransactionStartFailed",
                message="The database has encountered a critical error, and needs to be"
                " restarted. Please see database logs for more details.",
            )
        )

    monkeypatch.setattr(Transaction, "run", broken)
    with pytest.raises(StatementFailedError) as caught:
        await up(lts_graph, project)

    error = caught.value
    assert error.why.startswith("the database broke down")
    assert [way.command for way in error.next] == [
        "neo4j restart",
        "neo4j-migrate sandbox stop",
        "neo4j-migrate up",
    ]
    assert error.next[-1].label == "after the restart: goes on from there"
    assert error.kept == "step 1 may have left something"


async def test_a_step_that_is_tried_again_is_counted_once(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the first attempt made went away with its transaction."""
    project.add(
        "20260101000000-s.cypher",
        "CREATE INDEX a FOR (n:N) ON (n.a);\nCREATE INDEX b FOR (n:N) ON (n.b);",
    )
    run, fails = Transaction.run, 2

    async def in_the_way(tx: Transaction, text: str, *args: Any, **options: Any) -> Any:
        nonlocal fails
        if "INDEX b" in text and fails:
            fails -= 1
            raise QueryError("a deadlock", transient=True)
        return await run(tx, text, *args, **options)

    monkeypatch.setattr(Transaction, "run", in_the_way)
    report = await up(lts_graph, project)
    assert fails == 0
    assert report.migrations[0].counters == {"indexes_added": 2}


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
        with pytest.raises(StatementFailedError):
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
