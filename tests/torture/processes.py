"""Command lines in processes of their own: by the shell's script, or forked cheaply."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.torture.child import Tricks, work

SCRIPT = Path(sys.executable).with_name("neo4j-migrate")
_NO_TRICK = Tricks()

# What a run imports when it needs it, so that a fork has it already.
_PRELOADED = [
    "__main__",
    "neo4j",
    "time_machine",
    "neo4j_migrate_magic.cli.shell",
    "neo4j_migrate_magic.cli.interrupts",
    "neo4j_migrate_magic.migrator",
]


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str
    seconds: float
    """From its start, or from the last signal that it was sent."""

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def error(self) -> str:
        """The code of the error block, such as ``UP.LOST_LOCK``."""
        heads = [line for line in self.err.splitlines() if line.startswith("error ")]
        assert len(heads) < 2, self.err
        return heads[0].split()[1] if heads else ""


class Started:
    """A process at work."""

    def __init__(
        self, pid: int, poll: Callable[[], int | None], out: Path, err: Path
    ) -> None:
        self.pid = pid
        self._poll = poll
        self._out, self._err = out, err
        self._since = time.monotonic()

    @property
    def code(self) -> int | None:
        """The exit code, once it has ended."""
        return self._poll()

    @property
    def said(self) -> str:
        """What it has said on stderr so far."""
        return self._err.read_text()

    @property
    def stopped(self) -> bool:
        """Whether it is stopped by SIGSTOP."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    def signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.code is None:
            self._since = time.monotonic()
            os.kill(self.pid, number)

    def wait(self, timeout: float = 120.0) -> Ended:
        """Wait for its end.

        Raises:
            TimeoutError: It did not come.
        """
        limit = time.monotonic() + timeout
        while (code := self.code) is None:
            if time.monotonic() > limit:
                raise TimeoutError(f"{timeout:.0f}s were not enough:\n{self.said}")
            time.sleep(0.002)
        seconds = time.monotonic() - self._since
        return Ended(code, self._out.read_text(), self.said, seconds)


class Processes:
    """Starts command lines in a folder; ends those that are left, at the end."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self._folder = folder
        self._logs = logs
        self._numbers = count(1)
        self._all: list[Started] = []
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)

    def forked(self, *args: str, tricks: Tricks = _NO_TRICK) -> Started:
        """Fork a process that runs a command line."""
        out, err = self._files()
        process = self._context.Process(
            target=work, args=(args, self._folder, out, err, tricks)
        )
        process.start()
        assert process.pid
        return self._known(Started(process.pid, lambda: process.exitcode, out, err))

    def console(self, *args: str) -> Started:
        """Start the shell's own script."""
        out, err = self._files()
        environ = {n: v for n, v in os.environ.items() if not n.startswith("NEO4J_")}
        with out.open("w") as stdout, err.open("w") as stderr:
            process = subprocess.Popen(
                [SCRIPT, *args],
                cwd=self._folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
        return self._known(Started(process.pid, process.poll, out, err))

    def _files(self) -> tuple[Path, Path]:
        """Where the next one writes; there even if it is killed before it writes."""
        number = next(self._numbers)
        files = self._logs / f"{number}.out", self._logs / f"{number}.err"
        for file in files:
            file.touch()
        return files

    def _known(self, started: Started) -> Started:
        self._all.append(started)
        return started

    def end(self) -> None:
        """Kill what is still there."""
        for started in self._all:
            started.signal(signal.SIGKILL)
        for started in self._all:
            started.wait(10)


@contextmanager
def processes(folder: Path, logs: Path) -> Iterator[Processes]:
    """Give what starts processes; none outlives the test."""
    found = Processes(folder, logs)
    try:
        yield found
    finally:
        found.end()
