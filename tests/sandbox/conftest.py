"""Folders, caches and jar repositories of the sandbox's tests."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import neo4j
import pytest

from neo4j_migrate_magic.sandbox import jars
from tests.conftest import Servers

FAKE_JARS = {
    "org/one/1/one-1.jar": b"one" * 1000,
    "org/two/2/two-2.jar": b"two" * 2000,
    "org/three/3/three-3.jar": b"three" * 3000,
}


class Repository:
    """A tiny jar repository on this machine: what it has, and what was asked for."""

    def __init__(self) -> None:
        self.files = dict(FAKE_JARS)
        self.asked: list[str] = []
        repository = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.removeprefix("/maven/")
                repository.asked.append(path)
                data = repository.files.get(path, b"")
                self.send_response(200 if data else 404)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/maven"


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and a home folder with nothing in them, and no proxy."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("M2_REPO", raising=False)
    cache = tmp_path / "cache"
    monkeypatch.setenv("NEO4J_MIGRATE_CACHE", str(cache))
    return cache


@pytest.fixture
def repository(
    tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Repository]:
    """A repository of three small jars, and a pinned list of them: version 1.2.3."""
    pins = tmp_path / "pins"
    pins.mkdir()
    (pins / "1.2.3.txt").write_text(
        "".join(
            f"{hashlib.sha256(data).hexdigest()} {len(data)} {path}\n"
            for path, data in FAKE_JARS.items()
        )
    )
    monkeypatch.setattr(jars, "PINS", pins)
    found = Repository()
    monkeypatch.setenv("NEO4J_MIGRATE_MAVEN_REPO", f"{found.address}/")
    thread = threading.Thread(target=found.server.serve_forever, args=(0.05,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mount a disk of so many kilobytes; only root on Linux may."""
    mount = shutil.which("mount")
    mounted: list[Path] = []

    def make(kilobytes: int) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        if mount is None:
            pytest.skip("there is no mount command")
        done = subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def ask(uri: str, text: str = "RETURN 1") -> object:
    """Run a statement with the plain driver; give the first value."""
    with (
        neo4j.GraphDatabase.driver(
            uri, auth=None, notifications_min_severity="OFF"
        ) as driver,
        driver.session() as session,
    ):
        record = session.run(text).single()
        return record.value() if record else None


@pytest.fixture(name="ask")
def ask_fixture() -> Callable[..., object]:
    """Run a statement with the plain driver; give the first value."""
    return ask


@pytest.fixture
def servers_by_name(servers: Servers) -> dict[str, str]:
    """The addresses of both servers of the session, which run side by side."""
    return dict(servers)
