"""A step that takes its time is looked at: what the server counts, and no more."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from neo4j_migrate_magic.engine import watch as module
from neo4j_migrate_magic.engine.watch import Watch
from neo4j_migrate_magic.errors import ForbiddenError
from neo4j_migrate_magic.model import (
    Entity,
    SchemaChange,
    SchemaItem,
    Statement,
    StatementKind,
    Step,
    StepFinished,
    StepKind,
    StepProgress,
    StepStarted,
)
from tests.engine.runs import open_
from tests.render.values import planned, step

V1 = "20260101000000"
MANY = 120_000


class Server:
    """Answers looks with what the test says; a row of None is a refusal."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def read(self, text: str, *_: Any, **__: Any) -> Any:
        self.asked.append("SHOW INDEXES" if "SHOW INDEXES" in text else "SHOW TRANS")
        answer = self._answers.pop(0) if self._answers else []
        if answer is None:
            raise ForbiddenError("not allowed")
        return SimpleNamespace(rows=answer)


def builds(*names: str) -> Step:
    """A step that makes indexes."""
    statements = []
    for name in names:
        item = SchemaItem(
            constraint=False,
            kind="range",
            entity=Entity.NODE,
            labels=("P",),
            properties=(name,),
            name=name,
        )
        change = SchemaChange(create=True, constraint=False, name=name, item=item)
        statements.append(
            Statement(
                text=f"CREATE INDEX {name} FOR (p:P) ON (p.{name})",
                canonical="",
                line=1,
                column=1,
                kind=StatementKind.SCHEMA,
                change=change,
            )
        )
    return step(1, StepKind.SCHEMA, statements=tuple(statements))


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is 20 ms."""
    monkeypatch.setattr(module, "_SECOND", 0.02)


async def watched(server: Server, one: Step, seconds: float = 0.15) -> list[Any]:
    told: list[Any] = []
    async with Watch(server, "abc", told.append) as watch:  # type: ignore[arg-type]
        with watch.over(planned(1), one):
            await asyncio.sleep(seconds)
    return told


async def test_an_index_is_told_by_what_the_server_counts(fast: None) -> None:
    """How long it will take is reckoned from two looks, and not before a hundredth."""
    server = Server([[1, 0.5, 1]], [[1, 40.0, 1]], [[1, 60.0, 1]])

    first, second, third, *_ = await watched(server, builds("i"))

    assert (first.what, first.done, first.total) == ("index i", 0.5, 100.0)
    assert first.left is None
    assert second.share == 0.4
    assert third.left is not None
    assert 0 < third.left < second.left


async def test_several_indexes_are_one_share(fast: None) -> None:
    """One that is not there yet is not built at all."""
    first, *_ = await watched(Server([[2, 150.0, 1]]), builds("a", "b", "c"))

    assert (first.what, first.done) == ("3 indexes", 50.0)


async def test_a_step_that_nobody_counts_has_its_time_alone(fast: None) -> None:
    """And what it waits for, where the server says so."""
    server = Server([["Blocked by: [neo4j-transaction-7, neo4j-transaction-9]"]])

    first, second, *_ = await watched(server, step(1))

    assert first.blocked_by == ("neo4j-transaction-7", "neo4j-transaction-9")
    assert second.blocked_by == ()
    assert 0 < first.waited < second.waited
    assert (first.share, first.left) == (None, None)
    assert set(server.asked) == {"SHOW TRANS"}


async def test_an_index_that_is_not_there_yet_may_be_blocked(fast: None) -> None:
    server = Server([[0, 0, 0]], [["Blocked by: [neo4j-transaction-7]"]])

    first, *_ = await watched(server, builds("i"))

    assert first.blocked_by == ("neo4j-transaction-7",)
    assert first.share is None


async def test_a_look_that_fails_is_the_last(fast: None) -> None:
    """The step goes on, and its time is told."""
    server = Server(None)

    told = await watched(server, step(1))

    assert len(server.asked) == 1
    assert len(told) > 1


async def test_short_steps_are_not_looked_at(fast: None) -> None:
    """However many there are."""
    server, told = Server(), []
    async with Watch(server, "abc", told.append) as watch:  # type: ignore[arg-type]
        for number in range(1, 20):
            with watch.over(planned(19), step(number)):
                await asyncio.sleep(0.005)

    assert (server.asked, told) == ([], [])


async def test_what_is_seen_too_late_is_not_told(fast: None) -> None:
    """An answer that comes after the step's end is about the past."""
    told: list[Any] = []

    class Slow(Server):
        async def read(self, *args: Any, **more: Any) -> Any:
            await asyncio.sleep(0.05)
            return await super().read(*args, **more)

    async with Watch(Slow(), "abc", told.append) as watch:  # type: ignore[arg-type]
        with watch.over(planned(1), step(1)):
            await asyncio.sleep(0.04)
        await asyncio.sleep(0.1)

    assert told == []


# on real servers


def filled(graph: Any, count: int = MANY) -> None:
    graph.rows(
        "UNWIND range(1, $count) AS i CALL (i) {"
        " CREATE (:P {id: i, text: 'the text of ' + i}) } IN TRANSACTIONS OF 20000 ROWS",
        count=count,
    )


async def told_by(graph: Any, project: Any) -> list[Any]:
    told: list[Any] = []
    async with open_(graph, project, on_event=told.append) as migrator:
        await migrator.up()
    return told


def in_order(told: list[Any]) -> None:
    """Progress is told between the start of a step and its end, about that step."""
    under_way = None
    for event in told:
        if isinstance(event, StepStarted):
            under_way = event.step
        elif isinstance(event, StepFinished):
            under_way = None
        elif isinstance(event, StepProgress):
            assert event.step is under_way


@pytest.mark.server
@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("CREATE FULLTEXT INDEX words FOR (p:P) ON EACH [p.text];", "index words"),
        (
            "CREATE CONSTRAINT one FOR (p:P) REQUIRE (p.text, p.id) IS UNIQUE;",
            "constraint one",
        ),
    ],
)
async def test_the_build_of_an_index(
    graph: Any,
    project: Any,
    statement: str,
    what: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both of its own and of a constraint, on each server: the share only grows."""
    monkeypatch.setattr(module, "_SECOND", 0.1)  # a fast machine builds it in one
    filled(graph)
    project.add(f"{V1}-build.cypher", statement)

    told = await told_by(graph, project)

    in_order(told)
    seen = [e for e in told if isinstance(e, StepProgress) and e.share is not None]
    assert {event.what for event in seen} == {what}
    shares = [event.share for event in seen]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 1


@pytest.mark.server
async def test_a_slow_statement(graph: Any, project: Any) -> None:
    """Nothing is counted: its time is told, once a second."""
    project.add(
        f"{V1}-slow.cypher",
        "UNWIND range(1, 30000000) AS i WITH sum(i % 7) AS n CREATE (:N {n: n});",
    )
    told = await told_by(graph, project)

    in_order(told)
    seen = [e for e in told if isinstance(e, StepProgress)]
    assert seen
    assert all((e.share, e.left, e.blocked_by) == (None, None, ()) for e in seen)
    gaps = [b.waited - a.waited for a, b in itertools.pairwise(seen)]
    assert all(gap > 0.9 for gap in gaps)


@pytest.mark.server
async def test_a_step_that_waits_for_a_lock(graph: Any, project: Any) -> None:
    """The transaction that holds it is named, as SHOW TRANSACTIONS names it."""
    project.add(f"{V1}-index.cypher", "CREATE INDEX i FOR (p:P) ON (p.text);")
    with graph.driver.session() as session:
        tx = session.begin_transaction()
        tx.run("CREATE (:P {text: 'open'})").consume()
        open_ones = graph.rows(
            "SHOW TRANSACTIONS YIELD transactionId, currentQuery"
            " WHERE NOT currentQuery CONTAINS 'SHOW' RETURN transactionId"
        )
        thread = threading.Thread(target=lambda: (time.sleep(3), tx.rollback()))
        thread.start()
        told = await told_by(graph, project)
        thread.join()

    blocked = [e.blocked_by for e in told if isinstance(e, StepProgress)]
    assert blocked[0] == tuple(open_ones[0])
