"""Python migrations on real servers: one transaction, or one per call."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.errors import (
    ImpossibleMixError,
    MigrateError,
    StatementFailedError,
)
from tests.engine.runs import down, states, up

pytestmark = pytest.mark.server


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


async def test_two_projects_in_a_process_have_a_helper_each(
    lts_graph: Any, project: Any
) -> None:
    """A module beside the configuration is this project's, and this run's, alone."""
    (project.root / "made_here.py").write_text("LABEL = 'First'\n")
    text = (
        "from made_here import LABEL\n\n\nasync def up(client):\n"
        "    await client.cypher(f'CREATE (:{LABEL})')\n"
    )
    project.add("20260101000000-a.py", text)
    await up(lts_graph, project)
    (project.root / "made_here.py").write_text("LABEL = 'Second'\n")
    project.add("20260102000000-b.py", text)
    await up(lts_graph, project)

    found = lts_graph.rows("MATCH (n:First|Second) RETURN labels(n)[0] ORDER BY 1")
    assert found == [["First"], ["Second"]]
    assert "made_here" not in sys.modules


async def test_of_schema_per_call_only_a_constraint_is_waited_for(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes a stopped run over ends the rest of what it has open."""
    project.add(
        "20260101000000-p.py",
        'TRANSACTION = "per-call"\n\n\nasync def up(client):\n'
        "    await client.cypher('CREATE INDEX i FOR (n:N) ON (n.i)')\n"
        "    await client.cypher('CREATE CONSTRAINT k FOR (n:N) REQUIRE n.k IS UNIQUE')\n"
        "    await client.cypher('DROP CONSTRAINT k')\n",
    )
    transaction, told = Database.transaction, []

    def noted(self: Database, *, metadata: Any = None, **options: Any) -> Any:
        if metadata and "step" in metadata:
            told.append("builds" in metadata)
        return transaction(self, metadata=metadata, **options)

    monkeypatch.setattr(Database, "transaction", noted)
    await up(lts_graph, project)
    assert told == [False, True, False]
