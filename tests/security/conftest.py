"""A project on a server that asks for a password, and ways to give a password."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest

from tests.cli.conftest import Run, Shown, cli
from tests.conftest import Guarded, Project, wipe

__all__ = ["cli"]

WRONG = "canary-hunter2"
"""A password that no server accepts."""

FIRST = "20260101000000"

COMMANDS: dict[str, tuple[str, ...]] = {
    "status": ("status",),
    "up": ("up", "-vv"),
    "show": ("show", FIRST),
    "verify": ("verify",),
    "log": ("log",),
    "stop": ("stop",),
    "unlock": ("unlock", "--yes"),
    "doctor": ("doctor",),
    "origins": ("doctor", "--only", "config"),
    "down": ("down", "--trace"),
    "baseline": ("baseline", "latest", "--yes"),
    "repair": ("repair", FIRST, "--mark", "pending"),
    "repair history": ("repair", "history"),
}
"""The commands that connect, in an order in which each has something to do."""

Give = Callable[[str], list[str]]
"""Puts a password where the test wants it; gives the options that go with it."""

WAYS = (
    "NEO4J_PASSWORD",
    "NEO4J_MIGRATE_PASSWORD",
    "--password-env",
    "--password-file",
    "literal",
    "literal in an environment",
    "env:",
    "file:",
    ".env",
)


class Desk:
    """A project whose configuration names the guarded server, and its command line."""

    def __init__(self, cli: Run, project: Project, server: Guarded) -> None:
        self._cli = cli
        self.project = project
        self.server = server
        self.add = project.add
        self.configure()

    def configure(self, *lines: str, uri: str = "") -> None:
        """Write the configuration file anew."""
        head = ('migration_dir = "migrations"', f'uri = "{uri or self.server.uri}"')
        self.project.config.write_text("\n".join([*head, *lines, ""]))
        self.project.config.chmod(0o600)

    def __call__(self, *args: str) -> Shown:
        return self._cli(*args)

    def give(self, way: str, password: str, monkeypatch: Any) -> list[str]:
        """Put the password where it is to be found; give the options for that."""
        root = self.project.root
        match way:
            case "NEO4J_PASSWORD" | "NEO4J_MIGRATE_PASSWORD":
                monkeypatch.setenv(way, password)
            case "--password-env":
                monkeypatch.setenv("MY_SECRET", password)
                return [way, "MY_SECRET"]
            case "--password-file":
                self.write("secret.txt", password)
                return [way, str(root / "secret.txt")]
            case "literal":
                self.configure(f'password = "{password}"')
            case "literal in an environment":
                self.configure("[env.prod]", f'password = "{password}"')
                return ["--env", "prod"]
            case "env:":
                monkeypatch.setenv("MY_SECRET", password)
                self.configure('password = "env:MY_SECRET"')
            case "file:":
                self.write("secret.txt", password)
                self.configure('password = "file:secret.txt"')
            case ".env":
                self.write(".env", f"NEO4J_PASSWORD='{password}'")
        return []

    def write(self, name: str, text: str) -> Path:
        """Write a file that its owner alone may read."""
        path = self.project.root / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def stored(self) -> str:
        """All properties of all nodes in the database."""
        with (
            neo4j.GraphDatabase.driver(
                self.server.uri, auth=("neo4j", self.server.password)
            ) as driver,
            driver.session() as session,
        ):
            return str(session.run("MATCH (n) RETURN properties(n)").values())


@pytest.fixture
def desk(cli: Run, project: Project, guarded: Guarded) -> Iterator[Desk]:
    """A project with two migrations on the guarded server."""
    found = Desk(cli, project, guarded)
    found.add(
        f"{FIRST}-a.cypher", "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;\n"
    )
    found.add(
        "20260102000000-b.py",
        "async def up(client):\n    await client.cypher('CREATE (:B)')\nasync def down(client):\n    await client.cypher('MATCH (b:B) DELETE b')\n",
    )
    yield found
    with neo4j.GraphDatabase.driver(
        guarded.uri, auth=("neo4j", guarded.password), notifications_min_severity="OFF"
    ) as driver:
        wipe(driver)


def told_by(error: BaseException) -> str:
    """All that an exception and those behind it tell, tracebacks included."""
    texts: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        texts += [repr(one), str(one), repr(one.args), repr(vars(one))]
        texts += traceback.format_exception(one)
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return "\n".join(texts)
