"""`--format jsonl` while a run goes on, and `--output`: where the data go."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.errors import LockHeldError
from neo4j_migrate_magic.model import LockWaiting, SandboxProgress
from tests.cli.conftest import Run, Script, Shown
from tests.cli.scenes import Console, Tell, gives, lines, one_object, raises, two_steps
from tests.render.values import APPLIED, LOCK
from tests.render.values import status as made_status


def test_a_stream(cli: Run, script: Script) -> None:
    """Each event is a line when it happens; the last one is what --json gives."""

    async def work(tell: Tell) -> Any:
        tell(SandboxProgress("starting Neo4j"))
        tell(LockWaiting(LOCK, 1.0, 59.0))
        assert [
            json.loads(line)["event"] for line in sys.stdout.text().splitlines()
        ] == ["lock_waiting"]
        return await two_steps(tell)

    script.work = work
    console = Console("utf-8", tty=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", console)
        code = cli("up", "--format", "jsonl").code

    found = lines(Shown(code, console.text(), ""))
    assert [one["event"] for one in found] == [
        "lock_waiting",
        "run_started",
        "migration_started",
        "step_started",
        "step_finished",
        "migration_finished",
        "run_finished",
    ]
    assert found[-1]["schema"] == "neo4j-migrate.up/1"
    assert found[-1]["data"]["migrations"][0]["outcome"] == "applied"


def test_the_last_line_of_a_run_that_fails(cli: Run, script: Script) -> None:
    script.work = raises(LockHeldError("held"))

    found = lines(cli("up", "--format", "jsonl"))

    assert found[-1]["diagnostics"][0]["code"] == "LOCK.HELD"
    assert (found[-1]["ok"], found[-1]["exit_code"]) == (False, 9)


@pytest.mark.parametrize("args", [("up", "--bogus"), ("--bogus", "up"), ("upp",)])
def test_the_only_line_of_a_usage_error(cli: Run, args: tuple[str, ...]) -> None:
    (last,) = lines(cli(*args, "--format", "jsonl"))

    assert last["diagnostics"][0]["code"] == "USAGE.BAD_OPTION"


def test_the_last_line_of_an_interrupt(cli: Run, script: Script) -> None:
    script.work = raises(asyncio.CancelledError())

    found = lines(cli("down", "--format", "jsonl"))

    assert found[-1]["exit_code"] == 130
    assert found[-1]["diagnostics"][0]["code"] == "RUN.INTERRUPTED"


def test_a_stream_that_cannot_be_written_does_not_end_the_run(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run goes to its end; then words on stderr are all that is left."""

    class Full(Console):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    ended = []

    async def work(tell: Tell) -> Any:
        result = await two_steps(tell)
        ended.append(True)
        return result

    script.work = work
    monkeypatch.setattr(sys, "stdout", Full("utf-8"))

    shown = cli("up", "--format", "jsonl")

    assert (shown.code, ended) == (2, [True])
    assert "stdout cannot be written" in shown.err
    assert "what the command did stays done" in shown.err


# where the data go


def test_data_go_to_a_file(cli: Run, script: Script, tmp_path: Path) -> None:
    """As with the shell's >; messages stay where they are."""
    script.work = two_steps
    file = tmp_path / "out.txt"
    file.write_text("old")

    shown = cli("up", "-o", str(file))

    assert (shown.code, shown.out) == (0, "")
    assert file.read_text().startswith("applied 1 migration, 2 steps in ")
    assert "    ok  1 data" in shown.err


def test_a_table_in_a_file_has_its_own_width(
    cli: Run, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is UTF-8, whatever stdout can show."""
    monkeypatch.setattr(sys, "stdout", Console("ascii"))
    monkeypatch.setenv("COLUMNS", "20")
    script.work = gives(made_status(APPLIED))

    assert cli("status", "--output", str(tmp_path / "t")).code == 0
    text = (tmp_path / "t").read_text(encoding="utf-8")
    assert text.startswith("┌──")
    assert "20261101081200-add_orders" in text


@pytest.mark.parametrize("args", [("--json",), ("--format", "jsonl")])
def test_an_object_in_a_file(
    cli: Run, script: Script, tmp_path: Path, args: tuple[str, ...]
) -> None:
    """Also that of a failure."""
    script.work = raises(LockHeldError("held"))
    file = tmp_path / "out.json"

    shown = cli("up", *args, "-o", str(file))

    assert (shown.code, shown.out, shown.err) == (9, "", "")
    *_, last = file.read_text().splitlines()
    assert json.loads(last)["exit_code"] == 9


@pytest.mark.parametrize("where", [".", "no/such/folder/x"])
def test_a_file_that_cannot_be_written(
    cli: Run, script: Script, tmp_path: Path, where: str
) -> None:
    """Said in words before anything runs; with --json on stdout."""
    file = str(tmp_path / where)

    shown = cli("up", "-o", file)
    found = one_object(cli("up", "-o", file, "--json"))

    assert (shown.code, shown.out) == (2, "")
    assert "cannot be written" in shown.err
    assert "cannot be written" in found["diagnostics"][0]["summary"]
    assert script.asked == []


def test_a_file_is_as_it_was_until_there_are_data(
    cli: Run, script: Script, tmp_path: Path
) -> None:
    """A command that fails has none; one that has nothing to say empties it."""
    file = tmp_path / "out.txt"
    script.work = raises(LockHeldError("held"))

    assert cli("up", "-o", str(file)).code == 9
    assert not file.exists()
    file.write_text("old")
    assert cli("up", "-o", str(file)).code == 9
    assert file.read_text() == "old"
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nothing")
    assert cli("up", "-o", str(link)).code == 9
    assert link.is_symlink()
    assert not link.exists()

    app = App(Terminal({}))
    app.terminal.write_to(str(file))
    app.finish(None)
    app.terminal.close()
    assert file.read_text() == ""


def test_a_pipe_is_opened_once(cli: Run, script: Script, tmp_path: Path) -> None:
    """Its reader would take a second opening for the end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script.work = two_steps
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True)

    assert cli("up", "-o", str(pipe)).code == 0
    assert reader.communicate(timeout=30)[0].startswith("applied 1 migration")
