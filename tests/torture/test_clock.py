"""A client whose clock is a day off: nothing changes, all times are the server's."""

from __future__ import annotations

import random
import time

import pytest

from tests.torture.arena import Arena, until
from tests.torture.child import Tricks
from tests.torture.conftest import by_seed
from tests.torture.folders import folder
from tests.torture.oracle import Oracle

pytestmark = [pytest.mark.server, pytest.mark.torture]

DAY = 86_400.0
SHIFTS = {"behind": -DAY, "ahead": DAY}
CLOCKS = pytest.mark.parametrize(
    "clock", [pytest.param(SHIFTS[name], id=name) for name in by_seed(SHIFTS)]
)

_FAR_OFF = """
MATCH (n) WHERE any(label IN labels(n) WHERE label STARTS WITH '_Migrate')
UNWIND [n.at, n.applied_at, n.acquired_at, n.expires_at] AS moment
WITH moment WHERE moment IS NOT NULL
  AND abs(moment.epochSeconds - datetime.realtime().epochSeconds) > 300
RETURN moment
"""


@CLOCKS
def test_a_run_writes_the_server_s_time(
    lts_arena: Arena, dice: random.Random, clock: float
) -> None:
    """`up`, `status` and `down` do what they do, and no stored time is far off."""
    arena, tricks = lts_arena, Tricks(clock=clock)
    oracle = Oracle(arena.graph, folder(dice, 3))
    arena.holds(oracle.folder)

    up = arena.start("up", tricks=tricks).wait()

    assert up.code == 0, up.err
    oracle.check_end("up")
    assert arena.graph.rows(_FAR_OFF) == []
    shown = arena.run("status").out
    assert shown == arena.start("status", tricks=tricks).wait().out

    down = arena.start("down", "--down-count", "all", tricks=tricks).wait()

    assert down.code == 0, down.err
    oracle.check_end("down")
    assert arena.graph.rows(_FAR_OFF) == []


@CLOCKS
def test_a_lease_ends_by_the_server_s_clock(
    lts_arena: Arena, dice: random.Random, clock: float
) -> None:
    """A lock that holds is waited for, however late we believe it is; then taken."""
    arena, tricks = lts_arena, Tricks(clock=clock)
    oracle = Oracle(arena.graph, folder(dice, 1))
    arena.holds(oracle.folder)
    arena.graph.rows(
        "CREATE (:_MigrateProject {project: 'default', owner: 'a@b/1/c', token: 7,"
        " format: 1, acquired_at: datetime.realtime(),"
        " expires_at: datetime.realtime() + duration('PT3S')})"
    )
    began = time.monotonic()
    started = arena.start("up", tricks=tricks)
    until(lambda: "lock held by a@b" in started.said)
    assert arena.owner() == "a@b/1/c"

    ended = started.wait()

    assert ended.code == 0, ended.err
    assert time.monotonic() - began > 2
    assert arena.events("taken over") == 1
    oracle.check_end("up")
    refused = _held(arena, tricks)
    assert (refused.code, refused.error) == (9, "LOCK.HELD")


def _held(arena: Arena, tricks: Tricks):  # type: ignore[no-untyped-def]
    """Give up, after a second, on a lock that holds for an hour."""
    arena.graph.rows(
        "MATCH (l:_MigrateProject) SET l.owner = 'a@b/1/c',"
        " l.expires_at = datetime.realtime() + duration('PT1H')"
    )
    down = ("down", "--lock-timeout", "1s")
    return arena.start(*down, tricks=tricks).wait(20)


@CLOCKS
def test_a_run_that_is_a_day_off_keeps_its_lock(
    lts_arena: Arena, dice: random.Random, clock: float
) -> None:
    """Its heartbeat counts seconds, not hours: the lease is longer after a while."""
    arena = lts_arena
    arena.holds([])
    (arena.folder / "20260101000000-sleeps.py").write_text(
        "import time\n\n\ndef up(client):\n    time.sleep(3)\n"
    )
    started = arena.start("up", tricks=Tricks(clock=clock, lease=2))
    until(arena.owner)
    first = arena.owner()

    other = arena.run("up")

    assert other.code == 0, other.err
    assert started.wait().code == 0
    assert first
    assert arena.events("taken over") == 0
    assert arena.events("applied") == 1
