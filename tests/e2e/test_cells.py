"""Writing a migration from a text, again and again: every row of the chapter's table."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.files.cell import is_as_left
from tests.cli.conftest import Run
from tests.e2e.conftest import Said, Site
from tests.render.schemas import check

pytestmark = pytest.mark.server

ONE = "// Make an A\nCREATE (:A {id: 1});\n"
TWO = "// Make an A\nCREATE (:A {id: 2});\n"
BOTH = """\
// @up
CREATE (:A {id: 1});
// @down
MATCH (a:A) DELETE a;
"""
THREE = """\
// @up
CREATE INDEX a FOR (n:A) ON (n.a);
CREATE (:A {a: 1 / 0});
CREATE INDEX b FOR (n:B) ON (n.b);
// @down
MATCH (n:A) DELETE n;
"""


class Desk:
    """A project on a server, and a command line that reads a text from stdin."""

    def __init__(self, site: Site, patch: pytest.MonkeyPatch) -> None:
        self.site = site
        self.folder = site.project.folder
        self._patch = patch

    def write(self, text: str | bytes, *args: str, name: str = "add_a") -> Said:
        data = text if isinstance(text, bytes) else text.encode()
        stdin = io.TextIOWrapper(io.BytesIO(data), encoding="ascii")
        with self._patch.context() as patch:
            patch.setattr("sys.stdin", stdin)
            return self.site("create", name, "--from-stdin", *args)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    @property
    def path(self) -> Path:
        (path,) = self.folder.glob("*-add_a.*")
        return path

    def state(self) -> tuple[Any, ...]:
        """The files with their times and bytes, and all of the database."""
        files = [
            (path.name, path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted(self.folder.iterdir())
        ]
        return files, self.site.everything()

    def action(self, said: Said) -> str:
        assert said.code == 0, said.err
        assert said.out == f"migrations/{self.path.name}\n"
        return said.err.split("  ")[0]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was just started, on a machine at work, plans slowly."""
    monkeypatch.setattr("neo4j_migrate_magic.engine.writing.EXPLAIN_LIMIT", 60.0)


@pytest.fixture
def desk(site: Site, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(site, monkeypatch)


@pytest.fixture
def each_desk(each_site: Site, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(each_site, monkeypatch)


def unchanged(desk: Desk, text: str, *args: str, action: str = "unchanged") -> None:
    """Twice in a row: no byte, no time and nothing in the database is another."""
    before = desk.state()
    for _ in range(2):
        assert desk.action(desk.write(text, *args)) == action
        assert before == desk.state()


def refused(desk: Desk, text: str, code: str, *args: str) -> Said:
    """Twice in a row: no byte, no time and nothing in the database is another."""
    before = desk.state()
    for _ in range(2):
        said = desk.write(text, *args)
        assert said.error[0] == code
        assert said.out == ""
        assert before == desk.state()
    return said


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
    assert f"--source > {title}.cypher" in said.text


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


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n {id: $id}) SET n.t = '{x} $id {{y}} %s';\n",
        "CREATE (:A {t: 'a\u2028b  \n\n  c\u2029'});\n",
        "MATCH (n) RETURN n /* {x} */ // $id\n",
        "CREATE (:`Ä $x {y}` {t: '😀'});\n",
    ],
)
def test_a_body_is_kept_byte_for_byte(desk: Desk, text: str) -> None:
    desk.write(text)

    data = desk.path.read_bytes()
    assert data.startswith(text.encode())
    assert data.count(b"\n") == text.count("\n") + 1


@pytest.mark.parametrize("text", [ONE, ONE.replace("\n", "\r\n"), f"\ufeff{ONE}"])
def test_line_ends_and_byte_order_marks_make_no_other_file(
    desk: Desk, text: str
) -> None:
    desk.write(ONE)
    unchanged(desk, text)
    desk.path.unlink()

    desk.write(text)
    assert desk.path.read_bytes().startswith(ONE.encode())
    unchanged(desk, ONE)
    # as git may have it
    desk.path.write_bytes(
        b"\xef\xbb\xbf" + desk.path.read_bytes().replace(b"\n", b"\r\n")
    )
    unchanged(desk, text)
    assert desk.action(desk.write(TWO)) == "updated"


def test_two_texts_in_one_second_get_two_versions(desk: Desk) -> None:
    for name in ("one", "two", "three"):
        desk.write(ONE, name=name)

    versions = [file[:14] for file in desk.files]
    names = [file[15:].removesuffix(".cypher") for file in desk.files]
    assert names == ["one", "two", "three"]
    assert len(set(versions)) == 3


def test_a_version_is_later_than_every_record(desk: Desk) -> None:
    """Also where its file is on another branch."""
    path = desk.site.add("20990101000000-far.cypher", ONE)
    desk.site("up")
    path.unlink()

    desk.write(ONE)

    assert desk.path.name == "20990101000001-add_a.cypher"


@pytest.mark.parametrize("name", ["Add A", "add-a", "AddA"])
def test_a_name_is_found_however_it_is_written(desk: Desk, name: str) -> None:
    desk.write(ONE)

    assert desk.action(desk.write(ONE, name=name)) == "unchanged"


def test_a_file_in_a_folder_of_the_folder_is_written_there(desk: Desk) -> None:
    desk.write(ONE)
    (desk.folder / "old").mkdir()
    moved = desk.path.rename(desk.folder / "old" / desk.path.name)

    said = desk.write(TWO)

    assert said.out == f"migrations/old/{moved.name}\n"
    assert moved.read_text().startswith(TWO)


# what the server says to it


def test_a_statement_that_the_server_cannot_read(each_desk: Desk) -> None:
    """No file is written; the caret stands in the text, also in `down`."""
    desk = each_desk
    text = "// a\nCREATE (:A);\n  MATCH (n) RETRUN n;\n"

    said = desk.write(text)

    assert said.error == ("SERVER.QUERY", 2)
    assert said.part("where").startswith("stdin:3:13")
    assert "MATCH (n) RETRUN n;" in said.err
    assert "(line" not in said.err
    assert desk.files == []
    down = "// @up\nCREATE (:A);\n// @down\nMATCH (n)\n  RETURN x;\n"
    assert desk.write(down).part("where").startswith("stdin:5:10")
    assert desk.action(desk.write(text, "--no-explain")) == "created"


def test_what_the_server_can_not_plan_is_a_note(each_desk: Desk) -> None:
    desk = each_desk

    said = desk.write("CREATE (:A);\nCALL no.such();\nSHOW DATABASES;\n")

    assert desk.action(said) == "created"
    assert "note  line 2: " in said.err
    assert "no.such" in said.err
    unchanged(desk, desk.path.read_text())


@pytest.mark.parametrize(
    "text",
    [
        "EXPLAIN MATCH (n) RETURN n;",
        "PROFILE CREATE (:A);",
        "CYPHER 5 PROFILE CREATE (:A);",
        "CREATE DATABASE x IF NOT EXISTS;",
        "MATCH (n:A {id: $id}) RETURN n;",
        "MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS;",
        "CYPHER 5 CREATE INDEX a FOR (n:A) ON (n.a);",
        "SHOW INDEXES; CALL db.awaitIndexes(1);",
    ],
)
def test_what_is_fine_is_written_without_a_word(each_desk: Desk, text: str) -> None:
    said = each_desk.write(text)

    assert each_desk.action(said) == "created"
    assert "note" not in said.err
    assert each_desk.site.count("A") == 0


def test_a_server_that_takes_long_to_explain(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was not asked in time is a note; the file is written."""
    monkeypatch.setattr("neo4j_migrate_magic.engine.writing.EXPLAIN_LIMIT", 0.0)

    said = desk.write(ONE)

    assert desk.action(said) == "created"
    assert "note  not all statements were looked at by the server" in said.err


# applying it


def test_apply_does_what_up_does(each_desk: Desk) -> None:
    """The path on stdout, what was done beside it; again, it is a no-op."""
    desk = each_desk
    desk.site.add("20260101000000-before.cypher", "CREATE (:Before);")
    desk.site.add("20990101000000-after.cypher", "CREATE (:After);")
    desk.site("create", "add_a")
    empty = desk.path
    renamed = empty.rename(desk.folder / "20260102000000-add_a.cypher")

    said = desk.write(ONE, "--apply", "--replace")

    assert said.out == f"migrations/{renamed.name}\n"
    assert "applied 2 migrations, 2 steps in " in said.err
    assert (desk.site.count("Before"), desk.site.count("After")) == (1, 0)
    said = desk.write(ONE, "--apply")
    assert said.code == 0
    assert said.err.startswith("already applied  ")
    assert "up to date at 20260102000000 (2 applied) on neo4j@" in said.err


def test_apply_that_fails_says_that_the_file_is_there(desk: Desk) -> None:
    said = desk.write("CREATE (:A {a: 1 / 0});", "--apply")

    assert said.code == 2
    assert said.out == f"migrations/{desk.path.name}\n"
    assert f"the file is {desk.path.name}; " in said.part("kept")
    assert desk.action(desk.write(ONE, "--apply")) == "updated"
    assert desk.site.count("A") == 1


def test_a_protected_environment_is_asked_before_anything_is_written(
    desk: Desk,
) -> None:
    uri = desk.site.graph.uri
    desk.site.project.config.write_text(
        'migration_dir = "migrations"\n[env.prod]\n'
        f'uri = "{uri}"\ndatabase = "neo4j"\nprotected = true\n'
    )

    said = desk.write(ONE, "--apply", "--env", "prod")

    assert said.error == ("ENV.PROTECTED", 2)
    assert desk.files == []
    permitted = ("--env", "prod", "--yes", "--confirm", "neo4j")
    assert desk.write(ONE, "--apply", *permitted).code == 0
    assert desk.site.count("A") == 1


# programs


def test_the_answer_in_json(desk: Desk) -> None:
    desk.write(ONE)

    found = json.loads(desk.write(TWO, "--json").out)
    check(found)
    applied = json.loads(desk.write(TWO, "--json", "--apply").out)
    check(applied)
    again = json.loads(desk.write(TWO, "--json", "--apply").out)
    failed = json.loads(desk.write(ONE, "--json").out)
    check(failed)

    data = found["data"]
    assert data["action"] == "updated"
    assert data["path"] == f"migrations/{desk.path.name}"
    assert data["steps"] == 1
    assert data["diff"][-2:] == ["-CREATE (:A {id: 1});", "+CREATE (:A {id: 2});"]
    assert (data["notes"], data["run"]) == ([], None)
    assert found["database"]["name"] == "neo4j"
    assert applied["data"]["action"] == "unchanged"
    assert applied["data"]["run"]["applied"] == 1
    assert again["data"]["action"] == "already applied"
    assert again["data"]["run"]["migrations"] == []
    assert failed["diagnostics"][0]["code"] == "INTEGRITY.EDITED"


def test_python(desk: Desk) -> None:
    """A step without statements; what nothing is called, is told."""
    text = "async def up(client):\n    await client.cypher('CREATE (:A)')\n"
    said = desk.write(text, "--py")
    assert desk.action(said) == "created"
    assert "1  data        a Python function" in said.err
    assert desk.path.suffix == ".py"
    unchanged(desk, text, "--py")

    said = desk.write(text + "    df\n", "--py", "--apply")

    assert "note  line 3: nothing in the file is called `df`" in said.err
    assert said.code == 2  # and so it is
    assert desk.action(desk.write(text, "--py", "--apply")) == "updated"
    unchanged(desk, text, "--py", action="already applied")
    os.utime(desk.path)
    refused(desk, text.replace(":A", ":B"), "INTEGRITY.EDITED", "--py")
