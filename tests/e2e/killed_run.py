"""Run `up` or `down` in a process that ends itself by SIGKILL at one boundary.

A boundary is what can be lost or not: before a statement is sent, before and after a
COMMIT, before and after an autocommit statement. Started once, this program forks a
child for each line it reads: ``{"verb", "uri", "config", "kill"}``; it answers
``{"killed", "boundaries", "error"}``.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

from neo4j_migrate_magic.database.connection import Database, Transaction
from neo4j_migrate_magic.errors import MigrateError
from neo4j_migrate_magic.migrator import Migrator


class Boundaries:
    """Counts them, and kills this process at the one asked for."""

    def __init__(self, kill: int) -> None:
        self.passed = 0
        self._kill = kill

    def reach(self) -> None:
        self.passed += 1
        if self.passed == self._kill:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(owner: type, method: str, boundaries: Boundaries, *, after: bool) -> None:
    """Make a method reach a boundary before it works, and another one after."""
    original = getattr(owner, method)

    async def watched(self: Any, *args: Any, **options: Any) -> Any:
        boundaries.reach()
        result = await original(self, *args, **options)
        if after:
            boundaries.reach()
        return result

    setattr(owner, method, watched)


async def run(job: dict[str, Any]) -> str:
    try:
        async with Migrator(uri=job["uri"], config=job["config"]) as migrator:
            if job["verb"] == "up":
                await migrator.up()
            else:
                await migrator.down("all")
    except MigrateError as error:
        return error.code
    return ""


def child(job: dict[str, Any], answer: int) -> None:
    boundaries = Boundaries(job["kill"])
    watch(Transaction, "run", boundaries, after=False)
    watch(Transaction, "commit", boundaries, after=True)
    watch(Database, "autocommit", boundaries, after=True)
    error = asyncio.run(run(job))
    told = {"killed": False, "boundaries": boundaries.passed, "error": error}
    os.write(answer, json.dumps(told).encode())


def main() -> None:
    for line in sys.stdin:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            child(json.loads(line), writing)
            os._exit(0)
        os.close(writing)
        os.waitpid(pid, 0)
        with os.fdopen(reading) as answer:
            text = answer.read()
        print(text or json.dumps({"killed": True}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
