"""Real servers for the tests, and databases in a known state."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import neo4j
import pytest

from neo4j_migrate_magic.sandbox import DEFAULT_VERSION, LATEST_VERSION, Sandbox
from tests import warden as warden_module

VERSIONS = {"5.26": DEFAULT_VERSION, "newest": LATEST_VERSION}


class Servers(Mapping[str, str]):
    """The addresses of the servers, by a short name; each starts when first asked for."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[Sandbox, str]] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._running:
            sandbox = Sandbox(version=VERSIONS[name])
            self._running[name] = (sandbox, sandbox.start().uri)
        return self._running[name][1]

    def __iter__(self) -> Iterator[str]:
        return iter(VERSIONS)

    def __len__(self) -> int:
        return len(VERSIONS)

    def stop(self) -> None:
        for sandbox, _ in self._running.values():
            sandbox.stop()


@pytest.fixture(scope="session", autouse=True)
def warden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever ends this run, no server of its temporary folder outlives it."""
    command = [sys.executable, warden_module.__file__, tmp_path_factory.getbasetemp()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
        yield


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """A server of the LTS line and one of the newest; gone when the tests are."""
    found = Servers()
    yield found
    found.stop()


@pytest.fixture(scope="session", params=list(VERSIONS))
def server(request: pytest.FixtureRequest, servers: Servers) -> str:
    """The address of each server in turn."""
    return servers[request.param]


@pytest.fixture(scope="session")
def lts(servers: Servers) -> str:
    """The address of the server of the LTS line."""
    return servers["5.26"]


def wipe(driver: neo4j.Driver, *, all: bool = True) -> None:
    """Empty a database: data, constraints, indexes; not `all` spares the tool's own."""
    with driver.session() as session:
        session.run(
            "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
        ).consume()
        constraints = session.run("SHOW CONSTRAINTS YIELD name").value()
        for name in constraints:
            if not all and name.startswith("_migrate_"):
                continue
            session.run("DROP CONSTRAINT $name", name=name).consume()
        indexes = session.run(
            "SHOW INDEXES YIELD name, type, owningConstraint"
            " WHERE type <> 'LOOKUP' AND owningConstraint IS NULL RETURN name"
        ).value()
        for name in indexes:
            session.run("DROP INDEX $name", name=name).consume()


class Graph:
    """An empty database, looked at with the plain driver."""

    def __init__(self, uri: str, driver: neo4j.Driver) -> None:
        self.uri = uri
        self.driver = driver

    def rows(self, text: str, **parameters: object) -> list[list[object]]:
        with self.driver.session() as session:
            return [record.values() for record in session.run(text, parameters)]

    def one(self, text: str, **parameters: object) -> object:
        return self.rows(text, **parameters)[0][0]

    def schema(self) -> list[tuple[object, ...]]:
        """The constraints and indexes that are not ours, without what servers differ in."""
        constraints = self.rows(
            "SHOW CONSTRAINTS YIELD name, labelsOrTypes, properties RETURN *"
        )
        indexes = self.rows(
            "SHOW INDEXES YIELD name, type, labelsOrTypes, properties, owningConstraint"
            " WHERE type <> 'LOOKUP' AND owningConstraint IS NULL"
            " RETURN labelsOrTypes, name, properties"
        )
        return sorted(
            tuple(map(str, row))
            for row in [*constraints, *indexes]
            if "_Migrate" not in str(row)
        )

    def wipe(self, *, all: bool = True) -> None:
        wipe(self.driver, all=all)


def empty_graph(uri: str) -> Iterator[Graph]:
    """Empty a database, give it, and empty it again."""
    with neo4j.GraphDatabase.driver(
        uri, auth=None, notifications_min_severity="OFF"
    ) as driver:
        wipe(driver)
        yield Graph(uri, driver)
        wipe(driver)


@pytest.fixture
def graph(server: str) -> Iterator[Graph]:
    """An empty database on each server in turn."""
    yield from empty_graph(server)


@pytest.fixture
def lts_graph(lts: str) -> Iterator[Graph]:
    """An empty database on the LTS server."""
    yield from empty_graph(lts)


class Project:
    """A project's folder on disk, in a repository; `add` writes migration files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "migrations"
        self.folder.mkdir()
        (root / ".git").mkdir()
        self.config = root / "neo4j-migrate.toml"
        self.config.write_text('migration_dir = "migrations"\n')

    def add(self, file: str, text: str) -> Path:
        path = self.folder / file
        path.write_text(text)
        return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no variable that names a server."""
    for name in list(os.environ):
        if name.startswith("NEO4J_") and not name.startswith("NEO4J_MIGRATE_CACHE"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def project(folder: Path) -> Project:
    """An empty project, and the working directory in it."""
    return Project(folder)


@dataclass
class Guarded:
    """A server that asks for a password."""

    uri: str
    password: str


@pytest.fixture(scope="session")
def guarded() -> Iterator[Guarded]:
    """A server with authentication, and the password that its user chose."""
    settings = {
        "dbms.security.auth_enabled": "true",
        "dbms.security.auth_max_failed_attempts": "0",  # as often as tests like
    }
    password = "canary-of-the-server"
    with Sandbox(version=DEFAULT_VERSION, settings=settings) as uri:
        with (
            neo4j.GraphDatabase.driver(uri, auth=("neo4j", "neo4j")) as driver,
            driver.session(database="system") as session,
        ):
            session.run(
                "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $password",
                password=password,
            ).consume()
        yield Guarded(uri, password)
