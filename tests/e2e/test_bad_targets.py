"""Servers that are not named, not there, not willing, or no servers at all."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic import Migrator
from neo4j_migrate_magic.database.connection import Target
from tests.cli.conftest import Run
from tests.conftest import Guarded
from tests.e2e.conftest import Said, Site

CANARY = "canary-hunter2"
SCHEMES = ("bolt", "neo4j", "bolt+ssc", "neo4j+ssc")


@pytest.fixture
def said(cli: Run) -> Callable[..., Said]:
    """The command line, without a server."""

    def call(*args: str) -> Said:
        shown = cli(*args)
        return Said(shown.code, shown.out, shown.err)

    return call


Listen = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Ports of this machine where something answers that is no Neo4j."""
    sockets: list[socket.socket] = []

    def serve(server: socket.socket, answer: Callable[[socket.socket], None]) -> None:
        while True:
            try:
                connection, _ = server.accept()
                sockets.append(connection)
                answer(connection)
            except OSError:  # the test is over, or the other side has gone
                if server.fileno() < 0:
                    return

    def start(answer: Callable[[socket.socket], None]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        sockets.append(server)
        threading.Thread(target=serve, args=(server, answer), daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    yield start
    for one in sockets:
        if one.fileno() >= 0:
            with_shutdown(one)


def with_shutdown(one: socket.socket) -> None:
    """Close a socket so that who waits on it wakes up."""
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        one.close()


def quiet(connection: socket.socket) -> None:
    """Accept and never answer."""


def stops_after_the_handshake(connection: socket.socket) -> None:
    """Agree on Bolt 5.4 and never say anything again."""
    connection.recv(20)
    connection.sendall(b"\0\0\4\5")


def speaks_another_tongue(connection: socket.socket) -> None:
    """Answer the handshake with bytes that mean nothing."""
    connection.sendall(b"\xde\xad\xbe\xef" * 50)


def speaks_http(connection: socket.socket) -> None:
    """Answer as a web server does."""
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def hangs_up(connection: socket.socket) -> None:
    """Close the line after the first bytes."""
    connection.recv(20)
    connection.close()


def babbles(connection: socket.socket) -> None:
    """Agree on Bolt, then send a message that is none."""
    stops_after_the_handshake(connection)
    time.sleep(0.1)
    connection.sendall(b"\x00\x03\xb1\x70\x99\x00\x00")


@pytest.mark.parametrize("verb", ["status", "up", "down"])
def test_without_a_configuration_nothing_is_made(
    said: Callable[..., Said], folder: Path, verb: str
) -> None:
    """The message names the command that writes one; no file appears by itself."""
    found = said(verb)

    assert found.error == ("CONFIG.NOT_FOUND", 2)
    assert "neo4j-migrate init" in found.part("next")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("verb", ["status", "up", "down"])
def test_without_a_target_no_server_is_chosen_silently(
    said: Callable[..., Said], folder: Path, verb: str
) -> None:
    """Every way to name one is listed, the sandbox among them."""
    said("init")

    found = said(verb)

    assert found.error == ("CONFIG.NO_TARGET", 2)
    for way in ("--uri neo4j://localhost:7687", "export NEO4J_URI=", "--sandbox"):
        assert way in found.part("next")
    assert not (folder / ".neo4j-sandbox").exists()


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
@pytest.mark.parametrize("verb", ["status", "up", "down"])
def test_a_server_that_is_down_is_told_at_once(
    said: Callable[..., Said], folder: Path, verb: str, scheme: str
) -> None:
    """In the system's own words, also behind a routing address."""
    said("init")
    began = time.monotonic()

    found = said(verb, "--uri", f"{scheme}://127.0.0.1:1")

    assert time.monotonic() - began < 5
    assert found.error == ("SERVER.UNREACHABLE", 10)
    assert "no Neo4j answers at 127.0.0.1:1" in found.text
    assert found.part("why") == "Connection refused"
    assert ("" if verb == "status" else "nothing was touched") == found.part("kept")
    assert "neo4j-migrate sandbox start" in found.part("next")


def test_a_name_that_nobody_knows(said: Callable[..., Said], folder: Path) -> None:
    """The resolver's words are enough."""
    said("init")

    found = said("status", "--uri", "neo4j://no-such-host.invalid:7687")

    assert found.error == ("SERVER.UNREACHABLE", 10)
    assert "no-such-host.invalid:7687" in found.text


@pytest.mark.parametrize(
    ("answer", "scheme"),
    [*((quiet, scheme) for scheme in SCHEMES), (stops_after_the_handshake, "bolt")],
)
def test_a_port_that_never_answers_is_given_up_within_five_seconds(
    said: Callable[..., Said],
    folder: Path,
    listen: Listen,
    answer: Callable[[socket.socket], None],
    scheme: str,
) -> None:
    """Whatever stage of the greeting it falls silent at."""
    said("init")
    began = time.monotonic()

    found = said("status", "--uri", f"{scheme}://127.0.0.1:{listen(answer)}")

    assert time.monotonic() - began < 5
    assert found.error == ("SERVER.UNREACHABLE", 10)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (speaks_another_tongue, ("SERVER.UNSUPPORTED", 2)),
        (speaks_http, ("SERVER.UNREACHABLE", 10)),
        (hangs_up, ("SERVER.UNREACHABLE", 10)),
        (babbles, ("SERVER.UNREACHABLE", 10)),
    ],
)
@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_what_does_not_speak_bolt_is_no_fault_of_ours(
    said: Callable[..., Said],
    folder: Path,
    listen: Listen,
    answer: Callable[[socket.socket], None],
    error: tuple[str, int],
    scheme: str,
) -> None:
    """Garbage at any stage is told as what it is, without a traceback."""
    said("init")

    found = said("up", "--uri", f"{scheme}://127.0.0.1:{listen(answer)}")

    assert error == found.error
    assert found.part("kept") == "nothing was touched"


@pytest.mark.server
def test_encryption_that_the_server_does_not_have(
    said: Callable[..., Said], folder: Path, lts: str
) -> None:
    """The message says which scheme to use instead."""
    said("init")

    found = said("status", "--uri", lts.replace("bolt://", "bolt+s://"))

    assert found.error == ("SERVER.UNREACHABLE", 10)
    assert "a server without TLS wants bolt:// or neo4j://" in found.part("why")


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("http://localhost:7474", "migrations need the Bolt protocol"),
        ("https://localhost", "migrations need the Bolt protocol"),
        (f"bolt://neo4j:{CANARY}@localhost", "user information before an '@'"),
        (f"neo4j://{CANARY}@localhost:7687", "user information before an '@'"),
        ("localhost:7687", "is not a URI such as neo4j://localhost:7687"),
        ("neo4j://", "names no host"),
    ],
)
def test_an_address_that_is_none_is_refused_before_it_is_tried(
    said: Callable[..., Said], folder: Path, uri: str, why: str
) -> None:
    """By option and by configuration file; what may be a password is not repeated."""
    said("init")
    config = folder / "neo4j-migrate.toml"

    option = said("status", "--uri", uri, "--trace", "-v")
    config.write_text(f'migration_dir = "migrations"\nuri = "{uri}"\n')
    file = said("status")

    for found in (option, file):
        assert (_code(found), found.code) == ("CONFIG.INVALID", 2)
        assert why in found.part("why")
        assert CANARY not in found.out + found.err
    assert "neo4j-migrate.toml:2" in file.part("where")


def _code(found: Said) -> str:
    """The code of a block that may stand below a traceback."""
    return found.err.rpartition("\nerror ")[2].removeprefix("error ").split()[0]


@pytest.mark.server
@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
@pytest.mark.parametrize("args", [(), ("--trace", "-vv")])
def test_a_wrong_password_is_refused_and_not_repeated(
    said: Callable[..., Said],
    folder: Path,
    guarded: Guarded,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    args: tuple[str, ...],
) -> None:
    """Neither the wrong one nor the right one is in any output, nor in a traceback."""
    said("init", "--uri", guarded.uri.replace("bolt", scheme))
    monkeypatch.setenv("NEO4J_PASSWORD", CANARY)

    for verb in ("status", "up", "down"):
        found = said(verb, *args)

        assert (_code(found), found.code) == ("SERVER.AUTH", 10)
        assert "did not accept the user name and password" in found.text
        assert "[Neo.ClientError.Security.Unauthorized]" in found.part("why")
        assert "NEO4J_PASSWORD" in found.part("next")
        assert ("Traceback" in found.err) is ("--trace" in args)
        for secret in (CANARY, guarded.password):
            assert secret not in found.out + found.err


@pytest.mark.server
def test_a_password_that_was_not_given_is_asked_for(
    said: Callable[..., Said], folder: Path, guarded: Guarded
) -> None:
    """The message tells it from one that is wrong."""
    said("init", "--uri", guarded.uri)

    found = said("status")

    assert found.error == ("SERVER.AUTH", 10)
    assert "wants a login, and none was given" in found.text


@pytest.mark.server
def test_the_right_password_is_in_no_output_either(
    said: Callable[..., Said],
    folder: Path,
    guarded: Guarded,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that succeeds, one that fails, its traceback, and the history."""
    said("init", "--uri", guarded.uri)
    monkeypatch.setenv("NEO4J_PASSWORD", guarded.password)
    good = folder / "migrations" / "20260101000000-good.cypher"
    good.write_text("// @up\nCREATE (:N);\n// @down\nMATCH (n:N) DELETE n;\n")
    bad = folder / "migrations" / "20260102000000-bad.py"
    bad.write_text("async def up(client):\n    raise ValueError(client)\n")

    shown = [
        said(*line)
        for line in (("up", "--trace", "-vv"), ("status",), ("down",), ("status",))
    ]

    assert [found.code for found in shown] == [8, 0, 0, 0]
    assert not any(guarded.password in found.out + found.err for found in shown)


def test_no_object_shows_its_password(folder: Path) -> None:
    """Settings, target and migrator may be printed, logged, or stand in a traceback."""
    (folder / "migrations").mkdir()
    migrator = Migrator(
        uri="bolt://h:1", password=CANARY, migration_dir=folder / "migrations"
    )
    target = Target(uri="bolt://h:1", username="neo4j", password=CANARY)

    assert CANARY == migrator.settings.password == target.password
    for shown in (migrator, migrator.settings, target):
        assert CANARY not in repr(shown) + str(shown)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f'password = "{CANARY}"\nno_such_key = 1', "CONFIG.UNKNOWN_KEY"),
        (f'password = "{CANARY}"\norder = "none"', "CONFIG.INVALID"),
        (f'password = ["{CANARY}"]', "CONFIG.INVALID"),
        (f'password = "{CANARY}', "CONFIG.INVALID"),
        (f'passwort = "{CANARY}"', "CONFIG.UNKNOWN_KEY"),
    ],
)
def test_a_configuration_that_is_wrong_does_not_show_its_password(
    said: Callable[..., Said], folder: Path, line: str, code: str
) -> None:
    """Also not when the line with the password is the one that is wrong."""
    (folder / "neo4j-migrate.toml").write_text(f'uri = "bolt://h:1"\n{line}\n')

    found = said("status", "--trace")

    assert (code, 2) == (_code(found), found.code)
    assert CANARY not in found.out + found.err


@pytest.mark.server
@pytest.mark.parametrize("verb", ["status", "up", "down"])
def test_a_database_that_the_server_does_not_have(site: Site, verb: str) -> None:
    """It is not made, and the others are not touched."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    before: Any = site.everything()

    found = site(verb, "--database", "nosuch")

    assert found.error == ("SERVER.NO_DATABASE", 2)
    assert "nosuch [Neo.ClientError.Database.DatabaseNotFound]" in found.part("why")
    assert "SHOW DATABASES" in found.part("next")
    assert before == site.everything()


def test_the_database_system_is_refused(
    said: Callable[..., Said], folder: Path
) -> None:
    """It has users and databases, and no graph that could be migrated."""
    said("init", "--uri", "bolt://127.0.0.1:1")

    found = said("up", "--database", "system")

    assert found.error == ("CONFIG.INVALID", 2)
    assert "system" in found.part("why")
