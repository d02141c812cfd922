"""No server of a test outlives the run of the tests, also when that is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import warden

SLEEP = "import time; print(flush=True); time.sleep(120)"


def sleeping(home: Path) -> subprocess.Popen[str]:
    """A process that looks like a server with its home there."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEP, f"--home-dir={home}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_what_a_run_left_in_its_folder_is_ended_and_nothing_else(
    tmp_path: Path,
) -> None:
    mine, other = tmp_path / "mine", tmp_path / "mine-too"
    with sleeping(mine / "server") as ours, sleeping(other / "server") as theirs:
        command = [sys.executable, warden.__file__, mine]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as watching:
            assert ours.poll() is None

        assert watching.returncode == 0
        assert ours.wait(10) != 0
        assert theirs.poll() is None
        theirs.kill()
