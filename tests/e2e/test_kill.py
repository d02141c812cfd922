"""SIGKILL at every boundary of the protocol; the next command ends right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.server

DATA = """\
// Effects are counted by plain statements, not by the tool's own records
// @up
MERGE (c:Count {of: 'data'}) SET c.n = coalesce(c.n, 0) + 1;
UNWIND range(1, 5) AS k CREATE (:Item {k: k});
// @down
MATCH (c:Count {of: 'data'}) SET c.n = c.n - 1;
MATCH (i:Item) DELETE i;
"""
MIXED = """\
// @up
CREATE CONSTRAINT item_k FOR (i:Item) REQUIRE i.k IS UNIQUE;
CREATE INDEX item_seen IF NOT EXISTS FOR (i:Item) ON (i.seen);
CREATE TEXT INDEX item_name FOR (i:Item) ON (i.name);
MERGE (c:Count {of: 'mixed'}) SET c.n = coalesce(c.n, 0) + 1;
// @rerunnable
MATCH (i:Item) CALL (i) { SET i.seen = true } IN TRANSACTIONS OF 2 ROWS;
// @down
// @rerunnable
MATCH (i:Item) CALL (i) { REMOVE i.seen } IN TRANSACTIONS OF 2 ROWS;
MATCH (c:Count {of: 'mixed'}) SET c.n = c.n - 1;
DROP INDEX item_name;
DROP INDEX item_seen;
DROP CONSTRAINT item_k;
"""
PURE = """\
DROP INDEX item_name;
CREATE TEXT INDEX item_name FOR (i:Item) ON (i.title);
CREATE CONSTRAINT count_of FOR (c:Count) REQUIRE c.of IS UNIQUE;
"""
PYTHON = """\
async def up(client):
    await client.cypher("MERGE (c:Count {of: $of}) SET c.n = coalesce(c.n, 0) + 1", {"of": "python"})
    await client.cypher("MERGE (c:Count {of: $of}) SET c.n = coalesce(c.n, 0) + 1", {"of": "python2"})


def down(client):
    client.cypher("MATCH (c:Count) WHERE c.of STARTS WITH 'python' SET c.n = c.n - 1")
"""
PER_CALL = """\
TRANSACTION = "per-call"
RERUNNABLE = True


async def up(client):
    await client.cypher("CREATE INDEX call_k IF NOT EXISTS FOR (c:Call) ON (c.k)")
    await client.cypher("MERGE (c:Call {k: 1})")


async def down(client):
    await client.cypher("MATCH (c:Call) DELETE c")
    await client.cypher("DROP INDEX call_k IF EXISTS")
"""
ONCE = """\
// @up
UNWIND [1, 2, 3] AS x
CALL (x) { MERGE (c:Count {of: 'auto'}) SET c.n = coalesce(c.n, 0) + 1 } IN TRANSACTIONS OF 1 ROW;
// @down
UNWIND [1, 2, 3] AS x
CALL (x) { MATCH (c:Count {of: 'auto'}) SET c.n = c.n - 1 } IN TRANSACTIONS OF 1 ROW;
"""
FILES = {
    "20260101000000-data.cypher": DATA,
    "20260102000000-mixed.cypher": MIXED,
    "20260103000000-pure.cypher": PURE,
    "20260104000000-python.py": PYTHON,
    "20260105000000-per_call.py": PER_CALL,
    "20260106000000-once.cypher": ONCE,
}
LTS = (
    "CALL dbms.components() YIELD name, versions WITH name, versions[0] AS version"
    " WHERE name = 'Neo4j Kernel' RETURN version STARTS WITH '5.'"
)
SHARE = 1 if os.environ.get("NEO4J_MIGRATE_TORTURE") == "long" else 4
UP = {"data": 1, "mixed": 1, "python": 1, "python2": 1, "auto": 3}
DOWN = dict.fromkeys(UP, 0)
UP_SCHEMA = {"item_k", "item_seen", "item_name", "count_of", "call_k"}


@dataclass
class Killer:
    """The forking program, and the project it works on."""

    process: subprocess.Popen[str]
    uri: str
    config: Path

    def run(self, verb: str, *, kill: int = 0) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        job = {"verb": verb, "uri": self.uri, "config": str(self.config), "kill": kill}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture
def killer(graph: Any, project: Any) -> Iterator[Killer]:
    for name, text in FILES.items():
        project.add(name, text)
    program = Path(__file__).with_name("killed_run.py")
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Killer(process, graph.uri, project.config)
        assert process.stdin
        process.stdin.close()


def counts(graph: Any) -> dict[str, int]:
    found = dict.fromkeys(UP, 0)
    found.update(graph.rows("MATCH (c:Count) RETURN c.of, c.n"))
    return found


def names(graph: Any) -> set[str]:
    return {
        row[0] if "(" not in row[0] else row[1] for row in map(_name, graph.schema())
    }


def _name(row: tuple[str, ...]) -> list[str]:
    return [part for part in row if not part.startswith("[")]


def let_the_lease_end(graph: Any) -> None:
    """Let the dead run's lease be over, instead of waiting for half a minute."""
    graph.rows(
        "MATCH (l:_MigrateProject) WHERE l.owner IS NOT NULL"
        " SET l.expires_at = datetime.realtime() - duration('PT1S')"
    )


def check(graph: Any, verb: str, answer: dict[str, Any]) -> str:
    """Look at the effects, not at the records; tell how the next command ended."""
    found = counts(graph)
    if answer["error"]:
        assert answer["error"] == f"{verb.upper()}.NOT_RERUNNABLE"
        assert 0 <= found["auto"] <= 3
        record = graph.rows(
            "MATCH (r:_MigrateRecord) WHERE r.intent IS NOT NULL RETURN r.version, r.state"
        )
        assert record == [["20260106000000", "running"]]
        return "asked"
    assert found == (UP if verb == "up" else DOWN)
    assert names(graph) == (UP_SCHEMA if verb == "up" else set())
    seen = graph.one("MATCH (i:Item) WHERE i.seen RETURN count(i)")
    assert seen == (5 if verb == "up" else 0)
    records = graph.rows(
        "MATCH (r:_MigrateRecord) RETURN r.version, r.state ORDER BY r.version"
    )
    assert records == (
        [[name[:14], "applied"] for name in FILES] if verb == "up" else []
    )
    free = "l.owner IS NULL OR l.expires_at < datetime.realtime()"
    assert graph.one(f"MATCH (l:_MigrateProject) RETURN {free}")
    return "done"


@pytest.mark.parametrize("verb", ["up", "down"])
def test_killed_at_every_boundary_the_next_command_ends_right(
    graph: Any, killer: Killer, verb: str
) -> None:
    """Data and schema exactly once; an autocommit step that is not marked asks.

    Every boundary on the LTS server with NEO4J_MIGRATE_TORTURE=long, which takes a
    quarter of an hour; else a part of them there, and a few on the newest.
    """
    ends: dict[str, int] = {}
    every = SHARE if graph.one(LTS) else 3 * SHARE
    kill, hit = 1 - every, 0
    while True:
        kill += every
        graph.wipe(
            all=kill <= every
        )  # our own constraints are made once, and killed once
        if verb == "down":
            assert killer.run("up")["error"] == ""
        first = killer.run(verb, kill=kill)
        if not first["killed"]:
            break
        let_the_lease_end(graph)
        end = check(graph, verb, killer.run(verb))
        ends[end] = ends.get(end, 0) + 1
        hit += 1
    assert check(graph, verb, first) == "done"
    assert kill > 40
    assert ends["done"] == hit - ends.get("asked", 0)
    if every == 1:
        # killed between the intent of the unmarked step and its confirmation: no more
        assert ends["asked"] in range(3, 10)


def test_a_dead_owner_is_taken_over_when_its_lease_ends(
    graph: Any, killer: Killer
) -> None:
    """Nobody has to unlock: the next run waits out the lease, by the server's clock."""
    answer = killer.run("up", kill=14)
    assert answer == {"killed": True}
    assert graph.one("MATCH (l:_MigrateProject) RETURN l.owner") is not None

    assert killer.run("up")["error"] == ""
    assert counts(graph) == UP
    events = graph.rows("MATCH (e:_MigrateEvent {what: 'taken over'}) RETURN e.detail")
    assert len(events) == 1
