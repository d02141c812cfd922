"""Lines as they are typed: words, help, results, settings, errors; no kernel needed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from neo4j_migrate_magic.cli.call import tree
from neo4j_migrate_magic.cli.embed import words
from neo4j_migrate_magic.errors import BadOptionError, MigrateError
from neo4j_migrate_magic.model import Report, Status
from neo4j_migrate_magic.notebook.magics import _said
from tests.conftest import Graph, Project

NODE = "// @up\nCREATE (:Node {name: '$name'});\n"


def value(ip: InteractiveShell, cell: str) -> Any:
    """Run a cell that must succeed, and give its value."""
    found = ip.run_cell(cell)
    found.raise_error()
    return found.result


def error(ip: InteractiveShell, cell: str) -> Any:
    """Run a cell that must fail, and give its error."""
    with capture_output():
        found = ip.run_cell(cell)
    assert found.error_in_exec is not None, cell
    return found.error_in_exec


def drawn(caught: Any) -> list[str]:
    return list(caught._render_traceback_())


# --- words -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        ("status", ["status"]),
        ("status;", ["status"]),
        ("status  # what is there", ["status"]),
        ('create "add person"', ["create", "add person"]),
        ("create a#b", ["create", "a#b"]),
        ("create 'don''t'", ["create", "dont"]),
        ("up ?", ["up", "--help"]),
        ("up?", ["up", "--help"]),
        ("?", ["--help"]),
        ("log --since 2h", ["log", "--since", "2h"]),
        ("create $id {x}", ["create", "$id", "{x}"]),
    ],
)
def test_a_line_is_taken_apart_as_a_shell_would(line: str, expected: list[str]) -> None:
    assert words(line) == expected


def test_an_open_quotation_mark_is_named() -> None:
    with pytest.raises(BadOptionError, match="taken apart"):
        words('create "add person')


# --- help ------------------------------------------------------------------------


def test_every_verb_has_its_help_in_the_words_of_a_notebook(
    magic: InteractiveShell,
) -> None:
    """`%migrate VERB --help` and `%migrate VERB ?`, with no word of the shell's."""
    for verb in tree.commands:
        with capture_output() as shown:
            assert value(magic, f"%migrate {verb} --help") is None
        with capture_output() as asked:
            assert value(magic, f"%migrate {verb} ?") is None
        assert shown.stdout == asked.stdout
        assert f"Usage: %migrate {verb}" in shown.stdout
        assert "neo4j-migrate up" not in shown.stdout


def test_alone_it_shows_the_commands(magic: InteractiveShell) -> None:
    with capture_output() as shown:
        assert value(magic, "%migrate") is None
    assert "Commands:" in shown.stdout
    assert "connect" in shown.stdout


def test_its_documentation_is_the_help_of_the_tree(magic: InteractiveShell) -> None:
    """`%migrate?` finds it there."""
    documented = magic.object_inspect("%migrate")["docstring"]
    assert "Usage: %migrate [OPTIONS] COMMAND" in documented
    for verb in ("up", "connect", "sandbox"):
        assert f"  {verb} " in documented


# --- what the line is not ----------------------------------------------------------


def test_nothing_is_expanded(magic: InteractiveShell, project: Project) -> None:
    """Neither variables nor expressions, in the line or below it."""
    magic.run_cell("id = 'no'; x = 'no'; name = 'no'")
    assert "$id" in str(error(magic, "%migrate $id"))
    assert "{x}" in str(error(magic, "%migrate {x}"))


def test_loading_connects_to_nothing_and_writes_nothing(
    ip: InteractiveShell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    ip.run_cell("%load_ext neo4j_migrate_magic").raise_error()
    assert list(folder.iterdir()) == []


# --- results -----------------------------------------------------------------------


@pytest.mark.server
def test_status_and_log_are_frames_and_up_and_down_reports(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    """Values, so that `=`, `_` and `;` work; what runs is the file."""
    empty = value(magic, "%migrate status")
    project.add(
        "20260101000000-first.cypher", f"{NODE}// @down\nMATCH (n:Node) DELETE n;"
    )
    pending = value(magic, "%migrate status")
    assert isinstance(pending, pd.DataFrame)
    assert list(pending["state"]) == ["pending"]
    assert pending.attrs["database"] == "neo4j"
    assert dict(pending.dtypes.astype(str)) == dict(empty.dtypes.astype(str))

    with capture_output():
        report = value(magic, "%migrate up")
    assert isinstance(report, Report)
    assert list(report.frame()["outcome"]) == ["applied"]
    assert target.one("MATCH (n:Node) RETURN n.name") == "$name"

    assert value(magic, "df = %migrate status") is None
    assert list(magic.user_ns["df"]["state"]) == ["applied"]
    log = value(magic, "%migrate log")
    assert list(log["what"]) == ["applied"]
    with capture_output():
        assert value(magic, "%migrate down").direction.value == "down"
    assert target.rows("MATCH (n:Node) RETURN n") == []


@pytest.mark.server
def test_a_semicolon_keeps_it_quiet(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    with capture_output() as shown:
        magic.run_cell("%migrate status;").raise_error()
    assert shown.stdout == ""


@pytest.mark.server
def test_up_takes_what_the_command_line_takes(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    for number in range(3):
        project.add(f"2026010100000{number}-m{number}.cypher", NODE)
    with capture_output():
        assert len(value(magic, "%migrate up --up-count 2").migrations) == 2
        assert len(value(magic, "%neo4j_migrate up").migrations) == 1
        assert value(magic, "%migrate up").migrations == ()


@pytest.mark.server
def test_json_is_printed_and_validated_as_in_a_shell(
    magic: InteractiveShell, project: Project, target: Graph, tmp_path: Path
) -> None:
    import json

    with capture_output() as shown:
        assert value(magic, "%migrate status --json") is None
    assert json.loads(shown.stdout)["command"] == "status"
    with capture_output():
        assert value(magic, f"%migrate status --json -o {tmp_path}/out.json") is None
    assert json.loads((tmp_path / "out.json").read_text())["ok"] is True


@pytest.mark.server
def test_a_command_that_found_something_stops_the_notebook(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    """In a shell it is the exit code; here the result is shown, and the cell fails."""
    project.add("20260101000000-first.cypher", NODE)
    caught = error(magic, "%migrate status --exit-code")
    assert caught.exit_code == 4
    assert caught.code == "STATUS.PENDING"
    assert list(value(magic, "%migrate status --exit-code --no-raise")["state"]) == [
        "pending"
    ]
    with capture_output():
        value(magic, "%migrate up")
    (project.folder / "20260101000000-first.cypher").write_text("CREATE (:Other);")
    caught = error(magic, "%migrate verify")
    assert caught.exit_code == 7
    assert caught.code == "INTEGRITY.EDITED"


@pytest.mark.server
def test_what_is_proposed_leads_where_the_command_led(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    """A cell's `%migrate up` without the environment would change another database."""
    project.config.write_text(
        'migration_dir = "migrations"\nuri = "bolt://127.0.0.1:1"\n'
        f'[env.far]\nuri = "{target.uri}"\n'
    )
    project.add("20260101000000-first.cypher", NODE)
    frame = value(magic, "%migrate status --env far")
    assert frame.attrs["next"] == "neo4j-migrate up --env far"
    assert "%migrate up --env far" in frame._repr_html_()
    caught = error(magic, "%migrate status --env far --exit-code")
    assert caught.next[0].command == "%migrate status --env far --no-raise"


def test_an_interrupt_says_where_to_go_on() -> None:
    cut, seen = KeyboardInterrupt(), SimpleNamespace(report=None)
    seen.interrupted = lambda: "interrupted. Run neo4j-migrate up to go on."
    app: Any = SimpleNamespace(
        progress=seen,
        leading=lambda way: way._replace(command=f"{way.command} --env far"),
    )
    assert _said(cut, app) == "interrupted. Run neo4j-migrate up --env far to go on."


# --- errors ------------------------------------------------------------------------


@pytest.mark.server
def test_an_error_is_a_few_lines_in_the_words_of_a_notebook(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    """What, why, where, kept, next: at most six lines, and a real exception."""
    project.add("20260101000000-first.cypher", "CREATE (:Node);\nCRATE (:Node);\n")
    caught = error(magic, "%migrate up")
    lines = drawn(caught)
    assert isinstance(caught, MigrateError)
    assert caught.report is not None
    assert len(lines) <= 6
    text = "\n".join(lines)
    assert caught.code in text
    assert "migrations/20260101000000-first.cypher:2" in text
    assert "%migrate up" in text
    assert "neo4j-migrate" not in text


@pytest.mark.server
def test_the_long_form_has_the_traceback(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    project.add("20260101000000-first.cypher", "CRATE (:Node);\n")
    value(magic, "%config MigrateMagic.short_errors = False")
    assert "Traceback" in drawn(error(magic, "%migrate up"))[0]
    value(magic, "%config MigrateMagic.short_errors = True")
    assert "Traceback" not in drawn(error(magic, "%migrate up"))[0]
    assert "Traceback" in drawn(error(magic, "%migrate up --trace"))[0]


@pytest.mark.server
def test_no_raise_gives_the_report_of_a_run_that_failed(
    magic: InteractiveShell, project: Project, target: Graph
) -> None:
    project.add("20260101000000-first.cypher", NODE)
    project.add("20260102000000-second.cypher", "CRATE (:Node);\n")
    with capture_output() as shown:
        report = value(magic, "%migrate up --no-raise")
    assert [m.outcome.value for m in report.migrations] == ["applied", "not applied"]
    assert "UP.STATEMENT_FAILED" in shown.stdout + shown.stderr


def test_a_bad_trait_is_harmless(magic: InteractiveShell) -> None:
    """It is looked at when it is used, and never ends a reload."""
    for trait in ("short_errors", "progress", "env"):
        value(magic, f"%config MigrateMagic.{trait} = 17")
    value(magic, "%reload_ext neo4j_migrate_magic")
    caught = error(magic, "%migrate status")
    assert caught.code == "CONFIG.INVALID"


def test_a_bug_keeps_its_traceback(
    magic: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is ours to mend is not made small."""
    from neo4j_migrate_magic.notebook.app import NotebookApp

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(NotebookApp, "begin", broken)
    caught = error(magic, "%migrate status")
    assert type(caught) is ZeroDivisionError
    assert not hasattr(caught, "_render_traceback_")


@pytest.mark.server
def test_without_pandas_a_result_is_itself(
    magic: InteractiveShell,
    project: Project,
    target: Graph,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As good to look at; `.frame()` says what is missing."""
    monkeypatch.setattr(
        "neo4j_migrate_magic.notebook.results.find_spec", lambda _: None
    )
    found = value(magic, "%migrate status")
    assert isinstance(found, Status)
    assert "text/html" in found._repr_mimebundle_()
