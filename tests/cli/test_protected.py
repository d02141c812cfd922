"""A protected environment, as the command line asks for it; nothing is sent before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic import Migrator
from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.errors import MigrateError, ProtectedError
from neo4j_migrate_magic.model import Server
from tests.cli.conftest import Run, Shown

FILE = """\
[env.prod]
uri = "bolt://127.0.0.1:1"
database = "people"
protected = true
[env.home]
uri = "bolt://127.0.0.1:1"
protected = true
[env.dev]
uri = "bolt://127.0.0.1:1"
"""
CHANGES = (
    ("up",),
    ("up", "--to", "2026"),
    ("down", "--down-count", "2"),
    ("repair", "2026", "--mark", "pending"),
    ("repair", "history"),
)
READS = (("status",), ("verify",), ("log",), ("show", "2026"), ("doctor",), ("stop",))


class SentError(MigrateError):
    """Something was sent to the server."""

    code = "TEST.SENT"
    exit_code = 99


class Wire:
    """A database that tells when it is read from or written to."""

    name = "people"
    address = "127.0.0.1:1"
    edition = None
    server = Server(version="5.26.30", database="people", address="127.0.0.1:1")

    def __getattr__(self, name: str) -> Any:
        async def sent(*_: object, **__: object) -> None:
            raise SentError(f"{name} was called", next=[("neo4j-migrate status", "")])

        return sent

    async def close(self) -> None:
        """Forget it."""


@pytest.fixture
def root(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with protected environments, whose server only notes that it is used."""

    async def connect(self: Migrator) -> Wire:
        return Wire()

    (folder / "neo4j-migrate.toml").write_text(FILE)
    (folder / "migrations").mkdir()
    monkeypatch.setattr(Migrator, "_connect", connect)
    return folder


Answering = Callable[[str], list[str]]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Somebody at the terminal, who says always the same; what they were asked."""

    def say(answer: str) -> list[str]:
        asked: list[str] = []

        def ask(self: Terminal, question: str) -> str:
            asked.append(question)
            return answer

        monkeypatch.setattr(Terminal, "answers", True)
        monkeypatch.setattr(Terminal, "ask", ask)
        return asked

    return say


def code(shown: Shown) -> tuple[str, int]:
    return shown.err.partition("error ")[2].split()[0], shown.code


def on_one_line(shown: Shown) -> str:
    return " ".join(shown.err.split())


@pytest.mark.parametrize("line", CHANGES)
@pytest.mark.parametrize(
    "more", [(), ("--yes",), ("--confirm", "people"), ("--no-input",)]
)
def test_without_a_terminal_both_options_are_needed(
    cli: Run, root: Path, line: tuple[str, ...], more: tuple[str, ...]
) -> None:
    """Nothing was sent; the way out is the command as typed, with what was missing."""
    shown = cli(*line, "--env", "prod", *more)

    assert code(shown) == ("ENV.PROTECTED", 2)
    assert "nothing was touched" in shown.err
    kept = [] if {"--yes", "--confirm"} & {*more} else [*more]
    typed = " ".join(["neo4j-migrate", *line, "--env prod", *kept])
    assert f"next {typed} --yes --confirm people names" in on_one_line(shown)


@pytest.mark.parametrize("line", CHANGES)
def test_both_options_permit_a_change(
    cli: Run, root: Path, line: tuple[str, ...]
) -> None:
    """Then nobody is asked."""
    shown = cli(*line, "--env", "prod", "--yes", "--confirm", "people")

    assert code(shown) == ("TEST.SENT", 99)


@pytest.mark.parametrize("line", CHANGES)
def test_the_wrong_name_is_refused_before_anything_is_sent(
    cli: Run, root: Path, answering: Answering, line: tuple[str, ...]
) -> None:
    """By option, and typed."""
    by_option = cli(*line, "--env", "prod", "--yes", "--confirm", "neo4j")
    answering("prod")
    typed = cli(*line, "--env", "prod")

    for shown, name in ((by_option, "neo4j"), (typed, "prod")):
        assert code(shown) == ("ENV.CONFIRM_MISMATCH", 2)
        assert f"the database is people@prod, not '{name}'" in shown.err
        assert "nothing was touched" in shown.err


@pytest.mark.parametrize("env", ["prod", "home"])
def test_on_a_terminal_the_name_is_typed(
    cli: Run, root: Path, answering: Answering, env: str
) -> None:
    """The question names the database and the environment, also where the server has
    to be asked for its home database."""
    asked = answering("people")

    shown = cli("up", "--env", env)

    assert code(shown) == ("TEST.SENT", 99)
    assert asked == [
        f"apply pending migrations: people@{env} is protected; type people to go on: "
    ]


@pytest.mark.parametrize("answer", ["", "n", "No"])
def test_no_name_is_a_no(
    cli: Run, root: Path, answering: Answering, answer: str
) -> None:
    """It ends with 3, and nothing was sent."""
    answering(answer)

    shown = cli("down", "--env", "prod")

    assert code(shown) == ("ENV.DECLINED", 3)
    assert "not done: roll back applied migrations, in people@prod" in shown.err


@pytest.mark.parametrize("more", [("--yes",), ("--confirm", "people")])
def test_one_option_alone_does_not_answer_the_question(
    cli: Run, root: Path, answering: Answering, more: tuple[str, ...]
) -> None:
    """A yes names nothing, and a name permits nothing."""
    asked = answering("")

    assert cli("up", "--env", "prod", *more).code == 3
    assert len(asked) == 1


@pytest.mark.parametrize("more", [("--no-input",), ("--json",)])
def test_who_wants_no_question_is_asked_none(
    cli: Run, root: Path, answering: Answering, more: tuple[str, ...]
) -> None:
    """Though somebody is there."""
    asked = answering("people")

    assert cli("up", "--env", "prod", *more).code == 2
    assert asked == []


@pytest.mark.parametrize("line", CHANGES)
def test_a_variable_does_not_choose_it(
    cli: Run,
    root: Path,
    answering: Answering,
    monkeypatch: pytest.MonkeyPatch,
    line: tuple[str, ...],
) -> None:
    """It is named on the command line, whoever answers and whatever is permitted."""
    monkeypatch.setenv("NEO4J_MIGRATE_ENV", "prod")
    asked = answering("people")

    shown = cli(*line, "--yes", "--confirm", "people")

    assert code(shown) == ("ENV.PROTECTED", 2)
    assert "it was chosen by NEO4J_MIGRATE_ENV" in shown.err
    assert "--env prod --yes --confirm people" in on_one_line(shown)
    assert asked == []


def test_what_permits_is_no_variable(
    cli: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forgotten one would permit everything."""
    monkeypatch.setenv("NEO4J_MIGRATE_YES", "1")
    monkeypatch.setenv("NEO4J_MIGRATE_CONFIRM", "people")

    shown = cli("up", "--env", "prod")

    assert code(shown) == ("ENV.PROTECTED", 2)
    assert "warning  the variable NEO4J_MIGRATE_CONFIRM is not read" in shown.err


@pytest.mark.parametrize("line", READS)
@pytest.mark.parametrize("way", ["option", "variable"])
def test_reading_is_never_asked_for(
    cli: Run,
    root: Path,
    answering: Answering,
    monkeypatch: pytest.MonkeyPatch,
    line: tuple[str, ...],
    way: str,
) -> None:
    """Nor is `stop`, which sets a flag and changes nothing of what the run is about."""
    asked = answering("")
    monkeypatch.setenv("NEO4J_MIGRATE_ENV", "prod" if way == "variable" else "")

    shown = cli(*line, *(("--env", "prod") if way == "option" else ()))

    assert "ENV." not in shown.err
    assert "was called" in shown.err + shown.out
    assert asked == []


@pytest.mark.parametrize("line", CHANGES)
def test_other_environments_are_changed_without_a_question(
    cli: Run, root: Path, answering: Answering, line: tuple[str, ...]
) -> None:
    """`down` just does it, like `up`."""
    asked = answering("")

    assert code(cli(*line, "--env", "dev")) == ("TEST.SENT", 99)
    assert asked == []


@pytest.mark.parametrize("confirm", [None, "people"])
async def test_from_python_the_database_is_named_too(
    root: Path, confirm: str | None
) -> None:
    """There is nobody to be asked."""
    error: type[MigrateError] = SentError if confirm else ProtectedError

    async with Migrator(env="prod", confirm=confirm) as migrator:
        for work in (
            migrator.up,
            migrator.down,
            migrator.repair_history,
            migrator.unlock,
        ):
            with pytest.raises(error):
                await work()
        for version in (
            migrator.baseline("2026"),
            migrator.repair("2026", mark="pending"),
        ):
            with pytest.raises(error):
                await version
        with pytest.raises(SentError):
            await migrator.baseline("2026", preview=True)
