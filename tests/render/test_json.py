"""What each command gives a program, held against the schemas that ship."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from neo4j_migrate_magic.cli.call import tree
from neo4j_migrate_magic.config import InitResult
from neo4j_migrate_magic.errors import (
    LockHeldError,
    Next,
    Place,
    StatementFailedError,
)
from neo4j_migrate_magic.model import (
    CellAction,
    Check,
    Correction,
    Diagnosis,
    Direction,
    LockView,
    Log,
    LogEntry,
    MigrationKind,
    MigrationView,
    Outcome,
    Problem,
    ProblemKind,
    SandboxAnswer,
    State,
    Statement,
    StatementKind,
    StepKind,
    StepState,
    Verdict,
    Verification,
    WrittenMigration,
)
from neo4j_migrate_magic.render import json as rendered
from neo4j_migrate_magic.render.data import DATA, moment
from neo4j_migrate_magic.render.explain import explain
from tests.render.schemas import check, schemas
from tests.render.values import (
    APPLIED,
    FAILED,
    LOCK,
    NOON,
    PENDING,
    SERVER,
    done,
    report,
    row,
    status,
    step,
)

STATEMENT = Statement(
    text="CREATE (:A)", canonical="CREATE (:A)", kind=StatementKind.WRITE, line=2
)
VIEW = MigrationView(
    row=replace(FAILED, path=Path("migrations/20261122091400-split_name.cypher")),
    description="Split a name",
    steps=(step(1, statements=(STATEMENT,)), step(2, StepKind.AUTOCOMMIT)),
    states=(StepState.DONE, StepState.IN_DOUBT),
    direction=Direction.UP,
    way_back="written",
    source="CREATE (:A)",
    server=SERVER,
    error="no",
    run_id="abc",
    tool="0.1.0",
    made_on="5.26.30",
    counters={"nodes_created": 1},
    diff=("- a", "+ b"),
)
PROBLEM = Problem(
    kind=ProblemKind.EDITED,
    version="20261101081200",
    title="20261101081200-add_orders",
    what="statement 2 changed",
    where=Place("migrations/20261101081200-add_orders.cypher", 3),
    diff=("- a", "+ b"),
    next=(Next("git checkout -- x", "undo the edit"),),
)
ENTRY = LogEntry(
    at=NOON,
    what="rolled back",
    version="20261101081200",
    name="add_orders",
    by="deploy@ci-7",
    run_id="abc",
    detail={"duration_ms": 3, "counters": {"nodes_deleted": 1}},
)
HELD = LockView(lock=LOCK, now=NOON, server=SERVER, done="released")
MADE = Correction(
    said="recorded 1 migration as applied; nothing was run",
    server=SERVER,
    titles=("20261101081200-add_orders",),
    skipped={"20261122091400-split_name": "it is applied"},
)
STARTED = SandboxAnswer(
    said="it runs", uri="bolt://127.0.0.1:7", version="5.26.30", pid=7, home="x"
)
NOWHERE = SandboxAnswer(said="stopped")

WRITTEN = WrittenMigration(
    path=Path("migrations/20261122091400-split_name.py"),
    version="20261122091400",
    name="split_name",
    kind=MigrationKind.PYTHON,
    action=CellAction.UPDATED,
    steps=(step(1),),
    diff=("-old", "+new"),
    notes=("line 3: nothing in the file is called `x`",),
    report=report(done()),
)

RESULTS = [
    (
        "init",
        InitResult(
            config_path=Path("neo4j-migrate.toml"),
            folder=Path("migrations"),
            created_config=True,
            created_folder=False,
            warnings=("a password stands in a file",),
        ),
    ),
    ("create", WRITTEN),
    ("create", replace(WRITTEN, steps=(), diff=(), notes=(), report=None)),
    ("up", report(done(counters={"nodes_created": 2}), run_id="abc", before=None)),
    ("up", report(current=None)),
    ("down", report(done(Outcome.ROLLED_BACK), direction=Direction.DOWN)),
    ("status", status(APPLIED, FAILED, PENDING, lock=LOCK)),
    ("status", status(row("20260101000000", "old", State.LATE, note="late"))),
    ("status", status()),
    ("show", VIEW),
    ("show", replace(VIEW, row=PENDING, error="", run_id="", tool="", made_on="")),
    ("show", "CREATE (:A);\n"),
    ("verify", Verification(problems=(), compared=3, server=SERVER)),
    ("log", Log(entries=(ENTRY,), server=SERVER, more=True)),
    (
        "log",
        Log(
            entries=(replace(ENTRY, version=None, name=None, by="", run_id=""),),
            server=SERVER,
        ),
    ),
    ("repair", MADE),
    ("baseline", MADE),
    ("stop", HELD),
    ("unlock", replace(HELD, lock=None)),
    ("unlock", replace(HELD, lock=replace(LOCK, owner="somebody", expires_at=None))),
    ("explain", explain("LOCK.HELD")),
    ("completion", "complete me"),
    ("connect", "neo4j@dev (Neo4j 5.26.30), chosen here"),
    *((f"sandbox {verb}", STARTED) for verb in ("start", "status")),
    *((f"sandbox {verb}", NOWHERE) for verb in ("stop", "reset", "status")),
]


def answer(command: str, result: Any, exit_code: int = 0, **more: Any) -> Any:
    """The object of a command's result, as a program reads it."""
    values: dict[str, Any] = {
        "data": rendered.data_of(command, result),
        "diagnostics": rendered.diagnostics_of(result),
        "server": SERVER,
        "timing_ms": 3,
        **more,
    }
    made = rendered.envelope(
        command, exit_code=exit_code, tool_version="0.1.0", **values
    )
    text = rendered.line(made)
    assert "\n" not in text
    assert text.isascii()
    return json.loads(text)


@pytest.mark.parametrize(("command", "result"), RESULTS)
def test_every_result_is_as_its_schema_says(command: str, result: Any) -> None:
    """Nothing is missing, nothing is there that the schema does not name."""
    found = answer(command, result)

    check(found)
    assert found["ok"] is True
    assert found["command"] == command


def verbs() -> list[str]:
    """Every command of the tree, with its group's name before it."""
    found = []
    for name, command in tree.commands.items():
        inner = getattr(command, "commands", None)
        found += [name] if inner is None else [f"{name} {verb}" for verb in inner]
    return found


def test_every_command_has_its_json() -> None:
    """A row that makes it, a schema, and a result in the table above."""
    assert set(DATA) == set(verbs())
    assert {command for command, _ in RESULTS} | {"doctor"} == set(verbs())
    others = {"envelope", "error", "event", "shared"}
    assert {rendered.schema_name(verb) for verb in verbs()} | others == set(schemas())


@pytest.mark.parametrize("name", schemas())
def test_the_schemas_are_schemas(name: str) -> None:
    """Each is valid itself, and says what it is of."""
    schema = schemas()[name]

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:neo4j-migrate:{name}:1"
    assert schema["title"]


def test_an_envelope_says_where() -> None:
    """Server, database and environment; null for what nobody has told."""
    prod = replace(SERVER, env="prod", edition="enterprise")

    assert answer("status", status(), server=prod)["database"] == {
        "name": "neo4j",
        "env": "prod",
        "server": "5.26.30",
        "edition": "enterprise",
    }
    unknown = replace(SERVER, database="", version="")
    assert answer("status", status(), server=unknown)["database"] == {
        "name": None,
        "env": None,
        "server": None,
        "edition": None,
    }
    assert answer("status", status(), server=None)["database"] is None


def test_a_status_for_a_program() -> None:
    """UTC with Z, milliseconds, the words of the states, arrays always there."""
    lock = replace(LOCK, verb="up")
    found = answer("status", status(APPLIED, FAILED, PENDING, lock=lock))["data"]

    assert found["current"] == APPLIED.version
    assert (found["applied"], found["pending"]) == (1, 1)
    assert found["lock"] == {
        "holder": "deploy@ci-7/4122/abc123",
        "user": "deploy",
        "host": "ci-7",
        "pid": 4122,
        "run_id": "abc123",
        "command": "up",
        "since": "2026-11-25T11:58:00Z",
        "expires_at": "2026-11-25T12:00:27Z",
        "live": True,
    }
    assert found["migrations"][0] == {
        "version": "20261101081200",
        "name": "add_orders",
        "state": "applied",
        "direction": "up",
        "applied_at": "2026-11-01T08:12:04Z",
        "duration_ms": 4100,
        "steps_done": 3,
        "steps": 3,
        "kind": "cypher",
        "reversible": True,
        "checksum": "ab",
        "by": "deploy@ci-7",
        "path": None,
        "note": "",
    }
    assert answer("status", status())["data"]["migrations"] == []


def test_counts_of_a_status_are_of_all_rows() -> None:
    """Whatever rows were asked for."""
    found = answer("status", status(APPLIED, PENDING).only(["pending"]))["data"]

    assert (found["applied"], found["pending"]) == (1, 1)
    assert found["current"] == APPLIED.version
    assert [one["state"] for one in found["migrations"]] == ["pending"]


def test_times_are_utc_wherever_they_come_from() -> None:
    berlin = timezone(timedelta(hours=1))

    assert moment(datetime(2026, 1, 1, 0, 30, tzinfo=berlin)) == "2025-12-31T23:30:00Z"
    assert moment(None) is None


def test_a_run_that_was_stopped_tells_what_it_did() -> None:
    """Its error is the first diagnostic, with what is kept and what to type."""
    error = StatementFailedError(
        "it failed at step 2 of 3",
        direction="up",
        why="so",
        where=Place("migrations/x.cypher", 4, 7, "CREATE"),
        kept="step 1 is done and recorded",
        next=[("neo4j-migrate up", "after correcting it")],
    )
    stopped = report(done(Outcome.PART_WAY, counters={"nodes_created": 1}))

    found = answer("up", stopped, 8, diagnostics=[rendered.error_diagnostic(error)])

    check(found)
    assert (found["ok"], found["exit_code"]) == (False, 8)
    assert found["data"]["stopped_at"] == "20261122091400"
    assert found["data"]["migrations"][0]["outcome"] == "part-way"
    assert found["data"]["counters"] == {"nodes_created": 1}
    assert found["diagnostics"] == [
        {
            "code": "UP.STATEMENT_FAILED",
            "severity": "error",
            "summary": "it failed at step 2 of 3",
            "why": "so",
            "where": {"path": "migrations/x.cypher", "line": 4, "column": 7},
            "kept": "step 1 is done and recorded",
            "next": [{"label": "after correcting it", "command": "neo4j-migrate up"}],
        }
    ]


@pytest.mark.parametrize("command", [*DATA, ""])
def test_every_command_can_fail(command: str) -> None:
    """What is not known is null, not an empty list."""
    failure = rendered.error_diagnostic(LockHeldError("held"))

    found = answer(command, None, 9, diagnostics=[failure], server=None)

    check(found)
    assert found["data"] is None


def test_problems_are_errors() -> None:
    """`verify` fails by its result: each problem is a diagnostic, too."""
    found = Verification(problems=(PROBLEM,), compared=2, server=SERVER)

    made = answer("verify", found, found.exit_code)

    check(made)
    assert made["exit_code"] == 7
    assert made["data"]["problems"][0]["name"] == "add_orders"
    assert made["diagnostics"][0]["code"] == "INTEGRITY.EDITED"
    assert made["diagnostics"][0]["where"]["line"] == 3


def test_checks_that_failed_come_first() -> None:
    """What `doctor` warns of is a warning, what is well is none."""
    fix = Next("neo4j-migrate repair history", "makes it again")
    checks = (
        Check(verdict=Verdict.OK, area="config", what="well"),
        Check(verdict=Verdict.WARN, area="clock", what="behind"),
        Check(verdict=Verdict.FAIL, area="history", what="gone", next=fix, exit_code=7),
    )
    found = Diagnosis(checks=checks, server=SERVER)

    made = answer("doctor", found, found.exit_code)

    check(made)
    assert [one["verdict"] for one in made["data"]["checks"]] == ["ok", "warn", "fail"]
    assert [(d["code"], d["severity"]) for d in made["diagnostics"]] == [
        ("DOCTOR.HISTORY", "error"),
        ("DOCTOR.CLOCK", "warning"),
    ]


def test_rows_that_need_a_look_are_warnings() -> None:
    late = row("20260101000000", "old", State.LATE, note="late")

    found = answer("status", status(late, APPLIED))["diagnostics"]

    assert [(d["code"], d["severity"], d["summary"]) for d in found] == [
        ("INTEGRITY.LATE", "warning", "20260101000000-old: late")
    ]


def test_paths_inside_the_folder_are_relative() -> None:
    """As texts write them; what the user wrote stays as it is."""
    found = {
        "path": "/a/b/m/x.cypher",
        "next": [{"command": "git checkout -- /a/b/m/x.cypher"}],
        "text": "LOAD CSV FROM 'file:///a/b/x'",
    }

    assert rendered.shortened(found, "/a/b") == {
        "path": "m/x.cypher",
        "next": [{"command": "git checkout -- m/x.cypher"}],
        "text": "LOAD CSV FROM 'file:///a/b/x'",
    }
