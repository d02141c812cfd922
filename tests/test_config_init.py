"""What `init` makes of a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from neo4j_migrate_magic.config import InitResult, init, load
from neo4j_migrate_magic.errors import InvalidConfigError

URI = "neo4j://localhost:7687"
CANARY = "hunter2-canary"
SEED = {"neo4j": {"uri": URI}, "migration_dir": "graph"}


def write(folder: Path, text: str, name: str = "neo4j-migrate.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode())
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_init_writes_a_file_and_makes_the_folder(tmp_path):
    result = init(tmp_path)

    assert result == InitResult(
        config_path=tmp_path / "neo4j-migrate.toml",
        folder=tmp_path / "migrations",
        created_config=True,
        created_folder=True,
    )
    assert set(tree(tmp_path)) == {"neo4j-migrate.toml", "migrations/.gitkeep"}
    settings = load({}, {}, tmp_path)
    assert settings.migration_dir == tmp_path / "migrations"
    assert (settings.uri, settings.password) == (None, None)


def test_init_twice_changes_nothing(tmp_path):
    init(tmp_path, migration_dir="a/b", uri=URI)
    before = tree(tmp_path)

    result = init(tmp_path, migration_dir="a/b", uri=URI)

    assert before == tree(tmp_path)
    assert (result.created_config, result.created_folder) == (False, False)
    assert result.folder == tmp_path / "a" / "b"
    assert result.warnings == ()


def test_every_line_of_the_new_file_that_is_commented_out_is_valid(tmp_path):
    path = init(tmp_path).config_path
    text, _, env = path.read_text().partition("\n# [env.prod]\n")
    keys = ("uri", "username", "password", "database", "project", "order")
    for key in (*keys, "lock_timeout", "connect_timeout"):
        assert f"\n# {key} = " in text
        text = text.replace(f"\n# {key} = ", f"\n{key} = ")
    path.write_text(f"{text}\n[env.prod]\n{env.replace('# ', '')}")
    environ = {"NEO4J_PASSWORD": "x", "PROD_NEO4J_URI": "bolt://prod:1"}

    settings = load({}, environ, tmp_path)
    prod = load({"env": "prod"}, environ, tmp_path)

    assert (settings.uri, settings.username, settings.password) == (URI, "neo4j", "x")
    assert (prod.uri, prod.username, prod.protected) == (
        "bolt://prod:1",
        "migrator",
        True,
    )


@pytest.mark.parametrize(
    ("options", "uri"),
    [({"uri": URI}, URI), ({"sandbox": True}, "sandbox"), ({"uri": "sandbox"}, "sandbox")],
)  # fmt: skip
def test_init_keeps_the_target(tmp_path, options, uri):
    init(tmp_path, **options)

    assert load({}, {}, tmp_path).uri == uri


@pytest.mark.parametrize(
    "name",
    ['we"ird', "back\\slash", "größe 日本", "a'b", "{braces}", "#hash", "..", "/"],
)
def test_names_of_folders_are_escaped(tmp_path, name):
    inner = tmp_path / "inner"
    inner.mkdir()

    result = init(inner, migration_dir=name)

    assert load({}, {}, inner).migration_dir == result.folder
    assert result.folder == Path(os.path.abspath(inner / name))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"uri": f"bolt://u:{CANARY}@h"}, "user information"),
        ({"uri": "http://h"}, "web pages"),
        ({"uri": URI, "sandbox": True}, "excludes the sandbox"),
        ({"migration_dir": ""}, "empty"),
        ({"migration_dir": "a\0b"}, "control character"),
        ({"migration_dir": "\udcff"}, "UTF-8"),
    ],
)
def test_init_refuses_before_it_makes_anything(tmp_path, options, why):
    with pytest.raises(InvalidConfigError) as caught:
        init(tmp_path, **options)

    assert why in caught.value.why
    assert CANARY not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_init_makes_the_folder_that_an_existing_file_names(tmp_path):
    path = write(tmp_path, 'migration_dir = "foo/bar"')

    result = init(tmp_path, migration_dir="other", uri=URI)

    assert tree(tmp_path) == {path.name: path.read_bytes(), "foo/bar/.gitkeep": b""}
    assert result.folder == tmp_path / "foo" / "bar"
    assert (result.created_config, result.created_folder) == (False, True)
    assert [warning.split("`")[1] for warning in result.warnings] == [
        "uri",
        "migration_dir",
    ]


def test_init_in_a_project_of_the_seed(tmp_path):
    path = write(tmp_path, json.dumps(SEED), "migration-config.json")

    result = init(tmp_path)

    assert result.config_path == path
    assert (tmp_path / "graph" / ".gitkeep").exists()
    assert not (tmp_path / "neo4j-migrate.toml").exists()


def test_init_checks_an_existing_file(tmp_path):
    write(tmp_path, json.dumps({"neo4j": {}}), "migration-config.json")

    with pytest.raises(InvalidConfigError, match=r"neo4j\.uri is missing"):
        init(tmp_path)
    assert not (tmp_path / "graph").exists()


def test_init_keeps_an_existing_folder_as_it_is(tmp_path):
    (tmp_path / "migrations").mkdir()

    result = init(tmp_path)

    assert (result.created_config, result.created_folder) == (True, False)
    assert set(tree(tmp_path)) == {"neo4j-migrate.toml"}


def test_init_below_a_project_says_that_it_hides_it(tmp_path):
    above = write(tmp_path, "")
    inner = tmp_path / "inner"
    inner.mkdir()

    result = init(inner)

    assert result.created_config
    assert str(above) in result.warnings[0]


def test_init_where_the_folder_cannot_be_made_leaves_no_file(tmp_path):
    write(tmp_path, "", "migrations")

    with pytest.raises(InvalidConfigError, match="cannot be made"):
        init(tmp_path)
    assert list(tree(tmp_path)) == ["migrations"]
