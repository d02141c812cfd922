"""The log as lines: one an event, in columns, whatever stands in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from neo4j_migrate_magic.model import Log, LogEntry
from neo4j_migrate_magic.render.log import log_lines
from tests.render.values import NOON, SERVER

TOOL = {"tool": "1.2.3"}


def entry(what: str, version: str | None = "20261101081200", **more: Any) -> LogEntry:
    values: dict[str, Any] = {
        "name": "add_orders",
        "by": "deploy@ci-7",
        "run_id": "abc",
    }
    values |= {"at": NOON, "detail": {}, **more}
    return LogEntry(what=what, version=version, **values)


def log(*entries: LogEntry, more: bool = False) -> Log:
    return Log(entries=entries, server=SERVER, more=more)


def test_an_entry_tells_when_what_who_with_what_and_how_much() -> None:
    detail = {
        **TOOL,
        "checksum": "ab",
        "steps": 3,
        "duration_ms": 132_000,
        "counters": {"nodes_created": 1200, "indexes_removed": 1},
    }
    applied = entry("applied", detail=detail)
    earlier = entry(
        "taken over",
        None,
        name=None,
        at=NOON - timedelta(hours=1),
        detail={"from": "bob@laptop/4122/def"},
    )

    assert log_lines(log(applied, earlier)).splitlines() == [
        "2026-11-25 12:00:00Z  applied     20261101081200-add_orders  deploy@ci-7"
        "  tool 1.2.3  2m12s  nodes +1,200   indexes -1",
        "2026-11-25 11:00:00Z  taken over                             deploy@ci-7"
        "  from bob@laptop (pid 4122)",
    ]


def test_a_failure_tells_its_step_and_all_of_why() -> None:
    error = f"migrations/x.cypher:3: / by zero\nmore\n{'and more ' * 40}to the end"
    line = log_lines(
        log(entry("failed", detail={**TOOL, "step": 2, "steps": 3, "error": error}))
    )
    assert line.endswith(
        "tool 1.2.3  step 2 of 3: migrations/x.cypher:3: / by zero more"
        f" {'and more ' * 40}to the end"
    )


def test_a_long_reason_goes_on_below() -> None:
    error = " ".join(f"word-{n}" for n in range(100))
    detail = {**TOOL, "step": 2, "steps": 3, "direction": "down", "error": error}

    lines = log_lines(log(entry("failed", detail=detail)), columns=60).splitlines()

    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).split()).endswith(f"step 2 of 3 of down: {error}")


def test_a_correction_tells_what_was_said() -> None:
    told = [
        {"mark": "applied"},
        {"mark": "pending", "step": 2},  # before 0.1 it told no more
        {"mark": "pending", "step": 2, "steps": 3, "now": "part-way"},
        {"mark": "applied", "now": "applied"},
        {"mark": "applied", "direction": "down", "now": "applied"},
        {
            "mark": "applied",
            "step": 2,
            "steps": 2,
            "direction": "down",
            "now": "rolled back",
        },
        {"renumbered": {"from": "20250101000000", "to": "20260101000000"}},
        {"renumbered": "no object"},
        {"accepted": "0123456789abcdef", "instead_of": "ab"},
        {"format": 2},
        {"made": ["_migrate_lock", "_migrate_record"]},
    ]
    lines = log_lines(log(*(entry("repaired", detail=d) for d in told))).splitlines()

    assert [line.rpartition("  ")[2] for line in lines] == [
        "marked as applied",
        "step 2 marked as pending",
        "step 2 of 3 marked as pending: part-way",
        "marked as applied",
        "marked as applied, amid its down",
        "step 2 of 2 of down marked as applied: rolled back",
        "renumbered from 20250101000000",
        "renumbered",
        "accepted the edited file, checksum 0123456789ab",
        "history upgraded to format 2",
        "made _migrate_lock and _migrate_record",
    ]


def test_an_empty_log_and_a_cut_one_say_so() -> None:
    assert log_lines(log()) == "nothing has happened yet"
    assert log_lines(log(entry("applied"), more=True)).endswith(
        "\n… and older ones; --limit N shows more"
    )


def test_columns_stand_below_each_other_in_every_script() -> None:
    """A name may have wide characters."""
    lines = log_lines(log(entry("applied", name="追加"), entry("applied", name="plus")))
    one, two = lines.splitlines()
    assert one.index("deploy") + 2 == two.index("deploy")


def test_nothing_that_a_terminal_would_act_on_is_written() -> None:
    """Whoever writes to the database writes into what others read."""
    evil = "\x1b]0;x\x07\n\u202e"
    detail = {"tool": evil, "mark": evil, "step": evil, "error": evil, "steps": evil}
    lines = log_lines(
        log(
            entry(evil, evil, name=evil, by=evil, detail=detail),
            entry("taken over", None, by=evil, detail={"from": f"{evil}/1/2"}),
            entry("repaired", detail={"accepted": evil, "made": [evil], "error": ""}),
        )
    )

    assert len(lines.splitlines()) == 3
    assert not {"\x1b", "\x07", "\u202e"} & set(lines)
