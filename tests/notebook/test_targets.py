"""Which database a cell works on: settings, the chosen target, a driver, a password."""

from __future__ import annotations

import getpass
from typing import Any

import neo4j
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from tests.conftest import Graph, Guarded, Project
from tests.notebook.test_magics import drawn, error, value

pytestmark = pytest.mark.server

NODE = "CREATE (:Node);\n"


def test_without_a_target_it_says_how_to_name_one(magic: InteractiveShell) -> None:
    caught = error(magic, "%migrate status")
    assert caught.code == "CONFIG.NO_TARGET"
    assert "%migrate status --uri" in "\n".join(drawn(caught))


def test_a_uri_is_chosen_for_the_notebook(
    magic: InteractiveShell, project: Project, lts_graph: Graph
) -> None:
    """Until it is cleared; an option of a command goes before it."""
    said = value(magic, f"%migrate connect {lts_graph.uri}")
    assert lts_graph.uri.removeprefix("bolt://") in said
    assert value(magic, "%migrate status").attrs["uri"] in lts_graph.uri
    assert error(magic, "%migrate status --uri bolt://127.0.0.1:1").exit_code == 10
    assert "chosen here" in value(magic, "%migrate connect")
    value(magic, "%migrate connect --clear")
    assert error(magic, "%migrate status").code == "CONFIG.NO_TARGET"


def test_one_that_does_not_answer_is_not_chosen(
    magic: InteractiveShell, project: Project, lts_graph: Graph
) -> None:
    value(magic, f"%migrate connect {lts_graph.uri}")
    assert error(magic, "%migrate connect bolt://127.0.0.1:1").exit_code == 10
    assert value(magic, "%migrate status").attrs["uri"] in lts_graph.uri


def test_an_environment_is_chosen_by_name_or_by_setting(
    magic: InteractiveShell, project: Project, lts_graph: Graph
) -> None:
    project.config.write_text(f'[env.dev]\nuri = "{lts_graph.uri}"\n')
    assert "neo4j@dev" in value(magic, "%migrate connect dev")
    value(magic, "%migrate connect --clear")
    value(magic, "%config MigrateMagic.env = 'dev'")
    assert len(value(magic, "%migrate status")) == 0
    value(magic, "%config MigrateMagic.env = ''")
    assert error(magic, "%migrate status").code == "CONFIG.NO_TARGET"


def test_the_next_command_is_for_the_environment_of_the_one_before(
    magic: InteractiveShell, project: Project, lts_graph: Graph
) -> None:
    """Where the line named it; a chosen one lasts, and need not be named again."""
    project.config.write_text(f'[env.dev]\nuri = "{lts_graph.uri}"\n')
    project.add("20260101000000-a.cypher", "CREATE (:A) RETURN x;\n")

    seen = value(magic, "%migrate status --env dev")
    assert "%migrate up --env dev" in seen._repr_html_()
    caught = error(magic, "%migrate up --env dev")
    assert "%migrate up --env dev" in "\n".join(drawn(caught))

    value(magic, "%migrate connect dev")
    assert "%migrate up<" in value(magic, "%migrate status")._repr_html_()


def test_a_driver_of_the_notebook_is_used_and_stays_open(
    magic: InteractiveShell, project: Project, lts_graph: Graph
) -> None:
    project.add(
        "20260101000000-first.cypher",
        f"// @up\n{NODE}// @down\nMATCH (n:Node) DELETE n;",
    )
    project.add("20260102000000-second.cypher", "CREATE INDEX n FOR (n:Node) ON (n.x);")
    project.add(
        "20260103000000-third.py",
        "def up(client):\n    client.cypher('CREATE (:Node)')\n",
    )
    with neo4j.GraphDatabase.driver(lts_graph.uri) as driver:
        magic.user_ns["mine"] = driver
        assert "the driver `mine`" in value(magic, "%migrate connect --driver mine")
        with capture_output():
            report = value(magic, "%migrate up")
        assert [m.outcome.value for m in report.migrations] == ["applied"] * 3
        driver.verify_connectivity()
        assert lts_graph.one("MATCH (n:Node) RETURN count(n)") == 2
        assert error(magic, "%migrate down --to zero").code == "PLAN.IRREVERSIBLE"
        value(magic, "%migrate connect --clear")
    assert lts_graph.rows("MATCH (l:_MigrateProject) RETURN l.owner") == [[None]]


async def test_an_awaited_driver_is_refused(
    magic: InteractiveShell, project: Project, lts_graph: Graph
) -> None:
    async with neo4j.AsyncGraphDatabase.driver(lts_graph.uri) as driver:
        magic.user_ns["mine"] = driver
        caught = error(magic, "%migrate connect --driver mine")
    assert "await Migrator(driver=mine)" in "\n".join(drawn(caught))
    magic.user_ns["mine"] = 17
    assert "is no driver" in str(error(magic, "%migrate connect --driver mine"))
    assert "no variable" in str(error(magic, "%migrate connect --driver yours"))


def test_a_password_is_asked_for_once(
    magic: InteractiveShell,
    project: Project,
    guarded: Guarded,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `getpass` asks; a wrong one is asked for again."""
    project.config.write_text(f'uri = "{guarded.uri}"\nusername = "neo4j"\n')
    asked: list[str] = []
    answers = iter(["wrong-one-first", guarded.password])

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return next(answers)

    monkeypatch.setattr(getpass, "getpass", answer)
    assert error(magic, "%migrate status").code == "SERVER.AUTH"
    assert len(value(magic, "%migrate status")) == 0
    assert len(value(magic, "%migrate status")) == 0
    assert len(asked) == 2
    assert "neo4j at bolt://" in asked[0]


def test_a_password_comes_from_a_variable(
    magic: InteractiveShell, project: Project, guarded: Guarded
) -> None:
    magic.user_ns["secret"] = guarded.password
    options = f"--uri {guarded.uri} --username neo4j --password-var secret"
    assert len(value(magic, f"%migrate status {options}")) == 0
    assert "chosen here" in value(magic, f"%migrate connect {options}")
    assert len(value(magic, "%migrate status")) == 0
    assert "no variable" in str(error(magic, "%migrate status --password-var nope"))


def test_a_protected_environment_is_refused_unless_all_is_named(
    magic: InteractiveShell, project: Project, lts_graph: Graph, monkeypatch: Any
) -> None:
    """No question is asked: what changes production stands in the cell."""
    project.config.write_text(
        f'[env.prod]\nuri = "{lts_graph.uri}"\nprotected = true\n'
    )
    project.add("20260101000000-first.cypher", NODE)
    monkeypatch.setattr("builtins.input", lambda _: "neo4j")
    value(magic, "%migrate connect prod")
    assert list(value(magic, "%migrate status")["state"]) == ["pending"]
    caught = error(magic, "%migrate up")
    assert caught.code == "ENV.PROTECTED"
    assert "--env prod --yes --confirm" in "\n".join(drawn(caught))
    for line in ("up --env prod", "up --env prod --yes", "up --yes --confirm neo4j"):
        assert error(magic, f"%migrate {line}").code == "ENV.PROTECTED"
    caught = error(magic, "%migrate up --env prod --yes --confirm other")
    assert caught.code == "ENV.CONFIRM_MISMATCH"
    with capture_output():
        value(magic, "%migrate up --env prod --yes --confirm neo4j")
    assert lts_graph.one("MATCH (n:Node) RETURN count(n)") == 1
