"""The shared folder, room on a disk, and one process at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from neo4j_migrate_magic.errors import SandboxError
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox.cache import (
    OTHER_CACHE,
    cache_folder,
    disk_in_words,
    locked,
    require_room,
)

HOLDER = """\
import sys, time
from pathlib import Path
from neo4j_migrate_magic.sandbox.cache import locked

with locked(Path(sys.argv[1]), lambda progress: None, ""):
    print("mine", flush=True)
    time.sleep(60)
"""


def test_the_cache_is_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative one is not another folder after a change of directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEO4J_MIGRATE_CACHE", "here")

    assert tmp_path / "here" == cache_folder()


def test_a_disk_with_too_little_room_is_refused(
    small_disk: Callable[[int], Path],
) -> None:
    """It says how much there is, where, how much it takes, and what to set."""
    disk = small_disk(8_000)

    with pytest.raises(SandboxError) as caught:
        require_room(disk, 200_000_000, OTHER_CACHE)

    assert caught.value.what == "the disk is full"
    assert f"8 MB are free at {disk}, 200 are needed" == caught.value.why
    assert caught.value.next == (OTHER_CACHE,)
    require_room(disk, 1_000_000, OTHER_CACHE)


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "a file of the sandbox cannot be used"),
        (errno.EROFS, "a file of the sandbox cannot be used"),
    ],
)
def test_what_the_system_says_of_a_file_is_put_in_words(number: int, what: str) -> None:
    """With the file, the system's word for it, and something to type."""
    with pytest.raises(SandboxError) as caught, disk_in_words():
        raise OSError(number, os.strerror(number), "/a/file")

    assert what == caught.value.what
    assert f"{os.strerror(number)}: /a/file" == caught.value.why
    assert caught.value.next != ()


def test_a_lock_is_taken_over_when_its_holder_is_killed(tmp_path: Path) -> None:
    """Whoever waits says for what; a killed holder leaves nothing to clean up."""
    lock = tmp_path / "new" / "some.lock"
    told: list[SandboxProgress] = []
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "mine\n"

        def end_the_holder(progress: SandboxProgress) -> None:
            told.append(progress)
            holder.kill()

        with locked(lock, end_the_holder, "the download"):
            assert [
                SandboxProgress("waiting for another process: the download")
            ] == told


def test_a_lock_that_cannot_be_taken_at_all_is_not_waited_for(tmp_path: Path) -> None:
    """Only another holder is: a file system without locks is a failure."""
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(OSError, match="file"),
        locked(tmp_path / "file" / "lock", print, "a miracle"),
    ):
        pass
