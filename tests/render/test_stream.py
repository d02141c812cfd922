"""The lines of ``--format jsonl``, held against the schema of events."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from neo4j_migrate_magic.model import (
    LockWaiting,
    MigrationFinished,
    MigrationStarted,
    RunFinished,
    RunStarted,
    SandboxProgress,
    ServerWaiting,
    StepFinished,
    StepProgress,
    StepStarted,
)
from neo4j_migrate_magic.render.json import line
from neo4j_migrate_magic.render.stream import event_object
from tests.render.schemas import check_event
from tests.render.values import LOCK, NOON, done, plan, planned, report, step


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (RunStarted(plan(planned(3, start=2))), "run_started"),
        (LockWaiting(LOCK, 1.5, 58.5), "lock_waiting"),
        (LockWaiting(replace(LOCK, owner=None), 1.5, -1), "lock_waiting"),
        (ServerWaiting("127.0.0.1:7687", "refused", 1, 9), "server_waiting"),
        (MigrationStarted(planned()), "migration_started"),
        (StepStarted(planned(), step(1)), "step_started"),
        (StepProgress(planned(), step(1), 1.5), "step_progress"),
        (
            StepProgress(planned(), step(1), 9, "index i", 62.5, 100, 4.2, ("t-1",)),
            "step_progress",
        ),
        (StepFinished(planned(), step(1), 12, {"nodes_created": 1}), "step_finished"),
        (MigrationFinished(planned(), done()), "migration_finished"),
    ],
)
def test_every_event_is_as_the_schema_says(event: Any, name: str) -> None:
    """A line of a stream is flat: versions, names, numbers of steps."""
    found = event_object(event, NOON)

    assert found is not None
    check_event(json.loads(line(found)))
    assert (found["event"], found["at"]) == (name, "2026-11-25T12:00:00Z")


def test_what_is_no_line_of_a_stream() -> None:
    """The last line is the envelope; what the sandbox does is no part of a run."""
    assert event_object(RunFinished(report()), NOON) is None
    assert event_object(SandboxProgress("starting Neo4j"), NOON) is None
