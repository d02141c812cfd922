"""`%%migration`: what the cell says is what the file says, and running it again is safe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from neo4j_migrate_magic.model import CellAction
from tests.conftest import Graph, Project
from tests.notebook.conftest import Kernel
from tests.notebook.test_magics import drawn, error, value

pytestmark = pytest.mark.server

BODY = """// Persons: $id and {x} stay as they are
// @up
CREATE (:Person {name: '$id {x} %s ; \u2028'});
// @down
MATCH (p:Person) DELETE p;
"""
CELL = f"%%migration add_person\n{BODY}"


def file(project: Project) -> Path:
    (found,) = project.folder.glob("*-add_person.*")
    return found


def given(ip: InteractiveShell, cell: str) -> Any:
    """Run a cell that must succeed; give its value and what it printed."""
    with capture_output() as shown:
        found = value(ip, cell)
    return found, shown.stdout + shown.stderr


def test_the_body_is_stored_byte_for_byte(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    magic.run_cell("id = 'no'; x = 'no'; name = 'no'")
    made, _ = given(magic, CELL)
    assert made.action is CellAction.CREATED
    stored = file(project).read_bytes().decode()
    body, mark = stored.rsplit("// %%migration", 1)
    assert body == BODY
    assert mark.startswith(" body-sha256=")
    with capture_output():
        value(magic, "%migrate up")
    assert target.one("MATCH (p:Person) RETURN p.name") == "$id {x} %s ; \u2028"


def test_run_again_it_changes_nothing(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    """Before it is applied and after it; the twin is the same magic."""
    given(magic, CELL)
    before = os.stat(file(project)).st_mtime_ns
    made, _ = given(magic, CELL.replace("%%migration", "%%neo4j_migration"))
    assert made.action is CellAction.UNCHANGED
    with capture_output():
        value(magic, "%migrate up")
    made, _ = given(magic, CELL)
    assert made.action is CellAction.APPLIED
    made, _ = given(magic, f"%%migration add_person --apply\n{BODY}")
    assert made.action is CellAction.APPLIED
    assert os.stat(file(project)).st_mtime_ns == before


def test_another_text_updates_what_is_not_applied_and_shows_how(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    given(magic, CELL)
    made, _ = given(magic, CELL.replace("DELETE p", "DETACH DELETE p"))
    assert made.action is CellAction.UPDATED
    assert any(line.startswith("+MATCH") for line in made.diff)


def test_it_is_refused_with_a_diff_where_somebody_else_edited_the_file(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    given(magic, CELL)
    edited = file(project).read_text().replace("Persons", "People")
    file(project).write_text(edited)
    cell = CELL.replace("Persons", "Humans")
    with capture_output() as shown:
        caught = magic.run_cell(cell).error_in_exec
    assert caught is not None
    assert len(drawn(caught)) <= 6
    assert "-// People" in shown.stdout + shown.stderr
    assert file(project).read_text() == edited
    made, _ = given(magic, cell.replace("add_person", "add_person --replace"))
    assert made.action is CellAction.UPDATED


def test_what_is_applied_is_not_edited(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    given(magic, f"%%migration add_person --apply\n{BODY}")
    caught = error(magic, CELL.replace("Person {", "Human {"))
    assert caught.exit_code == 7
    assert "%%migration add_person_2" in "\n".join(drawn(caught))


def test_applied_at_once_it_is_what_up_to_it_does(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    project.add("20200101000000-first.cypher", "CREATE (:First);")
    made, _ = given(magic, f"%%migration add_person --apply\n{BODY}")
    assert [m.name for m in made.report.migrations] == ["first", "add_person"]
    assert target.one("MATCH (n:First) RETURN count(n)") == 1


@pytest.mark.parametrize("option", ["--var made", "-o made", "--var=made"])
def test_the_result_is_kept_in_a_variable(
    magic: InteractiveShell, project: Project, target: Graph, option: str
) -> None:
    given(magic, f"%%migration add_person {option}\n{BODY}")
    assert magic.user_ns["made"].name == "add_person"
    caught = error(magic, f"%%migration add_other --var no-name\n{BODY}")
    assert caught.code == "USAGE.BAD_OPTION"
    assert not list(project.folder.glob("*-add_other*"))


def test_names_that_exist_only_in_the_notebook_are_refused(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    value(magic, "df = [1]; limit = 3")
    cell = (
        "%%migration load_rows --py\n"
        "import json\n"
        "def up(client):\n"
        "    for row in df:\n"
        "        client.cypher('CREATE (:Row {n: $n})', {'n': json.dumps(row)})\n"
    )
    caught = error(magic, cell)
    assert "`df`" in str(caught)
    assert not list(project.folder.iterdir())
    made, _ = given(magic, cell.replace("in df", "in [1, 2]"))
    assert made.kind.value == "python"


def test_an_error_points_into_the_cell(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    """Line 1 is the magic's own, as a front end numbers them."""
    caught = error(magic, "%%migration bad\n// @up\nCREATE (:A);\nCRATE (:B);\n")
    assert caught.where.line == 4
    caught = error(magic, "%%migration bad\n// @up\nCREATE (:A {name: 'open);\n")
    assert caught.where.line == 3
    caught = error(magic, "%%migration bad\n  \n")
    assert caught.code == "FILE.NO_UP"
    caught = error(magic, "%%migration bad --py\ndef up(client)\n    pass\n")
    assert caught.where.line == 2
    assert list(project.folder.iterdir()) == []


def test_without_a_server_a_file_is_made_and_none_is_changed(
    magic: InteractiveShell, project: Project
) -> None:
    project.config.write_text('uri = "bolt://127.0.0.1:1"\n')
    made, _ = given(magic, CELL)
    assert made.action is CellAction.CREATED
    made, _ = given(magic, CELL)
    assert made.action is CellAction.UNCHANGED
    caught = error(magic, CELL.replace("Persons", "Humans"))
    assert any("--replace" in way.command for way in caught.next)


def test_a_file_comes_back_as_a_cell(kernel: Kernel, project: Project) -> None:
    """`create --cell` gives one to fill in, `show --cell` one to edit."""
    outputs = kernel.good("%migrate create add_person --cell")
    (payload,) = outputs.reply["payload"]
    assert payload["source"] == "set_next_input"
    assert payload["text"].startswith("%%migration add_person\n")
    assert list(project.folder.iterdir()) == []
    kernel.good(CELL)
    outputs = kernel.good("%migrate show add_person --cell")
    (payload,) = outputs.reply["payload"]
    assert payload["text"] == CELL


def test_all_cells_again_apply_nothing_twice(
    kernel: Kernel, project: Project, target: Graph
) -> None:
    cells = [
        CELL,
        "%%migration mark --py\ndef up(client):\n    client.cypher('CREATE (:Mark)')\n",
        "%migrate up",
        "%%migration late --apply\nCREATE (:Late);\n",
        "%migrate status",
        "%migrate log",
    ]
    for _ in range(2):
        for cell in cells:
            kernel.good(cell)
    assert target.one("MATCH (n:Mark|Late|Person) RETURN count(n)") == 3
    assert len(list(project.folder.glob("*.*"))) == 3
