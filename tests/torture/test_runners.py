"""Eight runners at once on one folder: each migration once, and all say it went well."""

from __future__ import annotations

import random
import time

import pytest

from tests.torture.arena import Arena
from tests.torture.conftest import Figures, Length
from tests.torture.folders import SAFE, data, folder_of, python
from tests.torture.oracle import Oracle

pytestmark = [pytest.mark.server, pytest.mark.torture]

RUNNERS = 8
CONSOLES = 2  # of them by the shell's script


def test_eight_runners_apply_each_migration_once(
    arena: Arena, dice: random.Random, length: Length, figures: Figures
) -> None:
    """All of them end with 0, on a database that none of them has seen before."""
    rounds, size = length.of(1, 10), length.of(20, 100)
    began = time.monotonic()
    worked = []
    for _ in range(rounds):
        kinds = dice.choices((*[data] * 5, python, python, *SAFE), k=size)
        oracle = Oracle(arena.graph, folder_of(kinds, dice))
        arena.holds(oracle.folder)

        started = [
            arena.start("up", "--lock-timeout", "10m", console=number < CONSOLES)
            for number in range(RUNNERS)
        ]
        ended = [one.wait(600) for one in started]

        assert [one.code for one in ended] == [0] * RUNNERS, [e.err for e in ended]
        oracle.check_end("up")
        applied = arena.graph.rows(
            "MATCH (e:_MigrateEvent {what: 'applied'})"
            " RETURN e.version, count(e) ORDER BY e.version"
        )
        assert [[made.version, 1] for made in oracle.folder] == applied
        order = arena.graph.rows(
            "MATCH (r:_MigrateRecord) RETURN r.version ORDER BY r.sequence"
        )
        assert [[made.version] for made in oracle.folder] == order
        worked.append(sum(one.out.startswith("applied") for one in ended))
    seconds = time.monotonic() - began
    figures.tell(
        f"{rounds} rounds of {RUNNERS} runners on {size} migrations in {seconds:.0f}s;"
        f" of the {RUNNERS} did work: {worked}"
    )
