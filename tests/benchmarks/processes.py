"""Run processes and take their times: wall, and the processor's of them and their children."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """The seconds that a process took."""

    wall: float
    cpu: float


def cost(
    args: Sequence[str],
    *,
    cwd: str | None = None,
    environ: Mapping[str, str] | None = None,
    code: int = 0,
) -> Cost:
    """Run a process to its end, which must have this exit code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        args, cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == code, done.stderr
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, used)


def least(runs: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    """Run each in turn, round by round, and give the least of each."""
    found: dict[str, list[Cost]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(run())
    return {
        name: Cost(min(c.wall for c in costs), min(c.cpu for c in costs))
        for name, costs in found.items()
    }


def verdict(goal: str, value: float, limit: float, unit: str = "s") -> None:
    """Print a goal, its figure, and whether it is met."""
    met = "met" if value <= limit else "MISSED"
    print(f"{goal:58} {value:6.3f} {unit}   goal {limit:.2f} {unit}   {met}")  # noqa: T201


def load() -> str:
    """Say how busy the machine is."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


TOOL = (sys.executable, "-m", "neo4j_migrate_magic")
