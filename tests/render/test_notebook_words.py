"""Commands as a cell takes them."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.cli.call import tree
from neo4j_migrate_magic.render.words import in_notebook


@pytest.mark.parametrize("verb", tree.commands)
def test_every_command_is_the_magic(verb: str) -> None:
    assert in_notebook(f"run neo4j-migrate {verb} to go on.") == (
        f"run %migrate {verb} to go on."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("neo4j-migrate up --to 2026", "%migrate up --to 2026"),
        ("neo4j-migrate --help", "%migrate --help"),
        ("neo4j-migrate -v up", "%migrate -v up"),
        ("neo4j-migrate create tags --from-stdin", "%%migration tags"),
        ("(neo4j-migrate down)", "(%migrate down)"),
        ("`neo4j-migrate status`", "`%migrate status`"),
        ("neo4j-migrate sandbox start", "%migrate sandbox start"),
        (
            "neo4j-migrate up, then neo4j-migrate status",
            "%migrate up, then %migrate status",
        ),
        ("pip install --upgrade pandas", "%pip install --upgrade pandas"),
        (
            "pip install --upgrade neo4j-migrate-magic",
            "%pip install --upgrade neo4j-migrate-magic",
        ),
    ],
)
def test_in_notebook(text: str, expected: str) -> None:
    assert in_notebook(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "neo4j-migrate.toml",
        "settings in neo4j-migrate.toml decide",
        "neo4j-migrate-magic is loaded",
        "/opt/bin/neo4j-migrate up",
        "./neo4j-migrate up",
        "https://example.org/neo4j-migrate up",
        "a newer neo4j-migrate, of which",
        "%migrate up",
        "%pip install pandas",
        "!pip install pandas",
        "migrations of neo4j-migrate",
        "an error in neo4j-migrate itself",
        "neo4j-migrate writes no such history",
        "neo4j-migrate - a tool",
    ],
)
def test_what_is_no_command_of_ours_stays_as_it_is(text: str) -> None:
    assert in_notebook(text) == text


def test_twice_is_once() -> None:
    text = "neo4j-migrate up; pip install x"

    assert in_notebook(in_notebook(text)) == in_notebook(text)
