"""Values to render: one server, and rows, reports and plans made of few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from neo4j_migrate_magic.model import (
    Direction,
    Lock,
    Migration,
    MigrationKind,
    MigrationReport,
    Outcome,
    Plan,
    PlannedMigration,
    Report,
    Server,
    State,
    Status,
    StatusRow,
    Step,
    StepKind,
)

SERVER = Server(version="5.26.30", database="neo4j", address="127.0.0.1:7687")
NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
LOCK = Lock(
    owner="deploy@ci-7/4122/abc123",
    token=3,
    format=1,
    acquired_at=NOON - timedelta(minutes=2),
    expires_at=NOON + timedelta(seconds=27),
)


def row(version: str, name: str, state: State, **more: Any) -> StatusRow:
    kind = MigrationKind.CYPHER
    return StatusRow(version=version, name=name, state=state, kind=kind, **more)


def status(*rows: StatusRow, lock: Lock | None = None) -> Status:
    return Status(rows=rows, server=SERVER, lock=lock, now=NOON)


APPLIED = row(
    "20261101081200",
    "add_orders",
    State.APPLIED,
    applied_at=datetime(2026, 11, 1, 8, 12, 4, tzinfo=timezone.utc),
    duration_ms=4100,
    steps_done=3,
    steps=3,
    reversible=True,
    checksum="ab",
    by="deploy@ci-7",
)
FAILED = row(
    "20261122091400",
    "split_name",
    State.FAILED,
    steps_done=1,
    steps=3,
    note="failed at step 2 of 3",
)
PENDING = row("20261125101500", "add_fulltext", State.PENDING)


def step(index: int, kind: StepKind = StepKind.DATA, **more: Any) -> Step:
    return Step(index=index, kind=kind, hash=str(index), **more)


def planned(steps: int = 3, start: int = 1) -> PlannedMigration:
    migration = Migration(
        version="20261122091400",
        name="split_name",
        kind=MigrationKind.CYPHER,
        checksum="",
        source="",
    )
    return PlannedMigration(
        migration=migration,
        direction=Direction.UP,
        steps=tuple(step(n) for n in range(1, steps + 1)),
        start=start,
    )


def plan(*migrations: PlannedMigration) -> Plan:
    return Plan(direction=Direction.UP, migrations=migrations, server=SERVER)


def done(outcome: Outcome = Outcome.APPLIED, **more: Any) -> MigrationReport:
    values: dict[str, Any] = {"steps": 3, "steps_run": 2, "left": True}
    values |= {"duration_ms": 400, **more}
    return MigrationReport(
        version="20261122091400", name="split_name", outcome=outcome, **values
    )


def report(*migrations: MigrationReport, **more: Any) -> Report:
    made = Report(
        direction=Direction.UP,
        server=SERVER,
        migrations=migrations,
        current="20261125101500",
        applied=414,
        duration_ms=154_000,
    )
    return replace(made, **more)
