"""Look how far a step is that takes its time, as far as the server can tell."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.engine.settle import changes_of
from neo4j_migrate_magic.errors import MigrateError
from neo4j_migrate_magic.model import StepKind, StepProgress
from neo4j_migrate_magic.schema.building import populated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.model import Listener, PlannedMigration, Step

_SECOND = 1.0  # from a step's start to the first look, and from one to the next
_SLOWEST = 10.0  # seconds between two looks at a step that takes hours
_PATIENCE = 2.0  # seconds that a look may take

# Servers tell nothing of the batches of `IN TRANSACTIONS`: the outer transaction runs,
# and the inner ones are not listed (looked at on 5.26 and 2026.08).
_BLOCKED: LiteralString = """CYPHER 5
SHOW TRANSACTIONS YIELD metaData, status
WHERE metaData.run = $run AND status STARTS WITH 'Blocked by'
RETURN status
"""


@dataclass
class _UnderWay:
    planned: PlannedMigration
    step: Step
    began: float
    first: tuple[float, float] | None = None  # when something was counted, and how much


class Watch:
    """Tells of each step that lasts a second or more; a look that fails is the last.

    It looks through the run's own driver, once a second at most, and beside the step:
    Python that blocks the loop is not looked at.

    Args:
        database: Where the run works.
        run_id: What its transactions are told by.
        on_event: Hears of what was seen.
    """

    def __init__(self, database: Database, run_id: str, on_event: Listener) -> None:
        self._database = database
        self._run_id = run_id
        self._on_event = on_event
        self._now: _UnderWay | None = None
        self._begun = asyncio.Event()
        self._blind = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Watch:
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_PATIENCE)

    @contextmanager
    def over(self, planned: PlannedMigration, step: Step) -> Iterator[None]:
        """Watch over a step while it is carried out."""
        self._now = _UnderWay(planned, step, time.monotonic())
        self._begun.set()
        try:
            yield
        finally:
            self._now = None
            self._begun.clear()

    async def _keep(self) -> None:
        while True:
            await self._begun.wait()
            now = self._now
            if now is None:
                continue
            waited = time.monotonic() - now.began
            await asyncio.sleep(min(max(_SECOND, waited / 20), _SLOWEST))
            if self._now is now:
                event = await self._look(now)
                if self._now is now:  # else it is over: what was seen is the past
                    self._on_event(event)

    async def _look(self, now: _UnderWay) -> StepProgress:
        seen: dict[str, Any] = {}
        if not self._blind:
            try:
                seen = await self._asked(now)
            except MigrateError:
                self._blind = True  # no right to look, or no server: the step will say
        waited = time.monotonic() - now.began
        return StepProgress(now.planned, now.step, waited, **seen)

    async def _asked(self, now: _UnderWay) -> dict[str, Any]:
        built = _built(now.step)
        if built:
            done = await populated(self._database, built, timeout=_PATIENCE)
            if done is not None:
                return {
                    "what": _words(now.step, built),
                    "done": done,
                    "total": 100.0,
                    "left": _left(now, done, 100.0),
                }
        found = await self._database.read(
            _BLOCKED, {"run": self._run_id}, timeout=_PATIENCE
        )
        blockers = re.findall(r"[\w.-]+-transaction-\d+", str(found.rows))
        return {"blocked_by": tuple(dict.fromkeys(blockers))}


def _built(step: Step) -> list[str]:
    """Give the names of what a step makes, as far as they are known before it runs."""
    if step.kind is not StepKind.SCHEMA:
        return []
    changes = changes_of(step) or ()
    return [change.name for change in changes if change.create and change.name]


def _words(step: Step, names: list[str]) -> str:
    constraint = any(c.create and c.constraint for c in changes_of(step) or ())
    noun = "constraint" if constraint else "index"
    return f"{noun} {names[0]}" if len(names) == 1 else f"{len(names)} indexes"


def _left(now: _UnderWay, done: float, total: float) -> float | None:
    """Reckon the seconds that are left, by the pace since something was first counted.

    None before a hundredth is done: the pace of so little says nothing.
    """
    when = time.monotonic()
    if now.first is None:
        now.first = (when, done)
    began, at = now.first
    if done < total / 100 or done <= at:
        return None
    return (total - done) * (when - began) / (done - at)
