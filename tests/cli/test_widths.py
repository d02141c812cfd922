"""Everything that is said fits 40 columns, TERM=dumb, cp1252 and a pipe."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.errors import Next, Place, StatementFailedError
from neo4j_migrate_magic.model import (
    Check,
    Diagnosis,
    LockWaiting,
    Outcome,
    Report,
    State,
    Verdict,
    Verification,
)
from neo4j_migrate_magic.render.words import width
from tests.cli.conftest import Run, Script
from tests.cli.scenes import Console, gives, raises, two_steps
from tests.render.test_json import PROBLEM, RESULTS, VIEW
from tests.render.values import (
    APPLIED,
    FAILED,
    LOCK,
    PENDING,
    SERVER,
    done,
    report,
    row,
)
from tests.render.values import status as made_status

# A command to copy, and the place of a file, which editors make a link of.
COPIED = re.compile(
    r"^( {9,}|  next   )(neo4j-migrate|git|pip|cypher-shell) |migrations/\S+$"
)
FIX = Next(
    "neo4j-migrate repair history --database neo4j", "makes it again, and logs it"
)
LONG = replace(
    VIEW,
    row=replace(
        APPLIED, state=State.EDITED, note="edited since it was applied", by="x" * 50
    ),
    description="Split the names of all people into a first and a last name",
    error="Neo.ClientError.Schema.IndexWithNameAlreadyExists: " + "why " * 20,
    diff=("- MATCH (p:Person) SET p.first = split(p.name, ' ')[0];",),
)
CHECKED = Diagnosis(
    checks=(
        Check(verdict=Verdict.OK, area="config", what="uri from " + "x" * 60),
        Check(
            verdict=Verdict.FAIL,
            area="history",
            what="a constraint of ours is missing: two runs could collide",
            next=FIX,
        ),
    )
)
VERIFIED = Verification(problems=(PROBLEM, PROBLEM), compared=4, server=SERVER)
NOTED = made_status(
    APPLIED, FAILED, PENDING, row("20260101000000", "größe日", State.LATE)
)
DONE = report(done(counters={"nodes_created": 3, "properties_set": 2_408_236}))
SHOWN = [
    *(result for _, result in RESULTS if not isinstance(result, str)),
    *(LONG, CHECKED, VERIFIED, NOTED, DONE),
]


class Screen:
    """A terminal of 40 columns: stdout and stderr as one would read them."""

    def __init__(self, patch: pytest.MonkeyPatch, encoding: str = "utf-8") -> None:
        self.out, self.err = Console(encoding), Console(encoding)
        patch.setattr(sys, "stdout", self.out)
        patch.setattr(sys, "stderr", self.err)
        patch.setenv("COLUMNS", "40")

    @property
    def lines(self) -> list[str]:
        """Every line that stays; what a live line covered is gone."""
        text = self.out.text() + self.err.text()
        return [line.rpartition("\r")[2] for line in text.split("\n")]

    def too_long(self) -> list[str]:
        """The lines that a terminal would break, but for what is to be copied."""
        return [n for n in self.lines if width(n) > 40 and not COPIED.search(n)]


@pytest.mark.parametrize("result", SHOWN, ids=lambda result: type(result).__name__)
def test_every_result_fits(monkeypatch: pytest.MonkeyPatch, result: Any) -> None:
    """Tables fold, prose wraps, code goes on at its margin; nothing is lost."""
    screen = Screen(monkeypatch)

    App(Terminal({})).show(result)

    assert screen.lines != [""]
    assert screen.too_long() == []


@pytest.mark.parametrize("args", [(), ("-v",)])
@pytest.mark.parametrize("environ", [{}, {"TERM": "dumb"}, {"CI": "1"}])
def test_a_run_fits(
    cli: Run,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    args: tuple[str, ...],
    environ: dict[str, str],
) -> None:
    """Head, steps, waits and last line; with a line that changes and without."""

    async def work(tell: Any) -> Report:
        tell(LockWaiting(LOCK, 1.0, 59.0))
        await two_steps(tell)
        return DONE

    script.settings = replace(
        script.settings, warnings=("pyproject.toml is ignored: another comes first",)
    )
    script.work = work
    screen = Screen(monkeypatch)

    code = cli("up", *args, environ=environ).code

    assert code == 0
    assert screen.too_long() == []
    assert ("\r" in screen.err.text()) is (environ == {})
    assert "\x1b" not in screen.out.text()


def test_an_error_fits(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code stays whole, and its exit code is the last thing of its head."""
    script.work = raises(
        StatementFailedError(
            "20261122091400-split_name failed at step 3 of 5",
            direction="up",
            why="an index exists [Neo.ClientError.Schema.IndexWithNameAlreadyExists]",
            where=Place(
                "migrations/x.cypher", 9, 60, f"CREATE INDEX a FOR (p:Größe日{'x' * 90}"
            ),
            kept="steps 1-2 are applied and recorded; nothing else changed",
            next=[
                ("neo4j-migrate up", "after editing step 3, or any that comes later")
            ],
        )
    )
    screen = Screen(monkeypatch)

    assert cli("up", environ={"TERM": "dumb"}).code == 8
    assert screen.too_long() == []
    assert "error UP.STATEMENT_FAILED\n" in screen.err.text()
    assert re.search(r"^ .*exit 8$", screen.err.text(), re.MULTILINE)


def test_an_interrupt_fits(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    script.work = raises(asyncio.CancelledError())
    screen = Screen(monkeypatch)

    assert cli("up").code == 130
    assert screen.too_long() == []


def test_notes_stand_below_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The table keeps two columns."""
    screen = Screen(monkeypatch)

    App(Terminal({})).show(made_status(FAILED, PENDING))

    assert screen.out.text() == (
        "┌─────────────────────────┬────────────┐\n"
        "│ Migration               │ Applied At │\n"
        "├─────────────────────────┼────────────┤\n"
        "│ 20261122091400-split_na │ PENDING    │\n"
        "│ me                      │            │\n"
        "│   failed at step 2 of 3 │            │\n"
        "│ 20261125101500-add_full │ PENDING    │\n"
        "│ text                    │            │\n"
        "└─────────────────────────┴────────────┘\n"
    )


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("result", SHOWN, ids=lambda result: type(result).__name__)
def test_every_result_can_be_written_in_an_old_encoding(
    monkeypatch: pytest.MonkeyPatch, result: Any, encoding: str
) -> None:
    """Characters that are not there are written in other words."""
    screen = Screen(monkeypatch, encoding)

    App(Terminal({})).show(result)

    assert screen.out.text() + screen.err.text() != ""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_json_needs_no_encoding(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """It is ASCII everywhere."""
    script.work = gives(made_status(row("20260101000000", "größe日", State.PENDING)))
    screen = Screen(monkeypatch, encoding)

    assert cli("status", "--json").code == 0
    assert "gr\\u00f6\\u00dfe\\u65e5" in screen.out.text()


def test_a_pipe_has_no_width(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another program reads is not wrapped, although stderr is a terminal."""
    out, err = Console("utf-8", tty=False), Console("utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("COLUMNS", "40")

    for result in (LONG, CHECKED, VERIFIED, NOTED, DONE):
        App(Terminal({})).show(result)

    assert "Split the names of all people into a first and a last name\n" in out.text()
    assert "two runs could collide\n" in out.text()
    assert "20261101081200-add_orders   statement 2 changed\n" in out.text()
    assert "\x1b" not in out.text()
    assert "\r" not in out.text()


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0", "TERM": "dumb"}, False),
        ({"CLICOLOR_FORCE": "0", "TERM": "dumb"}, False),
    ],
)
def test_colour_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], colour: bool
) -> None:
    """Who forces it gets it, who wants none gets none, 0 forces nothing."""
    monkeypatch.setattr(sys, "stderr", Console("utf-8"))

    assert Terminal(environ).colour is colour


def test_a_run_names_the_environment() -> None:
    """Head, last line and interrupt: database@env where one was chosen."""
    from neo4j_migrate_magic.model import RunStarted
    from neo4j_migrate_magic.render.report import event_line, report_line, stopped_line
    from neo4j_migrate_magic.render.status import status_summary
    from tests.render.values import plan, step

    prod = replace(SERVER, env="prod")
    run = replace(report(done()), server=prod)

    assert event_line(RunStarted(replace(plan(), server=prod))).startswith(
        "up  neo4j@prod   "
    )
    assert " on neo4j@prod" in report_line(run)
    assert " on neo4j@prod" in report_line(replace(run, migrations=()))
    half = replace(run, migrations=(done(Outcome.PART_WAY),))
    assert "414 applied on neo4j@prod" in stopped_line(half, step(1), ended=False)
    assert status_summary(replace(NOTED, server=prod)).startswith("neo4j@prod: ")


def test_paths_are_whole() -> None:
    """A path that is cut cannot be opened."""
    from neo4j_migrate_magic.render.view import migration_view

    far = Path("migrations") / ("deep/" * 12) / "20261101081200-add_orders.cypher"
    text = migration_view(replace(LONG, row=replace(LONG.row, path=far)), columns=40)

    assert str(far) in text
