"""SIGKILL of the runner at a random moment; the next command ends right."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.torture.arena import Arena
from tests.torture.child import Tricks
from tests.torture.conftest import Figures, Length
from tests.torture.folders import folder
from tests.torture.oracle import Made, Oracle
from tests.torture.processes import Ended

pytestmark = [pytest.mark.server, pytest.mark.torture]

_START = 0.3  # seconds that the shell's script needs before it does anything
_CONSOLE = 0.15  # share of the kills through it
_AGAIN = 0.2  # share of the kills after which the next command is killed too
_COMMANDS = {"up": ("up",), "down": ("down", "--down-count", "all")}


@dataclass
class Killer:
    """Kills runs of a folder at random moments, and counts."""

    arena: Arena
    dice: random.Random
    tricks: Tricks = field(default_factory=Tricks)
    """Played on those that are killed."""
    oracle: Oracle = field(init=False)
    tally: Counter[str] = field(default_factory=Counter)
    lasts: dict[str, float] = field(default_factory=dict)
    """How long each verb was seen to last."""

    def takes(self, folder: list[Made]) -> None:
        """Work on another folder; the first one shows how long a run lasts."""
        self.oracle = Oracle(self.arena.graph, folder)
        self.arena.holds(folder)
        if not self.lasts:
            for verb in ("up", "down"):
                self.whole(verb)

    def whole(self, verb: str) -> None:
        """Run without a kill, to learn how long it lasts."""
        ended = self.arena.run(*_COMMANDS[verb])
        assert ended.code == 0, ended.err
        self.lasts[verb] = ended.seconds
        self.oracle.check_end(verb)

    def kill(self, verb: str) -> Ended:
        """Start a run and kill it at a random moment of the time it lasts."""
        console = self.dice.random() < _CONSOLE
        moment = self.dice.uniform(0, self.lasts[verb])
        console = console and self.tricks == Tricks()
        started = self.arena.start(
            *_COMMANDS[verb], console=console, tricks=self.tricks
        )
        time.sleep(moment + (_START if console else 0))
        started.signal(signal.SIGKILL)
        ended = started.wait()
        self.tally["killed" if ended.killed else "ended before"] += 1
        if not ended.killed and not console:  # a server gets faster as it warms up
            self.lasts[verb] = min(self.lasts[verb], 1.1 * ended.seconds)
        if console and ended.killed:
            self.tally["of them by the script"] += 1
        return ended

    def look(self) -> None:
        """Look, by chance, whether the dead run's records are true."""
        if self.dice.random() < 0.5:
            self.arena.until_quiet()
            self.oracle.check()

    def left_something(self) -> bool:
        """Whether the dead run holds the lock, and there is something left to do."""
        positions = self.oracle.positions()
        whole = all(p.applied for p in positions.values())
        complete = whole and len(positions) == len(self.oracle.folder)
        return bool(self.arena.owner()) and not complete

    def to_the_end(self, verb: str) -> None:
        """Run the next command unattended; answer what it asks, as a person would."""
        questions = 0
        while (ended := self.arena.run(*_COMMANDS[verb])).code != 0:
            assert ended.error == f"{verb.upper()}.NOT_RERUNNABLE", ended.err
            assert ended.code in (2, 8)
            questions += 1
            assert questions == 1, "one step was cut, so one question may be asked"
            self.answer()
        self.tally["asked"] += questions
        self.oracle.check_end(verb)

    def answer(self) -> None:
        """Count what an autocommit step left, and say so."""
        self.arena.until_quiet()
        self.oracle.check()
        made, step, part = self.oracle.in_doubt()
        mark = self.oracle.mark(part, mend=self.dice.random() < 0.5)
        said = self.arena.run(
            "repair", made.version, "--step", str(step), "--mark", mark
        )
        assert said.code == 0, said.err


def test_killed_at_a_random_moment_the_next_command_ends_right(
    each_arena: Arena, dice: random.Random, length: Length, figures: Figures
) -> None:
    """Each effect exactly once, each record true, in `up` and in `down`.

    An autocommit step that is not marked is never run a second time: it is asked for.
    """
    arena = each_arena
    killer = Killer(arena, dice)
    began = time.monotonic()
    while killer.tally["killed"] < length.of(9, 220):
        killer.takes(folder(dice, length.of(3, 5)))
        for verb in ("up", "down") * 2:
            while True:
                ended = killer.kill(verb)
                killer.look()
                arena.let_the_lease_end()
                if not ended.killed or dice.random() > _AGAIN:
                    break
            killer.to_the_end(verb)
    lasts = {verb: f"{seconds:.1f}s" for verb, seconds in killer.lasts.items()}
    seconds = time.monotonic() - began
    figures.tell(f"{dict(killer.tally)} in {seconds:.0f}s; a run lasts {lasts}")


def test_a_dead_owner_s_lease_is_waited_out(
    lts_arena: Arena, dice: random.Random, length: Length, figures: Figures
) -> None:
    """Nobody has to unlock: the next run waits, and takes over.

    The long form waits as long as users do.
    """
    arena = lts_arena
    waits = []
    for _ in range(length.of(1, 2)):
        killer = Killer(arena, dice, Tricks(lease=length.of(4, 0)))
        killer.takes(folder(dice, 3))
        while not (killer.kill("up").killed and arena.owner()):
            killer.to_the_end("up")
            killer.whole("down")
        began = time.monotonic()
        killer.to_the_end("up")
        waits.append(time.monotonic() - began)
        assert arena.events("taken over") == 1
    figures.tell(f"waited {', '.join(f'{seconds:.0f}s' for seconds in waits)}")
