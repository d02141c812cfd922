"""The processes of servers: find the one of a folder, see whether it runs, end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_HOME = "--home-dir="
"""The option by which a server's command line tells whose it is."""


def home_option(home: Path) -> str:
    """Give the option that names a server's folder."""
    return f"{_HOME}{home}"


def serves(pid: int, home: Path) -> bool:
    """Whether a process is the server of a folder.

    By its command line: another process may get the number, and a time of birth
    changes when the clock is set.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return home_option(home) in process.cmdline()
    except psutil.Error:
        return False


def servers() -> dict[str, int]:
    """Give the servers that run here: the process of each folder."""
    import psutil

    return {
        argument.removeprefix(_HOME): process.pid
        for process in psutil.process_iter(["cmdline"])
        if any("org.neo4j." in word for word in process.info["cmdline"] or ())
        for argument in process.info["cmdline"]
        if argument.startswith(_HOME)
    }


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def stop(pid: int, grace: float) -> None:
    """End a server; one that takes longer than `grace` seconds is killed."""
    import psutil

    try:
        process = psutil.Process(pid)
        process.terminate()
        try:
            process.wait(grace)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)
    except psutil.NoSuchProcess:
        return
