"""The three kinds of configuration file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from neo4j_migrate_magic.config import load
from neo4j_migrate_magic.errors import (
    ConfigError,
    ConfigNotFoundError,
    InvalidConfigError,
    UnknownKeyError,
)

URI = "neo4j://localhost:7687"
CANARY = "hunter2-canary"
SEED = {
    "neo4j": {
        "uri": "bolt://localhost:7687",
        "options": {"scheme": "basic", "auth": {"username": "u", "password": CANARY}},
        "node_labels": ["migration"],
    },
    "migration_dir": "graph",
}


def write(folder: Path, text: str, name: str = "neo4j-migrate.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode())
    return path


def write_seed(folder: Path, **neo4j) -> Path:
    document = {**SEED, "neo4j": {**SEED["neo4j"], **neo4j}}
    return write(folder, json.dumps(document), "migration-config.json")


def refused(error, cwd, options=None):
    with pytest.raises(error) as caught:
        load(options or {}, {}, cwd)
    found = caught.value
    assert found.next
    assert CANARY not in f"{found!r} {found} {found.what} {found.why} {found.where}"
    return found


@pytest.mark.parametrize(
    ("text", "key", "line", "hint"),
    [
        ('migration_dr = "x"', "migration_dr", 1, "'migration_dir'"),
        ("\n\n[enviroment.prod]\n", "enviroment", 3, "did you mean 'env'"),
        ('uri = "sandbox"\n[env.prod]\n pasword = "x"\n', "pasword", 3, "'password'"),
        ("[env.prod]\nprotected = true\nxyzzy = 1\nfoo = 2", "xyzzy", 3, "'foo'"),
        ("protect.ed = 1", "protect", 1, "'protected'"),
    ],
)
def test_unknown_key_is_an_error_with_its_line(tmp_path, text, key, line, hint):
    write(tmp_path, text)

    error = refused(UnknownKeyError, tmp_path)

    assert repr(key) in error.what
    assert error.where.line == line
    assert hint in error.why


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f'password = "{CANARY}\nuri = 1', "is not TOML"),
        (f'a = 1\na = 2\npassword = "{CANARY}"', "is not TOML"),
        ("a = " + "[" * 100_000, ""),
        ("lock_timeout = " + "9" * 5000, ""),
        ("env = 1", "must be tables"),
        ("lint = 1", "must be tables"),
        ("[env]\nprod = 1", "must be tables"),
    ],
)
def test_broken_file_is_an_error_that_shows_no_line_of_it(tmp_path, text, what):
    path = write(tmp_path, text)

    error = refused(ConfigError, tmp_path)

    assert what in error.what
    assert error.where.path == str(path)
    assert error.where.text is None


def test_place_of_a_syntax_error(tmp_path):
    write(tmp_path, 'uri = "sandbox"\norder = strict\n')

    error = refused(InvalidConfigError, tmp_path)

    assert (error.where.line, error.where.column) == (2, 9)
    assert error.why == "Invalid value"


def test_file_that_is_not_utf8_is_an_error(tmp_path):
    (tmp_path / "neo4j-migrate.toml").write_bytes(b'# a\n# caf\xe9\nuri = "sandbox"')

    error = refused(InvalidConfigError, tmp_path)

    assert (error.where.line, error.why) == (2, "byte 0xe9 at offset 9")


def test_byte_order_mark_is_no_key(tmp_path):
    write(tmp_path, '\ufeffuri = "sandbox"')

    assert load({}, {}, tmp_path).uri == "sandbox"


def test_pyproject_counts_when_it_has_our_table(tmp_path):
    write(tmp_path, 'uri = "sandbox"')
    inner = tmp_path / "inner"
    write(inner, '[project]\ndependencies = ["neo4j-migrate-magic"]', "pyproject.toml")
    assert load({}, {}, inner).root == tmp_path

    write(inner, f'[tool.neo4j-migrate-magic]\nuri = "{URI}"', "pyproject.toml")
    assert load({}, {}, inner).uri == URI

    write(inner, "[tool.neo4j-migrate-magic.env.a]\nurl = 1\n", "pyproject.toml")
    assert refused(UnknownKeyError, inner).where.line == 2


def test_broken_pyproject_of_others_is_passed_by(tmp_path):
    write(tmp_path, 'uri = "sandbox"')
    inner = tmp_path / "inner"
    write(inner, "neo4j-migrate-magic = = 1", "pyproject.toml")
    assert load({}, {}, inner).root == tmp_path

    write(inner, "[tool.neo4j-migrate-magic]\n= 1", "pyproject.toml")
    refused(InvalidConfigError, inner)


def test_best_file_of_a_folder_wins_and_the_others_are_told(tmp_path):
    write(tmp_path, 'uri = "sandbox"')
    write(tmp_path, "[tool.neo4j-migrate-magic]\nxyzzy = 1", "pyproject.toml")
    write(tmp_path, json.dumps({}), "migration-config.json")

    settings = load({}, {}, tmp_path)

    assert settings.path.name == "neo4j-migrate.toml"
    assert [warning.split()[0] for warning in settings.warnings] == [
        "pyproject.toml",
        "migration-config.json",
    ]


def test_named_file_is_used_alone(tmp_path):
    write(tmp_path, 'uri = "sandbox"')
    path = write(tmp_path / "other", 'uri = "sandbox"\nmigration_dir = "m"', "x.toml")

    settings = load({"config": "other/x.toml"}, {}, tmp_path)

    assert settings.path == path
    assert settings.migration_dir == tmp_path / "other" / "m"
    environ = {"NEO4J_MIGRATE_CONFIG": str(path)}
    assert load({}, environ, tmp_path).path == path


def test_named_file_must_be_one_of_the_kinds(tmp_path):
    write(tmp_path, "", "x.yaml")
    write(tmp_path, "", "pyproject.toml")
    (tmp_path / "d.toml").mkdir()

    refused(ConfigNotFoundError, tmp_path, {"config": "gone.toml"})
    refused(InvalidConfigError, tmp_path, {"config": "x.yaml"})
    refused(InvalidConfigError, tmp_path, {"config": "d.toml"})
    error = refused(InvalidConfigError, tmp_path, {"config": "pyproject.toml"})
    assert "has no table [tool.neo4j-migrate-magic]" in error.what


def test_seeds_file_is_read_as_it_is(tmp_path):
    path = write_seed(tmp_path)
    path.chmod(0o600)  # it has a password in it: others may not read it

    settings = load({}, {}, tmp_path)

    assert (settings.path, settings.legacy) == (path, True)
    assert settings.uri == "bolt://localhost:7687"
    assert (settings.username, settings.password) == ("u", CANARY)
    assert settings.migration_dir == tmp_path / "graph"
    assert settings.origins["password"] == "migration-config.json"
    assert settings.warnings == ()
    assert load({"uri": URI}, {}, tmp_path).uri == URI


def test_seeds_file_without_scheme_sends_no_credentials(tmp_path):
    write_seed(tmp_path, options={"auth": {"username": "u", "password": CANARY}})

    settings = load({}, {}, tmp_path)

    assert (settings.username, settings.password) == (None, None)
    assert "not used without neo4j.options.scheme" in settings.warnings[0]


def test_keys_of_the_seeds_file_that_mean_nothing_are_warnings(tmp_path):
    document = {**SEED, "extra": 1}
    document["neo4j"] = {
        "uri": URI,
        "options": {"max_connection_pool_size": 5, "database": "people"},
        "more": 2,
    }
    write(tmp_path, json.dumps(document), "migration-config.json")

    settings = load({}, {}, tmp_path)

    assert settings.database == "people"
    assert settings.warnings == (
        "migration-config.json: extra is not used",
        "migration-config.json: neo4j.more is not used",
        "migration-config.json: neo4j.options.max_connection_pool_size is not used",
    )


@pytest.mark.parametrize(
    ("neo4j", "what"),
    [
        ({"uri": None}, "neo4j.uri is missing"),
        ({"uri": 5}, "neo4j.uri must be text"),
        ({"options": []}, ""),
        ({"options": {"scheme": "bearer"}}, "is not supported yet"),
        ({"options": {"scheme": "magic"}}, "scheme cannot be 'magic'"),
        ({"options": {"scheme": ["basic"]}}, "scheme cannot be"),
        ({"options": {"scheme": "basic"}}, "neo4j.options.auth is missing"),
        ({"options": {"scheme": "basic", "auth": {"username": "u"}}}, "password is missing"),
        ({"node_labels": "migration"}, "must be a list of texts"),
        ({"uri": "http://localhost"}, "`uri` from migration-config.json"),
        ({"uri": f"bolt://u:{CANARY}@h"}, "`uri` from migration-config.json"),
    ],
)  # fmt: skip
def test_refused_seeds_files(tmp_path, neo4j, what):
    path = write_seed(tmp_path, **neo4j)

    if neo4j == {"options": []}:  # the seed takes an empty list for nothing
        assert load({}, {}, tmp_path).username is None
        return
    error = refused(InvalidConfigError, tmp_path)

    assert what in error.what
    assert error.where.path == str(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'{{"a": "{CANARY}",\n "b": }}', 2),
        ("", 1),
        ("[]", None),
        ("[" * 100_000, None),
        ('{"neo4j": {"uri": "bolt://x"}}', None),
    ],
)
def test_broken_seeds_file_is_an_error(tmp_path, text, line):
    write(tmp_path, text, "migration-config.json")

    error = refused(InvalidConfigError, tmp_path)

    assert error.where.line == line
