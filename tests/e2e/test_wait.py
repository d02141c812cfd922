"""`--wait`: a server that comes up late, and one that never does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.conftest import Guarded
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what one side says until it ends."""
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Late:
    """A port of this machine that leads to a server, some time from now on."""

    def __init__(self, uri: str, delay: float) -> None:
        parts = urlsplit(uri)
        self._server = (parts.hostname or "", parts.port or 0)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        self.uri = f"bolt://127.0.0.1:{self._port}"
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(delay, self._open)
        self._timer.daemon = True
        self._timer.start()

    def _open(self) -> None:
        door = socket.create_server(("127.0.0.1", self._port))
        self._sockets.append(door)
        with suppress(OSError):  # the test is over
            while True:
                ours, _ = door.accept()
                theirs = socket.create_connection(self._server)
                self._sockets += [ours, theirs]
                for pair in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    def close(self) -> None:
        """End it, so that who waits on it wakes up."""
        self._timer.cancel()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._timer.join()


@pytest.fixture
def late(lts: str) -> Iterator[Callable[[float], Late]]:
    """Ways to the LTS server that open after some seconds."""
    made: list[Late] = []

    def open_after(delay: float) -> Late:
        made.append(Late(lts, delay))
        return made[-1]

    yield open_after
    for one in made:
        one.close()


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_server_that_comes_up_late_is_waited_for(
    site: Site,
    late: Callable[[float], Late],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """What is waited for is said, and then the command does its work."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    there = late(1.5)
    if way == "variable":
        monkeypatch.setenv("NEO4J_MIGRATE_WAIT", "30s")
    began = time.monotonic()

    said = site(
        "up", "--uri", there.uri, *(("--wait", "30s") if way == "option" else ())
    )

    assert said.code == 0
    assert 1.5 < time.monotonic() - began < 20
    address = there.uri.removeprefix("bolt://")
    assert f"no answer from {address} for 0s (Connection refused); waiting" in said.text
    assert site.count("A") == 1


def test_one_that_never_comes_is_given_up(site: Site) -> None:
    """With the code of a server that does not answer, and no later than asked for."""
    began = time.monotonic()

    said = site("status", "--uri", "bolt://127.0.0.1:1", "--wait", "1500ms")

    assert 0.5 < time.monotonic() - began < 5
    assert said.error == ("SERVER.UNREACHABLE", 10)
    assert said.part("why") == "waited 1s: Connection refused"
    assert "neo4j-migrate status --wait 5m" in said.part("next")


def test_by_default_nothing_is_waited_for(
    site: Site, late: Callable[[float], Late]
) -> None:
    """One attempt."""
    began = time.monotonic()

    said = site("status", "--uri", late(30.0).uri)

    assert time.monotonic() - began < 3
    assert said.error == ("SERVER.UNREACHABLE", 10)
    assert "waiting" not in said.text


def test_a_login_that_is_refused_is_not_waited_for(
    site: Site, guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an answer."""
    monkeypatch.setenv("NEO4J_PASSWORD", "canary-hunter2")
    began = time.monotonic()

    said = site("status", "--uri", guarded.uri, "--wait", "30s")

    assert time.monotonic() - began < 10
    assert said.error == ("SERVER.AUTH", 10)
    assert "canary" not in said.text
