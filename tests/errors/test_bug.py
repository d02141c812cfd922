"""A fault of ours leaves a report that can be sent: what it has in it, and what not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from neo4j import exceptions as driver

from neo4j_migrate_magic.database.errors import translate
from tests.cli.conftest import Run, Shown
from tests.errors.blocks import check
from tests.errors.test_without_server import NOBODY, Desk

VALUE = "Ann of Cleves"


@pytest.fixture
def desk(cli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A project; reports are written into its folder."""
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    desk = Desk(cli, folder, monkeypatch)
    desk.project()
    return desk


def fail_with(desk: Desk, error: BaseException, cause: BaseException | None) -> Shown:
    """Run a command in which the door to the driver does what nobody thought of."""

    async def read(*_: Any, **__: Any) -> None:
        raise error from cause

    desk.patch.setattr("neo4j_migrate_magic.database.connection.Database.read", read)
    return desk.cli("up", *NOBODY)


def report(desk: Desk) -> str:
    """The one report that was written."""
    (file,) = desk.folder.glob("neo4j-migrate-*.txt")
    return file.read_text()


def test_the_message_says_where_the_report_is(desk: Desk) -> None:
    """It has the traceback, the versions, and the command as it was typed."""
    block = check(fail_with(desk, KeyError("x"), None), "BUG.UNEXPECTED")

    (file,) = desk.folder.glob("neo4j-migrate-*.txt")
    assert block.parts["why"] == [
        "a fault of neo4j-migrate itself",
        f"report: {file.name}",
    ]
    text = report(desk)
    for words in ("neo4j-migrate-magic 0.", "neo4j ", "python 3.", "command: "):
        assert words in text
    assert "Traceback (most recent call last):\n" in text
    assert "rows, locks, now" in text or "await database.read" in text  # lines of ours
    assert text.endswith("KeyError: 'x'\n")


def test_an_error_of_ours_that_is_a_bug_has_a_report_too(desk: Desk) -> None:
    """Such as a call that the driver refuses; what it came from is in it."""
    cause = driver.TransactionError(None, "closed")
    block = check(
        fail_with(desk, translate(cause, address="h:1"), cause), "BUG.UNEXPECTED"
    )

    assert block.what == "the driver refused a call"
    assert block.parts["why"][-1].startswith("report: ")
    text = report(desk)
    assert text.index("TransactionError: closed") < text.index("BugError: ")


def test_a_servers_words_are_cut_where_they_quote_data(desk: Desk) -> None:
    """Of the driver's errors and of ours, wherever in the chain they stand."""
    refused = driver.Neo4jError._hydrate_neo4j(
        code="Neo.ClientError.Schema.ConstraintValidationFailed",
        message=f"Node(0) already exists with label `P` and property `name` = '{VALUE}'",
    )
    fail_with(desk, RuntimeError("broken"), refused)

    text = report(desk)
    assert "already exists with label `P` and property `name` …" in text
    assert VALUE not in text


def test_the_lines_of_a_migration_are_not_in_it(desk: Desk) -> None:
    """They may have data in them; the file and the line number stay."""
    path = desk.folder / "helper.py"
    path.write_text(f"def fall():\n    return {{}}['{VALUE}'[0]]\n")
    code = compile(path.read_text(), str(path), "exec")
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 (a frame in a file of the user's)
    with pytest.raises(KeyError) as caught:
        names["fall"]()

    fail_with(desk, RuntimeError("broken"), caught.value)

    text = report(desk)
    assert f'File "{path}", line 2, in fall' in text
    assert VALUE not in text


def test_a_folder_that_takes_no_file_is_no_second_bug(desk: Desk) -> None:
    """Then the report stands in the message itself."""
    desk.patch.setattr("tempfile.tempdir", str(desk.folder / "gone"))

    shown = fail_with(desk, RuntimeError("broken"), None)

    assert shown.code == 1
    assert "no report could be written" in shown.err
    assert "RuntimeError: broken" in shown.err


def test_a_bug_in_the_process_itself(desk: Desk) -> None:
    """As a shell sees it: exit code 1, one block, and the report."""
    code = (
        "import sys; from neo4j_migrate_magic.cli import main;"
        "from neo4j_migrate_magic.render import explain;"
        "explain.explain = None; sys.exit(main(['explain']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"TMPDIR": str(desk.folder), "TMP": str(desk.folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    check(Shown(done.returncode, done.stdout, done.stderr), "BUG.UNEXPECTED")
    assert "'NoneType' object is not callable" in report(desk)
