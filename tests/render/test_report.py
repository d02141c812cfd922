"""Lines about runs: at the end, when stopped, and for each event."""

from __future__ import annotations

from dataclasses import replace

import pytest

from neo4j_migrate_magic.model import (
    Direction,
    Event,
    LockWaiting,
    MigrationFinished,
    MigrationStarted,
    Outcome,
    Report,
    RunStarted,
    SandboxProgress,
    SchemaChange,
    ServerWaiting,
    Statement,
    StatementKind,
    StepFinished,
    StepKind,
    StepProgress,
    StepStarted,
)
from neo4j_migrate_magic.render.report import (
    event_line,
    live_line,
    live_wait,
    report_line,
    still_line,
    stopped_line,
)
from neo4j_migrate_magic.render.words import counters, duration, seconds
from tests.render.values import LOCK, done, plan, planned, report, step

COUNTS = {
    "nodes_created": 3,
    "properties_set": 2_408_236,
    "indexes_added": 2,
    "indexes_removed": 1,
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            report(done(counters=COUNTS), done()),
            "applied 2 migrations, 4 steps in 2m34s on neo4j@127.0.0.1:7687"
            "      nodes +3   properties +2,408,236   indexes +2 -1",
        ),
        (
            report(done(Outcome.ROLLED_BACK, steps_run=1), direction=Direction.DOWN),
            "rolled back 1 migration, 1 step in 2m34s on neo4j@127.0.0.1:7687",
        ),
        (
            report(),
            "up to date at 20261125101500 (414 applied) on neo4j@127.0.0.1:7687",
        ),
        (
            report(current=None, applied=0),
            "nothing to apply: no migrations on neo4j@127.0.0.1:7687",
        ),
        (
            report(direction=Direction.DOWN),
            "nothing to roll back on neo4j@127.0.0.1:7687",
        ),
    ],
)
def test_report_line(given: Report, expected: str) -> None:
    """One line says what a run did, also when that was nothing."""
    assert report_line(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "interrupted: nothing was changed"),
        (
            report(done(Outcome.UNTOUCHED)),
            "interrupted: 20261122091400-split_name was not committed; 414 applied on neo4j@127.0.0.1:7687."
            " Run neo4j-migrate up to go on.",
        ),
        (
            report(done(), done(Outcome.PART_WAY)),
            "interrupted: 20261122091400-split_name is part-way at step 2 of 3;"
            " 414 applied on neo4j@127.0.0.1:7687. Run neo4j-migrate up to go on.",
        ),
        (
            report(done(Outcome.UNTOUCHED), direction=Direction.DOWN),
            "interrupted: 20261122091400-split_name was not rolled back; 414 applied on neo4j@127.0.0.1:7687."
            " Run neo4j-migrate down to go on.",
        ),
        (
            report(done()),
            "interrupted after 20261122091400-split_name; 414 applied on neo4j@127.0.0.1:7687."
            " Run neo4j-migrate up to go on.",
        ),
        (
            report(),
            "interrupted; 414 applied on neo4j@127.0.0.1:7687. Run neo4j-migrate up to go on.",
        ),
    ],
)
def test_stopped_line(given: Report | None, expected: str) -> None:
    """An interrupt ends with one definite line."""
    assert stopped_line(given, step(2), ended=False) == expected


def test_stopped_after_the_end() -> None:
    """A run that was through says so."""
    line = stopped_line(report(done()), step(2), ended=True)

    assert (
        line
        == "interrupted after its end: applied 1 migration, 2 steps in 2m34s on neo4j@127.0.0.1:7687"
    )


CREATE = Statement(
    text="",
    canonical="",
    kind=StatementKind.SCHEMA,
    change=SchemaChange(create=True, constraint=False, name="person_last"),
)
DROP = replace(
    CREATE, change=SchemaChange(create=False, constraint=True, name="person_id")
)
DOWN = replace(
    plan(planned()),
    direction=Direction.DOWN,
    versions=("20261101000000", "20261122091400"),
)
SCHEMA = step(2, StepKind.SCHEMA, statements=(CREATE, DROP))


@pytest.mark.parametrize(
    ("event", "brief", "with_steps"),
    [
        (
            RunStarted(plan(planned(), planned())),
            "up  neo4j@127.0.0.1:7687   zero → 20261122091400   2 migrations",
            "up  neo4j@127.0.0.1:7687   zero → 20261122091400   2 migrations",
        ),
        (
            RunStarted(replace(plan(planned()), versions=("20261101000000",))),
            "up  neo4j@127.0.0.1:7687   20261101000000 → 20261122091400   1 migration",
            "up  neo4j@127.0.0.1:7687   20261101000000 → 20261122091400   1 migration",
        ),
        (
            RunStarted(replace(plan(planned()), versions=("20261201000000",))),
            "up  neo4j@127.0.0.1:7687   1 migration",
            "up  neo4j@127.0.0.1:7687   1 migration",
        ),
        (
            RunStarted(DOWN),
            "down  neo4j@127.0.0.1:7687   20261122091400 → 20261101000000"
            "   1 migration",
            "down  neo4j@127.0.0.1:7687   20261122091400 → 20261101000000"
            "   1 migration",
        ),
        (MigrationStarted(planned()), "", "  20261122091400-split_name"),
        (
            MigrationStarted(planned(5, start=3)),
            "  20261122091400-split_name  goes on at step 3 of 5",
            "  20261122091400-split_name  goes on at step 3 of 5",
        ),
        (
            MigrationStarted(planned(2, start=3)),
            "  20261122091400-split_name  has all steps done",
            "  20261122091400-split_name  has all steps done",
        ),
        (
            MigrationFinished(planned(), done()),
            "  20261122091400-split_name  2 steps  0.4s",
            "",
        ),
        (
            StepFinished(planned(), step(1), 132_000, {"nodes_created": 1200}),
            "",
            "    ok  1 data        nodes +1,200                              2m12s",
        ),
        (
            StepFinished(planned(), SCHEMA, 18_200, {}),
            "",
            "    ok  2 schema      + index person_last, - constraint person_id  18.2s",
        ),
        (
            StepFinished(planned(), step(1), 0, {}, settled=True),
            "",
            "    ok  1 data        a former run had done it                  0.0s",
        ),
        (
            LockWaiting(LOCK, 13.0, 47.2),
            "lock held by deploy@ci-7 (pid 4122) since 2026-11-25 11:58:00Z;"
            " waiting, 47s left",
            "lock held by deploy@ci-7 (pid 4122) since 2026-11-25 11:58:00Z;"
            " waiting, 47s left",
        ),
        (
            LockWaiting(replace(LOCK, verb="up"), 13.0, -0.2),
            "lock held by deploy@ci-7 (pid 4122, up) since 2026-11-25 11:58:00Z;"
            " waiting, 0s left",
            "lock held by deploy@ci-7 (pid 4122, up) since 2026-11-25 11:58:00Z;"
            " waiting, 0s left",
        ),
        (
            LockWaiting(replace(LOCK, owner=None), 1.0, 2.0),
            "the lock changes hands; waiting, 2s left",
            "the lock changes hands; waiting, 2s left",
        ),
        (SandboxProgress("starting"), "starting", "starting"),
        (
            SandboxProgress("downloading", 87_000_000, 140_000_000),
            "downloading  62%  87/140 MB",
            "downloading  62%  87/140 MB",
        ),
    ],
)
def test_event_line(event: Event, brief: str, with_steps: str) -> None:
    """A run has a line per migration, or per step where that is asked for."""
    assert event_line(event) == brief
    assert event_line(event, steps=True) == with_steps


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (0, "0.0s"),
        (449, "0.4s"),
        (59_949, "59.9s"),
        (59_999, "1m00s"),
        (132_000, "2m12s"),
        (3_599_999, "1h00m"),
        (3_900_000, "1h05m"),
    ],
)
def test_duration(ms: int, expected: str) -> None:
    """No time reads `60.0s`."""
    assert duration(ms) == expected


def test_no_counters_no_words() -> None:
    """What did not change is not mentioned."""
    assert counters({}) == ""
    assert counters({"nodes_deleted": 2}) == "nodes -2"


def test_a_step_under_way() -> None:
    """A line that changes has the name and the step; one that stays, the step."""
    started = StepStarted(planned(), step(2, StepKind.SCHEMA))

    assert live_line(started, 0.4) == "  split_name 2/3  schema"
    assert live_line(started, 132.7) == "  split_name 2/3  schema  2m12s"
    assert event_line(started) == ""
    assert event_line(started, starts=True) == "    ..  2 schema"
    assert still_line(started, 10.2) == "    ..  2 schema  10s"


@pytest.mark.parametrize(
    ("event", "columns", "expected"),
    [
        (
            LockWaiting(replace(LOCK, verb="up"), 13.0, 47.2),
            39,
            "47s left, lock held by deploy@ci-7 (pid 4122, up)",
        ),
        (
            LockWaiting(LOCK, 13.0, 47.2),
            99,
            "lock held by deploy@ci-7 (pid 4122) since 2026-11-25 11:58:00Z;"
            " waiting, 47s left",
        ),
        (
            LockWaiting(replace(LOCK, owner=None), 1.0, 2.0),
            20,
            "the lock changes hands; waiting, 2s left",
        ),
        (
            ServerWaiting("db:7687", "the connection was refused", 5.0, 55.0),
            39,
            "55s left, no answer from db:7687",
        ),
    ],
)
def test_a_wait_in_a_narrow_terminal(event: Event, columns: int, expected: str) -> None:
    """What changes stands first: the line is cut at the edge."""
    assert live_wait(event, columns) == expected


BUILD = StepProgress(
    planned(),
    step(2, StepKind.SCHEMA),
    18.4,
    what="index person_last",
    done=62.4,
    total=100.0,
    left=49.9,
)


def test_how_far_a_step_is() -> None:
    """Where the server counts, the share stands in the place of the step's kind."""
    started = StepStarted(planned(), step(2, StepKind.SCHEMA))
    early = replace(BUILD, done=0.9, left=None)

    assert live_line(started, 18.9, BUILD) == (
        "  split_name 2/3  18s  62 %  ETA 49s  index person_last"
    )
    assert live_line(started, 2.0, early) == (
        "  split_name 2/3  2s  1 %  index person_last"
    )
    assert still_line(started, 20.0, BUILD) == (
        "    ..  2 schema  20s  62 %  ETA 49s  index person_last"
    )


def test_what_a_step_waits_for() -> None:
    """The server names the transactions whose locks are in the way."""
    started = StepStarted(planned(), step(2))
    blocked = StepProgress(
        planned(), step(2), 5.0, blocked_by=("neo4j-transaction-7", "x-transaction-8")
    )

    assert live_line(started, 5.0, blocked) == (
        "  split_name 2/3  data  5s  waits for a lock of neo4j-transaction-7,"
        " x-transaction-8"
    )


def test_a_step_under_way_in_a_narrow_terminal() -> None:
    """A name is cut for what changes; a line that stays goes on below."""
    named = planned()
    migration = replace(named.migration, name="split_the_names_of_all_persons")
    started = StepStarted(replace(named, migration=migration), step(2, StepKind.SCHEMA))

    line = live_line(started, 18.9, replace(BUILD, what="index i"), columns=39)
    assert line == "  split_t… 2/3  18s  62 %  ETA 49s  index i"
    assert live_line(started, 3.0, columns=39) == (
        "  split_the_names_of_a… 2/3  schema  3s"
    )
    assert still_line(started, 20.0, BUILD, columns=40) == (
        "    ..  2 schema  20s  62 %  ETA 49s\n      index person_last"
    )


@pytest.mark.parametrize(
    ("done", "total", "share"),
    [(None, None, None), (3.0, 0.0, None), (1.0, 4.0, 0.25), (101.0, 100.0, 1.0)],
)
def test_a_share_is_known_only_where_somebody_counts(
    done: float | None, total: float | None, share: float | None
) -> None:
    assert replace(BUILD, done=done, total=total).share == share


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0.9, "0s"), (59.99, "59s"), (60.0, "1m00s"), (3_900.0, "1h05m")],
)
def test_seconds(count: float, expected: str) -> None:
    assert seconds(count) == expected
