"""Progress: one line that changes on a terminal, few plain ones elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import pytest

from neo4j_migrate_magic.cli import progress as module
from neo4j_migrate_magic.cli.progress import Progress
from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.model import (
    LockWaiting,
    MigrationFinished,
    MigrationStarted,
    RunStarted,
    SandboxProgress,
    StepFinished,
    StepProgress,
    StepStarted,
)
from tests.cli.conftest import Run, Script
from tests.cli.scenes import Console, two_steps
from tests.render.values import LOCK, done, plan, planned, step

STARTED = StepStarted(planned(), step(1))
FINISHED = StepFinished(planned(), step(1), 400, {"nodes_created": 3})


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is 50 ms, ten are 200."""
    monkeypatch.setattr(module, "_FRAME", 0.05)
    monkeypatch.setattr(module, "_PAUSE", 0.2)


Watch = Callable[[dict[str, str]], tuple[Progress, Console]]

PLAIN = [{"CI": "true"}, {"TERM": "dumb"}]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Make a terminal stderr, and give a progress that writes to it."""
    made: list[Progress] = []

    def begin(environ: dict[str, str]) -> tuple[Progress, Console]:
        err = Console("utf-8")
        monkeypatch.setattr(sys, "stderr", err)  # pytest's own is new in each phase
        made.append(Progress(Terminal(environ)))
        return made[-1], err

    yield begin
    for progress in made:
        progress.rest()


def test_a_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a wait is one line; the next plain line takes its place."""
    err = Console("utf-8")
    monkeypatch.setattr(sys, "stderr", err)
    progress = Progress(Terminal({}))

    progress(SandboxProgress("starting Neo4j"))
    progress(LockWaiting(LOCK, 1, 2))
    progress(RunStarted(plan()))

    waits = err.text().split("\r")
    assert waits[1] == "  starting Neo4j".strip()
    assert waits[-1] == "up  neo4j@127.0.0.1:7687   0 migrations\n"


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"TERM": "dumb"}])
def test_no_line_changes_where_it_cannot(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    """Logs get plain lines, and few of them."""
    err = Console("utf-8")
    monkeypatch.setattr(sys, "stderr", err)
    progress = Progress(Terminal(environ))

    for done_ in range(50):
        progress(SandboxProgress("downloading", done_, 100))
    progress(SandboxProgress("starting Neo4j"))

    assert err.text() == "downloading  0%  0/100\nstarting Neo4j\n"


def test_steps_of_a_terminal_are_one_line(watch: Watch) -> None:
    """Steps that follow each other fast change it once a second at most."""
    animated, err = watch({})
    animated(RunStarted(plan(planned())))
    animated(MigrationStarted(planned()))
    for number in range(1, 101):
        animated(StepStarted(planned(100), step(number)))
        animated(StepFinished(planned(100), step(number), 0, {}))
    animated(MigrationFinished(planned(), done()))

    assert err.text().count("split_name 1/100  data") == 1
    assert "split_name 50/100" not in err.text()
    assert err.text().endswith("\r  20261122091400-split_name  2 steps  0.4s\n")


def test_a_long_step_is_seen_to_go_on(
    watch: Watch, fast: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line tells for how long, also while a migration blocks the thread."""
    animated, err = watch({})
    monkeypatch.setattr(
        module, "live_line", lambda _, waited, *__, **___: f"{waited > 0.2}"
    )

    animated(STARTED)
    time.sleep(0.4)
    animated(FINISHED)

    assert err.text().startswith("\rFalse")
    assert "\rTrue" in err.text()
    assert err.text().count("\rTrue") < 9


@pytest.mark.parametrize("environ", [{}, *PLAIN])
def test_what_the_server_counts_is_told_in_its_turn(
    environ: dict[str, str], watch: Watch, fast: None
) -> None:
    """Each look of the engine is no line of its own; the next step begins without it."""
    progress, err = watch(environ)
    progress(STARTED)
    for share in range(1, 40):
        progress(StepProgress(planned(), step(1), 1.0, "index i", share, 100.0))
    time.sleep(0.3)
    progress(FINISHED)
    progress(STARTED)
    time.sleep(0.1)

    shown = err.text()
    assert 1 <= shown.count("39 %  index i") < 9
    assert "38 %" not in shown
    assert "39 %" not in shown.rpartition("\r")[2].splitlines()[-1]


@pytest.mark.parametrize("environ", PLAIN)
def test_a_plain_step_has_two_lines(environ: dict[str, str], watch: Watch) -> None:
    """One at its start and one at its end, without -v."""
    plain, err = watch(environ)
    plain(STARTED)
    plain(FINISHED)

    assert err.text() == (
        "    ..  1 data\n"
        "    ok  1 data        nodes +3                                  0.4s\n"
    )


@pytest.mark.parametrize("environ", PLAIN)
def test_a_long_plain_step_has_a_line_now_and_then(
    environ: dict[str, str], watch: Watch, fast: None
) -> None:
    """And none after its end."""
    plain, err = watch(environ)
    plain(STARTED)
    time.sleep(0.55)
    plain(FINISHED)
    plain.rest()
    shown = err.text()
    time.sleep(0.3)

    assert 1 < shown.count("    ..  1 data\n") < 5
    assert err.text() == shown


@pytest.mark.parametrize("args", [("-q",), ("--json",), ("--format", "jsonl")])
def test_who_wants_none_gets_none(
    cli: Run, script: Script, watch: Watch, args: tuple[str, ...]
) -> None:
    _, err = watch({})
    script.work = two_steps

    assert cli("up", *args).code == 0
    assert err.text() == ""
