"""Variables and the file `.env`: which are read, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from neo4j_migrate_magic.cli.tree import tree
from neo4j_migrate_magic.config import OPTIONS, load
from neo4j_migrate_magic.config.variables import FRONT
from neo4j_migrate_magic.errors import (
    ConfigNotFoundError,
    InvalidConfigError,
    MigrateError,
)

SHELL = "it is needed before the file is looked for; set it in the shell"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a configuration that says nothing."""
    (tmp_path / "neo4j-migrate.toml").write_text('uri = "bolt://h:1"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("NEO4J_MIGRATE_URL", "; did you mean NEO4J_MIGRATE_URI?"),
        ("NEO4J_MIGRATE_LOCKTIMEOUT", "; did you mean NEO4J_MIGRATE_LOCK_TIMEOUT?"),
        ("NEO4J_MIGRATE_PASSWROD", "; did you mean NEO4J_MIGRATE_PASSWORD?"),
        ("NEO4J_MIGRATE_QUIT", "; did you mean NEO4J_MIGRATE_QUIET?"),
        ("NEO4J_MIGRATE_XYZZY", ": no option is called so"),
        ("NEO4J_MIGRATE_PROTECTED", ": this is a key of the configuration file alone"),
        (
            "NEO4J_MIGRATE_CONFIRM",
            ": what permits to change a protected environment is an option",
        ),
    ],
)
def test_a_variable_that_nothing_reads_is_told(root: Path, name: str, why: str) -> None:
    """With what was probably meant, and without its value."""
    settings = load({}, {name: "canary"}, root)

    assert (f"the variable {name} is not read{why}",) == settings.warnings


@pytest.mark.parametrize(
    "name",
    [
        *(f"NEO4J_MIGRATE_{key.upper()}" for key in sorted(FRONT)),
        "NEO4J_MIGRATE_CACHE",
        "NEO4J_MIGRATE_JAVA",
        "NEO4J_MIGRATE_MAVEN_REPO",
        "NEO4J_MIGRATE_SANDBOX_HEAP",
        "NEO4J_MIGRATE_TORTURE",
        "NEO4J_MIGRATE_TORTURE_SEED",
        "NEO4J_AUTH",
        "MY_NEO4J_MIGRATE_URL",
    ],
)
def test_a_variable_that_somebody_else_reads_is_not(root: Path, name: str) -> None:
    """The command line, the sandbox, the tests, or another program."""
    assert load({}, {name: "x"}, root).warnings == ()


def test_an_empty_variable_is_not_set(root: Path) -> None:
    """So it is not told either."""
    assert load({}, {"NEO4J_MIGRATE_URL": ""}, root).warnings == ()


def test_every_global_option_has_its_variable() -> None:
    """But what permits something, only asks for a text, or is a notebook's."""
    names = {p.name for p in tree.params if isinstance(p, click.Option)}

    notebook = {"no_raise", "password_var"}
    assert {"confirm", "version", *notebook} == names - OPTIONS - FRONT


@pytest.mark.parametrize(
    ("word", "sandbox"),
    [("true", True), ("1", True), ("YES", True), ("on", True), ("0", False), ("off", False)],
)  # fmt: skip
def test_a_switch_takes_the_usual_words(root: Path, word: str, sandbox: bool) -> None:
    """Whatever their case."""
    settings = load({}, {"NEO4J_MIGRATE_SANDBOX": word}, root)

    assert (settings.uri == "sandbox") is sandbox


def test_a_switch_takes_no_other_word(root: Path) -> None:
    """The variable is named."""
    with pytest.raises(InvalidConfigError, match="NEO4J_MIGRATE_SANDBOX") as caught:
        load({}, {"NEO4J_MIGRATE_SANDBOX": "maybe"}, root)

    assert caught.value.why == "it must be true or false"


def test_what_a_dotenv_has_and_nothing_reads_is_told(root: Path) -> None:
    """A misspelt name, one that comes too late, and a line that is none."""
    (root / ".env").write_text(
        "# words\nNEO4J_MIGRATE_DATABSE=d\nNEO4J_MIGRATE_CONFIG=c.toml\n"
        "NEO4J_MIGRATE_QUIET=1\nOTHER=1\nno assignment: canary\nNEO4J_DATABASE=ok\n"
    )

    settings = load({}, {}, root)

    assert settings.database == "ok"
    assert settings.warnings == (
        f"the variable NEO4J_MIGRATE_CONFIG in .env is not read: {SHELL}",
        "the variable NEO4J_MIGRATE_DATABSE in .env is not read;"
        " did you mean NEO4J_MIGRATE_DATABASE?",
        f"the variable NEO4J_MIGRATE_QUIET in .env is not read: {SHELL}",
        ".env:6 is not NAME=value, and is left out",
    )


@pytest.mark.parametrize("way", ["option", "variable"])
def test_another_file_of_variables_stands_in_for_it(root: Path, way: str) -> None:
    """It is relative to the working directory, and `.env` is not read then."""
    below = root / "below"
    below.mkdir()
    (root / ".env").write_text("NEO4J_DATABASE=dot\nNEO4J_USERNAME=dot\n")
    (below / "ci.env").write_text("NEO4J_DATABASE=ci\nNEO4J_MIGRATE_MIGRATION_DIR=m\n")
    options = {"env_file": "ci.env"} if way == "option" else {}
    environ = {"NEO4J_MIGRATE_ENV_FILE": "ci.env"} if way == "variable" else {}

    settings = load(options, environ, below)

    assert (settings.database, settings.username) == ("ci", None)
    assert settings.origins["database"] == "NEO4J_DATABASE in ci.env"
    assert settings.migration_dir == below / "m"
    assert load(options, {**environ, "NEO4J_DATABASE": "set"}, below).database == "set"


def test_a_named_file_may_name_the_configuration_too(tmp_path: Path) -> None:
    """It is read first, also where no configuration lies."""
    (tmp_path / "c.toml").write_text('project = "named"\n')
    (tmp_path / "v").write_text(
        "NEO4J_MIGRATE_CONFIG=c.toml\nNEO4J_MIGRATE_URI=sandbox"
    )

    settings = load({"env_file": tmp_path / "v"}, {}, tmp_path)

    assert (settings.project, settings.uri) == ("named", "sandbox")
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("name", "error"), [("gone", ConfigNotFoundError), (".", InvalidConfigError)]
)
def test_a_named_file_that_is_not_there_is_an_error(
    root: Path, name: str, error: type[MigrateError]
) -> None:
    """Nobody goes on with half of the variables."""
    with pytest.raises(error) as caught:
        load({"env_file": name}, {}, root)

    assert caught.value.where is not None
    assert caught.value.next
