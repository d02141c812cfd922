"""What a forked process does: one command line, perhaps with a trick played on it.

The process is forked from one that has everything imported, so that hundreds of them
cost little. It runs the shell's own `main`, with its own working directory and output.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import time_machine

from neo4j_migrate_magic.cli.shell import main
from neo4j_migrate_magic.database.connection import Database, Transaction
from neo4j_migrate_magic.history import commit, heartbeat, lock


@dataclass(frozen=True, kw_only=True)
class Tricks:
    """What is done to a process before it runs.

    Args:
        lease: How long its lock holds, in seconds; 0: as the product has it.
        stop_at: The boundary at which it stops itself by SIGSTOP; 0: none.
        clock: How many seconds its clock is ahead.
    """

    lease: int = 0
    stop_at: int = 0
    clock: float = 0.0

    def play(self) -> None:
        if self.lease:
            for module in (lock, heartbeat, commit):
                vars(module)["LEASE"] = float(self.lease)
        if self.stop_at:
            _stop_at(self.stop_at)
        if self.clock:
            now = datetime.now(timezone.utc) + timedelta(seconds=self.clock)
            time_machine.travel(now, tick=True).start()


def work(
    args: tuple[str, ...], folder: Path, out: Path, err: Path, tricks: Tricks
) -> None:
    """Run one command line; the exit code is the process's."""
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    for name in [name for name in os.environ if name.startswith("NEO4J_")]:
        del os.environ[name]
    os.chdir(folder)
    tricks.play()
    sys.exit(main(args))


def _stop_at(wanted: int) -> None:
    """Stop this process at a boundary: before a statement, before or after a COMMIT,
    before or after an autocommit statement."""
    passed = 0

    def reach() -> None:
        nonlocal passed
        passed += 1
        if passed == wanted:
            os.kill(os.getpid(), signal.SIGSTOP)

    _watch(Transaction, "run", reach, after=False)
    _watch(Transaction, "commit", reach, after=True)
    _watch(Database, "autocommit", reach, after=True)


def _watch(owner: type, method: str, reach: Callable[[], None], *, after: bool) -> None:
    original = getattr(owner, method)

    async def watched(self: Any, *args: Any, **options: Any) -> Any:
        reach()
        result = await original(self, *args, **options)
        if after:
            reach()
        return result

    setattr(owner, method, watched)
