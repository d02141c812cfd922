"""Writing a migration from a text, again and again: every row of the chapter's table."""

from __future__ import annotations

import io
from typing import Any

import pytest

from neo4j_migrate_magic.files.cell import is_as_left
from tests.cli.conftest import Run
from tests.e2e.cells.conftest import BOTH, ONE, THREE, TWO, Desk, refused, unchanged

pytestmark = pytest.mark.server


def test_no_file_of_that_name_creates_one(each_desk: Desk) -> None:
    desk = each_desk
    before = desk.site.everything()

    said = desk.write(ONE)

    assert desk.action(said) == "created"
    assert desk.path.read_text().startswith(ONE)
    assert is_as_left(desk.path.read_text())
    assert said.err == (
        f"created  {desk.path.stem}\n   1  data        CREATE (:A {{id: 1}})\n"
    )
    assert before == desk.site.everything()


def test_not_applied_as_the_cell_left_it(each_desk: Desk) -> None:
    desk = each_desk
    desk.write(ONE)
    old = desk.path.name
    unchanged(desk, ONE)
    unchanged(desk, f"\n\n{ONE}  \n\n")

    said = desk.write(TWO)

    assert desk.action(said) == "updated"
    assert desk.files == [old]
    assert "  -CREATE (:A {id: 1});\n  +CREATE (:A {id: 2});\n" in said.err
    assert is_as_left(desk.path.read_text())
    unchanged(desk, TWO)


@pytest.mark.parametrize("edit", [f"{ONE}// theirs\n", ONE.replace("1", "9"), ""])
def test_not_applied_edited_elsewhere(desk: Desk, edit: str) -> None:
    desk.write(ONE)
    desk.path.write_text(edit)
    if edit:
        unchanged(desk, edit)

    said = refused(desk, TWO, "FILE.CELL_CONFLICT")

    assert "+CREATE (:A {id: 2});" in said.part("why")
    assert said.part("kept") == "the file is as it was"
    assert "create add_a --from-stdin --replace" in said.err
    assert desk.action(desk.write(TWO, "--replace")) == "updated"
    unchanged(desk, TWO)


def test_applied(each_desk: Desk) -> None:
    """The same text stays green; another is refused, whatever is said."""
    desk = each_desk
    desk.write(BOTH)
    desk.site("up")
    unchanged(desk, BOTH, action="already applied")

    for args in ((), ("--replace",)):
        said = refused(desk, BOTH.replace("1", "2"), "INTEGRITY.EDITED", *args)

    assert said.code == 7
    assert "statement 1 changed" in said.part("why")
    assert "-CREATE (:A {id: 1}); +CREATE (:A {id: 2});" in said.part("why")
    assert said.part("where").startswith("stdin:2")
    assert "neo4j-migrate create add_a_2 --from-stdin" in said.err
    assert "neo4j-migrate down " in said.err
    desk.site("down")
    assert desk.action(desk.write(BOTH.replace("1", "2"))) == "updated"


def test_applied_before_others(desk: Desk) -> None:
    """What would take it back is told."""
    desk.write(BOTH, "--apply")
    desk.write("CREATE INDEX b FOR (n:B) ON (n.b);", "--apply", name="add_b")
    said = refused(desk, BOTH.replace("1", "2"), "INTEGRITY.EDITED")
    assert "neo4j-migrate down --down-count 2" in said.err

    desk.write("CREATE (:C);", "--apply", name="no_way_back")
    said = refused(desk, BOTH.replace("1", "2"), "INTEGRITY.EDITED")
    assert "neo4j-migrate down" not in said.err


def test_applied_and_only_comments_or_down_differ(desk: Desk) -> None:
    """The checksum is that of the statements of `up`."""
    desk.write(ONE)
    desk.site("up")
    text = f"// @up\n{ONE.replace('an A', 'one A')}// @down\nMATCH (a:A) DELETE a;\n"

    assert desk.action(desk.write(text)) == "updated"
    unchanged(desk, text, action="already applied")
    assert desk.site("verify").code == 0
    assert desk.site("down").code == 0
    assert desk.site.count("A") == 0


def test_applied_with_comments_that_somebody_else_wrote(desk: Desk) -> None:
    desk.write(ONE)
    desk.site("up")
    desk.path.write_text(f"{ONE}// theirs\n")

    refused(desk, f"{ONE}// mine\n", "FILE.CELL_CONFLICT")
    assert desk.action(desk.write(f"{ONE}// mine\n", "--replace")) == "updated"
    unchanged(desk, f"{ONE}// mine\n", action="already applied")


def test_applied_and_the_file_edited_as_the_cell(desk: Desk) -> None:
    """The same text as the file's is no success where another was applied."""
    desk.write(ONE)
    desk.site("up")
    desk.path.write_text(TWO)

    refused(desk, TWO, "INTEGRITY.EDITED")
    refused(desk, ONE, "FILE.CELL_CONFLICT")
    assert desk.action(desk.write(ONE, "--replace")) == "updated"
    assert desk.site("verify").code == 0


def test_failed_part_way(each_desk: Desk) -> None:
    """Later steps may change, and `up` goes on; those that ran may not."""
    desk = each_desk
    desk.write(THREE)
    assert desk.site("up").code == 8
    unchanged(desk, THREE)

    said = refused(
        desk, THREE.replace("(n.a)", "(n.x)"), "INTEGRITY.EDITED_PREFIX", "--replace"
    )
    assert "step 1 has run and was changed in stdin" in said.text
    assert said.part("where").startswith("stdin:2")
    assert "+CREATE INDEX a FOR (n:A) ON (n.x);" in said.part("why")

    mended = THREE.replace("1 / 0", "1")
    assert desk.action(desk.write(mended)) == "updated"
    unchanged(desk, mended)
    assert desk.site("up").code == 0
    unchanged(desk, mended, action="already applied")


def test_interrupted_and_running(desk: Desk) -> None:
    """Whose run is dead may be written again; under a live one nothing changes."""
    desk.write(THREE)
    desk.site("up")
    mended = THREE.replace("1 / 0", "1")
    desk.site.graph.rows(
        "MATCH (l:_MigrateProject), (r:_MigrateRecord)"
        " SET r.state = 'running', l.owner = 'ann@here/1/' + r.run_id,"
        " l.expires_at = datetime.realtime() + duration('PT1M')"
    )
    unchanged(desk, THREE)
    said = refused(desk, mended, "LOCK.HELD")
    assert said.code == 9

    desk.site.graph.rows(
        "MATCH (l:_MigrateProject) SET l.expires_at = datetime.realtime()"
    )
    assert desk.action(desk.write(mended)) == "updated"


def test_a_down_that_is_part_way(desk: Desk) -> None:
    """Its next steps may be mended; what was applied stays as it was."""
    text = "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;\nDROP INDEX no;\n"
    desk.write(text, "--apply")
    assert desk.site("down").code == 8
    unchanged(desk, text)

    refused(desk, text.replace("CREATE (:A)", "CREATE (:B)"), "INTEGRITY.EDITED")
    refused(desk, text.replace("DELETE", "DETACH DELETE"), "INTEGRITY.EDITED_PREFIX")
    mended = text.replace("DROP INDEX no", "DROP INDEX no IF EXISTS")
    assert desk.action(desk.write(mended)) == "updated"
    assert desk.site("down").code == 0


def test_applied_without_a_file(desk: Desk) -> None:
    desk.write(ONE, "--apply")
    title = desk.path.stem
    desk.path.unlink()

    for text in (ONE, TWO):
        said = refused(desk, text, "INTEGRITY.MISSING", "--replace")

    assert f"{title} is applied, and its file is gone" in said.text
    assert f"--source -o {title}.cypher" in said.text


def test_two_files_of_the_name(desk: Desk) -> None:
    for version in ("20260101000000", "20260102000000"):
        desk.site.add(f"{version}-add_a.cypher", ONE)

    for text in (ONE, TWO):
        said = refused(desk, text, "FILE.CELL_CONFLICT", "--replace")

    assert "2 files have the name add_a" in said.text


@pytest.mark.parametrize("args", [(), ("--py",)], ids=["cypher", "python"])
def test_a_file_in_the_other_language(desk: Desk, args: tuple[str, ...]) -> None:
    other = "cypher" if args else "py"
    desk.site.add(f"20260101000000-add_a.{other}", ONE)
    text = "def up(client): ...\n" if args else ONE

    said = refused(desk, text, "FILE.CELL_CONFLICT", "--replace", *args)

    assert "and stdin is" in said.text


@pytest.mark.parametrize("args", [("--uri", "bolt://127.0.0.1:1"), ("--no-target",)])
def test_a_database_that_is_not_reached(desk: Desk, args: tuple[str, ...]) -> None:
    """Nothing answers, or nobody named a server: creating goes on, and says so."""
    if args == ("--no-target",):
        desk.site.project.config.write_text('migration_dir = "migrations"\n')
        args = ()
    said = desk.write(ONE, *args)
    assert desk.action(said) == "created"
    assert "note  the state in the database is unknown: no Neo4j " in said.err
    unchanged(desk, ONE, *args)

    said = refused(desk, TWO, "FILE.CELL_CONFLICT", *args)
    assert "the database was not reached: no Neo4j " in said.part("why")
    assert "+CREATE (:A {id: 2});" in said.part("why")
    said = desk.write(TWO, "--replace", *args)
    assert desk.action(said) == "updated"
    assert "unknown" in said.err


def test_a_login_that_is_not_accepted(
    cli: Run, project: Any, guarded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.config.write_text('migration_dir = "migrations"\n')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(ONE.encode())))

    said = cli("create", "add_a", "--from-stdin", "--uri", guarded.uri)

    assert said.code == 0
    assert "wants a login, and none was given" in said.err
    assert len(list(project.folder.iterdir())) == 1


def test_with_apply_nothing_is_written_where_nothing_can_be_applied(desk: Desk) -> None:
    said = desk.write(ONE, "--apply", "--uri", "bolt://127.0.0.1:1")

    assert said.error == ("SERVER.UNREACHABLE", 10)
    assert desk.files == []


def test_the_history_of_a_newer_tool_is_no_history(desk: Desk) -> None:
    desk.write(ONE, "--apply")
    desk.site.graph.rows("MATCH (l:_MigrateProject) SET l.format = 99")

    said = desk.write("CREATE (:B);", name="add_b")

    assert said.code == 0
    assert "unknown: a newer neo4j-migrate wrote its history" in said.err
    refused(desk, TWO, "FILE.CELL_CONFLICT")


# what is written
