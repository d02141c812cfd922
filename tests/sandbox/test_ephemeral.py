"""A sandbox that goes: with its program, its guard, its context."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from neo4j_migrate_magic.errors import SandboxStartError
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox import Sandbox
from neo4j_migrate_magic.sandbox.processes import servers, serves
from tests.sandbox.waiting import until

pytestmark = pytest.mark.server

Ask = Callable[..., object]

OWNER = Path(__file__).with_name("owner.py")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_it_is_gone_when_its_program_is_killed(ask: Ask) -> None:
    """Process and folder, though a forked child holds the program's pipes open."""
    with subprocess.Popen(
        [sys.executable, str(OWNER)], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        told = json.loads(owner.stdout.readline())
        home = Path(told["home"])
        try:
            assert ask(told["uri"]) == 1
            os.kill(owner.pid, signal.SIGKILL)

            assert until(lambda: not serves(told["pid"], home), within=10)
            assert until(lambda: not home.exists(), within=5)
            assert until(lambda: not psutil.pid_exists(told["guard"]), within=5)
            assert psutil.pid_exists(told["fork"])
        finally:
            os.kill(told["fork"], signal.SIGKILL)


def test_it_starts_anew_after_its_server_and_its_guard_were_killed(ask: Ask) -> None:
    """On Linux the server ends with its guard; the object can be used again."""
    sandbox = Sandbox()
    first = sandbox.start()
    try:
        assert sandbox._running
        assert sandbox._running.guard
        guard = psutil.Process(sandbox._running.guard.pid)
        guard.kill()
        if sys.platform == "linux":
            assert until(lambda: not serves(first.pid, Path(first.home)), within=10)
            assert sandbox.status() is None
            again = sandbox.start()
            assert ask(again.uri) == 1
            assert not Path(first.home).exists()
    finally:
        home = sandbox.home
        sandbox.stop()
    assert not home.exists()
    assert {str(home), first.home} & servers().keys() == set()


async def test_a_context_has_a_server_until_it_is_left(ask: Ask) -> None:
    """Also when it is left by an exception: no process, no folder."""
    sandbox = Sandbox()
    with suppress(LookupError):
        async with sandbox as uri:
            home = sandbox.home
            assert await asyncio.to_thread(ask, uri) == 1
            assert str(home) in servers()
            raise LookupError

    assert not home.exists()
    assert str(home) not in servers()


async def test_a_cancelled_entrance_leaves_no_server() -> None:
    """The thread that starts one cannot be cut; what it starts is stopped."""
    starting = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear(progress: SandboxProgress) -> None:
        if progress.what.startswith("starting"):
            loop.call_soon_threadsafe(starting.set)

    sandbox = Sandbox(on_progress=hear)
    task = asyncio.ensure_future(sandbox.__aenter__())
    await starting.wait()
    home = sandbox.home
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await loop.shutdown_default_executor()

    assert not home.exists()
    assert str(home) not in servers()


def test_one_that_does_not_start_says_why_and_leaves_nothing() -> None:
    """Its log is read before it goes; no log is named that is not there."""
    sandbox = Sandbox(settings={"server.memory.pagecache.size": "lots"})
    home = sandbox.home

    with pytest.raises(SandboxStartError) as caught:
        sandbox.start()

    assert "'lots' is not a valid size" in caught.value.why
    assert "the whole log is" not in caught.value.why
    assert not home.exists()
    assert str(home) not in servers()


def test_a_java_that_ends_at_once_is_a_failure_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a wait of minutes."""
    monkeypatch.setenv("NEO4J_MIGRATE_SANDBOX_HEAP", "100m")

    with pytest.raises(SandboxStartError) as caught:
        Sandbox().start()

    assert "does not give Java the memory it asks for" in caught.value.why
    assert "NEO4J_MIGRATE_SANDBOX_HEAP" in caught.value.next[0].command
