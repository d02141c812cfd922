"""What became of a migration's file, as lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from neo4j_migrate_magic.engine.steps import cut
from neo4j_migrate_magic.files import parse_cypher
from neo4j_migrate_magic.model import (
    CellAction,
    MigrationKind,
    Step,
    StepKind,
    WrittenMigration,
)
from neo4j_migrate_magic.render.written import written_lines


def written(text: str = "CREATE (:A);", **values: Any) -> WrittenMigration:
    migration = parse_cypher(text, "20260101000000", "a")
    plain: dict[str, Any] = {
        "path": Path("migrations/20260101000000-a.cypher"),
        "version": migration.version,
        "name": migration.name,
        "kind": migration.kind,
        "action": CellAction.CREATED,
        "steps": cut(migration.up),
    }
    return WrittenMigration(**{**plain, **values})


def test_steps_have_the_first_line_of_each_statement() -> None:
    text = "CREATE INDEX a FOR (n:A) ON (n.a);\nMATCH (a)\nSET a.x = 1;\nCREATE (:A);"

    assert written_lines(written(text)).splitlines() == [
        "created  20260101000000-a",
        "   1  schema      CREATE INDEX a FOR (n:A) ON (n.a)",
        "   2  data        MATCH (a) …",
        "                  CREATE (:A)",
    ]


def test_many_statements_are_counted() -> None:
    lines = written_lines(written("CREATE (:A);\n" * 50)).splitlines()

    assert len(lines) == 22
    assert lines[-1] == "                  … 30 more statements"
    mixed = "CREATE INDEX a FOR (n:A) ON (n.a);\n" * 21 + "CREATE (:A);\n"
    assert written_lines(written(mixed)).splitlines()[-2:] == [
        "   2  data        …",
        "                  … 1 more statement",
    ]


def test_a_python_function_is_a_step() -> None:
    step = Step(index=1, kind=StepKind.AUTOCOMMIT, hash="x")
    found = written(kind=MigrationKind.PYTHON, steps=(step,))

    assert written_lines(found).endswith("\n   1  autocommit  a Python function")


def test_a_diff_and_notes() -> None:
    found = written(
        action=CellAction.UPDATED, diff=("-old\x1b[31m", "+new"), notes=("line 3: no",)
    )

    assert written_lines(found).splitlines()[2:] == [
        r"  -old\x1b[31m",
        "  +new",
        "  note  line 3: no",
    ]
    assert "  … 4 more lines" in written_lines(written(diff=("+x",) * 24)).splitlines()


def test_a_narrow_terminal() -> None:
    """Code is cut, a note goes on below."""
    found = written(f"CREATE (:A {{t: '{'x' * 90}'}});", notes=("word " * 30,))

    lines = written_lines(found, columns=50).splitlines()

    assert max(map(len, lines)) <= 50
    assert lines[1].endswith("xx…")
    assert lines[3].startswith("        word")
