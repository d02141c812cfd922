"""How long a sandbox takes: download and first start, second start, stop.

    python tests/benchmarks/bench_sandbox.py [--rounds 3] [--server lts] [--cold]

By hand; for figures that can be compared, with two free cores. A second start is timed
from a stopped sandbox to the answer of its first query, by the plain driver, in a
process that has just begun, as a command's. On a busy machine the processor's seconds
are the fair number: a start keeps about one and a half cores busy. ``--cold`` begins with an empty cache and
downloads all jars.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# Limits for two free cores (handbook: performance, P16).
LIMITS = {"cold": 45.0, "start": 5.0, "stop": 2.0}

ROUND = """\
import json, sys, time

began = time.perf_counter()
from pathlib import Path

import neo4j
import psutil

from neo4j_migrate_magic.sandbox import Sandbox

sandbox = Sandbox(Path(sys.argv[1]), version=sys.argv[2])
state = sandbox.start()
started = time.perf_counter()
with neo4j.GraphDatabase.driver(state.uri, auth=None) as driver:
    driver.execute_query("RETURN 1")
asked = time.perf_counter()
used = psutil.Process(state.pid).cpu_times()
before = time.perf_counter()
sandbox.stop()
stopped = time.perf_counter()
print(json.dumps({
    "bolt": started - began,
    "start": asked - began,
    "cpu": used.user + used.system,
    "stop": stopped - before,
}))
"""


def measured(home: Path, version: str, cache: str | None) -> dict[str, float]:
    """Start, ask, stop, in a process of its own; give the seconds."""
    environ = {**os.environ, **({"NEO4J_MIGRATE_CACHE": cache} if cache else {})}
    done = subprocess.run(
        [sys.executable, "-c", ROUND, str(home), version],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


def show(what: str, seconds: list[float], limit: float | None = None) -> None:
    values = "  ".join(f"{value:5.2f}" for value in seconds)
    middle = statistics.median(seconds)
    verdict = "" if limit is None else f"   limit {limit:.0f} s"
    print(f"{what:34} {values}   median {middle:5.2f} s{verdict}")  # noqa: T201


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--server", default="lts")
    options.add_argument("--cold", action="store_true")
    chosen = options.parse_args()
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"Neo4j {chosen.server}; {os.cpu_count()} cores, load before {load}")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        cache = str(Path(folder) / "cache") if chosen.cold else None
        first = measured(Path(folder) / "home", chosen.server, cache)
        if chosen.cold:
            show("download + first start to query", [first["start"]], LIMITS["cold"])
        rounds = [
            measured(Path(folder) / "home", chosen.server, cache)
            for _ in range(chosen.rounds)
        ]
    show("second start to Bolt", [one["bolt"] for one in rounds])
    show("second start to first query", [r["start"] for r in rounds], LIMITS["start"])
    show("  of which the server computes", [one["cpu"] for one in rounds])
    show("stop", [one["stop"] for one in rounds], LIMITS["stop"])
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"load after {load}")  # noqa: T201


if __name__ == "__main__":
    main()
