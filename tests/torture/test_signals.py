"""Ctrl-C and SIGTERM at any moment: rolled back, released, one line, and soon."""

from __future__ import annotations

import random
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture import slow
from tests.torture.arena import Arena, until
from tests.torture.conftest import Figures, Length
from tests.torture.folders import SAFE, folder, folder_of
from tests.torture.oracle import Made, Oracle
from tests.torture.processes import Ended, Started

pytestmark = [pytest.mark.server, pytest.mark.torture]

SOON = 3.0  # seconds
SIGNALS = (signal.SIGINT, signal.SIGTERM)
DOWN = ("down", "--down-count", "all")


@pytest.fixture
def number(dice: random.Random) -> int:
    """One of the two signals."""
    return dice.choice(SIGNALS)


def interrupted(started: Started, number: int) -> Ended:
    """Send the signal; the exit code is its own, the last line says where it stands."""
    started.signal(number)
    return in_order(started.wait(60), number)


def in_order(ended: Ended, number: int) -> Ended:
    """Look at how an interrupted process ended."""
    assert ended.code == 128 + number, ended.err
    *_, last = re.split(r"\n(?! )", ended.err.rstrip("\n"))  # it may go on below
    assert last.startswith("interrupted"), ended.err
    assert ended.err.count("interrupted") == 1, ended.err
    assert "Traceback" not in ended.err
    assert ended.seconds < SOON, ended.err
    return ended


def left_in_order(arena: Arena, oracle: Oracle) -> None:
    """Nobody holds the lock, nothing runs, and every record is true."""
    assert arena.owner() is None
    arena.until_built_or_gone()
    oracle.check()


def goes_on(arena: Arena, oracle: Oracle, *command: str) -> None:
    """The next command ends right."""
    ended = arena.run(*command)
    assert ended.code == 0, ended.err
    oracle.check_end(command[0])


def test_interrupted_at_a_random_moment_it_leaves_order(
    arena: Arena, dice: random.Random, length: Length, figures: Figures
) -> None:
    """Through the shell's script, in `up` and in `down`; the next command goes on."""
    tally: Counter[str] = Counter()
    longest = 0.0
    lasts = {"up": 1.0, "down": 1.0}
    while tally["interrupted"] < length.of(3, 50):
        kinds = dice.choices(SAFE, k=3)
        oracle = Oracle(arena.graph, folder_of(kinds, dice))
        arena.holds(oracle.folder)
        for command in (("up",), DOWN) * length.of(1, 2):
            number = dice.choice(SIGNALS)
            started = arena.console(*command)
            until(lambda: started.said or started.code is not None)  # noqa: B023
            began = time.monotonic()
            _let(started, dice.uniform(dice.choice([0, 0.6]), 1.1) * lasts[command[0]])
            lasted = time.monotonic() - began
            started.signal(number)
            ended = started.wait(60)
            if ended.code and not ended.out:  # the result was not printed yet
                longest = max(longest, in_order(ended, number).seconds)
                tally["interrupted"] += 1
                left_in_order(arena, oracle)
            else:
                lasts[command[0]] = lasted
                tally["ended before"] += 1
            goes_on(arena, oracle, *command)
    figures.tell(f"{dict(tally)}; the longest took {longest:.1f}s")


def _let(started: Started, seconds: float) -> None:
    """Let a process work for a time, or until its end if that is sooner."""
    limit = time.monotonic() + seconds
    until(lambda: time.monotonic() > limit or started.code is not None)


@pytest.mark.parametrize(
    ("made", "command", "at"),
    [
        (slow.data(10**9), ("up",), slow.BUSY),
        (slow.data(1, down=10**9), DOWN, slow.BUSY),
        (slow.batches(10**6, rerunnable=True), ("up",), slow.BUSY),
        (slow.constraint(), ("up",), "CREATE CONSTRAINT"),
    ],
    ids=["data", "down", "autocommit", "constraint"],
)
def test_interrupted_while_the_server_works_it_stops_the_server_too(
    arena: Arena,
    number: int,
    figures: Figures,
    made: Made,
    command: tuple[str, ...],
    at: str,
) -> None:
    """The statement is not left running, and nothing of it is left."""
    oracle = Oracle(arena.graph, [made])
    arena.holds(oracle.folder)
    if at == "CREATE CONSTRAINT":
        slow.fill(arena.graph)
    if command == DOWN:
        goes_on(arena, oracle, "up")
    started = arena.console(*command)
    slow.until_at(arena, at)

    ended = interrupted(started, number)

    figures.tell(f"{ended.seconds:.1f}s")
    arena.until_quiet()
    left_in_order(arena, oracle)
    _make_fast(arena, made)
    goes_on(arena, oracle, *command)


def _make_fast(arena: Arena, made: Made) -> None:
    """Edit what did not run yet, so that the next command is not slow as well."""
    path = arena.folder / made.file
    for rows in (10**9, 10**6):
        path.write_text(path.read_text().replace(f"range(1, {rows})", "range(1, 9)"))


def test_interrupted_while_python_sleeps_it_does_not_wait_for_it(
    arena: Arena, number: int
) -> None:
    """`def up(client)` in `time.sleep`: its thread cannot be stopped, the run can."""
    made = slow.sleeping()
    oracle = Oracle(arena.graph, [made])
    arena.holds(oracle.folder)
    started = arena.console("up")
    until((arena.root / "asleep").exists)

    interrupted(started, number)

    left_in_order(arena, oracle)
    (arena.root / "awake").touch()
    goes_on(arena, oracle, "up")


def test_interrupted_while_it_waits_for_the_lock_it_leaves_the_lock_alone(
    lts_arena: Arena, number: int, dice: random.Random
) -> None:
    """Who holds it keeps it."""
    arena = lts_arena
    oracle = Oracle(arena.graph, folder(dice, 2))
    arena.holds(oracle.folder)
    arena.graph.rows(
        "CREATE (:_MigrateProject {project: 'default', owner: 'a@b/1/c', token: 7,"
        " format: 1, acquired_at: datetime.realtime(),"
        " expires_at: datetime.realtime() + duration('PT1H')})"
    )
    started = arena.console("up")
    until(lambda: "lock held by" in started.said or started.code is not None)

    ended = interrupted(started, number)

    assert ended.err.endswith("interrupted: nothing was changed\n")
    assert arena.owner() == "a@b/1/c"
    assert arena.graph.one("MATCH (l:_MigrateProject) RETURN l.token") == 7
    assert oracle.positions() == {}


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a port that accepts, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"bolt://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("number", SIGNALS)
def test_interrupted_before_the_first_answer_it_says_that_nothing_was_changed(
    lts_arena: Arena, silent: str, number: int
) -> None:
    """A server that does not answer is not waited for."""
    with lts_arena.config.open("a") as config:
        config.write('connect_timeout = "30s"\n')
    started = lts_arena.console("up", "--uri", silent)
    until(lambda: _connects(started.pid))

    ended = interrupted(started, number)

    assert ended.err == "interrupted: nothing was changed\n"


def _connects(pid: int) -> bool:
    """Whether a process has a socket open."""
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except FileNotFoundError:
            continue
    return sum(name.startswith("socket:") for name in found) > 2  # two wake the loop


@pytest.mark.parametrize("number", SIGNALS)
def test_interrupted_while_it_starts_it_ends_without_a_traceback_of_ours(
    lts_arena: Arena, dice: random.Random, length: Length, number: int
) -> None:
    """Before `main` is ours Python ends it in its own words; from then on we do."""
    arena = lts_arena
    oracle = Oracle(arena.graph, folder_of(SAFE[:1], dice))
    arena.holds(oracle.folder)
    codes: Counter[int] = Counter()
    for _ in range(length.of(3, 20)):
        started = arena.console("up")
        time.sleep(dice.uniform(0, 0.6))
        started.signal(number)
        ended = started.wait(30)
        assert "sys.exit(main())" not in ended.err, ended.err
        codes[ended.code] += 1
    assert codes.keys() <= {-number, 128 + number, 0}, codes
    assert arena.owner() is None
    oracle.check()
