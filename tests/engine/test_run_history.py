"""Migrations whose own statements find the nodes of the history, on real servers."""

from __future__ import annotations

from typing import Any

import pytest

from neo4j_migrate_magic.errors import HistoryTouchedError, LostLockError
from tests.engine.runs import down, open_, states, up

pytestmark = pytest.mark.server

FIRST, SECOND = "20260101000000-first.cypher", "20260102000000-second.cypher"
KEPT = "MATCH (r:_MigrateRecord) RETURN properties(r) ORDER BY r.project, r.version"


@pytest.fixture
async def first(graph: Any, project: Any) -> None:
    """One migration is applied."""
    project.add(FIRST, "CREATE (:First);")
    await up(graph, project)


async def refused(graph: Any, project: Any, verb: Any = up) -> HistoryTouchedError:
    """Run what must be refused, and see that the history is as it was."""
    before = graph.rows(KEPT)
    with pytest.raises(HistoryTouchedError) as caught:
        await verb(graph, project)
    assert graph.rows(KEPT) == before
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "MATCH (n) DETACH DELETE n",
            "deletes 1 record, deletes 1 event, changes 1 lock",
        ),
        ("MATCH (n) WHERE n.checksum IS NOT NULL DELETE n", "deletes 1 record"),
        ("MATCH (n) WHERE n.at < datetime() DELETE n", "deletes 1 event"),
        ("MATCH (n) SET n.name = 'x'", "changes 1 record"),
        ("MATCH (n) REMOVE n.version", "changes 1 record"),
        ("MATCH (n) WHERE n.source <> '' SET n.source = 'import'", "changes 1 record"),
        (
            "MATCH (n) SET n.project = ['a', 'b']",
            "changes 1 record, deletes 1 event, changes 1 lock",
        ),
        ("MATCH (n) WHERE n.owner <> '' SET n.owner = 'me'", "changes 1 lock"),
        ("MATCH (r:_MigrateRecord) SET r.kind = 'python'", "changes 1 record"),
    ],
)
async def test_a_statement_that_would_change_the_history_is_rolled_back(
    graph: Any, project: Any, statement: str, told: str
) -> None:
    """With all of its step; the error names its line."""
    project.add(FIRST, "CREATE (:First {name: 'a'});")
    await up(graph, project)
    file = project.add(SECOND, f"CREATE (:Second);\n\n{statement};\n")

    error = await refused(graph, project)

    assert told in error.why
    assert error.where is not None
    assert (str(error.where.path), error.where.line) == (str(file), 3)
    assert error.kept == "nothing of 20260102000000 was kept"
    assert graph.one("MATCH (n:First {name: 'a'}) RETURN count(n)") == 1
    assert graph.one("MATCH (n:Second) RETURN count(n)") == 0
    assert await states(graph, project) == ["applied", "pending"]


@pytest.mark.usefixtures("first")
async def test_leaving_our_nodes_out_as_the_error_says_it_runs(
    graph: Any, project: Any
) -> None:
    project.add(SECOND, "MATCH (n) DETACH DELETE n;")
    error = await refused(graph, project)
    pattern = error.next[0].label.partition("MATCH ")[2]

    project.add(SECOND, f"MATCH {pattern} DETACH DELETE n;")
    await up(graph, project)

    assert await states(graph, project) == ["applied", "applied"]
    assert graph.one("MATCH (n:First) RETURN count(n)") == 0


async def test_what_changes_nothing_that_we_read_may_run(
    graph: Any, project: Any
) -> None:
    """A property of theirs on every node, and a value that is as it was."""
    project.add(FIRST, "CREATE (:First {name: ' a '});")
    project.add(
        SECOND,
        "MATCH (n) SET n.seen = true;\n"
        "MATCH (n) WHERE n.name IS NOT NULL SET n.name = trim(n.name);",
    )

    await up(graph, project)

    assert await states(graph, project) == ["applied", "applied"]
    assert graph.rows("MATCH (n:First) RETURN n.name, n.seen") == [["a", True]]


async def test_down_leaves_the_history_alone_too(graph: Any, project: Any) -> None:
    project.add(FIRST, "// @up\nCREATE (:A);\n// @down\nMATCH (n) DETACH DELETE n;")
    await up(graph, project)

    error = await refused(graph, project, down)

    assert error.code == "DOWN.HISTORY_TOUCHED"
    assert graph.one("MATCH (n:A) RETURN count(n)") == 1
    assert await states(graph, project) == ["applied"]


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("per_call", [False, True])
async def test_a_python_migration_is_told_at_its_line(
    graph: Any, project: Any, per_call: bool
) -> None:
    head = "TRANSACTION = 'per-call'\n" if per_call else "\n"
    project.add(
        "20260102000000-p.py",
        f"{head}def up(client):\n    client.cypher('MATCH (n) DELETE n')\n",
    )

    error = await refused(graph, project)

    assert error.where is not None
    assert error.where.line == 3
    assert graph.one("MATCH (n:First) RETURN count(n)") == 1


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("python", [False, True])
async def test_what_empties_the_database_in_transactions_is_not_sent(
    graph: Any, project: Any, python: bool
) -> None:
    """Nobody could take it back."""
    text = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS"
    if python:
        body = f"def up(client):\n    client.cypher('{text}')\n"
        project.add("20260102000000-p.py", f"TRANSACTION = 'per-call'\n{body}")
    else:
        project.add(SECOND, f"{text};")

    error = await refused(graph, project)

    assert "cannot be taken back" in error.why
    assert graph.one("MATCH (n:First) RETURN count(n)") == 1
    assert await states(graph, project) == ["applied", "pending"]


@pytest.mark.usefixtures("first")
async def test_what_committed_by_itself_is_told_and_can_be_recorded_again(
    graph: Any, project: Any
) -> None:
    """Not that another run took the lock, though the lock is gone with the rest."""
    text = "MATCH (n) WHERE NOT n:First CALL (n) { DETACH DELETE n } IN TRANSACTIONS;"
    file = project.add(SECOND, text)

    with pytest.raises(HistoryTouchedError) as caught:
        await up(graph, project)

    error = caught.value
    assert "deletes 2 records" in error.why  # its own is one
    assert "that stays" in error.why
    assert (error.exit_code, error.kept) == (8, "step 1 may have left something")
    assert "neo4j-migrate baseline VERSION" in [way.command for way in error.next]
    assert await states(graph, project) == ["pending", "pending"]
    file.unlink()
    async with open_(graph, project) as migrator:
        await migrator.baseline("20260101000000")
    assert await states(graph, project) == ["baseline"]


ELSEWHERE = """\
import neo4j


def up(client):
    with neo4j.GraphDatabase.driver({uri!r}) as driver:
        driver.execute_query({change!r})
    client.cypher("MATCH (n) WHERE n.never SET n.name = 'x'")
    with neo4j.GraphDatabase.driver({uri!r}) as driver:
        driver.execute_query({change!r})
    client.cypher("MATCH (n) WHERE n.never SET n.name = 'y'")
"""
OTHER = (
    "CREATE (:_MigrateProject {project: 'other', token: 1, owner: $owner})"
    " CREATE (:_MigrateRecord {project: 'other', version: '1', name: 'other'})"
)


@pytest.mark.parametrize("owner", [None, "a@b/1/c"])
async def test_a_run_of_another_project_meanwhile_is_no_statement_of_ours(
    graph: Any, project: Any, owner: str | None
) -> None:
    """It takes its own lock, whose token grows, or has it already."""
    graph.rows(OTHER, owner=owner)
    change = (
        "MATCH (l:_MigrateProject {project: 'other'}) SET l.token = l.token + 1"
        " WITH l MATCH (r:_MigrateRecord {project: 'other'}) SET r.name = r.name + '!'"
    )
    project.add("20260101000000-p.py", ELSEWHERE.format(uri=graph.uri, change=change))

    await up(graph, project)

    assert await states(graph, project) == ["applied"]
    other = "MATCH (r:_MigrateRecord {project: 'other'}) RETURN r.name"
    assert graph.one(other) == "other!!"


@pytest.mark.parametrize("token", [1, None, "x"])
async def test_the_history_of_another_project_is_left_alone_too(
    graph: Any, project: Any, token: Any
) -> None:
    """Also where somebody has damaged its lock before."""
    graph.rows(OTHER, owner=None)
    graph.rows("MATCH (l:_MigrateProject) SET l.token = $token", token=token)
    project.add(FIRST, "MATCH (n) WHERE n.name = 'other' DELETE n;")

    error = await refused(graph, project)

    assert "deletes 1 record" in error.why


async def test_a_lock_that_another_run_took_meanwhile_is_told_as_that(
    graph: Any, project: Any
) -> None:
    """Its records may have changed since the first look, and not by a statement of ours."""
    change = (
        "MATCH (l:_MigrateProject) SET l.token = l.token + 1, l.owner = 'a@b/1/thief'"
    )
    project.add("20260101000000-p.py", ELSEWHERE.format(uri=graph.uri, change=change))

    with pytest.raises(LostLockError):
        await up(graph, project)
