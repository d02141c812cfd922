"""The checker of commands tells what can be typed from what cannot."""

from __future__ import annotations

import pytest

from tests.errors.commands import refused


@pytest.mark.parametrize(
    "command",
    [
        "neo4j-migrate up",
        "neo4j-migrate up --help",
        "neo4j-migrate --help",
        "neo4j-migrate create NAME",
        "neo4j-migrate repair VERSION --step 2 --mark applied",
        "neo4j-migrate show VERSION --source -o migrations/FILE",
        "neo4j-migrate sandbox start --server lts",
        "NEO4J_URI=bolt://localhost neo4j-migrate status",
        "git checkout -- 'migrations/a file.cypher'",
        "export NEO4J_PASSWORD=…",
        'cypher-shell "SHOW INDEXES"',
    ],
)
def test_what_can_be_typed(command: str) -> None:
    """Placeholders, quoting and a variable before it are as in a shell."""
    assert refused(command) is None


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("neo4j-migrate upp", "there is no command 'upp'"),
        ("neo4j-migrate up --foo", "No such option"),
        ("neo4j-migrate create", "Missing argument"),
        ("neo4j-migrate repair VERSION --step x", "not a valid integer"),
        ("neo4j-migrate up --up-count 0", "is no count"),
        ("neo4j-migrate sandbox strat", "there is no command 'strat'"),
        ("frobnicate", "nobody knows the program"),
        ("git checkout 'x", "a shell does not read it"),
        ("", "it has no program"),
    ],
)
def test_what_cannot(command: str, why: str) -> None:
    """The reason is given."""
    assert why in (refused(command) or "")
