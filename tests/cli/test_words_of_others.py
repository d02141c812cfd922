"""Who comes from another tool types its words, and is told ours."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.cli.tree import tree
from neo4j_migrate_magic.cli.usage import LATER, WORDS
from tests.cli.conftest import Run, Script

ALL = [
    *(("migrate", "up"), ("apply", "up"), ("upgrade", "up")),
    *(("rollback", "down"), ("undo", "down"), ("downgrade", "down")),
    *(("new", "create"), ("revision", "create"), ("make", "create")),
    *(("info", "status"), ("current", "status")),
    ("history", "log"),
    *(("validate", "verify"), ("check", "verify")),
    ("diff", "drift"),
    *(("stamp", "baseline"), ("changelog-sync", "baseline")),
    *(("force", "repair"), ("resolve", "repair")),
    *(("release-locks", "unlock"), ("break-lock", "unlock")),
]


@pytest.mark.parametrize(("theirs", "ours"), ALL)
def test_a_word_is_answered_with_ours(cli: Run, theirs: str, ours: str) -> None:
    """One that this version has not is no promise, and something else is at hand."""
    shown = cli(theirs)

    assert (shown.code, shown.out) == (2, "")
    assert f"here it is `{ours}`" in shown.err
    later = ", which comes with a later version" in shown.err
    assert later is (ours not in tree.commands)
    assert "  next   neo4j-migrate " in shown.err
    if ours == "create":
        assert "neo4j-migrate create NAME" in shown.err


def test_every_word_is_tested() -> None:
    assert sorted(ALL) == sorted((t, o) for o, words in WORDS.items() for t in words)


@pytest.mark.parametrize("verb", sorted(LATER))
def test_a_verb_of_a_later_version_says_so(cli: Run, verb: str) -> None:
    """What it names instead exists, and is offered only as long as the verb is not here."""
    shown = cli(verb)

    assert verb not in tree.commands
    assert shown.code == 2
    assert "it comes with a later version" in shown.err
    assert LATER[verb][0].split()[0] in tree.commands


@pytest.mark.parametrize(
    ("args", "words", "way"),
    [
        (("up", "--dry-run"), "is `plan` here", "neo4j-migrate status"),
        (("down", "--dry-run"), "is `plan` here", "neo4j-migrate status"),
        (("up", "--fake"), "recorded so", "neo4j-migrate baseline VERSION"),
        (("up", "--fake", "V"), "recorded so", "repair VERSION --mark applied"),
        (("up", "--force"), "a flag names what it permits", "neo4j-migrate up --help"),
        (("--force", "up"), "a flag names what it permits", "neo4j-migrate up --help"),
    ],
)
def test_an_option_of_another_tool_is_answered_with_what_does_it_here(
    cli: Run, script: Script, args: tuple[str, ...], words: str, way: str
) -> None:
    shown = cli(*args)

    assert (shown.code, script.asked) == (2, [])
    assert words in shown.err
    assert way in shown.err


def test_a_word_that_only_another_group_has_stays_unknown(cli: Run) -> None:
    """`sandbox apply` is a slip, not another tool's command."""
    shown = cli("sandbox", "apply")

    assert shown.code == 2
    assert "here it is" not in shown.err
