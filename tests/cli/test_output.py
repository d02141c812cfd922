"""What goes where: data on stdout, the rest on stderr; interrupts and bugs."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.cli import interrupts
from neo4j_migrate_magic.errors import LockHeldError, StatementFailedError
from neo4j_migrate_magic.model import (
    Outcome,
    RunStarted,
    RunStopped,
    StepStarted,
)
from tests.cli.conftest import Run, Script
from tests.cli.scenes import Console, Tell, two_steps
from tests.render.values import (
    APPLIED,
    PENDING,
    done,
    plan,
    planned,
    report,
    status,
    step,
)


def test_up(cli: Run, script: Script) -> None:
    """Progress is on stderr, what was done on stdout."""
    script.work = two_steps

    shown = cli("up")

    assert shown.code == 0
    assert (
        shown.out == "applied 1 migration, 2 steps in 2m34s on neo4j@127.0.0.1:7687\n"
    )
    assert shown.err == (
        "up  neo4j@127.0.0.1:7687   zero → 20261122091400   1 migration\n"
        "  20261122091400-split_name\n"
        "    ..  1 data\n"
        "    ok  1 data        nodes +3                                  0.4s\n"
    )
    assert script.asked[-1] == ("close", {})


def test_quiet(cli: Run, script: Script) -> None:
    """With -q there is the result alone."""
    script.work = two_steps

    shown = cli("up", "-q")

    assert (shown.out, shown.err) == (
        "applied 1 migration, 2 steps in 2m34s on neo4j@127.0.0.1:7687\n",
        "",
    )


def test_status(cli: Run, script: Script) -> None:
    """The table is data; summary and next command are not."""

    async def work(tell: Tell) -> Any:
        return status(APPLIED, PENDING)

    script.work = work

    shown = cli("status")

    assert shown.code == 0
    assert shown.out.startswith("┌──")
    assert len(shown.out.splitlines()) == 6
    assert shown.err == (
        "neo4j@127.0.0.1:7687: 1 applied, 1 pending; lock free\n"
        "  next   neo4j-migrate up    applies 1 migration\n"
    )


def test_warnings_of_the_settings_are_told(cli: Run, script: Script) -> None:
    """Also with -q."""
    script.settings = replace(script.settings, warnings=("pyproject.toml is ignored",))

    assert cli("status", "-q").err == "warning  pyproject.toml is ignored\n"


def test_error(cli: Run, script: Script) -> None:
    """An error is one block on stderr, without a traceback, and its exit code."""

    async def work(tell: Tell) -> Any:
        await two_steps(tell)
        raise StatementFailedError("it failed", direction="up", why="so", exit_code=8)

    script.work = work

    shown = cli("up", "-q")

    assert shown.code == 8
    assert shown.out == ""
    head, why = shown.err.splitlines()
    assert " ".join(head.split()) == "error UP.STATEMENT_FAILED it failed exit 8"
    assert why == "  why    so"


def test_trace(cli: Run, script: Script) -> None:
    """With --trace the traceback stands above the block."""

    async def work(tell: Tell) -> Any:
        raise LockHeldError("held")

    script.work = work

    shown = cli("up", "--trace")

    assert shown.code == 9
    assert shown.err.startswith("Traceback")
    assert "\nerror LOCK.HELD" in shown.err


@pytest.mark.parametrize(
    ("environ", "args", "red"),
    [
        ({"FORCE_COLOR": "1"}, (), True),
        ({"CLICOLOR_FORCE": "1"}, (), True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"FORCE_COLOR": "1"}, ("--no-color",), False),
        ({}, (), False),
    ],
)
def test_colour(
    cli: Run,
    script: Script,
    environ: dict[str, str],
    args: tuple[str, ...],
    red: bool,
) -> None:
    """Nobody gets colour who does not want it; a pipe only who forces it."""

    async def work(tell: Tell) -> Any:
        raise LockHeldError("held")

    script.work = work

    shown = cli("up", *args, environ=environ)

    assert ("\x1b[31merror\x1b[0m LOCK.HELD" in shown.err) is red
    assert ("\x1b" in shown.err) is red


def test_bug(
    cli: Run, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected exception leaves a report without secrets, its owner's alone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("NEO4J_PASSWORD", "hunter2")
    monkeypatch.setenv("VAR", "hunter3")
    script.settings = replace(script.settings, password="hunter4")

    async def work(tell: Tell) -> Any:
        raise ValueError("hunter2 hunter3 hunter4 bolt://u:hunter5@h\nmore")

    script.work = work

    shown = cli("status", "--password-env", "VAR")

    (file,) = tmp_path.glob("neo4j-migrate-*.txt")
    text = file.read_text()
    assert shown.code == 1
    assert "error BUG.UNEXPECTED  ValueError: *** *** *** bolt://***@h " in shown.err
    assert f"report: {file}" in shown.err
    assert "Traceback" not in shown.err
    assert "ValueError: *** *** *** bolt://***@h" in text
    assert "hunter" not in shown.err + shown.out + text
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt(cli: Run, script: Script, number: signal.Signals) -> None:
    """A signal cancels the run, the clean-up is waited for, one line says what is kept."""
    cleaned = []

    async def work(tell: Tell) -> Any:
        migration = planned(3)
        tell(RunStarted(plan(migration)))
        tell(StepStarted(migration, step(2)))
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), number)
        asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), number)
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0.2)  # a second signal does not disturb it
            cleaned.append(True)
            tell(RunStopped(report(done(Outcome.PART_WAY))))

    script.work = work
    before = signal.getsignal(number)

    shown = cli("up", "-q")

    assert shown.code == 128 + number
    assert cleaned == [True]
    assert shown.err == (
        "interrupted: 20261122091400-split_name is part-way at step 2 of 3;"
        " 414 applied on neo4j@127.0.0.1:7687. Run neo4j-migrate up to go on.\n"
    )
    assert signal.getsignal(number) is before


def test_interrupt_while_a_migration_blocks_the_loop() -> None:
    """The signal is not lost: the run ends when the loop moves again."""

    async def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)  # noqa: ASYNC251 (the point of the test)
        await asyncio.sleep(30)

    with pytest.raises(interrupts.InterruptedRunError):
        interrupts.run(work())


def test_interrupt_while_the_loop_is_closed() -> None:
    """The work is over, its result is not printed yet: the signal is not lost."""

    async def left() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    async def work() -> None:
        tasks.append(asyncio.create_task(left()))
        await asyncio.sleep(0)

    tasks: list[asyncio.Task[None]] = []
    with pytest.raises(interrupts.InterruptedRunError) as caught:
        interrupts.run(work())
    assert caught.value.number == signal.SIGTERM


def test_second_interrupt_ends_a_clean_up_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once its time is over, the next signal is obeyed at once."""
    monkeypatch.setattr(interrupts, "PATIENCE", 0.1)

    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, os.kill, os.getpid(), signal.SIGINT)
        loop.call_later(0.3, os.kill, os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(30)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupts.run(work())
    assert time.monotonic() - began < 5


def test_stop_from_elsewhere_is_130(cli: Run, script: Script) -> None:
    """Who asks a run to stop gets what Ctrl-C would give."""

    async def work(tell: Tell) -> Any:
        raise asyncio.CancelledError

    script.work = work

    shown = cli("up")

    assert (shown.code, shown.err) == (130, "interrupted: nothing was changed\n")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_old_console(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """What a console cannot show is written in other words, and never crashes it."""
    out, err = Console(encoding), Console(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("COLUMNS", "40")
    script.settings = replace(script.settings, warnings=("a → 日 … \udcff",))

    async def work(tell: Tell) -> Any:
        return status(replace(APPLIED, name="größe_日"))

    script.work = work

    assert cli("status").code == 0
    assert out.text().startswith("+----")
    assert "\\u65e5" in out.text()
    assert "warning  a -> \\u65e5 ... \\udcff" in err.text().replace("\x85", "...")


def test_reader_gone(cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """`neo4j-migrate status | head` is no failure."""

    class Closed(Console):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed("utf-8"))
    script.work = two_steps

    assert cli("up").code == 0


def test_stderr_gone_does_not_end_a_run(
    cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress that nobody can read is not worth half a migration."""

    class Full(Console):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full("utf-8"))
    script.work = two_steps

    shown = cli("up")

    assert (shown.code, shown.out) == (
        0,
        "applied 1 migration, 2 steps in 2m34s on neo4j@127.0.0.1:7687\n",
    )


def test_stdout_full(cli: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that could not be delivered is a failure, and says what was done."""

    class Full(Console):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full("utf-8"))
    script.work = two_steps

    shown = cli("up", "-q")

    assert shown.code == 2
    assert "No space left on device" in shown.err
