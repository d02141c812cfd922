"""A runner stopped past its lease, and continued after another one took over."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter

import pytest

from tests.torture import slow
from tests.torture.arena import Arena, until
from tests.torture.child import Tricks
from tests.torture.conftest import Figures, Length
from tests.torture.folders import folder
from tests.torture.oracle import Made, Oracle
from tests.torture.processes import Ended, Started

pytestmark = [pytest.mark.server, pytest.mark.torture]

LEASE = 2
_LOCKED = 7  # boundaries before it are of the tool's own constraints, made once


def take_over(arena: Arena, oracle: Oracle, verb: str, *args: str) -> int:
    """Run the same from another process to its end; the number of questions asked."""
    asked = 0
    while (ended := arena.run(verb, *args)).code != 0:
        assert ended.error == f"{verb.upper()}.NOT_RERUNNABLE", ended.err
        asked += 1
        assert asked == 1
        arena.end_what_is_open()
        oracle.check()
        made, step, part = oracle.in_doubt()
        mark = oracle.mark(part, mend=True)
        said = arena.run("repair", made.version, "--step", str(step), "--mark", mark)
        assert said.code == 0, said.err
    oracle.check_end(verb)
    return asked


def goes_on(started: Started) -> Ended:
    """Continue a stopped process, and see it end."""
    started.signal(signal.SIGCONT)
    return started.wait(30)


def says_so(ended: Ended, verb: str) -> None:
    """It says that it was taken over, and how much of its run was kept."""
    assert ended.error == f"{verb.upper()}.LOST_LOCK", ended.err
    assert ended.code in (2, 8)


def test_stopped_at_any_boundary_it_commits_no_data_more(
    arena: Arena, dice: random.Random, length: Length, figures: Figures
) -> None:
    """Before and after each statement and COMMIT; the other one ends the run right."""
    tally: Counter[str] = Counter()
    began = time.monotonic()
    while tally["stopped"] < length.of(3, 30):
        oracle = Oracle(arena.graph, folder(dice, 3))
        arena.holds(oracle.folder)
        boundary = dice.randrange(_LOCKED, 45)
        print(f"stops at boundary {boundary}: {[m.file for m in oracle.folder]}")  # noqa: T201
        started = arena.forked("up", tricks=Tricks(lease=LEASE, stop_at=boundary))
        until(lambda: started.code is not None or started.stopped)  # noqa: B023
        if started.code is not None:
            continue
        if arena.builds():  # whoever comes waits for it, as the test below says
            assert goes_on(started).code == 0
            oracle.check_end("up")
            tally["let go on"] += 1
            continue
        tally["stopped"] += 1
        applied = [p.applied for p in oracle.positions().values()]
        complete = all(applied) and len(applied) == len(oracle.folder)
        if complete:  # nobody has anything to do, nor a lock to wait for
            arena.let_the_lease_end()

        tally["asked"] += take_over(arena, oracle, "up")
        ended = goes_on(started)

        oracle.check_end("up")
        if ended.code:
            says_so(ended, "up")
            tally["said so"] += 1
        else:  # its last COMMIT was done, or it had not begun and found nothing to do
            assert complete or ended.out.startswith("up to date"), ended
            tally["had nothing to do"] += 1
    figures.tell(f"{dict(tally)} in {time.monotonic() - began:.0f}s")


@pytest.mark.parametrize("contended", [False, True])
def test_stopped_inside_a_data_step_it_commits_nothing(
    lts_arena: Arena, contended: bool
) -> None:
    """Also when the other one needs a node that the stopped one has changed."""
    arena = lts_arena
    oracle = Oracle(arena.graph, [slow.data(10_000_000)])
    arena.holds(oracle.folder)
    if contended:
        arena.graph.rows("CREATE (:Count {of: $of, n: 0})", of=slow.COUNT)
    started = _stopped(arena, slow.BUSY)

    take_over(arena, oracle, "up")

    says_so(goes_on(started), "up")
    oracle.check_end("up")


def test_stopped_while_a_constraint_is_built_the_other_one_waits_for_it(
    lts_arena: Arena, dice: random.Random
) -> None:
    """Its transaction keeps the schema locked until it goes on, or its process ends."""
    arena, then = lts_arena, dice.choice((signal.SIGCONT, signal.SIGKILL))
    oracle = Oracle(arena.graph, [slow.constraint()])
    arena.holds(oracle.folder)
    slow.fill(arena.graph)
    started = _stopped(arena, "CREATE CONSTRAINT")

    other = arena.forked("up")
    time.sleep(LEASE + 1)
    waited = other.code is None
    started.signal(then)

    assert started.wait(60).code == (0 if then == signal.SIGCONT else -then)
    ended = other.wait(60)
    assert ended.code == 0, ended.err
    assert waited
    oracle.check_end("up")


@pytest.mark.parametrize("rerunnable", [True, False])
def test_stopped_inside_an_autocommit_step_it_is_not_run_again_silently(
    lts_arena: Arena, rerunnable: bool
) -> None:
    """One that is marked runs once more; one that is not is asked for."""
    arena = lts_arena
    oracle = Oracle(arena.graph, [_batches(rerunnable)])
    arena.holds(oracle.folder)
    started = _stopped(arena, slow.BUSY)
    arena.until_quiet()

    asked = take_over(arena, oracle, "up")

    assert asked == (0 if rerunnable else 1)
    says_so(goes_on(started), "up")
    oracle.check_end("up")


def _batches(rerunnable: bool) -> Made:
    return slow.batches(1_000_000, rerunnable=rerunnable)


def _stopped(arena: Arena, text: str) -> Started:
    """Start an `up` and stop it while the server is at a statement of it."""
    started = arena.forked("up", tricks=Tricks(lease=LEASE))
    slow.until_at(arena, text)
    started.signal(signal.SIGSTOP)
    until(lambda: started.stopped)
    return started
