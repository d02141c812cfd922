"""How long the torture lasts, its dice, its figures, and the place where it happens."""

from __future__ import annotations

import os
import random
import secrets
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import VERSIONS, Graph, Servers, empty_graph
from tests.torture.arena import Arena
from tests.torture.processes import processes

LONG = os.environ.get("NEO4J_MIGRATE_TORTURE", "short") == "long"
SEED = int(os.environ.get("NEO4J_MIGRATE_TORTURE_SEED") or secrets.randbelow(10**6))


def by_seed(choices: Iterable[str]) -> list[str]:
    """All of them in the long form; in the short one either, by the seed."""
    found = list(choices)
    return found if LONG else [found[SEED % len(found)]]


SERVERS = by_seed(VERSIONS)

_figures = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Length:
    """The short form, or the long one."""

    long: bool

    def of(self, short: int, long: int) -> int:
        """How many of something this form has."""
        return long if self.long else short


@pytest.fixture(scope="session")
def length() -> Length:
    """Which form is run: the long one by ``NEO4J_MIGRATE_TORTURE=long``."""
    return Length(LONG)


@pytest.fixture(scope="session", autouse=True)
def not_ignored() -> Iterator[None]:
    """Children hear Ctrl-C, also where the shell ignores it for what is in background."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Chance of this test alone; ``NEO4J_MIGRATE_TORTURE_SEED`` brings it back."""
    print(f"NEO4J_MIGRATE_TORTURE_SEED={SEED}")  # noqa: T201 (shown when it fails)
    return random.Random(f"{SEED} {request.node.nodeid}")  # noqa: S311


@dataclass(frozen=True)
class Figures:
    """What a test measured, for the end of the run."""

    test: str
    lines: list[str]

    def tell(self, text: str) -> None:
        self.lines.append(f"{self.test}: {text}")


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where a test tells what it measured."""
    lines = request.config.stash.setdefault(_figures, [])
    return Figures(request.node.name, lines)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    lines = config.stash.get(_figures, [])
    if lines:
        terminalreporter.section(f"torture, NEO4J_MIGRATE_TORTURE_SEED={SEED}")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(params=list(VERSIONS))
def each_arena(
    request: pytest.FixtureRequest, servers: Servers, tmp_path: Path
) -> Iterator[Arena]:
    """A project on each server in turn, and a way to start processes in it."""
    for graph in empty_graph(servers[request.param]):
        yield from _arena(graph, tmp_path)


@pytest.fixture(params=SERVERS)
def arena(
    request: pytest.FixtureRequest, servers: Servers, tmp_path: Path
) -> Iterator[Arena]:
    """The same, in the short form on one of the servers."""
    for graph in empty_graph(servers[request.param]):
        yield from _arena(graph, tmp_path)


@pytest.fixture
def lts_arena(lts_graph: Any, tmp_path: Path) -> Iterator[Arena]:
    """A project on the LTS server."""
    yield from _arena(lts_graph, tmp_path)


def _arena(graph: Graph, tmp_path: Path) -> Iterator[Arena]:
    root, logs = tmp_path / "project", tmp_path / "logs"
    root.mkdir()
    logs.mkdir()
    with processes(root, logs) as starts:
        yield Arena(root, graph, starts)
