"""Migrations that take their time, and a way to see that they are at it."""

from __future__ import annotations

from typing import Any

from tests.torture.arena import Arena, until
from tests.torture.folders import BATCHES
from tests.torture.oracle import Made, Part

NODES = 100_000
VERSION = "20260201000000"
COUNT, BUSY = f"{VERSION}/a", "sum(x % 7)"
_ADD = f"MERGE (c:Count {{of: '{COUNT}'}}) SET c.n = coalesce(c.n, 0) + 1"
_SUBTRACT = f"MERGE (c:Count {{of: '{COUNT}'}}) SET c.n = coalesce(c.n, 0) - 1"

_AT_WORK = """
SHOW TRANSACTIONS YIELD metaData, currentQuery
WHERE metaData.tool = 'neo4j-migrate-magic' AND currentQuery CONTAINS $words
RETURN 1
"""


def busy(rows: int) -> str:
    """A statement that computes for about a second per ten million rows."""
    return f"UNWIND range(1, {rows}) AS x WITH {BUSY} AS s RETURN s"


def data(rows: int, *, down: int = 1) -> Made:
    """A data step that counts, and then computes."""
    part = Part("data", {COUNT: (0, 1)})
    text = f"// @up\n{_ADD};\n{busy(rows)};\n// @down\n{_SUBTRACT};\n{busy(down)};\n"
    return Made(VERSION, f"{VERSION}-data.cypher", text, (part,), (part.back,))


def batches(rows: int, *, rerunnable: bool) -> Made:
    """An autocommit step whose every batch counts, or marks, and then computes."""
    part = Part("autocommit", {COUNT: (0, BATCHES)}, rerunnable=rerunnable)
    mark = "// @rerunnable\n" if rerunnable else ""
    up, down = _ADD, _SUBTRACT
    if rerunnable:
        up = f"MERGE (:Mark {{of: '{COUNT}', k: k}})"
        down = f"MATCH (m:Mark {{of: '{COUNT}', k: k}}) DELETE m"
    head, work = f"UNWIND range(1, {BATCHES}) AS k CALL (k) {{", ""
    if rows:
        work = f" WITH 1 AS one UNWIND range(1, {rows}) AS x WITH {BUSY} AS s"
    end = "} IN TRANSACTIONS OF 1 ROW;"
    text = (
        f"// @up\n{mark}{head} {up}{work} RETURN {'s' if rows else '1 AS s'}"
        f" {end[:-1]} RETURN count(s);\n// @down\n{mark}{head} {down} {end}\n"
    )
    return Made(VERSION, f"{VERSION}-batches.cypher", text, (part,), (part.back,))


def constraint() -> Made:
    """A constraint over many nodes; `fill` makes them."""
    name = f"k{VERSION}"
    part = Part("schema", items={name: ("", "UNIQUE Big.k")})
    text = (
        f"// @up\nCREATE CONSTRAINT {name} FOR (n:Big) REQUIRE n.k IS UNIQUE;\n"
        f"// @down\nDROP CONSTRAINT {name};\n"
    )
    return Made(VERSION, f"{VERSION}-key.cypher", text, (part,), (part.back,))


def fill(graph: Any) -> None:
    """Make the nodes for a constraint that takes a while to build."""
    graph.rows(
        f"UNWIND range(1, {NODES}) AS k CALL (k) {{"
        " CREATE (:Big {k: 'a rather long key, so that it takes longer ' + k})"
        " } IN TRANSACTIONS OF 20000 ROWS"
    )


def sleeping() -> Made:
    """A Python migration that says that it sleeps, and sleeps for a minute."""
    part = Part("data", {COUNT: (0, 1)})
    text = f"""\
import time
from pathlib import Path


def up(client):
    client.cypher("{_ADD}")
    if not Path("awake").exists():
        Path("asleep").touch()
        time.sleep(60)


def down(client):
    client.cypher("{_SUBTRACT}")
"""
    return Made(VERSION, f"{VERSION}-sleeping.py", text, (part,), (part.back,))


def until_at(arena: Arena, text: str) -> None:
    """Wait until a statement of a run with this in its text is at work on the server."""
    until(lambda: arena.graph.rows(_AT_WORK, words=text))
