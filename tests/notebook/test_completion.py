"""Completion of a line: what the shell's completion knows, and nothing of Python's."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from neo4j_migrate_magic.cli import main
from tests.conftest import Project


def offered(ip: InteractiveShell, text: str) -> list[str]:
    with provisionalcompleter():
        return [one.text for one in ip.Completer.completions(text, len(text))]


@pytest.mark.parametrize("before", ["%", "df = %", "  %", "", "%neo4j_"])
def test_verbs_are_offered(magic: InteractiveShell, before: str) -> None:
    assert set(offered(magic, f"{before}migrate st")) == {"status", "stop"}


@pytest.mark.parametrize("before", ["%", "df = %"])
def test_options_are_offered(magic: InteractiveShell, before: str) -> None:
    found = offered(magic, f"{before}migrate up --")
    assert {"--up-count", "--to", "--allow-late"} <= set(found)
    assert "--env" in offered(magic, f"{before}migrate up --e")
    assert "--exit-code" in offered(magic, f"{before}migrate status --ex")


def test_environments_are_offered(magic: InteractiveShell, project: Project) -> None:
    project.config.write_text("[env.dev]\n[env.prod]\n")
    assert offered(magic, "%migrate up --env ") == ["dev", "prod"]
    assert offered(magic, "%migrate connect d") == ["dev"]


def test_versions_are_offered(magic: InteractiveShell, project: Project) -> None:
    project.add("20260101000000-first.cypher", "RETURN 1;")
    project.add("20260202000000-second.cypher", "RETURN 1;")
    assert offered(magic, "%migrate up --to 202602") == ["20260202000000"]
    assert "zero" in offered(magic, "x = %migrate down --to ")


def test_the_options_of_a_cell_are_offered(magic: InteractiveShell) -> None:
    found = set(offered(magic, "%%migration add_person --"))
    assert {"--py", "--apply", "--replace"} <= found


def test_what_only_a_notebook_has_is_offered_here_alone(
    magic: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    assert offered(magic, "%migrate create x --ce") == ["--cell"]
    assert offered(magic, "%migrate up --no-r") == ["--no-raise"]
    assert offered(magic, "%migrate conn") == ["connect"]
    monkeypatch.setenv("_NEO4J_MIGRATE_COMPLETE", "bash_complete")
    for line in ("create x --ce", "up --no-r", "conn"):
        words = f"neo4j-migrate {line}"
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        assert main([]) == 0
    assert capsys.readouterr().out.split() == []


def test_nothing_of_python_is_offered_there(magic: InteractiveShell) -> None:
    magic.run_cell("status_of_mine = 1")
    assert "status_of_mine" not in offered(magic, "%migrate st")
    assert "status_of_mine" in offered(magic, "status_of")


def test_a_broken_configuration_offers_what_needs_none(
    magic: InteractiveShell, project: Project
) -> None:
    project.config.write_text("[env.")
    assert set(offered(magic, "%migrate st")) == {"status", "stop"}
