"""Which of several places decides a setting, and where the file is looked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.config import OPTIONS, Settings, load
from neo4j_migrate_magic.config.layers import FILE_ONLY

# What a setting may be, and what is made of it: one for each place, best first.
VALUES: dict[str, list[tuple[str, Any]]] = {
    "uri": [(f"bolt://h:{n}", f"bolt://h:{n}") for n in range(1, 8)],
    "username": [(f"user{n}", f"user{n}") for n in range(7)],
    "password": [(f"word{n}", f"word{n}") for n in range(7)],
    "database": [(f"db{n}", f"db{n}") for n in range(7)],
    "project": [(f"p{n}", f"p{n}") for n in range(7)],
    "migration_dir": [(f"m{n}", f"m{n}") for n in range(7)],
    "order": [(w, w) for w in ("strict", "allow-late") * 4],
    "lock_timeout": [(f"{n}m", n * 60.0) for n in range(1, 8)],
    "connect_timeout": [(f"{n}s", float(n)) for n in range(1, 8)],
    "timeout": [(f"{n}s", float(n)) for n in range(1, 8)],
    "wait": [(f"{n}00ms", n / 10) for n in range(1, 8)],
    "on_drift": [(w, w) for w in ("fail", "warn", "ignore") * 3],
    "protected": [("true", True), ("false", False)] * 4,
}
DEFAULTS: dict[str, Any] = {
    "uri": None,
    "username": None,
    "password": None,
    "database": None,
    "project": "default",
    "migration_dir": "migrations",
    "order": "strict",
    "lock_timeout": 60.0,
    "connect_timeout": 2.2,
    "timeout": 30.0,
    "wait": 0.0,
    "on_drift": "ignore",
    "protected": False,
}
PLACES = ("option", "ours", "ours .env", "env", "shared", "shared .env", "base")
SHARED = {"uri", "username", "password", "database"}
WAYS = {"config", "env", "env_file", "password_env", "password_file", "sandbox"}
"""The options that are no setting, but a way to one."""


def places(key: str) -> list[str]:
    """The places that can have a setting, the strongest first."""
    if key in FILE_ONLY:
        return ["env", "base"]
    if key == "wait":
        return ["option", "ours", "ours .env"]
    return [p for p in PLACES if key in SHARED or not p.startswith("shared")]


def origin(place: str, key: str) -> str:
    """What is said of a place."""
    name = key.upper()
    return {
        "option": f"option --{key.replace('_', '-')}",
        "ours": f"NEO4J_MIGRATE_{name}",
        "ours .env": f"NEO4J_MIGRATE_{name} in .env",
        "env": "neo4j-migrate.toml [env.prod]",
        "shared": f"NEO4J_{name}",
        "shared .env": f"NEO4J_{name} in .env",
        "base": "neo4j-migrate.toml",
    }[place]


def settings_of(root: Path, key: str, given: dict[str, str]) -> Settings:
    """Load with a setting in some places; the working directory is below the file."""

    def line(place: str) -> str:
        raw = given.get(place)
        bare = key == "protected"
        return "" if raw is None else f"{key} = {raw if bare else json.dumps(raw)}\n"

    def variables(where: str) -> dict[str, str]:
        names = {f"ours{where}": "NEO4J_MIGRATE_", f"shared{where}": "NEO4J_"}
        return {p + key.upper(): given[w] for w, p in names.items() if w in given}

    (root / "neo4j-migrate.toml").write_text(f"{line('base')}[env.prod]\n{line('env')}")
    dotenv = "".join(f"{k}={v}\n" for k, v in variables(" .env").items())
    (root / ".env").write_text(dotenv)
    for name in ("neo4j-migrate.toml", ".env"):
        (root / name).chmod(0o600)
    below = root / "below"
    below.mkdir(exist_ok=True)
    options = {"env": "prod"}
    if "option" in given:
        options[key] = given["option"]
    return load(options, variables(""), below)


@pytest.mark.parametrize("key", sorted(VALUES))
def test_the_strongest_place_that_has_a_setting_decides_it(
    tmp_path: Path, key: str
) -> None:
    """Every place wins over all below it, and is named; with none there is a default."""
    order = places(key)
    for rung in range(len(order) + 1):
        have = order[rung:]
        raw = {p: VALUES[key][order.index(p)][0] for p in have}

        settings = settings_of(tmp_path, key, raw)

        wanted = VALUES[key][rung][1] if have else DEFAULTS[key]
        if key == "migration_dir":  # a path is relative to where it stands
            outside = have and have[0] in ("option", "ours")
            wanted = (tmp_path / "below" if outside else tmp_path) / wanted
        whence = origin(have[0], key) if have else "default"
        assert (wanted, whence) == (getattr(settings, key), settings.origins[key])
        assert settings.warnings == ()


def test_the_table_has_every_setting() -> None:
    """A setting that is added is tested, or it is here that this is noticed."""
    assert VALUES.keys() | WAYS == OPTIONS | FILE_ONLY
    assert VALUES.keys() == DEFAULTS.keys()


def test_an_exported_uri_never_redirects_an_environment(tmp_path: Path) -> None:
    """Neither its address nor its database, nor by the file `.env`."""
    (tmp_path / "neo4j-migrate.toml").write_text(
        'uri = "bolt://base:1"\n[env.prod]\nuri = "bolt://prod:1"\ndatabase = "p"\n'
    )
    exported = {"NEO4J_URI": "bolt://other:1", "NEO4J_DATABASE": "other"}
    (tmp_path / ".env").write_text("NEO4J_URI=bolt://dot:1\n")

    named = load({"env": "prod"}, exported, tmp_path)
    without = load({}, exported, tmp_path)

    assert (named.uri, named.database) == ("bolt://prod:1", "p")
    assert (without.uri, without.database) == ("bolt://other:1", "other")


def test_the_nearest_folder_with_a_file_counts(tmp_path: Path) -> None:
    """Whichever kind of file it is, and however good the one above is."""
    (tmp_path / "neo4j-migrate.toml").write_text('project = "above"\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load({}, {}, inner / "not-made-yet").project == "above"

    seed = {"neo4j": {"uri": "bolt://seed:1"}, "migration_dir": "m"}
    (tmp_path / "a" / "migration-config.json").write_text(json.dumps(seed))
    assert load({}, {}, inner).uri == "bolt://seed:1"

    table = "[tool.neo4j-migrate-magic]\nproject = 'near'\n"
    (inner / "pyproject.toml").write_text(table)
    assert load({}, {}, inner).project == "near"


def test_the_seeds_file_is_the_lowest_layer(tmp_path: Path) -> None:
    """Options and variables are stronger; its folder is relative to it."""
    auth = {"scheme": "basic", "auth": {"username": "u", "password": "p"}}
    seed = {"neo4j": {"uri": "bolt://seed:1", "options": auth}, "migration_dir": "m"}
    path = tmp_path / "migration-config.json"
    path.write_text(json.dumps(seed))
    path.chmod(0o600)
    below = tmp_path / "below"
    below.mkdir()

    plain = load({}, {}, below)
    over = load({"username": "o"}, {"NEO4J_PASSWORD": "v"}, below)

    assert ("u", "p", tmp_path / "m") == (
        plain.username,
        plain.password,
        plain.migration_dir,
    )
    assert (over.username, over.password) == ("o", "v")
    assert over.origins["uri"] == "migration-config.json"


@pytest.mark.parametrize("value", ["env:HOME", "file:x", "cmd:x", "env:"])
def test_the_seeds_file_is_read_as_it_is(tmp_path: Path, value: str) -> None:
    """A password in it that looks like a reference is a password."""
    auth = {"scheme": "basic", "auth": {"username": "u", "password": value}}
    seed = {"neo4j": {"uri": "bolt://seed:1", "options": auth}, "migration_dir": "m"}
    path = tmp_path / "migration-config.json"
    path.write_text(json.dumps(seed))
    path.chmod(0o600)

    assert value == load({}, {"HOME": "/x"}, tmp_path).password
