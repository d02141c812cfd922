"""`status` with filters, for a screen, a pipe, and a script that wants an exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from neo4j_migrate_magic.cli import terminal
from neo4j_migrate_magic.model import State
from tests.cli.conftest import Run, Script
from tests.render.values import APPLIED, PENDING, row, status

OLD = row("20250101000000", "old", State.EDITED, note="edited since it was applied")


@pytest.fixture
def three(script: Script) -> Script:
    """One edited, one applied, one pending."""

    async def work(tell: Any) -> Any:
        return status(OLD, APPLIED, PENDING)

    script.work = work
    return script


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ((), {"old", "add_orders", "add_fulltext"}),
        (("--state", "pending"), {"add_fulltext"}),
        (("--state", "edited,pending"), {"old", "add_fulltext"}),
        (("--state", "edited, applied"), {"old", "add_orders"}),
        (("--since", "2026"), {"add_orders", "add_fulltext"}),
        (("--since", "current"), {"add_orders", "add_fulltext"}),
        (("--since", "zero"), {"old", "add_orders", "add_fulltext"}),
        (("--since", "20261125", "--state", "applied"), set()),
    ],
)
def test_rows_that_were_asked_for(
    cli: Run, three: Script, args: tuple[str, ...], names: set[str]
) -> None:
    """The line below tells of all."""
    shown = cli("status", *args)

    assert shown.code == 0
    known = {"old", "add_orders", "add_fulltext"}
    assert names == {name for name in known if f"-{name}" in shown.out}
    assert "2 applied (1 edited), 1 pending" in shown.err


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((), 0),
        ((APPLIED,), 0),
        ((APPLIED, PENDING), 4),
        ((OLD, APPLIED, PENDING), 7),
    ],
)
def test_the_exit_code_is_given_to_those_who_ask(
    cli: Run, script: Script, rows: tuple[Any, ...], code: int
) -> None:
    """Filters do not change it: what is not shown is still wrong."""

    async def work(tell: Any) -> Any:
        return status(*rows)

    script.work = work

    assert cli("status").code == 0
    assert cli("status", "--exit-code").code == code
    assert cli("status", "--exit-code", "--state", "applied").code == code


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--state", "pendign"), "did you mean 'pending'?"),
        (("--state", "pending,"), "'' is no state of a migration"),
        (("--state", "xyz"), "the states are running, interrupted, failed, missing,"),
        (("--since", "add_orders"), "no migration has the version 'add_orders'"),
    ],
)
def test_words_that_are_none_are_refused(
    cli: Run, three: Script, args: tuple[str, ...], words: str
) -> None:
    shown = cli("status", *args)

    assert shown.code == 2
    assert words in " ".join(shown.err.split())
    assert shown.out == ""


@pytest.fixture
def many(script: Script) -> Iterator[Script]:
    """Fifty applied migrations."""

    async def work(tell: Any) -> Any:
        return status(
            *(row(f"{20260101000000 + n}", "m", State.APPLIED) for n in range(50))
        )

    script.work = work
    return script


@pytest.mark.parametrize(
    ("screen", "args", "lines"),
    [
        (True, (), 21),
        (True, ("--all",), 50),
        (True, ("--state", "applied"), 21),
        (True, ("--since", "20260101000030"), 20),
        (False, (), 50),
    ],
)
def test_a_screen_gets_what_it_can_take_and_a_pipe_gets_all(
    cli: Run,
    many: Script,
    monkeypatch: pytest.MonkeyPatch,
    screen: bool,
    args: tuple[str, ...],
    lines: int,
) -> None:
    monkeypatch.setattr(terminal, "_columns", lambda: 100)
    if screen:
        is_terminal = "neo4j_migrate_magic.cli.terminal._is_terminal"
        monkeypatch.setattr(is_terminal, lambda stream: True)
        monkeypatch.setattr(os, "environ", {**os.environ, "CI": "1"})

    shown = cli("status", *args)

    assert lines == len(shown.out.splitlines()) - 4
