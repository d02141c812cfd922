"""The folder that all sandboxes of a user share, room on a disk, and locks."""

from __future__ import annotations

import errno
import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import Next, SandboxError
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox.extra import not_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress = Callable[[SandboxProgress], None]

OTHER_CACHE = Next("export NEO4J_MIGRATE_CACHE=DIR", "name a folder on another disk")
OTHER_TEMP = Next("export TMPDIR=DIR", "name a folder on another disk")
_AGAIN = Next("neo4j-migrate sandbox start", "once that is mended")

_TOLD = 300  # characters of what the system says of many files
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def cache_folder() -> Path:
    """Give the folder that all sandboxes of this user share."""
    named = os.environ.get("NEO4J_MIGRATE_CACHE")
    if named:
        return Path(named).absolute()
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise not_installed("platformdirs") from error
    return user_cache_path("neo4j-migrate-magic", appauthor=False)


def require_room(folder: Path, needed: int, way: Next) -> None:
    """Refuse to begin on a disk that is as good as full.

    Args:
        folder: A folder on the disk.
        needed: So many bytes must be free.
        way: What to type when they are not.

    Raises:
        SandboxError: They are not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SandboxError(
            "the disk is full",
            why=f"{free / 1e6:,.0f} MB are free at {folder},"
            f" {needed / 1e6:,.0f} are needed",
            next=[way],
        )


@contextmanager
def disk_in_words() -> Iterator[None]:
    """Turn what the operating system says of files into an error with a way on.

    Raises:
        SandboxError: A file could not be read or written.
    """
    try:
        yield
    except shutil.Error as error:  # of several files; each has its text alone
        told = str(error.args[0])
        full = any(os.strerror(number) in told for number in _FULL)
        raise _disk_error(told[:_TOLD], full=full) from error
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        told = f"{error.strerror or error}{where}"
        raise _disk_error(told, full=error.errno in _FULL) from error


def _disk_error(told: str, *, full: bool) -> SandboxError:
    what = "the disk is full" if full else "a file of the sandbox cannot be used"
    return SandboxError(what, why=told, next=[_AGAIN])


@contextmanager
def locked(path: Path, on_progress: Progress, what: str) -> Iterator[None]:
    """Let one process at a time do something; the lock ends with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _try_lock(file):
            on_progress(SandboxProgress(f"waiting for another process: {what}"))
            while not _try_lock(file):
                time.sleep(0.1)
        try:
            yield
        finally:
            _unlock(file)


def _try_lock(file: Any) -> bool:
    """Take a lock; False where another one has it, and any other failure is raised."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore] # Windows only
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter is Windows' word for it
        return False
    return True


def _unlock(file: Any) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore] # Windows only
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
