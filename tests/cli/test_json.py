"""`--json`: one object on stdout, whatever happens, and nothing on stderr."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.errors import LockHeldError, Place, StatementFailedError
from neo4j_migrate_magic.model import (
    Outcome,
    RunStarted,
    RunStopped,
)
from tests.cli.conftest import Run, Script
from tests.cli.scenes import Tell, gives, one_object, raises, two_steps
from tests.render.schemas import check
from tests.render.values import APPLIED, PENDING, done, plan, planned, report
from tests.render.values import status as made_status

JSON = pytest.mark.parametrize(
    "args", [("--json",), ("--format", "json"), ("--format=jsonl", "--json")]
)


@JSON
def test_a_run(cli: Run, script: Script, args: tuple[str, ...]) -> None:
    """Neither progress nor a line for people; the server that answered is named."""
    script.work = two_steps

    found = one_object(cli("up", *args))

    assert (found["ok"], found["command"]) == (True, "up")
    assert found["database"]["name"] == "neo4j"
    assert found["data"]["migrations"][0]["outcome"] == "applied"
    assert found["diagnostics"] == []


def test_options_stand_before_the_verb_too(cli: Run, script: Script) -> None:
    """And the one that stands last counts."""
    script.work = gives(made_status(APPLIED, PENDING))

    assert one_object(cli("--json", "status"))["data"]["pending"] == 1
    assert cli("--json", "status", "--format", "table").out.startswith("┌")


def test_a_run_that_fails(cli: Run, script: Script) -> None:
    """The error is the first diagnostic; what was done before it is the data."""
    error = StatementFailedError(
        "it failed",
        direction="up",
        why="so",
        where=Place(str(Path.cwd() / "migrations" / "x.cypher"), 3),
    )
    error.report = report(done(Outcome.PART_WAY))
    script.work = raises(error)

    found = one_object(cli("up", "--json"))

    assert found["exit_code"] == 8
    assert found["data"]["stopped_at"] == "20261122091400"
    assert found["diagnostics"][0]["code"] == "UP.STATEMENT_FAILED"
    assert found["diagnostics"][0]["where"]["path"] == str(Path("migrations/x.cypher"))


def test_warnings_of_the_settings_are_diagnostics(cli: Run, script: Script) -> None:
    """After the error, where there is one."""
    script.settings = replace(script.settings, warnings=("pyproject.toml is ignored",))
    script.work = raises(LockHeldError("held"))

    found = one_object(cli("up", "--json"))

    assert [(d["severity"], d["code"]) for d in found["diagnostics"]] == [
        ("error", "LOCK.HELD"),
        ("warning", "CONFIG.WARNING"),
    ]
    assert found["diagnostics"][1]["summary"] == "pyproject.toml is ignored"
    assert found["data"] is None


def test_verbose_still_talks(cli: Run, script: Script) -> None:
    """With -v stderr has what it has without --json; stdout stays one object."""
    script.work = raises(LockHeldError("held"))

    shown = cli("up", "--json", "-v")

    assert "    ok  1 data" in shown.err
    assert "\nerror LOCK.HELD" in shown.err
    check(json.loads(shown.out))


@pytest.mark.parametrize(
    ("args", "command"),
    [
        (("status", "--json", "--bogus"), "status"),
        (("status", "--bogus", "--json"), "status"),
        (("--bogus", "--json", "status"), None),
        (("up", "--up-count", "0", "--format=json"), "up"),
        (("up", "--format", "xml", "--json"), "up"),
        (("create", "--json"), "create"),
        (("frobnicate", "--json"), None),
        (("--json", "frobnicate"), None),
        (("sandbox", "strat", "--json"), None),
        (("status", "--format", "jsonl"), "status"),
        (("--json",), None),
        (("init", "--json", "--database", "d"), "init"),
    ],
)
def test_a_usage_error_is_an_object_too(
    cli: Run, script: Script, args: tuple[str, ...], command: str | None
) -> None:
    """Wherever the word --json stands; as far as the command was understood."""
    shown = cli(*args)

    assert (shown.code, shown.err) == (2, "")
    found = json.loads(shown.out)
    check(
        found if command != "sandbox" else {**found, "schema": "neo4j-migrate.error/1"}
    )
    assert found["diagnostics"][0]["code"] == "USAGE.BAD_OPTION"
    assert found["command"] == command
    assert script.asked == []


@pytest.mark.parametrize(
    "args", [("create", "--", "a", "--json"), ("status", "--config", "--json", "--x")]
)
def test_what_only_looks_like_the_option(cli: Run, args: tuple[str, ...]) -> None:
    """Behind two dashes a word is a word; a wrong guess still tells the error."""
    shown = cli(*args)

    assert shown.code == 2
    assert "USAGE.BAD_OPTION" in shown.out + shown.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_an_object_too(
    cli: Run, script: Script, number: signal.Signals
) -> None:
    """With what the run had done, and its exit code."""

    async def work(tell: Tell) -> Any:
        tell(RunStarted(plan(planned(3))))
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), number)
        try:
            await asyncio.sleep(30)
        finally:
            tell(RunStopped(report(done(Outcome.PART_WAY))))

    script.work = work

    found = one_object(cli("up", "--json"))

    assert found["exit_code"] == 128 + number
    assert found["data"]["stopped_at"] == "20261122091400"
    assert found["diagnostics"][0]["code"] == "RUN.INTERRUPTED"
    assert found["diagnostics"][0]["summary"].startswith("interrupted: 20261122091400")


def test_an_interrupt_of_a_read(cli: Run, script: Script) -> None:
    """Nothing is known of what was not finished."""
    script.work = raises(asyncio.CancelledError())

    assert one_object(cli("status", "--json"))["data"] is None


def test_a_bug_is_an_object_too(
    cli: Run, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without secrets; the report has the traceback."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("NEO4J_PASSWORD", 'hunter"2 and more')
    script.work = raises(ValueError('hunter"2 and more'))

    found = one_object(cli("up", "--json"))

    assert found["exit_code"] == 1
    assert found["diagnostics"][0]["code"] == "BUG.UNEXPECTED"
    assert "hunter" not in json.dumps(found)
    assert len(list(tmp_path.glob("neo4j-migrate-*.txt"))) == 1


def test_a_password_in_an_error_is_not_repeated(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in its JSON escapes either."""
    monkeypatch.setenv("NEO4J_PASSWORD", 'hunter"2\\and more')
    script.work = raises(
        StatementFailedError("no", direction="up", why='for hunter"2\\and more')
    )

    assert one_object(cli("up", "--json"))["diagnostics"][0]["why"] == "for ***"


def test_a_result_with_an_exit_code(cli: Run, script: Script) -> None:
    """What was asked for with --exit-code is an error with a code."""
    script.work = gives(made_status(APPLIED, PENDING))

    found = one_object(cli("status", "--json", "--exit-code"))

    assert (found["ok"], found["exit_code"]) == (False, 4)
    assert found["data"]["pending"] == 1
    assert found["diagnostics"][0]["code"] == "STATUS.PENDING"


def test_questions_are_not_asked(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program does not answer; what it may permit are options."""
    from neo4j_migrate_magic.cli.host import App

    seen = []
    begin = App.begin

    def noted(app: App, *, streams: bool) -> None:
        begin(app, streams=streams)
        seen.append(app.no_input)

    monkeypatch.setattr(App, "begin", noted)
    script.work = two_steps

    cli("up", "--json")
    cli("up")

    assert seen == [True, False]
