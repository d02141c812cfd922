"""Where settings come from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from neo4j_migrate_magic.config import duration, load, with_target
from neo4j_migrate_magic.errors import (
    ConfigNotFoundError,
    InvalidConfigError,
    NoTargetError,
    SecretUnavailableError,
    UnknownKeyError,
)

URI = "neo4j://localhost:7687"
CANARY = "hunter2-canary"
FILE = """\
migration_dir = "graph/migrations"
uri = "bolt://base:7687"
database = "people"
order = "allow-late"
lock_timeout = "5m"

[lint]
ignore = ["NI102"]

[env.prod]
uri = "env:PROD_URI"
username = "migrator"
password = "file:secret.txt"
protected = true
on_drift = "fail"

[env.local]
uri = "sandbox"
"""


def write(folder: Path, text: str, name: str = "neo4j-migrate.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode())
    return path


def refused(error, cwd, options=None, environ=None):
    with pytest.raises(error) as caught:
        load(options or {}, environ or {}, cwd)
    found = caught.value
    assert found.next
    assert all(way.command.startswith("neo4j-migrate") for way in found.next)
    assert CANARY not in f"{found!r} {found} {found.what} {found.why} {found.where}"
    return found


def test_file_is_found_upwards_and_paths_are_relative_to_it(tmp_path):
    path = write(tmp_path, FILE)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    settings = load({}, {}, below)

    assert settings.path == path
    assert settings.root == tmp_path
    assert settings.migration_dir == tmp_path / "graph" / "migrations"
    assert settings.uri == "bolt://base:7687"
    assert settings.database == "people"
    assert settings.order == "allow-late"
    assert settings.lock_timeout == 300
    assert settings.origins["uri"] == "neo4j-migrate.toml"


def test_defaults(tmp_path):
    write(tmp_path, "")

    settings = load({}, {}, tmp_path)

    assert settings.migration_dir == tmp_path / "migrations"
    assert (settings.project, settings.order) == ("default", "strict")
    times = (settings.lock_timeout, settings.connect_timeout, settings.timeout)
    assert times == (60.0, 2.2, 30.0)
    assert (settings.uri, settings.username, settings.password) == (None, None, None)
    assert (settings.database, settings.env, settings.legacy) == (None, None, False)
    assert settings.origins["project"] == "default"
    assert settings.warnings == ()


LADDER = [
    ("option", {"uri": "bolt://option"}, "option --uri"),
    ("NEO4J_MIGRATE_URI", "bolt://ours", "NEO4J_MIGRATE_URI"),
    ("env", '[env.prod]\nuri = "bolt://env"\n', "neo4j-migrate.toml [env.prod]"),
    ("NEO4J_URI", "bolt://driver", "NEO4J_URI"),
    ("base", 'uri = "bolt://base"\n', "neo4j-migrate.toml"),
]


@pytest.mark.parametrize("rung", range(len(LADDER)))
def test_precedence(tmp_path, rung):
    """Each rung wins over all below it."""
    have = {name: value for name, value, _ in LADDER[rung:]}
    write(tmp_path, have.get("base", "") + have.get("env", "[env.prod]\n"))
    environ = {name: value for name, value in have.items() if name.startswith("NEO4J_")}

    settings = load({"env": "prod", **have.get("option", {})}, environ, tmp_path)

    assert settings.origins["uri"] == LADDER[rung][2]
    assert settings.uri in str(LADDER[rung][1])


def test_environment_not_asked_for_changes_nothing(tmp_path):
    write(tmp_path, FILE)

    assert load({}, {}, tmp_path).uri == "bolt://base:7687"
    assert load({}, {"NEO4J_URI": URI}, tmp_path).uri == URI
    local = load({"env": "local"}, {"NEO4J_URI": URI}, tmp_path)
    assert local.uri == "sandbox"
    assert local.database == "people"


def test_environment_with_references(tmp_path):
    write(tmp_path, FILE)
    write(tmp_path, f"{CANARY}\r\n", "secret.txt")

    settings = load({"env": "prod"}, {"PROD_URI": URI}, tmp_path)

    assert (settings.uri, settings.username) == (URI, "migrator")
    assert settings.password == CANARY
    assert (settings.env, settings.protected) == ("prod", True)
    assert settings.on_drift == "fail"
    assert CANARY not in repr(settings)
    assert with_target(settings).uri == URI


def test_what_is_not_there_is_an_error_only_for_who_connects(tmp_path):
    write(tmp_path, FILE)

    settings = load({"env": "prod"}, {}, tmp_path)

    assert settings.missing["uri"] == "the variable PROD_URI is not set"
    assert "secret.txt" in settings.missing["password"]
    with pytest.raises(SecretUnavailableError, match="PROD_URI is not set") as caught:
        with_target(settings)
    assert "[env.prod]" in caught.value.why


@pytest.mark.parametrize("text", ["", "\n", "two\nlines\n", b"\xff"])
def test_secret_file_must_be_one_line(tmp_path, text):
    write(tmp_path, f'uri = "{URI}"\npassword = "file:secret.txt"')
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "secret.txt").write_bytes(data)

    with pytest.raises(SecretUnavailableError):
        with_target(load({}, {}, tmp_path))


def test_references_are_for_the_file_only(tmp_path):
    """A password in a variable may look like anything."""
    write(tmp_path, f'uri = "{URI}"')

    settings = load({}, {"NEO4J_PASSWORD": "env:NOT_A_VARIABLE"}, tmp_path)

    assert settings.password == "env:NOT_A_VARIABLE"


@pytest.mark.parametrize(
    ("options", "environ", "password", "origin"),
    [
        ({"password_env": "PW"}, {"PW": "x"}, "x", "option --password-env"),
        ({"password_file": "s.txt"}, {}, "y", "option --password-file"),
        ({}, {"NEO4J_MIGRATE_PASSWORD_ENV": "PW", "PW": "x"}, "x", "NEO4J_MIGRATE_PASSWORD_ENV"),
        ({}, {"NEO4J_PASSWORD": "z"}, "z", "NEO4J_PASSWORD"),
    ],
)  # fmt: skip
def test_ways_to_give_a_password(tmp_path, options, environ, password, origin):
    write(tmp_path, "")
    write(tmp_path, "y\n", "s.txt")

    settings = load(options, environ, tmp_path)

    assert (settings.password, settings.origins["password"]) == (password, origin)
    assert settings.username == "neo4j"


@pytest.mark.parametrize(
    ("options", "environ"),
    [
        ({"uri": URI, "sandbox": True}, {}),
        ({"password": "x", "password_env": "PW"}, {}),
        ({"password_env": "PW", "password_file": "f"}, {}),
        ({}, {"NEO4J_MIGRATE_SANDBOX": "true", "NEO4J_MIGRATE_URI": URI}),
    ],
)
def test_two_ways_in_one_place_exclude_each_other(tmp_path, options, environ):
    error = refused(InvalidConfigError, tmp_path, options, environ)

    assert "exclude each other" in error.what


def test_sandbox_is_a_target(tmp_path):
    write(tmp_path, "")

    assert with_target(load({"sandbox": True}, {}, tmp_path)).uri == "sandbox"
    assert with_target(load({"uri": "sandbox"}, {}, tmp_path)).uri == "sandbox"
    environ = {"NEO4J_MIGRATE_SANDBOX": "0", "NEO4J_URI": URI}
    assert with_target(load({"sandbox": False}, environ, tmp_path)).uri == URI


@pytest.mark.parametrize("text", [None, ""])
def test_without_a_target_the_error_names_all_ways(tmp_path, text):
    options = {"migration_dir": "m"}
    if text is not None:
        write(tmp_path, text)

    with pytest.raises(NoTargetError) as caught:
        with_target(load(options, {}, tmp_path))

    commands = " | ".join(way.command for way in caught.value.next)
    for way in ("init --uri", "status --uri", "NEO4J_URI=", "--sandbox"):
        assert way in commands


def test_without_a_file_the_folder_must_be_named(tmp_path):
    error = refused(ConfigNotFoundError, tmp_path, {"uri": URI})

    assert error.next[0].command == "neo4j-migrate init"
    settings = load({"uri": URI, "migration_dir": "m"}, {}, tmp_path)
    assert settings.migration_dir == tmp_path / "m"
    assert (settings.path, settings.root) == (None, tmp_path)
    environ = {"NEO4J_MIGRATE_MIGRATION_DIR": "n"}
    assert load({}, environ, tmp_path).migration_dir == tmp_path / "n"
    unrequired = load({}, {}, tmp_path, required=False)
    assert unrequired.migration_dir == tmp_path / "migrations"


def test_empty_variables_are_not_set(tmp_path):
    write(tmp_path, FILE)
    environ = {"NEO4J_URI": "", "NEO4J_MIGRATE_PROJECT": "", "NEO4J_PASSWORD": ""}

    settings = load({}, environ, tmp_path)

    assert (settings.uri, settings.project) == ("bolt://base:7687", "default")
    assert settings.password is None


def test_options_are_relative_to_the_working_directory(tmp_path):
    write(tmp_path, FILE)
    below = tmp_path / "below"
    below.mkdir()

    settings = load({"migration_dir": Path("../m")}, {}, below)

    assert settings.migration_dir == tmp_path / "m"
    assert settings.origins["migration_dir"] == "option --migration-dir"


@pytest.mark.parametrize(
    "uri",
    [
        "neo4j://localhost",
        "neo4j+s://x.databases.neo4j.io",
        "neo4j+ssc://10.0.0.1:7688",
        "bolt://[::1]:7687",
        "BOLT+S://host",
        "bolt+ssc://host:1/",
        "neo4j://host:7687?region=europe",
    ],
)
def test_uris(tmp_path, uri):
    write(tmp_path, "")

    assert load({"uri": uri}, {}, tmp_path).uri == uri


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("", "empty"),
        ("localhost:7687", "not a URI such as"),
        ("sandbx", "nor the word 'sandbox'"),
        ("http://localhost:7474", "web pages"),
        ("https://localhost:7473", "web pages"),
        ("bolt+routing://host", "not one of neo4j, neo4j+s"),
        ("neo4j://", "names no host"),
        ("neo4j://:7687", "names no host"),
        ("neo4j://host:port", "is not a URI"),
        ("neo4j://host:99999", "is not a URI"),
        ("neo4j://[::1", "is not a URI"),
        (f"neo4j://neo4j:{CANARY}@host", "user information"),
        (f"http://neo4j:{CANARY}@host", "user information"),
        (f"neo4j:{CANARY}@host", "user information"),
        (f"neo4j://neo4j:pa/{CANARY}@host", "user information"),
        (f"neo4j://neo4j:pa?{CANARY}@host", "user information"),
        ("neo4j://host\n", "control character"),
    ],
)
def test_refused_uris(tmp_path, uri, why):
    write(tmp_path, "")

    error = refused(InvalidConfigError, tmp_path, {"uri": uri})

    assert why in error.why
    assert "option --uri" in error.what
    assert (
        why
        in refused(
            InvalidConfigError, tmp_path, {}, {"NEO4J_MIGRATE_URI": uri or " "}
        ).why
    )


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [("500ms", 0.5), ("10s", 10), ("2.5s", 2.5), ("5m", 300), ("1h", 3600), (7, 7), (0.5, 0.5)],
)  # fmt: skip
def test_durations(raw, seconds):
    assert duration(raw) == seconds


@pytest.mark.parametrize(
    ("key", "raw", "why"),
    [
        ("lock_timeout", "60", "write 60s"),
        ("lock_timeout", "a while", "write 500ms, 10s, 5m or 1h"),
        ("lock_timeout", "-1s", "not a duration"),
        ("lock_timeout", -1, "can be waited"),
        ("lock_timeout", float("nan"), "can be waited"),
        ("lock_timeout", True, "must be text"),
        ("connect_timeout", "0s", "more than 0"),
        ("timeout", 0, "more than 0"),
        ("project", "two words", "letters, digits"),
        ("project", "Größe", "letters, digits"),
        ("order", "random", "neither 'strict' nor"),
        ("database", "", "empty"),
        ("database", 5, "must be text"),
        ("migration_dir", "", "empty"),
        ("migration_dir", "a\0b", "control character"),
        ("username", [], "must be text"),
        ("password", 5, "must be text"),
        ("sandbox", "maybe", "true or false"),
    ],
)
def test_refused_values(tmp_path, key, raw, why):
    write(tmp_path, "")

    error = refused(InvalidConfigError, tmp_path, {key: raw})

    assert why in error.why
    assert f"`{key}`" in error.what


def test_refused_value_of_a_file_has_its_line(tmp_path):
    path = write(tmp_path, '# words\n[env.a]\norder = "x"\n[env.b]\norder = "late"\n')

    error = refused(InvalidConfigError, tmp_path, {"env": "b"})

    assert (error.where.path, error.where.line) == (str(path), 5)


def test_unknown_option_is_an_error(tmp_path):
    assert "'database'" in refused(UnknownKeyError, tmp_path, {"databse": "x"}).why


def test_unknown_environment_is_an_error(tmp_path):
    write(tmp_path, FILE)

    error = refused(InvalidConfigError, tmp_path, {"env": "prd"})

    assert "no environment 'prd' in neo4j-migrate.toml" in error.what
    assert "did you mean 'prod'?" in error.why
    refused(InvalidConfigError, tmp_path, {}, {"NEO4J_MIGRATE_ENV": "prd"})
    refused(InvalidConfigError, Path("/"), {"env": "prod", "migration_dir": "m"})
