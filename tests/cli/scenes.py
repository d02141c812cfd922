"""Runs, results and failures to be shown, the streams they go to, and what is there."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from neo4j_migrate_magic.model import (
    MigrationFinished,
    MigrationStarted,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)
from tests.cli.conftest import Shown
from tests.render.schemas import check, check_event
from tests.render.values import done, plan, planned, report, step

Tell = Callable[[Any], None]


async def two_steps(tell: Tell) -> Any:
    """Tell what a run of one migration tells."""
    migration = planned(2)
    tell(RunStarted(plan(migration)))
    tell(MigrationStarted(migration))
    tell(StepStarted(migration, step(1)))
    tell(StepFinished(migration, step(1), 400, {"nodes_created": 3}))
    tell(MigrationFinished(migration, done()))
    result = report(done())
    tell(RunFinished(result))
    return result


def one_object(shown: Shown) -> Any:
    """The one object of an output that is nothing else, and as its schema says."""
    assert shown.err == ""
    assert shown.out.count("\n") == 1
    found = json.loads(shown.out)
    check(found)
    assert found["exit_code"] == shown.code
    return found


def lines(shown: Shown) -> list[Any]:
    """The lines of a stream; the last one tells how it ended."""
    assert shown.err == ""
    found = [json.loads(line) for line in shown.out.splitlines()]
    for one in found:
        check_event(one)
    assert [n for n, one in enumerate(found, 1) if one["event"] == "run_finished"] == [
        len(found)
    ]
    assert found[-1]["exit_code"] == shown.code
    return found


def gives(result: Any) -> Callable[[Tell], Any]:
    """What a migrator does that only gives a result."""

    async def work(tell: Tell) -> Any:
        return result

    return work


def raises(error: BaseException) -> Callable[[Tell], Any]:
    """What a migrator does that begins a run and then fails."""

    async def work(tell: Tell) -> Any:
        await two_steps(tell)
        raise error

    return work


class Console(io.TextIOWrapper):
    """A stream that pretends to be a terminal, with an encoding."""

    def __init__(self, encoding: str, *, tty: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="")
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]
