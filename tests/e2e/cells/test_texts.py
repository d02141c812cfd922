"""What may stand in a text that becomes a file, and what is said of it."""

from __future__ import annotations

import json
import os

import pytest

from tests.e2e.cells.conftest import ONE, TWO, Desk, refused, unchanged
from tests.render.schemas import check

pytestmark = pytest.mark.server


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
