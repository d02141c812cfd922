"""`neo4j-migrate sandbox ...` as a user runs it: what it prints, and exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from neo4j_migrate_magic.sandbox import DEFAULT_VERSION, Sandbox
from neo4j_migrate_magic.sandbox.processes import servers
from tests.sandbox.waiting import until

pytestmark = pytest.mark.server

PROGRAM = str(Path(sys.executable).with_name("neo4j-migrate"))
URI = re.compile(r"bolt://127\.0\.0\.1:\d+")

Ask = Callable[..., object]


@dataclass
class Folder:
    """A folder in which one types commands."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / ".neo4j-sandbox"

    def popen(self, *args: str) -> subprocess.Popen[str]:
        environ = {k: v for k, v in os.environ.items() if k != "NEO4J_URI"}
        return subprocess.Popen(
            [PROGRAM, *args],
            cwd=self.root,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *args: str) -> tuple[int, str, str]:
        """Give exit code, stdout and stderr."""
        process = self.popen(*args)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """An empty folder; what runs in it afterwards is stopped."""
    found = Folder(tmp_path.resolve())
    yield found
    Sandbox(found.home).stop(2)


def test_a_day_with_a_sandbox(folder: Folder, ask: Ask) -> None:
    """Start, status, start again, stop, another version, reset."""
    code, out, err = folder.run("sandbox", "status")
    assert (code, out) == (0, "")
    assert err.startswith("the sandbox is not running\n")
    assert "neo4j-migrate sandbox start" in err

    code, out, err = folder.run("sandbox", "start", "--server", "5.26.x")
    uri = out.strip()
    assert code == 0
    assert URI.fullmatch(uri)
    assert ask(uri) == 1
    state = Sandbox(folder.home).status()
    assert state
    said = f"Neo4j {DEFAULT_VERSION}, process {state.pid}, data in .neo4j-sandbox\n"
    assert err.endswith(said)

    assert folder.run("sandbox", "status") == (0, f"{uri}\n", said)
    assert folder.run("sandbox", "start") == (0, f"{uri}\n", said)
    assert folder.run("sandbox", "stop") == (0, "", "stopped\n")
    assert folder.run("sandbox", "stop") == (0, "", "the sandbox was not running\n")
    assert str(folder.home) not in servers()

    code, out, err = folder.run("sandbox", "start", "--server", "2026.x")
    assert (code, out) == (10, "")
    assert err.startswith("error SANDBOX.FAILED  this sandbox is Neo4j 5.26")

    said = "the sandbox is empty and not running\n"
    assert folder.run("sandbox", "reset") == (0, "", said)
    assert not (folder.home / "data").exists()


def test_the_target_sandbox_is_started_and_left_running(
    folder: Folder, ask: Ask
) -> None:
    """The last line says so, and where; the migration is in that server."""
    (folder.root / "neo4j-migrate.toml").write_text(
        'uri = "sandbox"\nmigration_dir = "migrations"\n'
    )
    (folder.root / "migrations").mkdir()
    file = folder.root / "migrations" / "20260101000000-first.cypher"
    file.write_text("// @up\nCREATE (:First);\n")

    code, out, err = folder.run("up")

    state = Sandbox(folder.home).status()
    assert state
    assert (code, "1 migration" in out) == (0, True)
    assert err.splitlines()[-1] == (
        f"sandbox left running at {state.uri} (Neo4j {DEFAULT_VERSION});"
        " stop it with neo4j-migrate sandbox stop"
    )
    assert ask(state.uri, "MATCH (f:First) RETURN count(f)") == 1
    assert folder.run("sandbox", "stop")[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_an_ephemeral_one_runs_until_ctrl_c(folder: Folder, ask: Ask) -> None:
    """Its address is printed at once; afterwards there is neither process nor folder."""
    with folder.popen("sandbox", "start", "--ephemeral") as process:
        assert process.stdout
        uri = process.stdout.readline().strip()
        assert ask(uri) == 1
        homes = {h for h in servers() if f"-{process.pid}-" in h}
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)

    assert (process.returncode, out) == (0, "")
    assert err.endswith(
        f"Neo4j {DEFAULT_VERSION} runs until Ctrl-C\nstopped, and its data is gone\n"
    )
    assert len(homes) == 1
    assert homes & servers().keys() == set()
    assert not Path(homes.pop()).exists()
    assert list(folder.root.iterdir()) == []


def test_an_ephemeral_one_that_dies_ends_the_command(folder: Folder) -> None:
    """With an error that says so; its folder is gone all the same."""
    with folder.popen("sandbox", "start", "--ephemeral") as process:
        assert process.stdout
        process.stdout.readline()
        ((home, pid),) = (
            one for one in servers().items() if f"-{process.pid}-" in one[0]
        )
        psutil.Process(pid).kill()
        _, err = process.communicate(timeout=30)

    assert process.returncode == 10
    assert f"error SANDBOX.FAILED  Neo4j {DEFAULT_VERSION} is gone" in err
    assert f"its process {pid} has ended" in err
    assert "neo4j-migrate sandbox start --ephemeral" in err
    assert not Path(home).exists()


def test_a_server_whose_start_was_killed_can_be_stopped(folder: Folder) -> None:
    """The command could not write down that it runs; nobody is left with it."""
    with folder.popen("sandbox", "start") as process:
        assert until(lambda: str(folder.home) in servers(), within=60)
        process.kill()

    assert folder.run("sandbox", "stop") == (0, "", "stopped\n")
    assert str(folder.home) not in servers()


def test_without_a_network_the_command_says_what_to_do(
    folder: Folder, empty_cache: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One block, its code, two ways on; no traceback."""
    monkeypatch.setenv("NEO4J_MIGRATE_MAVEN_REPO", f"http://127.0.0.1:{closed_port}")

    code, out, err = folder.run("sandbox", "start")

    assert (code, out) == (10, "")
    first, *rest = err.splitlines()
    assert first.startswith(f"downloading Neo4j Community {DEFAULT_VERSION} (GPLv3)")
    assert rest[0].startswith("error SANDBOX.DOWNLOAD  ")
    assert "NEO4J_MIGRATE_MAVEN_REPO=URL" in err
    assert "Traceback" not in err


def test_an_unknown_version_is_answered_with_the_known_ones(folder: Folder) -> None:
    """Nothing is made for it."""
    code, out, err = folder.run("sandbox", "start", "--server", "4.4")

    assert (code, out) == (10, "")
    assert err.startswith("error SANDBOX.FAILED  no Neo4j '4.4' is known")
    assert DEFAULT_VERSION in err
    assert list(folder.root.iterdir()) == []
