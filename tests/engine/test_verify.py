"""Files and records are compared without a server: every problem, and the ways out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.engine.checks import Edit, Folder
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.engine.survey import Survey, edit_of
from neo4j_migrate_magic.engine.verify import verify
from neo4j_migrate_magic.errors import ParseError, Place
from neo4j_migrate_magic.files import MigrationFile, Unusable
from neo4j_migrate_magic.history.reading import computed
from neo4j_migrate_magic.model import (
    Direction,
    Migration,
    MigrationKind,
    Problem,
    RecordDetail,
    RecordState,
)
from tests.engine.plans import (
    NOW,
    ONE,
    SERVER,
    THREE,
    TWO,
    detail,
    history,
    migration,
    record,
)

HALF = "CREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:A);\nCREATE INDEX b FOR (n:B) ON (n.b);\n"
FILE = migration(
    "20260101000000", f"// @up\n{HALF}// @down\nDROP INDEX a;\nCREATE (:Z);"
)


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are in a repository, whatever holds these tests."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def problems(
    *files: Migration, records: tuple[Any, ...], details: tuple[RecordDetail, ...] = ()
) -> list[tuple[str, ...]]:
    """Kind, version, sentence and first command of each."""
    return [
        (p.kind.value, p.version, p.what, p.next[0].command)
        for p in compared(*files, records=records, details=details)
    ]


def compared(
    *files: Migration, records: tuple[Any, ...], details: tuple[RecordDetail, ...] = ()
) -> tuple[Problem, ...]:
    by_version = {file.version: file for file in files}
    edited = {
        d.record.version: edit
        for d in details
        if d.record.version in by_version
        and (edit := edit_of(d, by_version[d.record.version]))
    }
    found = Survey(
        folder=Folder(migrations=files, edited=edited, path=Path("migrations")),
        history=history(*records, *(d.record for d in details)),
        details={d.record.version: d for d in details},
    )
    result = verify(found)
    assert result.exit_code == (7 if result.problems else 0)
    assert result.server == SERVER
    return result.problems


def half(file: Migration, done: int, **more: Any) -> RecordDetail:
    """A record of a file whose first steps have run."""
    direction = more.get("direction", Direction.UP)
    hashes = [step.hash for step in steps_of(file, direction)]
    values = {"state": RecordState.FAILED, "step": done + 1, "steps": len(hashes)}
    return detail(file, **{**values, "steps_done": tuple(hashes[:done]), **more})


def test_what_agrees_is_no_problem() -> None:
    """Applied, pending behind it, baselined with and without a file."""
    baseline = record(ONE, origin="baseline")

    assert problems(ONE, TWO, records=(record(ONE),)) == []
    assert problems(ONE, TWO, records=(baseline,)) == []
    assert problems(TWO, records=(baseline,)) == []
    assert problems(records=()) == []


def test_all_problems_are_told_in_order_of_version() -> None:
    """The first does not hide the others."""
    edited = migration(THREE.version, "CREATE (:Other);")
    late = migration("20260102120000")

    found = problems(
        late,
        edited,
        records=(record(ONE, by="ann@here", applied_at=NOW), record(TWO)),
        details=(detail(THREE),),
    )

    assert found == [
        (
            "missing",
            ONE.version,
            "applied by ann@here on 2026-01-01, and its file is gone",
            "neo4j-migrate show 20260101000000 --source -o"
            " migrations/20260101000000-m.cypher",
        ),
        (
            "missing",
            TWO.version,
            "applied by somebody, and its file is gone",
            "neo4j-migrate show 20260102000000 --source -o"
            " migrations/20260102000000-m.cypher",
        ),
        (
            "late",
            late.version,
            "older than the newest applied one, 20260103000000, and not applied",
            "neo4j-migrate up --allow-late 20260102120000",
        ),
        (
            "edited",
            THREE.version,
            "statement 1 changed",
            f"git checkout -- {edited.path}",
        ),
    ]


def test_an_edit_shows_the_statement_as_it_was_and_as_it_is() -> None:
    edited = migration(ONE.version, "CREATE (n:N);\nCREATE (:More);")

    (changed,) = compared(
        migration(ONE.version, "CREATE (n:M);"), records=(), details=(detail(ONE),)
    )
    (longer,) = compared(edited, records=(), details=(detail(ONE),))

    assert changed.diff == ("- CREATE (n:N)", "+ CREATE (n:M)")
    assert (longer.what, longer.diff) == (
        "statement 2 was added",
        ("+ CREATE (:More)",),
    )
    assert str(longer.where) == f"{edited.path}:2"


def test_comments_and_down_are_no_edit() -> None:
    same = migration(
        ONE.version, "// why\n// @up\nCREATE (n:N) // here\n// @down\nRETURN 1;"
    )
    assert problems(same, records=(), details=(detail(ONE),)) == []


@pytest.mark.parametrize("source", ["", "// @unheard-of\nCREATE (:N);"])
def test_an_edit_that_cannot_be_shown_is_told_all_the_same(source: str) -> None:
    """The text was not kept, or is none that this version can read."""
    edited = migration(ONE.version, "CREATE (:Other);")
    (found,) = compared(edited, records=(), details=(detail(ONE, source=source),))
    assert found.what.startswith("its checksum is another")
    assert found.diff == ()


def test_of_a_part_way_migration_only_what_has_run_may_not_be_edited() -> None:
    """Later statements are edited to mend it; the diff is that of the one that ran."""
    later = migration(FILE.version, FILE.source.replace("(:A);", "(:A {x: 1});"))
    first = migration(FILE.version, FILE.source.replace("n.a", "n.z"))
    gone = migration(FILE.version, "// @up\nCREATE (:A);")

    assert compared(later, records=(), details=(half(FILE, 1),)) == ()
    (edited,) = compared(first, records=(), details=(half(FILE, 1),))
    (short,) = compared(gone, records=(), details=(half(FILE, 2),))

    assert edited.what == "step 1 has run and was changed in the file"
    assert edited.diff[0] == "- CREATE INDEX a FOR (n:A) ON (n.a)"
    assert [way.command for way in edited.next] == [
        f"git checkout -- {first.path}",
        "neo4j-migrate down --allow part-way",  # the record has no inverse
        "neo4j-migrate repair 20260101000000 --accept-checksum",
    ]
    assert short.what == edited.what


def test_a_down_that_has_begun_goes_by_the_text_it_began_with() -> None:
    """Of the file's `down` if that was it; an edit of `up` is a problem of its own."""
    going = half(FILE, 1, direction=Direction.DOWN, down_from="file")
    down = migration(FILE.version, FILE.source.replace("DROP INDEX a", "DROP INDEX b"))
    up = migration(FILE.version, FILE.source.replace("n.a", "n.z"))
    inverse = (computed("DROP INDEX $name IF EXISTS", {"name": "a"}),)
    by_inverse = replace(going, down_from="computed", inverse=(inverse,))

    assert compared(FILE, records=(), details=(going,)) == ()
    assert compared(down, records=(), details=(by_inverse,)) == ()
    (begun,) = compared(down, records=(), details=(going,))
    (edited,) = compared(up, records=(), details=(going,))

    assert begun.what == "step 1 has run and was changed in the file"
    assert "neo4j-migrate down" not in [way.command for way in begun.next]
    assert edited.what == "statement 1 changed"


@pytest.mark.parametrize("direction", Direction)
def test_a_part_way_migration_without_file_is_not_called_applied(
    direction: Direction,
) -> None:
    """`up` could not go on without it, so that is no way out."""
    (found,) = compared(records=(), details=(half(FILE, 1, direction=direction),))

    assert found.what == f"part-way {direction.value}, and its file is gone"
    assert [way.command for way in found.next][1:] == ["neo4j-migrate down"]


def test_outside_a_repository_the_applied_text_is_brought_back(tmp_path: Path) -> None:
    """The history has it, unless the migration was only recorded."""
    (tmp_path / ".git").rmdir()
    edited = replace(ONE, checksum="other", source="CREATE (:X);")
    (changed,) = compared(edited, records=(), details=(detail(ONE),))
    assert changed.next[0].command == (
        f"neo4j-migrate show {ONE.version} --source -o {ONE.path}"
    )
    only = detail(ONE)
    only = replace(only, record=replace(only.record, origin="baseline"))
    (changed,) = compared(edited, records=(), details=(only,))
    assert changed.next[0].command == f"git checkout -- {ONE.path}"


def test_names_with_blanks_are_quoted_in_commands() -> None:
    """What is shown is to be copied into a shell."""
    odd = replace(ONE, name="my file", path=Path("migrations/my file.cypher"))
    (missing,) = compared(records=(record(odd),))
    edited = replace(odd, checksum="other", source="CREATE (:X);")
    (changed,) = compared(edited, records=(), details=(detail(odd),))

    assert missing.next[0].command.endswith(
        " --source -o 'migrations/20260101000000-my file.cypher'"
    )
    assert changed.next[0].command == "git checkout -- 'migrations/my file.cypher'"


def test_a_python_file_comes_back_as_one() -> None:
    (found,) = compared(records=(record(ONE, kind=MigrationKind.PYTHON),))
    assert found.next[0].command.endswith("20260101000000-m.py")


def test_an_edit_is_a_value_that_tells_itself() -> None:
    """A long diff is cut where an error shows it."""
    edit = Edit(
        where=Place("x"), what="changed", diff=tuple(f"- {n}" for n in range(20))
    )
    assert str(edit).splitlines()[-1] == "… 8 more lines"


def test_an_unusable_file_is_neither_missing_nor_late() -> None:
    """It has a problem of its own, with the code that other verbs end with."""
    record_of_one = record(ONE)
    found = Survey(
        folder=Folder(migrations=(), path=Path("migrations")),
        history=history(record_of_one, record(THREE)),
        details={},
        unusable=[unusable(ONE, "is UTF-16"), unusable(TWO, "has nothing to apply")],
    )

    result = verify(found)

    assert [(p.kind.value, p.title, p.what, p.code) for p in result.problems[:2]] == [
        ("unusable", ONE.title, "is UTF-16: because", "FILE.PARSE"),
        ("unusable", TWO.title, "has nothing to apply: because", "FILE.PARSE"),
    ]
    assert [p.kind.value for p in result.problems[2:]] == ["missing"]
    assert result.compared == 3
    assert [way.command for way in result.problems[0].next] == [
        f"git checkout -- {ONE.path}",
        f"neo4j-migrate show {ONE.version} --source -o {ONE.path}",
        "neo4j-migrate verify",
    ]
    assert [way.command for way in result.problems[1].next] == ["neo4j-migrate verify"]


def unusable(migration: Migration, what: str) -> Unusable:
    """The file of a migration, which cannot be used."""
    assert migration.path
    file = MigrationFile(
        version=migration.version,
        name=migration.name,
        kind=migration.kind,
        path=migration.path,
    )
    return Unusable(file, ParseError(f"{file.path.name}: {what}", why="because"))
