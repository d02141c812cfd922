"""What the command line costs before it does anything; run by hand.

    python -m tests.benchmarks.bench_cli [--rounds 5] [--uri URI]

The goals are P1, P3 and P15 of the handbook. The floor of `status` is a process that
imports the driver, connects and asks `RETURN 1`, run in turn with it. Without ``--uri``
a sandbox is started, and a second one that asks for a password. Figures are the least
of all rounds; on a busy machine the ratios are the fair ones.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import neo4j

from neo4j_migrate_magic.sandbox import Sandbox
from tests.benchmarks.processes import TOOL, Cost, cost, least, load, verdict

FLOOR = """\
import sys
import neo4j
with neo4j.GraphDatabase.driver(sys.argv[1], auth=None) as driver:
    driver.execute_query("RETURN 1")
"""
GUARDED = {
    "dbms.security.auth_enabled": "true",
    "dbms.security.auth_max_failed_attempts": "0",
}


def project(root: str) -> str:
    """A folder with a configuration and three files."""
    folder = Path(root) / "project"
    (folder / "migrations").mkdir(parents=True)
    (folder / "neo4j-migrate.toml").write_text('migration_dir = "migrations"\n')
    for day in (1, 2, 3):
        file = folder / "migrations" / f"2026010{day}000000-n{day}.cypher"
        file.write_text(f"CREATE (:N{day});\n")
    return str(folder)


def completing(line: str) -> dict[str, str]:
    return {
        **os.environ,
        "_NEO4J_MIGRATE_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
    }


def starts(folder: str, rounds: int) -> None:
    """P1: help, version, completion; beside them what cannot be helped."""
    verbs, versions = completing("neo4j-migrate u"), completing("neo4j-migrate show 2")
    found = least(
        {
            "python -c pass": lambda: cost([sys.executable, "-c", "pass"]),
            "import click": lambda: cost([sys.executable, "-c", "import click"]),
            "--help": lambda: cost([*TOOL, "--help"]),
            "--version": lambda: cost([*TOOL, "--version"]),
            "completion of a verb": lambda: cost(TOOL, cwd=folder, environ=verbs),
            "completion of a version": lambda: cost(TOOL, cwd=folder, environ=versions),
        },
        rounds,
    )
    for name, (_, cpu) in found.items():
        verdict(f"P1 {name}, CPU", cpu, 0.12)


def reads(folder: str, uri: str, rounds: int) -> None:
    """P3: `status` on an empty database against the floor, wall and CPU."""
    found = least(
        {
            "floor": lambda: cost([sys.executable, "-c", FLOOR, uri]),
            "status": lambda: cost([*TOOL, "status", "--uri", uri], cwd=folder),
        },
        rounds,
    )
    floor, status = found["floor"], found["status"]
    print(f"floor: {floor.wall:.3f} s wall, {floor.cpu:.3f} s CPU")  # noqa: T201
    verdict("P3 status on an empty database, wall", status.wall / floor.wall, 1.25, "x")
    verdict("P3 status on an empty database, CPU", status.cpu / floor.cpu, 1.25, "x")


def refusals(folder: str, rounds: int, guarded: str | None, floor: Cost) -> None:
    """P15: how soon one hears that nobody is there, or that the password is wrong."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        targets = {
            "nobody listens": "bolt://127.0.0.1:1",
            "somebody listens and is silent": f"bolt://127.0.0.1:{port}",
            "no such host": "bolt://nowhere.invalid:7687",
        }
        for name, uri in targets.items():
            took = _refused(folder, uri, os.environ, rounds)
            verdict(f"P15 {name}: verdict", took.wall, 3.0)
    if guarded is not None:
        environ = {**os.environ, "NEO4J_PASSWORD": "not-the-password"}
        took = _refused(folder, guarded, environ, rounds)
        verdict("P15 wrong password, beyond the floor", took.wall - floor.wall, 2.0)


def _refused(folder: str, uri: str, environ: Mapping[str, str], rounds: int) -> Cost:
    args = [*TOOL, "status", "--uri", uri]
    one = {"": lambda: cost(args, cwd=folder, environ=environ, code=10)}
    return least(one, rounds)[""]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--uri")
    chosen = options.parse_args()
    print(f"neo4j {neo4j.__version__}, load before {load()}")  # noqa: T201
    with ExitStack() as stack:
        folder = project(stack.enter_context(tempfile.TemporaryDirectory()))
        starts(folder, chosen.rounds)
        uri, guarded = chosen.uri, None
        if uri is None:
            uri = stack.enter_context(Sandbox())
            guarded = stack.enter_context(Sandbox(settings=GUARDED))
        reads(folder, uri, chosen.rounds)
        floor = cost([sys.executable, "-c", FLOOR, uri])
        refusals(folder, min(chosen.rounds, 3), guarded, floor)
    print(f"load after {load()}")  # noqa: T201


if __name__ == "__main__":
    main()
