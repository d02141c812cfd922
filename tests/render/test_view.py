"""One migration as text: statements, steps with their states, record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from neo4j_migrate_magic.history.reading import computed
from neo4j_migrate_magic.model import (
    Direction,
    MigrationView,
    State,
    Statement,
    StatementKind,
    StepKind,
    StepState,
)
from neo4j_migrate_magic.render.view import migration_view
from tests.render.values import APPLIED, FAILED, NOON, PENDING, SERVER, step

FOLDER = "/home/ann/graph"


def statement(text: str, line: int) -> Statement:
    kind = StatementKind.WRITE
    return Statement(text=text, canonical=text, kind=kind, line=line)


STEPS = (
    step(1, StepKind.SCHEMA, statements=(statement("CREATE INDEX a\n  FOR (n:A)", 3),)),
    step(
        2, StepKind.AUTOCOMMIT, statements=(statement("MATCH (n)", 6),), rerunnable=True
    ),
    step(3, statements=(statement("CREATE (:A)", 7), statement("CREATE (:B)", 8))),
)


def view(**more: Any) -> MigrationView:
    values: dict[str, Any] = {
        "row": replace(
            FAILED,
            by="deploy@ci-7",
            checksum="ab",
            path=Path(f"{FOLDER}/migrations/20261122091400-split_name.cypher"),
        ),
        "description": "Split the name",
        "steps": STEPS,
        "states": (StepState.DONE, StepState.FAILED, StepState.PENDING),
        "direction": Direction.UP,
        "way_back": "written",
        "source": "…",
        "server": SERVER,
        "error": "split_name.cypher:6: / by zero\n[Neo.ClientError]",
        "run_id": "abc123",
        "tool": "1.2.3",
        "made_on": "5.26.30",
    }
    return MigrationView(**{**values, **more})


def test_a_failed_migration_shows_why_and_how_far_it_came() -> None:
    assert (
        migration_view(view(), folder=FOLDER)
        == """\
20261122091400-split_name   failed at step 2 of 3
  Split the name
  file      migrations/20261122091400-split_name.cypher
  applied   not yet, by deploy@ci-7
  run       abc123, tool 1.2.3, Neo4j 5.26.30
  checksum  ab
  way back  written
  failed    split_name.cypher:6: / by zero
            [Neo.ClientError]
  steps of up
    1  done      schema
         3 | CREATE INDEX a
           |   FOR (n:A)
    2  failed    autocommit  rerunnable
         6 | MATCH (n)
    3  pending   data
         7 | CREATE (:A)
         8 | CREATE (:B)"""
    )


def test_a_pending_migration_has_no_record_to_show() -> None:
    text = migration_view(
        view(
            row=replace(PENDING, checksum="cd"),
            states=(StepState.PENDING,) * 3,
            error="",
        )
    )
    assert text.splitlines()[:4] == [
        "20261125101500-add_fulltext   pending",
        "  Split the name",
        "  file      gone",
        "  checksum  cd",
    ]


def test_an_applied_one_tells_when_how_long_and_what_changed() -> None:
    counters = {"nodes_created": 2}
    text = migration_view(view(row=APPLIED, error="", counters=counters))
    assert "  applied   2026-11-01 08:12:04Z, 4.1s, by deploy@ci-7\n" in text
    assert "  changes   nodes +2\n" in text


def test_an_edited_file_shows_the_statement_that_changed() -> None:
    row = replace(APPLIED, state=State.EDITED, note="edited since it was applied")
    text = migration_view(view(row=row, diff=("- old", "+ new"), error=""))
    assert "  edited    - old\n  edited    + new\n" in text


def test_computed_statements_are_shown_as_one_would_type_them() -> None:
    """They stand in no file, so they have no line."""
    drop = computed("DROP INDEX $name IF EXISTS", {"name": "odd `name`"})
    row = replace(FAILED, direction=Direction.DOWN, applied_at=NOON)
    text = migration_view(
        view(
            row=row,
            direction=Direction.DOWN,
            steps=(step(1, StepKind.SCHEMA, statements=(drop,)),),
            states=(StepState.NEXT,),
            computed=True,
        )
    )
    assert text.splitlines()[-3:] == [
        "  steps of down, computed when it was applied",
        "    1  next      schema",
        "           | DROP INDEX `odd ``name``` IF EXISTS",
    ]


def test_a_text_that_cannot_be_read_is_not_shown_as_no_steps() -> None:
    text = migration_view(view(row=APPLIED, steps=(), states=()))
    gone = migration_view(view(row=APPLIED, steps=(), states=(), source=""))
    assert text.endswith(
        "  steps of up: cannot be read by this version; neo4j-migrate show"
        " 20261101081200 --source prints its text"
    )
    assert gone.endswith("  steps of up: not kept")


def test_a_python_function_is_a_step_without_statements() -> None:
    text = migration_view(view(steps=(step(1),), states=(StepState.DONE,)))
    assert text.endswith("    1  done      data  a Python function")


def test_nothing_that_a_terminal_would_act_on_is_written() -> None:
    evil = "\x1b[2J\u202e\x07"
    text = migration_view(
        view(
            row=replace(APPLIED, name=evil, by=evil, path=Path(evil), checksum=evil),
            description=evil,
            steps=(step(1, statements=(statement(f"RETURN '{evil}'", 1),)),),
            states=(StepState.DONE,),
            error=evil,
            run_id=evil,
            tool=evil,
            made_on=evil,
            diff=(evil,),
        )
    )
    assert not {"\x1b", "\u202e", "\x07"} & set(text)
