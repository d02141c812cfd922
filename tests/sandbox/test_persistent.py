"""A sandbox that stays: found again, stopped, killed, emptied."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from neo4j_migrate_magic.errors import SandboxError
from neo4j_migrate_magic.sandbox import DEFAULT_VERSION, Sandbox, SandboxState
from neo4j_migrate_magic.sandbox.processes import servers, serves
from tests.sandbox.waiting import until

pytestmark = pytest.mark.server

Ask = Callable[..., object]

START = """\
import sys
from pathlib import Path
from neo4j_migrate_magic.sandbox import Sandbox

print(Sandbox(Path(sys.argv[1])).start().pid)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for a sandbox, with a space and a letter beyond ASCII in its name."""
    folder = tmp_path_factory.mktemp("a sandböx") / "home"
    yield folder
    Sandbox(folder).stop(2)


@pytest.fixture
def running(home: Path) -> SandboxState:
    """A server that runs in `home`."""
    return Sandbox(home).start()


def gone(state: SandboxState) -> bool:
    return not psutil.pid_exists(state.pid) or not serves(state.pid, Path(state.home))


def test_two_starts_at_once_give_one_server(home: Path) -> None:
    """The second waits for the first, and finds what it started."""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", START, str(home)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    pids = {process.communicate(timeout=120)[0].strip() for process in both}

    state = Sandbox(home).status()
    assert state
    assert pids == {str(state.pid)}


def test_a_running_server_is_found_and_not_started_again(
    home: Path, running: SandboxState, ask: Ask
) -> None:
    """By another program too, at once; it is the version that was asked for."""
    began = time.monotonic()

    again = Sandbox(home).start()

    assert time.monotonic() - began < 2
    assert (again, again) == (running, Sandbox(home).status())
    assert ask(
        running.uri,
        "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions[0]",
    )
    assert running.version == DEFAULT_VERSION
    assert (home / ".gitignore").read_text() == "*\n"


def test_another_version_is_refused_while_the_data_is_of_this_one(
    home: Path, running: SandboxState
) -> None:
    """It says which one it is, and both ways on."""
    with pytest.raises(SandboxError) as caught:
        Sandbox(home, version="latest").start()

    assert f"this sandbox is Neo4j {DEFAULT_VERSION}, not " in caught.value.what
    assert [way.command for way in caught.value.next] == [
        "neo4j-migrate sandbox start",
        "neo4j-migrate sandbox reset",
    ]


def test_data_survives_a_stop(home: Path, running: SandboxState, ask: Ask) -> None:
    """A stopped server leaves no process and no note that it runs."""
    ask(running.uri, "CREATE (:Kept {by: 'stop'})")

    assert Sandbox(home).stop()

    assert gone(running)
    assert not (home / "sandbox.json").exists()
    assert (Sandbox(home).status(), Sandbox(home).stop()) == (None, False)
    again = Sandbox(home).start()
    assert ask(again.uri, "MATCH (k:Kept {by: 'stop'}) RETURN count(k)") == 1


def test_a_killed_server_starts_again_with_what_was_committed(
    home: Path, running: SandboxState, ask: Ask
) -> None:
    """Nothing has to be cleaned up first."""
    ask(running.uri, "CREATE (:Kept {by: 'kill'})")
    os.kill(running.pid, signal.SIGKILL)
    assert until(lambda: gone(running))
    assert Sandbox(home).status() is None

    again = Sandbox(home).start()

    assert ask(again.uri, "MATCH (k:Kept {by: 'kill'}) RETURN count(k)") == 1
    assert again.pid != running.pid


def test_a_server_that_nobody_wrote_down_is_found(
    home: Path, running: SandboxState
) -> None:
    """Who started it was killed before it could: its command line says whose it is."""
    (home / "sandbox.json").unlink()

    assert Sandbox(home).status() == running
    assert Sandbox(home).start() == running
    assert (home / "sandbox.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot suspend a process")
def test_a_server_that_hangs_is_not_doubled_and_can_be_stopped(
    home: Path, running: SandboxState
) -> None:
    """It does not answer; a start says so and how to end it, and that ends it."""
    os.kill(running.pid, signal.SIGSTOP)

    with pytest.raises(SandboxError) as caught:
        Sandbox(home).start(timeout=0)

    assert f"runs as process {running.pid} and does not answer" in caught.value.what
    assert caught.value.next[0].command == "neo4j-migrate sandbox stop"
    assert Sandbox(home).stop(grace=0.5)
    assert gone(running)


def test_reset_stops_and_empties(home: Path, ask: Ask) -> None:
    """The next start is an empty server, of any version."""
    running = Sandbox(home).start()
    assert ask(running.uri, "MATCH (k:Kept) RETURN count(k)") == 2

    Sandbox(home).reset()

    assert gone(running)
    assert {path.name for path in home.iterdir()} == {".lock", ".gitignore"}
    Sandbox(home).reset()
    again = Sandbox(home).start()
    assert ask(again.uri, "MATCH (n) RETURN count(n)") == 0


def test_two_versions_run_side_by_side(
    servers_by_name: dict[str, str], ask: Ask
) -> None:
    """Each on its own port, in its own folder."""
    versions = {
        name: str(
            ask(
                uri,
                "CALL dbms.components() YIELD name, versions WHERE name = 'Neo4j Kernel' RETURN versions[0]",
            )
        )
        for name, uri in servers_by_name.items()
    }

    assert len(set(servers_by_name.values())) == 2
    assert versions["5.26"].startswith("5.26.")
    assert versions["newest"].startswith("2026.")
    assert len(servers()) >= 2
