"""Variables of the options that say how a command talks; and looking at settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def root(folder: Path) -> Path:
    """A project on a server that nobody can reach."""
    (folder / "neo4j-migrate.toml").write_text('uri = "bolt://127.0.0.1:1"\n')
    (folder / "migrations").mkdir()
    return folder


@pytest.mark.parametrize("word", ["1", "true", "YES", "on"])
def test_a_switch_is_set_by_the_usual_words(
    cli: Run, root: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """As with `--json`, stdout has one object."""
    monkeypatch.setenv("NEO4J_MIGRATE_JSON", word)

    assert json.loads(cli("status").out)["exit_code"] == 10


@pytest.mark.parametrize("word", ["0", "false", "no", "off", ""])
def test_a_switch_that_is_off_is_not_set(
    cli: Run, root: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """Nor is one that is empty."""
    monkeypatch.setenv("NEO4J_MIGRATE_TRACE", word)

    assert "Traceback" not in cli("status").err


def test_an_option_is_stronger_than_its_variable(
    cli: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the verb, and after it."""
    monkeypatch.setenv("NEO4J_MIGRATE_FORMAT", "json")
    assert cli("status").out.startswith("{")

    for line in (("--format", "table", "status"), ("status", "--format", "table")):
        assert cli(*line).out == ""


@pytest.mark.parametrize("name", ["QUIET", "VERBOSE", "FORMAT"])
def test_a_word_that_an_option_does_not_take_is_refused(
    cli: Run, root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The variable is named, because nobody typed the option."""
    monkeypatch.setenv(f"NEO4J_MIGRATE_{name}", "perhaps")

    shown = cli("status")

    assert shown.code == 2
    assert shown.err.startswith("error USAGE.BAD_OPTION")
    assert f"the variable NEO4J_MIGRATE_{name} cannot be used" in shown.err
    assert f"unset NEO4J_MIGRATE_{name}" in shown.err


@pytest.mark.parametrize(
    "line",
    [
        ("--env-file", "v", "--timeout", "5s", "--wait", "1ms", "doctor", "--only", "config"),
        ("doctor", "--only=config", "--env-file=v", "--timeout=5s", "--wait=1ms"),
    ],
)  # fmt: skip
def test_settings_are_looked_at_without_a_server(
    cli: Run, root: Path, line: tuple[str, ...]
) -> None:
    """Every value has its origin, and no command of the file is run."""
    (root / "neo4j-migrate.toml").write_text(
        'uri = "bolt://127.0.0.1:1"\npassword = "cmd:touch ran"\n'
    )
    (root / "v").write_text("NEO4J_MIGRATE_PROJECT=shop\n")

    shown = cli(*line)

    assert (shown.code, shown.err) == (0, "")
    for words in (
        "password = ***   (cmd:touch … in neo4j-migrate.toml)",
        "project = shop   (NEO4J_MIGRATE_PROJECT in v)",
        "timeout = 5s   (option --timeout)",
        "wait = 0.001s   (option --wait)",
    ):
        assert f"ok    config   {words}\n" in shown.out
    assert not (root / "ran").exists()


def test_settings_that_lead_nowhere_fail(cli: Run, root: Path) -> None:
    """With the way out, and all that can be said of the rest."""
    (root / "neo4j-migrate.toml").write_text("")

    shown = cli("doctor", "--only", "config")

    assert shown.code == 2
    assert "fail  config   no Neo4j server is named" in shown.out
    assert "neo4j-migrate status --uri neo4j://localhost:7687" in shown.out
    assert "uri = none   (default)" in shown.out


def test_a_command_that_gives_no_password_ends_the_call(cli: Run, root: Path) -> None:
    """With its exit code, and not with its words."""
    (root / "neo4j-migrate.toml").write_text(
        'uri = "bolt://127.0.0.1:1"\npassword = "cmd:ls hunter2-canary"\n'
    )

    shown = cli("status", "--trace")

    assert shown.code == 2
    assert "error CONFIG.SECRET_UNAVAILABLE" in shown.err
    assert "the command 'ls' ended with exit code 2" in " ".join(shown.err.split())
    assert "hunter2" not in shown.out + shown.err


def test_a_secret_that_a_command_gave_is_in_no_output(cli: Run, root: Path) -> None:
    """Nor in a traceback."""
    (root / "neo4j-migrate.toml").write_text(
        'uri = "bolt://127.0.0.1:1"\npassword = "cmd:cat secret.txt"\n'
    )
    (root / "secret.txt").write_text("hunter2-canary\n")

    shown = cli("up", "--trace", "-vv")

    assert shown.code == 10
    assert "hunter2" not in shown.out + shown.err
