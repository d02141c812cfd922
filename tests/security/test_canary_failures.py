"""No password is in an error, its traceback, a bug's report or a log line."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic import Migrator
from neo4j_migrate_magic.cli.bug import bug_error, redacted
from neo4j_migrate_magic.errors import MigrateError
from tests.cli.conftest import Run, Shown
from tests.security.conftest import FIRST, WRONG, Desk, told_by

# Passwords that end an address's host, word or argument where they should not.
ADDRESSES = [
    f"neo4j://neo4j:{WRONG}@host:7687",
    f"neo4j://{WRONG}@host",
    f"bolt+s://neo4j:x/{WRONG}@host",
    f"bolt://neo4j:x@{WRONG}@host",
    f"bolt://neo4j:x {WRONG}@host",
    f"bolt://neo4j:{WRONG}",
    f"{WRONG}://neo4j:x@host",
]


def no_canary(shown: Shown) -> None:
    assert WRONG not in shown.out + shown.err


def raised_by(work: Any) -> MigrateError:
    with pytest.raises(MigrateError) as caught:
        work()
    return caught.value


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_with_a_password_in_it(
    cli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """By option, variable, `.env`, file, reference and `init`: it is refused unseen."""
    no_canary(cli("init", "--uri", address))
    cli("init")
    found = [cli("status", "--uri", address, "--trace"), cli("up", "--uri", address)]
    if "//" in address.partition(WRONG)[0] and "@" in address:
        found.append(cli("status", address))  # a word too many
        found.append(cli(address))  # and one that is no command
    monkeypatch.setenv("NEO4J_URI", address)
    found += [cli("status", "--trace"), cli("doctor", "--only", "config")]
    (folder / "neo4j-migrate.toml").write_text('uri = "env:NEO4J_URI"\n')
    found.append(cli("down"))
    monkeypatch.delenv("NEO4J_URI")
    (folder / ".env").write_text(f"NEO4J_URI='{address}'\n")
    found.append(cli("verify"))
    (folder / "neo4j-migrate.toml").write_text(f'uri = "{address}"\n')
    found.append(cli("log", "--trace"))

    assert [2] * len(found) == [shown.code for shown in found]
    for shown in found:
        no_canary(shown)


@pytest.mark.parametrize(
    "text",
    [
        f'password = "{WRONG}',
        f"password = {WRONG}",
        f'password "{WRONG}"',
        f'password = "{WRONG}" x',
        f'password = "{WRONG}"\npassword = "{WRONG}"',
        f'password = "\\q{WRONG}"',
        f"password = '''{WRONG}",
        f'password = ["{WRONG}"]',
        f'password = {{ x = "{WRONG}" }}',
        f'passwort = "{WRONG}"',
        f'password = "{WRONG}"\nno_such_key = 1',
        f'password = "{WRONG}"\norder = "{WRONG[:3]}"',
        f'password = "{WRONG}"\n[env.prod]\nuri = 3',
        f'password = "cmd:pass {WRONG}"',
    ],
)
def test_a_configuration_that_is_wrong_on_the_passwords_own_line(
    cli: Run, folder: Path, text: str
) -> None:
    """The place is named; the line is not quoted, and no cause of the error has it."""
    path = folder / "neo4j-migrate.toml"
    path.write_text(f'uri = "bolt://h:1"\n{text}\n')

    for line in (("status", "--trace"), ("doctor", "--only", "config"), ("init",)):
        no_canary(cli(*line))
    if "uri = 3" in text:  # wrong only once it is chosen
        no_canary(cli("status", "--env", "prod"))
        return
    error = raised_by(lambda: asyncio.run(Migrator.open()._connect()))
    assert error.where is not None
    assert error.where.path == str(path)
    assert WRONG not in told_by(error)


def test_a_file_that_is_not_utf8_is_no_cause_of_the_error(folder: Path) -> None:
    """The decoder's own error would have the whole file in its arguments."""
    (folder / "neo4j-migrate.toml").write_bytes(
        f'password = "{WRONG}\xe9"'.encode("latin-1")
    )

    error = raised_by(lambda: Migrator.open().settings)

    assert WRONG not in told_by(error)


@pytest.mark.parametrize("option", ["--password-env", "--password=", "-p", "--pw"])
def test_a_password_given_where_its_name_belongs(
    cli: Run, folder: Path, option: str
) -> None:
    """`--password-env $NEO4J_PASSWORD` is the likely slip: the word is not repeated."""
    (folder / "neo4j-migrate.toml").write_text('uri = "bolt://127.0.0.1:1"\n')
    words = [f"{option}{WRONG}"] if option.endswith("=") else [option, WRONG]

    shown = cli("status", *words)

    assert shown.code == 2
    no_canary(shown)


RAISES = {
    "with the client": "raise ValueError(client, vars(client))",
    "with the password": "raise ValueError(os.environ['NEO4J_PASSWORD'])",
    "with a cause": "raise KeyError(1) from ValueError(os.environ['NEO4J_PASSWORD'])",
}


@pytest.mark.server
@pytest.mark.parametrize("what", RAISES)
@pytest.mark.parametrize("per_call", [False, True])
def test_a_python_migration_that_raises(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, what: str, per_call: bool
) -> None:
    """Even one that repeats the password: it is masked, and the history has none."""
    password = desk.server.password
    desk.give("NEO4J_PASSWORD", password, monkeypatch)
    mode = 'TRANSACTION = "per-call"\n' if per_call else ""
    text = f"import os\n{mode}async def up(client):\n    {RAISES[what]}\n"
    desk.add("20260103000000-bad.py", text)

    shown = [desk("up", *more) for more in ((), ("--trace",), ("-vv",))]
    shown += [desk("show", "20260103"), desk("log"), desk("doctor"), desk("verify")]

    assert [found.code for found in shown[:3]] == [8, 2, 2]
    assert "Error" in shown[0].err
    for found in shown:
        assert password not in found.out + found.err
    assert password not in desk.stored()
    assert "20260103000000-bad.py:" in desk.stored()


@pytest.mark.server
def test_a_python_migration_that_does_not_load(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it raises while it is imported is masked too."""
    password = desk.server.password
    desk.give("NEO4J_PASSWORD", password, monkeypatch)
    text = (
        "import os\nraise OSError(os.environ['NEO4J_PASSWORD'])\ndef up(client): pass\n"
    )
    desk.add("20260103000000-bad.py", text)

    shown = [desk("up"), desk("up", "--trace")]

    assert [found.code for found in shown] == [2, 2]
    assert "OSError: ***" in shown[0].err
    assert not any(password in found.out + found.err for found in shown)


@pytest.fixture
def reports(tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where reports of bugs are written."""
    folder: Path = tmp_path_factory.mktemp("reports")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.mark.parametrize("place", ["status", "settings"])
def test_a_bug_of_ours(
    cli: Run, folder: Path, reports: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Neither the message nor the report has it; the report is its owner's alone."""
    config = folder / "neo4j-migrate.toml"
    config.write_text(f'uri = "bolt://h:1"\npassword = "{WRONG}"\n')
    monkeypatch.setattr(sys, "argv", ["x", "status", "--uri", ADDRESSES[4]])

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError(f"unexpected {WRONG}") from ValueError(repr(WRONG))

    if place == "status":
        monkeypatch.setattr(Migrator, "status", fails)
    else:  # then nobody can say what the password is, but the variables
        monkeypatch.setenv("NEO4J_PASSWORD", WRONG)
        monkeypatch.setattr("neo4j_migrate_magic.config.load", fails)

    shown = cli("status", "--trace")

    assert shown.code == 1
    assert "error BUG.UNEXPECTED  RuntimeError: unexpected ***" in shown.err
    no_canary(shown)
    (report,) = reports.iterdir()
    assert report.stat().st_mode & 0o077 == 0
    assert "RuntimeError" in report.read_text()
    assert WRONG not in report.read_text()


def test_a_report_that_cannot_be_written_is_masked_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Then all of it stands in the message."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")

    error = bug_error(RuntimeError(f"x {WRONG}"), {WRONG})

    assert "no report could be written" in error.why
    assert WRONG not in str(error)


def test_addresses_in_a_traceback_lose_their_user() -> None:
    """Up to the last `@` of the word, whatever the password has in it."""
    for address in [a for a in ADDRESSES if "@" in a and " " not in a]:
        assert (
            WRONG not in redacted(f"File x, {address}, line 3", ()).split("://", 1)[1]
        )


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """Every log line of this process, down to DEBUG."""
    found: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            record.told = record.getMessage()
            found.append(record)

    handler, root, driver = Keep(), logging.getLogger(), logging.getLogger("neo4j")
    levels = root.level, driver.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    driver.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(handler)
    root.setLevel(levels[0])
    driver.setLevel(levels[1])


@pytest.mark.server
def test_the_drivers_own_log_has_no_password_and_ours_has_no_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, records: list[logging.LogRecord]
) -> None:
    """At DEBUG the driver tells every message: the login masked, parameters in full.

    That is the driver's, and switched on by the user alone; we add no line.
    """
    password = desk.server.password
    desk.give("literal", password, monkeypatch)
    text = f"async def up(client):\n    await client.cypher('RETURN $x', {{'x': '{WRONG}'}})\n"
    desk.add("20260103000000-p.py", text)

    assert [desk("up").code, desk("status").code] == [0, 0]
    desk.configure(f'password = "not-{password}"')
    assert desk("up").code == 10

    lines = [(record.name, record.told) for record in records]  # type: ignore[attr-defined]
    assert any("'credentials': '*******'" in line for _, line in lines)
    assert not any(password in line for _, line in lines)
    with_parameter = {name for name, line in lines if WRONG in line}
    assert with_parameter == {"neo4j.io"}
    assert not any(name.startswith("neo4j_migrate") for name, _ in lines)


@pytest.mark.server
@pytest.mark.parametrize("verb", ["status", "up", "down", "verify", "log", "doctor"])
async def test_no_exception_of_the_library_has_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """Its words, its arguments, its causes, and the traceback of each of them."""
    desk.give("literal", WRONG, monkeypatch)

    for uri in (desk.server.uri, "neo4j://127.0.0.1:1"):
        desk.configure(f'password = "{WRONG}"', uri=uri)
        async with Migrator.open() as migrator:
            if verb == "doctor":
                assert WRONG not in repr(await migrator.doctor())
                continue
            with pytest.raises(MigrateError) as caught:
                await getattr(migrator, verb)()
        assert caught.value.exit_code == 10
        told = told_by(caught.value)
        assert re.search(r"neo4j\.exceptions", told)
        assert WRONG not in told
        assert desk.server.password not in told


@pytest.mark.server
def test_a_failing_statement_keeps_the_password_out_of_the_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record of a part-way migration, its lock and its events."""
    desk.give("--password-env", desk.server.password, monkeypatch)
    options = ["--password-env", "MY_SECRET"]
    text = "CREATE INDEX n_x FOR (n:N) ON (n.x);\nRETURN 1 / 0;\n"
    desk.add("20260103000000-half.cypher", text)

    shown = [desk("up", *options), desk("show", "20260103", *options)]

    assert [found.code for found in shown] == [8, 0]
    stored = desk.stored()
    assert "/ by zero" in stored
    assert FIRST in stored
    assert desk.server.password not in stored + "".join(s.out + s.err for s in shown)
