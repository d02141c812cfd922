"""What `doctor` says of the settings: every value with its origin, no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.config import load
from neo4j_migrate_magic.engine.origins import origin_checks, settings_checks
from neo4j_migrate_magic.model import Check, Verdict

CANARY = "hunter2-canary"
FILE = f"""\
migration_dir = "graph"
lock_timeout = "5m"
[lint]
ignore = ["NI102", "NB101"]
[env.prod]
uri = "env:PROD_URI"
username = "cmd:vault --token {CANARY} user"
password = "file:secret.txt"
protected = true
on_drift = "fail"
"""
ENVIRON = {"PROD_URI": "bolt://prod:1", "NEO4J_DATABASE": "people"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a value from every kind of place."""
    (tmp_path / "neo4j-migrate.toml").write_text(FILE)
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    secret.chmod(0o600)
    return tmp_path


def lines(checks: list[Check]) -> list[str]:
    return [check.what for check in checks]


def test_every_value_is_shown_with_its_origin(root: Path) -> None:
    """What stands for a value is named, and a secret is not shown."""
    settings = load({"env": "prod", "timeout": "5s"}, ENVIRON, root)
    prod = "neo4j-migrate.toml [env.prod]"

    found = lines(origin_checks(settings))

    assert found == [
        "connect_timeout = 2.2s   (default)",
        "database = people   (NEO4J_DATABASE)",
        "env = prod   (option --env)",
        "lint.ignore = NI102, NB101   (neo4j-migrate.toml [lint])",
        "lock_timeout = 300s   (neo4j-migrate.toml)",
        f"migration_dir = {root / 'graph'}   (neo4j-migrate.toml)",
        f"on_drift = fail   ({prod})",
        "order = strict   (default)",
        f"password = ***   (file:secret.txt in {prod})",
        "project = default   (default)",
        f"protected = true   ({prod})",
        "timeout = 5s   (option --timeout)",
        f"uri = env:PROD_URI   ({prod})",
        f"username = cmd:vault …   ({prod})",
        "wait = 0s   (default)",
    ]


@pytest.mark.parametrize(
    ("options", "environ", "shown"),
    [
        ({"password": CANARY}, {}, "***   (option --password)"),
        ({}, {"NEO4J_PASSWORD": CANARY}, "***   (NEO4J_PASSWORD)"),
        ({"password_env": "PW"}, {"PW": CANARY}, "***   (env:PW in option --password-env)"),
        ({"password_env": CANARY}, {}, "***   (env:… in option --password-env)"),
        ({}, {}, "none   (default)"),
    ],
)  # fmt: skip
def test_a_password_is_never_shown(
    tmp_path: Path, options: dict[str, Any], environ: dict[str, str], shown: str
) -> None:
    """Nor is one that was given for the name of a variable."""
    (tmp_path / "neo4j-migrate.toml").write_text('uri = "bolt://h:1"\n')
    settings = load(options, environ, tmp_path)

    found = lines([*origin_checks(settings), *settings_checks(settings)])

    assert f"password = {shown}" in found
    assert not any(CANARY in line for line in found)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "the setting `uri` has no value: neo4j-migrate.toml [env.prod]: the variable PROD_URI is not set"),
        (
            {**ENVIRON, "NEO4J_MIGRATE_URI": "bolt://x:1"},
            "the uri and database of the environment 'prod' must stand in its own section: its uri comes from NEO4J_MIGRATE_URI, its database comes from NEO4J_DATABASE",
        ),
    ],
)  # fmt: skip
def test_what_would_keep_a_command_from_connecting_is_a_failure(
    root: Path, environ: dict[str, str], said: str
) -> None:
    """All that can be told without a server, and without running a command."""
    settings = load({"env": "prod"}, environ, root)

    _, *failed = settings_checks(settings)

    assert [check.verdict for check in failed] == [Verdict.FAIL]
    assert failed[0].what == said
    assert failed[0].exit_code == 2


def test_its_first_line_names_file_environment_and_server(root: Path) -> None:
    """And whether it is protected."""
    settings = load({"env": "prod"}, {"PROD_URI": "bolt://prod:1"}, root)

    assert lines(settings_checks(settings)) == [
        "neo4j-migrate.toml, env prod (protected), uri from neo4j-migrate.toml"
        " [env.prod]"
    ]


def test_what_is_ignored_is_a_warning(tmp_path: Path) -> None:
    """Several files in one folder, and a variable that nobody reads."""
    (tmp_path / "neo4j-migrate.toml").write_text('uri = "bolt://h:1"\n')
    (tmp_path / "pyproject.toml").write_text("[tool.neo4j-migrate-magic]\n")
    (tmp_path / "migration-config.json").write_text("{}")

    found = settings_checks(load({}, {"NEO4J_MIGRATE_URL": "x"}, tmp_path))

    assert [(check.verdict, check.what.split()[0]) for check in found[1:]] == [
        (Verdict.WARN, "pyproject.toml"),
        (Verdict.WARN, "migration-config.json"),
        (Verdict.WARN, "the"),
    ]
