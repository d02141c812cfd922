"""The file `.env` beside the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from neo4j_migrate_magic.config import load
from neo4j_migrate_magic.errors import InvalidConfigError

URI = "bolt://file:1"


def write(folder: Path, dotenv: str, config: str = "") -> None:
    (folder / "neo4j-migrate.toml").write_text(config)
    (folder / ".env").write_text(dotenv)
    (folder / ".env").chmod(0o600)


def test_it_fills_in_variables_that_are_not_set(tmp_path: Path) -> None:
    """One that is set wins, also over a stronger variable's weaker twin in the file."""
    write(tmp_path, f"NEO4J_URI={URI}\nNEO4J_USERNAME=file\nNEO4J_PASSWORD=file\n")

    settings = load({}, {"NEO4J_USERNAME": "set", "NEO4J_PASSWORD": ""}, tmp_path)

    assert (
        settings.uri,
        settings.username,
        settings.password,
    ) == (URI, "set", "file")
    assert settings.origins["uri"] == "NEO4J_URI in .env"
    assert settings.origins["username"] == "NEO4J_USERNAME"


def test_its_variables_have_the_rank_of_variables(tmp_path: Path) -> None:
    """Ours above the file's environment, the driver's below it."""
    write(
        tmp_path,
        "NEO4J_MIGRATE_ENV=prod\nNEO4J_MIGRATE_PROJECT=dot\nNEO4J_DATABASE=dot\n",
        'database = "base"\n[env.prod]\nproject = "prod"\ndatabase = "prod"\n',
    )

    settings = load({}, {}, tmp_path)

    assert (
        settings.env,
        settings.project,
        settings.database,
    ) == ("prod", "dot", "prod")


def test_references_find_variables_in_it(tmp_path: Path) -> None:
    """`env:` in the configuration and `--password-env` do."""
    write(tmp_path, "SECRET=from-file\n", 'uri = "bolt://h:1"\npassword = "env:SECRET"')

    assert load({}, {}, tmp_path).password == "from-file"
    assert load({"password_env": "SECRET"}, {}, tmp_path).password == "from-file"
    assert load({}, {"SECRET": "set"}, tmp_path).password == "set"


@pytest.mark.parametrize("value", ["a$b", "${HOME}", "'$(x)'", '"a#b"', "a`b"])
def test_a_value_is_taken_as_it_is_written(tmp_path: Path, value: str) -> None:
    """Nothing in it is replaced: it may be a password."""
    write(tmp_path, f"NEO4J_PASSWORD={value}\n")

    assert value.strip("'\"") == load({}, {"HOME": "/x"}, tmp_path).password


def test_its_paths_are_relative_to_it(tmp_path: Path) -> None:
    """As those of the configuration are, wherever one stands."""
    write(tmp_path, "NEO4J_MIGRATE_PASSWORD_FILE=s\nNEO4J_MIGRATE_MIGRATION_DIR=m\n")
    (tmp_path / "s").write_text("x\n")
    inner = tmp_path / "inner"
    inner.mkdir()

    settings = load({}, {}, inner)

    assert (settings.password, settings.migration_dir) == ("x", tmp_path / "m")


def test_without_a_configuration_there_is_none(tmp_path: Path) -> None:
    """It is read beside the configuration alone."""
    (tmp_path / ".env").write_text(f"NEO4J_URI={URI}\n")

    assert load({"migration_dir": "m"}, {}, tmp_path).uri is None


def test_one_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """With its name and line."""
    write(tmp_path, "")
    (tmp_path / ".env").write_bytes(b"A=1\nB=\xff\n")

    with pytest.raises(InvalidConfigError, match=r"\.env is not UTF-8") as caught:
        load({}, {}, tmp_path)

    assert f"{tmp_path / '.env'}:2" in str(caught.value)
