"""Commands to type lead where the command before them led."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from neo4j_migrate_magic.cli.tree import tree
from neo4j_migrate_magic.cli.ways import CHOOSING, leading, to_server, typed, usable
from neo4j_migrate_magic.errors import Next
from neo4j_migrate_magic.model import Server


def led(command: str, server: dict[str, str] | None = None, **chosen: Any) -> str:
    way = leading(Next(command, "why"), chosen, server or {})
    assert way.label == "why"
    return way.command


@pytest.mark.parametrize(
    ("command", "chosen", "wanted"),
    [
        ("neo4j-migrate up", {}, "neo4j-migrate up"),
        ("neo4j-migrate up", {"env": "prod"}, "neo4j-migrate up --env prod"),
        ("neo4j-migrate up", {"sandbox": True}, "neo4j-migrate up --sandbox"),
        ("neo4j-migrate up", {"yes": True, "verbose": 2}, "neo4j-migrate up"),
        (
            "neo4j-migrate repair 2026 --step 3 --mark applied",
            {"config": "a b.toml", "env": "prod", "username": "me"},
            "neo4j-migrate repair 2026 --step 3 --mark applied"
            " --config 'a b.toml' --env prod --username me",
        ),
        # what it names itself stays
        ("neo4j-migrate up -e dev", {"env": "prod"}, "neo4j-migrate up -e dev"),
        ("neo4j-migrate up -edev", {"env": "prod"}, "neo4j-migrate up -edev"),
        ("neo4j-migrate up --env=dev", {"env": "prod"}, "neo4j-migrate up --env=dev"),
        ("neo4j-migrate -e dev up", {"env": "prod"}, "neo4j-migrate -e dev up"),
        (
            "neo4j-migrate status --uri bolt://b",
            {"uri": "bolt://a", "env": "prod", "database": "d"},
            "neo4j-migrate status --uri bolt://b --database d",
        ),
        ("neo4j-migrate up --sandbox", {"env": "p"}, "neo4j-migrate up --sandbox"),
        (
            "neo4j-migrate show 2026 --source -o d/2026-a.cypher",
            {"migration_dir": "d"},
            "neo4j-migrate show 2026 --source -o d/2026-a.cypher --migration-dir d",
        ),
        # a verb gets what it can use
        ("neo4j-migrate explain A.B", {"env": "prod"}, "neo4j-migrate explain A.B"),
        ("neo4j-migrate up --help", {"env": "prod"}, "neo4j-migrate up --help"),
        ("neo4j-migrate --help", {"env": "prod"}, "neo4j-migrate --help"),
        ("neo4j-migrate", {"env": "prod"}, "neo4j-migrate"),
        (
            "neo4j-migrate create NAME",
            {"config": "c.toml", "uri": "bolt://a", "username": "me"},
            "neo4j-migrate create NAME --config c.toml",
        ),
        (
            "neo4j-migrate sandbox stop",
            {"config": "c.toml", "sandbox": True},
            "neo4j-migrate sandbox stop --config c.toml",
        ),
        # other programs
        ("git checkout -- a", {"env": "prod"}, "git checkout -- a"),
        ("pip install x", {"env": "prod"}, "pip install x"),
        ("say 'when", {"env": "prod"}, "say 'when"),
    ],
)
def test_it_gets_the_options_that_choose(
    command: str, chosen: dict[str, Any], wanted: str
) -> None:
    assert led(command, **chosen) == wanted
    assert led(wanted, **chosen) == wanted  # once is enough


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (
            'cypher-shell "SHOW INDEXES"',
            'cypher-shell -a bolt://a:1 -d neo4j "SHOW INDEXES"',
        ),
        ("cypher-shell -u neo4j", "cypher-shell -a bolt://a:1 -d neo4j -u neo4j"),
        (
            "cypher-shell -d system 'GRANT x'",
            "cypher-shell -a bolt://a:1 -d system 'GRANT x'",
        ),
    ],
)
def test_cypher_shell_gets_the_server(command: str, wanted: str) -> None:
    server = {"-a": "bolt://a:1", "-d": "neo4j"}
    assert led(command, server, env="prod") == wanted
    assert led(wanted, server) == wanted
    assert led(command, {}) == command


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("rollback -e prod", {"env": "prod"}),
        ("rollback -eprod", {"env": "prod"}),
        ("--env=prod rollback --dir d", {"env": "prod", "migration_dir": "d"}),
        ("-c a.toml down --sandbox", {"config": "a.toml", "sandbox": True}),
        ("create x -- -e prod", {}),
        ("down -e", {}),
        ("down -v --yes --confirm neo4j", {}),
    ],
)
def test_a_line_that_is_not_ours_has_options_all_the_same(
    line: str, wanted: dict[str, Any]
) -> None:
    assert typed(line.split()) == wanted


def test_what_may_be_a_password_is_not_repeated_before_a_server_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VAR", "x")
    (tmp_path / "neo4j-migrate.toml").write_text("[env.prod]\n")
    chosen = {"env": "prod", "username": "me", "password_env": "VAR"}
    assert usable(chosen, {}) == chosen
    assert usable(chosen | {"password_env": "hunter2"}, {}) == {
        "env": "prod",
        "username": "me",
    }
    assert usable(chosen | {"env": "dev"}, {}) == {"env": "dev"}
    assert usable(chosen | {"uri": "bolt://u:hunter2@a"}, {}) == {"env": "prod"}


def test_the_options_are_those_of_the_tree() -> None:
    """Each spelling is an option, and the first of an option is one of its own."""
    options = {param.name: param.opts for param in tree.params}
    for name, spellings in CHOOSING.items():
        assert sorted(spellings) == sorted(options[name])


def settings(uri: str | None, database: str | None = None) -> Any:
    """The part of the settings that says where a command works."""
    return SimpleNamespace(uri=uri, database=database)


def server(address: str, database: str = "") -> Server:
    return Server(version="5.26.0", database=database, address=address)


def test_a_server_is_found_by_what_answered() -> None:
    assert to_server(settings("neo4j+s://a:1/"), server("a:1")) == {
        "-a": "neo4j+s://a:1/"
    }
    assert to_server(settings("bolt://a:1", "shop"), server("a:1")) == {
        "-a": "bolt://a:1",
        "-d": "shop",
    }
    assert to_server(settings("sandbox"), server("127.0.0.1:5", "neo4j")) == {
        "-a": "bolt://127.0.0.1:5",
        "-d": "neo4j",
    }


def test_a_driver_that_was_handed_over_leads_elsewhere() -> None:
    """The settings may name a server that it does not lead to."""
    assert to_server(settings("bolt://a:1"), server("driver", "neo4j")) == {}
    assert to_server(settings(None), server("driver", "neo4j")) == {}
