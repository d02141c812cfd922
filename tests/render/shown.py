"""One of each result, with a strange text in every place that takes one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from neo4j_migrate_magic.config import InitResult
from neo4j_migrate_magic.errors import Next, Place
from neo4j_migrate_magic.model import (
    CellAction,
    Check,
    CodePage,
    Correction,
    Diagnosis,
    Direction,
    Explanation,
    Lock,
    LockView,
    Log,
    LogEntry,
    MigrationDiff,
    MigrationKind,
    MigrationReport,
    MigrationView,
    Outcome,
    Problem,
    ProblemKind,
    QueryResult,
    Report,
    SandboxAnswer,
    Server,
    State,
    Statement,
    StatementKind,
    Status,
    StatusRow,
    Step,
    StepKind,
    StepState,
    Verdict,
    Verification,
    WrittenMigration,
)
from tests.render.values import NOON

PLAIN = "a name"
EVIL = "<img src=x onerror=alert(1)>&\"'\x1b[2J\u202e</pre>"


def results(odd: str = PLAIN) -> dict[str, Any]:
    """One of each, by its class."""
    server = Server(version=odd, database=odd, address=odd)
    where = Place(odd, 3, 1, odd)
    way = Next(f"neo4j-migrate repair {odd}", odd)
    written = {"version": "20260101000000", "name": odd, "kind": MigrationKind.CYPHER}
    row = StatusRow(
        **written, state=State.FAILED, applied_at=NOON, by=odd, path=Path(odd), note=odd
    )
    statement = Statement(text=odd, canonical=odd, kind=StatementKind.WRITE)
    steps = (Step(index=1, kind=StepKind.DATA, hash="", statements=(statement,)),)
    lock = Lock(owner=f"{odd}/1/2", token=1, format=1, expires_at=NOON)
    detail = {"error": odd, "tool": odd, "mark": odd, "from": odd, "step": odd}
    entry = LogEntry(at=NOON, what=odd, version=odd, name=odd, by=odd, run_id=odd)
    failed = LogEntry(
        at=NOON, what="failed", version=odd, name=odd, by=odd, run_id="", detail=detail
    )
    view: dict[str, Any] = {
        "row": row,
        "description": odd,
        "steps": steps,
        "states": (StepState.FAILED,),
        "direction": Direction.UP,
        "way_back": "written",
        "source": odd,
        "server": server,
        "error": odd,
        "run_id": odd,
        "tool": odd,
        "made_on": odd,
        "diff": (f"- {odd}", f"+ {odd}", odd),
    }
    page = CodePage(
        code=odd,
        exit_codes=(2,),
        about=odd,
        means=odd,
        why=odd,
        kept=odd,
        next=(way,),
        example=odd,
    )
    done = MigrationReport(
        version="20260101000000",
        name=odd,
        outcome=Outcome.PART_WAY,
        steps=2,
        steps_run=1,
        left=True,
        duration_ms=3,
    )
    report = Report(
        direction=Direction.UP,
        server=server,
        migrations=(done,),
        current=odd,
        applied=1,
    )
    problem = Problem(
        kind=ProblemKind.EDITED,
        version="20260101000000",
        title=f"20260101000000-{odd}",
        what=odd,
        where=where,
        diff=(f"- {odd}", odd),
        next=(way,),
    )
    check = Check(verdict=Verdict.FAIL, area=odd, what=odd, next=way)
    found = (
        Status(rows=(row,), server=server, lock=lock, now=NOON),
        report,
        Log(entries=(entry, failed), server=server, more=True),
        Verification(problems=(problem,), compared=1, server=server),
        Diagnosis(checks=(check,), server=server),
        MigrationView(**view),
        MigrationDiff(**view, counts=True),
        LockView(lock=lock, now=NOON, server=server, done=""),
        Correction(said=odd, server=server, titles=(odd,), skipped={odd: odd}),
        Explanation(pages=(page,)),
        SandboxAnswer(said=odd, uri=odd, version=odd, pid=1, home=odd, next=(way,)),
        QueryResult(rows=[[odd, {odd: odd}]], keys=[odd, "n"], server=server),
        WrittenMigration(
            **written,
            path=Path(odd),
            action=CellAction.UPDATED,
            steps=steps,
            diff=(f"-{odd}",),
            notes=(odd,),
            report=report,
        ),
        InitResult(
            config_path=Path(odd),
            folder=Path(odd),
            created_config=True,
            created_folder=False,
            warnings=(odd,),
        ),
    )
    return {type(one).__name__: one for one in found}
