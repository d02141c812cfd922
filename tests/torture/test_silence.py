"""Nobody says goodbye: the network is gone, and neither side is told."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Graph
from tests.torture import claims, slow
from tests.torture.arena import until
from tests.torture.claims import Said
from tests.torture.conftest import LONG
from tests.torture.folders import data, python
from tests.torture.oracle import Made, Oracle
from tests.torture.patience import shorten, watchful
from tests.torture.proxy import Action, Message, Proxy

pytestmark = [
    pytest.mark.server,
    pytest.mark.torture,
    # a heartbeat that is ended while it connects leaves the driver's socket to Python
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    ),
]

LEASE = 4.5
BOUND = 40.0  # seconds; the driver alone would wait for two minutes


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch, lease=LEASE)


@dataclass
class Cable:
    """A project, and the cable to its server."""

    config: Path
    graph: Any
    proxy: Proxy
    oracle: Oracle

    def run(self) -> Said:
        """Run `up` over the cable."""
        said = claims.run("up", self.proxy.uri, self.config)
        assert said.seconds < BOUND
        return said

    def end(self) -> None:
        """Run `up` beside the cable once the lease is over; it comes to its end."""
        held = "MATCH (l:_MigrateProject) WHERE l.expires_at > datetime.realtime()"
        until(lambda: not self.graph.rows(f"{held} RETURN 1"))
        with ThreadPoolExecutor(1) as pool:
            up = pool.submit(claims.run, "up", self.graph.uri, self.config)
            try:
                said = up.result(BOUND)
            finally:
                self.proxy.hang_up()
        assert said.error is None, str(said)
        self.oracle.check_end("up")

    def at_work(self, part: str) -> bool:
        """Whether a statement of the user's is at work."""
        return bool(
            self.graph.rows(
                "SHOW TRANSACTIONS YIELD currentQuery, metaData"
                " WHERE metaData.tool IS NOT NULL AND currentQuery CONTAINS $part"
                " RETURN 1",
                part=part,
            )
        )


@pytest.fixture
def cable(lts_graph: Any, project: Any, dice: random.Random) -> Iterator[Cable]:
    """A cable to a server as it comes."""
    yield from _cable(lts_graph, project, dice, rows=30_000_000)


@pytest.fixture(scope="module")
def watchful_graph() -> Iterator[Graph]:
    with watchful("5.26") as graph:
        yield graph


@pytest.fixture
def short_cable(
    watchful_graph: Graph, project: Any, dice: random.Random
) -> Iterator[Cable]:
    """A cable whose silence the driver notices within seconds."""
    watchful_graph.wipe()
    yield from _cable(watchful_graph, project, dice, rows=10)


def _cable(
    graph: Any, project: Any, dice: random.Random, *, rows: int
) -> Iterator[Cable]:
    folder: list[Made] = [
        data("20260101000000", dice),
        slow.data(rows),
        python("20260301000000", dice),
    ]
    for made in folder:
        project.add(made.file, made.text)
    # the nodes that `up` writes exist: whoever has them locked is in its way
    names = [f"{made.version}/a" for made in folder]
    graph.rows("UNWIND $names AS of CREATE (:Count {of: of, n: 0})", names=names)
    with Proxy(int(graph.uri.rsplit(":", 1)[1])) as proxy:
        yield Cable(project.config, graph, proxy, Oracle(graph, folder))


def nth_commit(nth: int, *, answer: bool = False) -> Callable[[Message], bool]:
    """Whether a message is the nth COMMIT of a run, or the answer to it."""
    met = 0

    def wanted(message: Message) -> bool:
        nonlocal met
        met += (message.answers if answer else message.name) == "COMMIT"
        return met == nth

    return wanted


def test_unplugged_under_a_statement_a_run_ends_soon_after_its_lease(
    cable: Cable,
) -> None:
    """It cannot know what became of its work, and holds nothing any more.

    The server still keeps the transaction of a client that it believes is there; the
    next `up` is not stopped by what that one has locked.
    """
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(cable.run)
        until(lambda: cable.at_work(slow.BUSY))
        time.sleep(LEASE / 2)  # the heartbeat has its own line now
        cable.proxy.unplug()
        said = running.result(BOUND)

    assert said.error is not None
    assert said.error.code == "UP.LOST_LOCK"
    assert said.seconds < LEASE * 3 + 10
    claims.check(said, cable.oracle)
    cable.end()


@pytest.mark.parametrize("nth", [4, 5, 6] if LONG else [4])
def test_unplugged_at_a_commit_a_run_that_cannot_look_says_so(
    short_cable: Cable, nth: int
) -> None:
    """Kept as a whole or not at all; the next `up` looks, also while the line hangs."""
    short_cable.proxy.arm_for(Action.UNPLUG, nth_commit(nth))
    said = short_cable.run()
    assert said.error is not None
    claims.check(said, short_cable.oracle)
    short_cable.end()


def test_a_commit_that_takes_long_is_waited_for_as_the_lock_is(
    short_cable: Cable,
) -> None:
    """Whoever commits has the lock's node locked; that is no error of the others."""
    cable = short_cable
    assert claims.run("up", cable.graph.uri, cable.config).error is None
    cable.graph.rows("MATCH (n) WHERE n:_MigrateRecord OR n:Mark DELETE n")
    cable.graph.rows("MATCH (c:Count) SET c.n = 0")
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with cable.graph.driver.session() as session, session.begin_transaction() as tx:
            tx.run("MATCH (l:_MigrateProject) SET l._touch = 'x'").consume()
            held.set()
            free.wait(BOUND)

    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        held.wait(BOUND)
        running = pool.submit(claims.run, "up", cable.graph.uri, cable.config, 30.0)
        time.sleep(LEASE + 2)
        free.set()
        said = running.result(60)
        holding.result()

    assert said.error is None, str(said)
    cable.oracle.check_end("up")


def test_a_commit_that_takes_longer_than_the_lease_is_no_loss(
    short_cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run itself has the lock's node locked: nobody can have taken it over.

    A beat hears of it from the server, whose limits take their time to be noticed.
    """
    shorten(monkeypatch, lease=LEASE * 1.5)
    short_cable.proxy.delay = LEASE * 2
    short_cable.proxy.arm_for(Action.DELAY, nth_commit(4))
    said = short_cable.run()

    assert said.error is None, str(said)
    short_cable.oracle.check_end("up")


def test_an_answer_that_takes_longer_than_the_lease_is_waited_for(
    short_cable: Cable,
) -> None:
    """Committed, and nobody has told us yet: the lease is kept on another line."""
    short_cable.proxy.delay = LEASE * 2
    short_cable.proxy.arm_for(Action.DELAY, nth_commit(4, answer=True))
    said = short_cable.run()

    claims.check(said, short_cable.oracle)
    short_cable.oracle.check()
    short_cable.end()
