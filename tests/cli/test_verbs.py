"""A smoke test of each verb, as command and as function, on a real server."""

from __future__ import annotations

from typing import Any

import pytest

from neo4j_migrate_magic import migrations
from tests.cli.conftest import Run

pytestmark = pytest.mark.server

UP = """\
// @up
CREATE CONSTRAINT person_id IF NOT EXISTS FOR (p:Person) REQUIRE p.id IS UNIQUE;
CREATE (:Person {id: 1});
// @down
MATCH (p:Person) DELETE p;
DROP CONSTRAINT person_id IF EXISTS;
"""


@pytest.fixture
def two(project: Any, lts_graph: Any) -> Any:
    """A project with two migrations, and an empty database."""
    project.add("20260101000000-person.cypher", UP)
    project.add(
        "20260102000000-more.cypher",
        "// @up\nCREATE (:More)\n// @down\nMATCH (n:More) DELETE n\n",
    )
    return lts_graph


def test_commands(cli: Run, two: Any) -> None:
    """Status, up, up again, down, down again."""
    target = ("--uri", two.uri)

    pending = cli("status", *target)
    up = cli("up", "-v", *target)
    again = cli("up", *target)
    applied = cli("status", *target)
    down = cli("down", *target)
    rest = cli("down", "--down-count", "all", *target)
    nothing = cli("down", *target)

    assert pending.out.count("PENDING") == 2
    assert "0 applied, 2 pending; lock free" in pending.err
    assert up.code == 0
    assert up.out.startswith("applied 2 migrations, 3 steps in ")
    assert up.out.endswith("nodes +2   properties +1   labels +2   constraints +1\n")
    assert "    ok  1 schema      + constraint person_id" in up.err
    assert again.out.startswith("up to date at 20260102000000 (2 applied) on neo4j@")
    assert again.err == ""
    assert "PENDING" not in applied.out
    assert down.out.startswith("rolled back 1 migration, 1 step in ")
    assert rest.out.startswith("rolled back 1 migration, ")
    assert nothing.out.startswith("nothing to roll back on neo4j@")
    assert two.one("MATCH (n:Person|More) RETURN count(n)") == 0


async def test_functions(two: Any, project: Any) -> None:
    """The five functions keep the arguments and the results of pyneo4j-ogm."""
    migrations.init()
    made = migrations.create("third", py=True)
    (project.folder / made["name"]).write_text("async def up(client): ...\n")

    report = await migrations.up(1, uri=two.uri)
    found = await migrations.status(uri=two.uri)
    await migrations.down(uri=two.uri)
    empty = await migrations.status(str(project.config), uri=two.uri)

    assert made["path"] == str(project.folder / made["name"])
    assert made["name"].endswith("-third.py")
    assert [m.title for m in report.migrations] == ["20260101000000-person"]
    assert [(e["name"], e["status"]) for e in found] == [
        ("20260101000000-person", "APPLIED"),
        ("20260102000000-more", "PENDING"),
        (made["name"].removesuffix(".py"), "PENDING"),
    ]
    assert isinstance(found[0]["applied_at"], float)
    assert [e["applied_at"] for e in found[1:]] == [None, None]
    assert {e["status"] for e in empty} == {"PENDING"}
