"""No server of a test outlives the run of the tests, also when that is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import warden
from tests.sandbox.stand_in import sleeping


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
