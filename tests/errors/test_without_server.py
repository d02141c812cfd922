"""Errors that need no server: each is provoked as a user would, on the command line."""

from __future__ import annotations

import io
import os
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from neo4j import exceptions as driver

from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.database.errors import translate
from tests.cli.conftest import Run, Shown
from tests.errors.blocks import check

NOBODY = ("--uri", "bolt://127.0.0.1:1")


@dataclass
class Desk:
    """An empty folder, a command line, and ways to make things worse."""

    cli: Run
    folder: Path
    patch: pytest.MonkeyPatch

    def project(self, *lines: str) -> None:
        """Write a configuration file, and a migration that is fine."""
        (self.folder / "neo4j-migrate.toml").write_text("\n".join([*lines, ""]))
        self.add("20260101000000-good.cypher", "CREATE (:Good);\n")

    def reads(self, text: str) -> None:
        """Let stdin have a text."""
        stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
        self.patch.setattr("sys.stdin", stdin)

    def add(self, name: str, text: str) -> None:
        """Write a migration file."""
        (self.folder / "migrations").mkdir(exist_ok=True)
        (self.folder / "migrations" / name).write_text(text)


def bad_option(desk: Desk) -> Shown:
    return desk.cli("up", "--up-count", "0")


def not_found(desk: Desk) -> Shown:
    return desk.cli("status")


def no_target(desk: Desk) -> Shown:
    desk.project()
    return desk.cli("up")


def invalid(desk: Desk) -> Shown:
    desk.project('uri = "http://localhost:7474"')
    return desk.cli("status")


def unknown_key(desk: Desk) -> Shown:
    desk.project('migration_dri = "migrations"')
    return desk.cli("status")


def secret_unavailable(desk: Desk) -> Shown:
    desk.project('uri = "bolt://127.0.0.1:1"', 'password = "env:NOT_SET"')
    return desk.cli("status")


def protected(desk: Desk) -> Shown:
    desk.project("[env.prod]", 'uri = "bolt://127.0.0.1:1"', "protected = true")
    desk.patch.setenv("NEO4J_MIGRATE_ENV", "prod")
    return desk.cli("up")


def redirected(desk: Desk) -> Shown:
    desk.project("[env.prod]", 'uri = "bolt://127.0.0.1:1"', "protected = true")
    desk.patch.setenv("NEO4J_MIGRATE_URI", "bolt://127.0.0.1:2")
    return desk.cli("status", "--env", "prod")


def bad_name(desk: Desk) -> Shown:
    desk.project()
    return desk.cli("create", "!!!")


def cell_conflict(desk: Desk) -> Shown:
    desk.project()
    desk.reads("CREATE (:Another);")
    return desk.cli("create", "good", "--from-stdin")


def notebook_names(desk: Desk) -> Shown:
    """A shell has no names; an app that has some stands for a notebook."""

    class Notebook(App):
        names = ("df",)

        def __setattr__(self, name: str, value: object) -> None:
            if name != "names":
                super().__setattr__(name, value)

    desk.project()
    desk.patch.setattr("tests.cli.conftest.App", Notebook)
    desk.reads("def up(client):\n    df.head()\n")
    return desk.cli("create", "load", "--py", "--from-stdin")


def unreachable(desk: Desk) -> Shown:
    desk.project()
    return desk.cli("up", *NOBODY)


def unsupported(desk: Desk) -> Shown:
    """Something at the port answers the handshake with bytes that mean nothing."""
    desk.project()
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"\xde\xad\xbe\xef" * 50)
                over.wait(30)

        threading.Thread(target=answer, daemon=True).start()
        try:
            uri = f"bolt://127.0.0.1:{server.getsockname()[1]}"
            return desk.cli("up", "--uri", uri)
        finally:
            over.set()


def sandbox_failed(desk: Desk) -> Shown:
    return desk.cli("sandbox", "start", "--server", "1.2")


def sandbox_not_installed(desk: Desk) -> Shown:
    desk.patch.setitem(sys.modules, "psutil", None)
    desk.patch.setattr("importlib.util.find_spec", lambda name: None)
    return desk.cli("sandbox", "start")


def sandbox_download(desk: Desk) -> Shown:
    desk.patch.setenv("HOME", str(desk.folder))
    desk.patch.setenv("NEO4J_MIGRATE_CACHE", str(desk.folder / "cache"))
    desk.patch.setenv("NEO4J_MIGRATE_MAVEN_REPO", "http://127.0.0.1:1/maven")
    desk.patch.setenv("NO_PROXY", "127.0.0.1")
    return desk.cli("sandbox", "start")


def bug(desk: Desk) -> Shown:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody thought of that")

    desk.patch.setattr("tempfile.tempdir", str(desk.folder))
    desk.patch.setattr("neo4j_migrate_magic.render.explain.explain", broken)
    return desk.cli("explain")


PROVOKED: dict[str, Callable[[Desk], Shown]] = {
    "USAGE.BAD_OPTION": bad_option,
    "CONFIG.NOT_FOUND": not_found,
    "CONFIG.NO_TARGET": no_target,
    "CONFIG.INVALID": invalid,
    "CONFIG.UNKNOWN_KEY": unknown_key,
    "CONFIG.SECRET_UNAVAILABLE": secret_unavailable,
    "ENV.PROTECTED": protected,
    "ENV.URI_REDIRECTED": redirected,
    "FILE.BAD_NAME": bad_name,
    "FILE.CELL_CONFLICT": cell_conflict,
    "FILE.NOTEBOOK_NAMES": notebook_names,
    "SERVER.UNREACHABLE": unreachable,
    "SERVER.UNSUPPORTED": unsupported,
    "SANDBOX.FAILED": sandbox_failed,
    "SANDBOX.NOT_INSTALLED": sandbox_not_installed,
    "SANDBOX.DOWNLOAD": sandbox_download,
    "BUG.UNEXPECTED": bug,
}


@pytest.mark.parametrize("code", PROVOKED)
def test_provoked_on_the_command_line(
    cli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """One block, with all its parts and commands that can be typed."""
    check(PROVOKED[code](Desk(cli, folder, monkeypatch)), code)


def refusal(code: str, message: str) -> Exception:
    """The driver's error for a code of the server."""
    error: Exception = driver.Neo4jError._hydrate_neo4j(
        code=f"Neo.{code}", message=message
    )
    return error


FORBIDDEN = (
    "Write operations on database 'neo4j' are not allowed for user 'ann' with roles"
    " [PUBLIC, reader]."
)
MADE: dict[str, tuple[str, Callable[[], Exception]]] = {
    "SERVER.FORBIDDEN": (
        "only Enterprise has privileges",
        lambda: refusal("ClientError.Security.Forbidden", FORBIDDEN),
    ),
    "SERVER.READ_ONLY": (
        "Community has no member that is not the leader",
        lambda: refusal("ClientError.Cluster.NotALeader", "No longer leader"),
    ),
    "SERVER.COMMIT_LOST": (
        "the line must break within a COMMIT; tests/torture/test_proxy.py does that",
        lambda: driver.IncompleteCommit("words"),
    ),
}


@pytest.mark.parametrize("code", MADE)
def test_made_of_the_drivers_error(
    cli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """What no server here can be made to say is said by a driver of the test's."""
    desk = Desk(cli, folder, monkeypatch)
    desk.project()

    async def read(*_: object, **__: object) -> None:
        raise translate(MADE[code][1](), address="127.0.0.1:7687")

    monkeypatch.setattr("neo4j_migrate_magic.database.connection.Database.read", read)

    check(cli("up", *NOBODY), code)


@pytest.mark.skipif(os.name == "nt", reason="a folder in use cannot be deleted there")
@pytest.mark.parametrize("verb", ["init", "status", "up", "explain"])
def test_a_working_directory_that_is_gone(cli: Run, folder: Path, verb: str) -> None:
    """It is no fault of ours, and no report of one is written."""
    gone = folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        check(cli(verb), "CONFIG.INVALID")
    finally:
        os.chdir(folder)
