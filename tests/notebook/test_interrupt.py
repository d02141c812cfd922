"""Interrupt, in a plain cell and in one that awaits: cut, cleaned up, told."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.conftest import Graph, Project
from tests.notebook.conftest import Kernel

pytestmark = pytest.mark.server

LONG = """// @up
CREATE (:Begun);
UNWIND range(1, 400000000) AS x WITH sum(x % 7) AS s CREATE (:Sum {s: s});
"""
BLOCKING = """import time

def up(client):
    client.cypher("CREATE (:Begun)")
    for _ in range(600):
        time.sleep(0.1)
        client.cypher("RETURN 1")
"""
SHORT = {
    "statement": "CREATE (:Begun);",
    "python": "def up(client):\n    client.cypher('CREATE (:Begun)')\n",
}
CELLS = {
    "plain": "%migrate up",
    "await": "import asyncio\nawait asyncio.sleep(0)\n%migrate up",
}


def at_work(graph: Graph) -> bool:
    """Whether the migration's own statements are at work."""
    return bool(
        graph.rows(
            "SHOW TRANSACTIONS YIELD metaData, currentQuery, elapsedTime"
            " WHERE metaData.step IS NOT NULL AND (currentQuery CONTAINS $part"
            " OR currentQuery = '' AND elapsedTime.milliseconds > 300) RETURN 1",
            part="sum(x % 7)",
        )
    )


def free(graph: Graph) -> bool:
    return not graph.rows(
        "MATCH (l:_MigrateProject) WHERE l.owner IS NOT NULL RETURN 1"
    )


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("kind", ["statement", "python"])
def test_it_is_cut_rolled_back_and_told(
    kernel: Kernel,
    project: Project,
    target: Graph,
    until: Callable[..., None],
    cell: str,
    kind: str,
) -> None:
    """One definite line; nothing is kept, the lock is free, the next command works."""
    if kind == "statement":
        file = project.add("20260101000000-long.cypher", LONG)
    else:
        file = project.add("20260101000000-long.py", BLOCKING)
    kernel.good("import signal; before = signal.getsignal(signal.SIGINT)")
    message = kernel.start(CELLS[cell])
    until(lambda: at_work(target))
    time.sleep(0.5)
    kernel.interrupt()
    began = time.monotonic()
    outputs = kernel.end(message, timeout=20)

    assert time.monotonic() - began < 10
    assert outputs.error is not None
    assert outputs.error["ename"] == "KeyboardInterrupt"
    (line,) = outputs.lines
    assert "20260101000000-long was not committed" in line
    assert "Run %migrate up to go on." in line
    assert target.rows("MATCH (n) WHERE n:Begun OR n:Sum RETURN n") == []
    assert free(target)
    assert outputs.shown["text/plain"].endswith("stopped: 0 of 1 step done")
    same = kernel.good("signal.getsignal(signal.SIGINT) == before")
    assert same.result["text/plain"] == "True"
    file.write_text(SHORT[kind])
    kernel.good("%migrate up")
    assert len(target.rows("MATCH (n:Begun) RETURN n")) == 1


def test_a_second_one_gives_the_prompt_back_and_the_clean_up_still_ends(
    kernel: Kernel, project: Project, target: Graph, until: Callable[..., None]
) -> None:
    """Nobody is kept waiting, and nothing is left open."""
    project.add("20260101000000-long.cypher", LONG)
    # a line that answers late: the clean-up takes its time
    kernel.good(
        "import asyncio\n"
        "from neo4j_migrate_magic.history import lock\n"
        "from neo4j_migrate_magic.engine import run\n"
        "released = run.release\n"
        "async def late(*args):\n"
        "    await asyncio.sleep(3)\n"
        "    await released(*args)\n"
        "run.release = late\n"
    )
    message = kernel.start("%migrate up")
    until(lambda: at_work(target))
    time.sleep(0.5)
    kernel.interrupt()
    time.sleep(1.0)
    kernel.interrupt()
    began = time.monotonic()
    outputs = kernel.end(message, timeout=20)

    assert time.monotonic() - began < 1.5
    assert outputs.error is not None
    assert outputs.error["ename"] == "KeyboardInterrupt"
    assert "was not committed" in outputs.lines[0]
    until(lambda: free(target), 10)
    assert target.rows("MATCH (n) WHERE n:Begun OR n:Sum RETURN n") == []


def test_a_constraint_that_is_being_built_is_settled(
    kernel: Kernel, project: Project, target: Graph, until: Callable[..., None]
) -> None:
    """It is there and recorded, or it is not there: the next `up` ends right."""
    target.rows(
        "UNWIND range(1, 600000) AS x CALL (x) { CREATE (:Person {id: x}) }"
        " IN TRANSACTIONS OF 50000 ROWS"
    )
    name = "CREATE CONSTRAINT person_id FOR (p:Person) REQUIRE p.id IS UNIQUE"
    project.add("20260101000000-unique.cypher", f"{name};\n")
    message = kernel.start("%migrate up")
    until(
        lambda: target.rows(
            "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH $part"
            " RETURN 1",
            part="CREATE CONSTRAINT person_id",
        )
    )
    kernel.interrupt()
    outputs = kernel.end(message, timeout=60)

    assert outputs.error is None or outputs.error["ename"] == "KeyboardInterrupt"
    assert free(target)
    kernel.good("%migrate up")
    assert [row[0] for row in target.rows("SHOW CONSTRAINTS YIELD name")].count(
        "person_id"
    ) == 1


def test_the_kernel_may_be_restarted_in_the_middle(
    kernel: Kernel, project: Project, target: Graph, until: Callable[..., None]
) -> None:
    """The run is dead with its kernel; the next one takes over what it left."""
    file = project.add("20260101000000-long.cypher", LONG)
    kernel.start("%migrate up")
    until(lambda: at_work(target))
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    file.write_text("CREATE (:Begun);")
    kernel.good("%load_ext neo4j_migrate_magic")
    kernel.good("%migrate up", timeout=90)
    assert len(target.rows("MATCH (n:Begun) RETURN n")) == 1
