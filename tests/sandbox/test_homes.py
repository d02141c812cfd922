"""Temporary folders, and what is left of dead servers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from neo4j_migrate_magic.errors import SandboxError
from neo4j_migrate_magic.sandbox import Sandbox
from neo4j_migrate_magic.sandbox.homes import sweep, temporary_home
from tests.sandbox.stand_in import sleeping


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that nobody else uses."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def dead_pid() -> int:
    """The number of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_only_folders_of_dead_programs_are_swept(
    temporary: Path, dead_pid: int
) -> None:
    """Not those of this program, and not what has such a name by chance."""
    mine = temporary_home()
    dead = temporary / f"neo4j-sandbox-{dead_pid}-abc"
    others = [temporary / "neo4j-sandbox-notes", temporary / f"other-{dead_pid}-abc"]
    for folder in (dead, *others):
        folder.mkdir()
        (folder / "file").write_text("")

    sweep()

    assert {mine, *others} == set(temporary.iterdir())


def test_a_folder_in_which_a_server_still_works_is_not_swept(
    temporary: Path, dead_pid: int
) -> None:
    """Its program may be dead: the server is just being stopped."""
    used = temporary / f"neo4j-sandbox-{dead_pid}-abc"
    used.mkdir()
    with sleeping(used) as fake:
        sweep()
        there = used.exists()
        fake.kill()

    assert there


def test_reset_deletes_nothing_that_no_sandbox_made(tmp_path: Path) -> None:
    """The file that tells a sandbox's folder is missing."""
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(SandboxError, match="is not a sandbox's folder") as caught:
        Sandbox(tmp_path).reset()

    assert [tmp_path / "thesis.txt"] == list(tmp_path.iterdir())
    assert caught.value.next != ()


def test_what_never_ran_can_be_stopped_and_reset(tmp_path: Path) -> None:
    """Nothing is made by it."""
    sandbox = Sandbox(tmp_path / "never")

    assert (sandbox.status(), sandbox.stop()) == (None, False)
    sandbox.reset()
    assert list(tmp_path.iterdir()) == []


def test_a_stale_note_of_a_server_is_not_believed(tmp_path: Path) -> None:
    """Its process is another one by now, or the note is cut: it is not ours to stop."""
    home = tmp_path / "home"
    home.mkdir()
    note = home / "sandbox.json"
    for text in (
        f'{{"uri": "bolt://127.0.0.1:1", "port": 1, "pid": {os.getpid()},'
        f' "version": "5.26.30", "home": "{home}"}}',
        '{"uri": ',
        "[]",
        '{"uri": "bolt://127.0.0.1:1"}',
    ):
        note.write_text(text)
        assert (Sandbox(home).status(), Sandbox(home).stop()) == (None, False)
        assert not note.exists()


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """What the system says of files is no bug of ours."""
    file = tmp_path / "home"
    file.write_text("")

    with pytest.raises(SandboxError) as caught:
        Sandbox(file).start()

    assert caught.value.what == "a file of the sandbox cannot be used"
    assert str(file) in caught.value.why
