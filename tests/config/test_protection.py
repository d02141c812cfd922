"""A protected environment: where its address may be from, and who may change it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.config import (
    Settings,
    load,
    refuse_unnamed,
    refuse_unpermitted,
    with_target,
)
from neo4j_migrate_magic.errors import (
    ConfirmMismatchError,
    InvalidConfigError,
    ProtectedError,
    UriRedirectedError,
)

FILE = """\
database = "shared"
[env.prod]
uri = "env:PROD_URI"
protected = true
[env.bare]
protected = true
[env.own]
uri = "bolt://own:1"
database = "own"
protected = true
[env.dev]
uri = "bolt://dev:1"
"""
ENVIRON = {"PROD_URI": "bolt://prod:1"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with environments, protected and not."""
    (tmp_path / "neo4j-migrate.toml").write_text(FILE)
    return tmp_path


def settings_of(root: Path, env: str = "prod", **more: Any) -> Settings:
    return load({"env": env, **more}, ENVIRON, root)


@pytest.mark.parametrize(
    ("options", "uri", "database"),
    [
        ({"env": "prod"}, "bolt://prod:1", "shared"),
        ({"env": "own"}, "bolt://own:1", "own"),
        ({"env": "own", "uri": "bolt://o:1", "database": "o"}, "bolt://o:1", "o"),
        ({"env": "own", "sandbox": True}, "sandbox", "own"),
        ({"env": "bare", "uri": "bolt://o:1"}, "bolt://o:1", "shared"),
    ],
)
def test_its_address_is_its_own_or_an_options(
    root: Path, options: dict[str, Any], uri: str, database: str
) -> None:
    """A reference counts as its own; the file's top may name the database for all."""
    found = with_target(load(options, ENVIRON, root))

    assert (uri, database) == (found.uri, found.database)


@pytest.mark.parametrize(
    ("env", "key", "name"),
    [
        ("prod", "uri", "NEO4J_MIGRATE_URI"),
        ("own", "uri", "NEO4J_MIGRATE_URI"),
        ("own", "uri", "NEO4J_MIGRATE_SANDBOX"),
        ("own", "database", "NEO4J_MIGRATE_DATABASE"),
        ("prod", "database", "NEO4J_DATABASE"),
        ("bare", "uri", "NEO4J_URI"),
    ],
)
@pytest.mark.parametrize("dotenv", [False, True])
def test_a_forgotten_variable_does_not_redirect_it(
    root: Path, env: str, key: str, name: str, dotenv: bool
) -> None:
    """Everything that would connect is refused, reading too; the variable is named."""
    value = {"uri": "bolt://elsewhere:1", "database": "elsewhere"}[key]
    value = "true" if name.endswith("SANDBOX") else value
    environ = dict(ENVIRON)
    if dotenv:
        (root / ".env").write_text(f"{name}={value}\n")
    else:
        environ[name] = value

    with pytest.raises(UriRedirectedError) as caught:
        with_target(load({"env": env}, environ, root))

    error = caught.value
    assert (error.code, error.exit_code) == ("ENV.URI_REDIRECTED", 2)
    assert f"the {key} of the environment {env!r}" in error.what
    where = f"{name} in .env" if dotenv else name
    assert error.why == f"its {key} comes from {where}"


def test_the_top_of_the_file_does_not_name_its_server(root: Path) -> None:
    """An environment without an address of its own is not protected by it either."""
    (root / "neo4j-migrate.toml").write_text(f'uri = "bolt://base:1"\n{FILE}')

    with pytest.raises(UriRedirectedError, match="must stand in its own section"):
        with_target(settings_of(root, "bare"))


def test_what_is_not_protected_may_be_redirected(root: Path) -> None:
    """As the order of the places says."""
    environ = {"NEO4J_MIGRATE_URI": "bolt://elsewhere:1", "NEO4J_DATABASE": "d"}

    found = with_target(load({"env": "dev"}, environ, root))

    assert (found.uri, found.database) == ("bolt://elsewhere:1", "d")


@pytest.mark.parametrize("confirm", ["shared", "Shared"])
def test_naming_its_database_permits_a_change(root: Path, confirm: str) -> None:
    """Names of databases know no case."""
    refuse_unpermitted(settings_of(root), confirm=confirm, database="shared")


def test_without_its_database_nothing_is_changed(root: Path) -> None:
    """The error looks before it leaps: it names a command that reads."""
    with pytest.raises(ProtectedError) as caught:
        refuse_unpermitted(settings_of(root), confirm=None, database="shared")

    error = caught.value
    assert (error.code, error.exit_code) == ("ENV.PROTECTED", 2)
    assert error.kept == "nothing was touched"
    assert error.next[0].command == "neo4j-migrate status --env prod"


@pytest.mark.parametrize("confirm", ["", "prod", "share", "shared "])
def test_naming_another_database_changes_nothing(root: Path, confirm: str) -> None:
    """The name of the environment is not that of its database."""
    with pytest.raises(ConfirmMismatchError) as caught:
        refuse_unpermitted(settings_of(root), confirm=confirm, database="shared")

    error = caught.value
    assert (error.code, error.exit_code) == ("ENV.CONFIRM_MISMATCH", 2)
    assert error.what == f"the database is shared@prod, not {confirm!r}"


@pytest.mark.parametrize("dotenv", [False, True])
def test_a_variable_does_not_choose_it_for_a_change(root: Path, dotenv: bool) -> None:
    """A forgotten one would send a run to production; `--env` is typed."""
    environ = dict(ENVIRON)
    if dotenv:
        (root / ".env").write_text("NEO4J_MIGRATE_ENV=prod\n")
    else:
        environ["NEO4J_MIGRATE_ENV"] = "prod"
    settings = load({}, environ, root)

    assert with_target(settings).uri == "bolt://prod:1"
    with pytest.raises(ProtectedError, match="'prod' is protected") as caught:
        refuse_unpermitted(settings, confirm="shared", database="shared")

    assert "it was chosen by NEO4J_MIGRATE_ENV" in caught.value.why


def test_the_way_out_is_what_was_typed_with_what_was_missing(root: Path) -> None:
    """So a limit that was typed is not lost when the line is pasted."""
    settings = load({}, {**ENVIRON, "NEO4J_MIGRATE_ENV": "prod"}, root)

    with pytest.raises(ProtectedError) as caught:
        refuse_unnamed(settings, "neo4j-migrate up --to 2026")

    assert caught.value.next[0].command == (
        "neo4j-migrate up --to 2026 --env prod --yes --confirm shared"
    )


def test_a_target_at_the_top_of_the_file_may_be_protected_too(tmp_path: Path) -> None:
    """It is read as it stands; to be changed it needs a name."""
    text = 'uri = "bolt://base:1"\nprotected = true\n[env.free]\nprotected = false\n'
    (tmp_path / "neo4j-migrate.toml").write_text(text)
    settings = load({}, {}, tmp_path)

    assert with_target(settings).uri == "bolt://base:1"
    with pytest.raises(ProtectedError, match="this target is protected") as caught:
        refuse_unnamed(settings)
    assert "[env.NAME]" in caught.value.why
    assert not load({"env": "free"}, {}, tmp_path).protected


@pytest.mark.parametrize("word", ["1", "'yes, please'", "[]", '"maybe"'])
def test_a_switch_that_is_none_does_not_count_as_unprotected(
    tmp_path: Path, word: str
) -> None:
    """It is refused."""
    (tmp_path / "neo4j-migrate.toml").write_text(f"[env.prod]\nprotected = {word}\n")

    with pytest.raises(InvalidConfigError, match="`protected`"):
        load({"env": "prod"}, {}, tmp_path)
