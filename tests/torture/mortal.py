"""A server that can be killed, and what is looked at once it is back."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import neo4j

from neo4j_migrate_magic.sandbox import Sandbox
from tests.conftest import Graph, Project
from tests.torture import claims
from tests.torture.arena import until
from tests.torture.claims import Said
from tests.torture.oracle import Made, Oracle

_BUILT = """
SHOW INDEXES YIELD name, state, owningConstraint WHERE name = $name
RETURN state, owningConstraint IS NOT NULL
"""


_CLEAR = """
MATCH (n) WHERE NOT n:Big CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS
"""
_NAMES = """
SHOW {0} YIELD * WHERE {1} RETURN name
"""


class Mortal:
    """A server that can be killed and started again, and a project beside it.

    Its `Big` nodes stay from one test to the next.
    """

    def __init__(self, version: str, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._sandbox = Sandbox(home, version=version, port=port)
        self._project: Project | None = None
        self.kills = 0
        self.pid = 0
        self.uri = f"bolt://127.0.0.1:{port}"

    def begin(self, project: Project) -> Mortal:
        """Begin a test: nothing but the `Big` nodes is there."""
        self._project = project
        self.kills = 0
        self.rows(_CLEAR)
        for kind, kinds, which in (
            ("CONSTRAINT", "CONSTRAINTS", "true"),
            ("INDEX", "INDEXES", "type <> 'LOOKUP' AND owningConstraint IS NULL"),
        ):
            for (name,) in self.rows(_NAMES.format(kinds, which)):
                self.rows(f"DROP {kind} $name", name=name)
        return self

    @property
    def project(self) -> Project:
        """The project beside it."""
        assert self._project is not None, "a test calls begin"
        return self._project

    def start(self) -> None:
        state = self._sandbox.start()
        self.pid = state.pid
        assert self.uri == state.uri

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing is closed."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.kills += 1

    def stop(self) -> None:
        self._sandbox.stop()

    def holds(self, folder: Sequence[Made]) -> Oracle:
        """Write a folder of migrations."""
        for made in folder:
            self.project.add(made.file, made.text)
        return Oracle(self, folder)

    def rows(self, text: str, **parameters: object) -> list[list[object]]:
        """Look, with a driver that has never met the server before."""
        with neo4j.GraphDatabase.driver(
            self.uri, notifications_min_severity="OFF"
        ) as driver:
            return Graph(self.uri, driver).rows(text, **parameters)

    def run(self, verb: str) -> Said:
        return claims.run(verb, self.uri, self.project.config)

    def killed(self, verb: str, when: Callable[[], object]) -> Said:
        """Run a verb, and kill the server as soon as something holds."""
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self.run, verb)
            until(lambda: running.done() or when(), 120)
            assert not running.done(), str(running.result())
            self.kill()
            return running.result(60)

    def end(self, verb: str, oracle: Oracle) -> Said:
        """The next command, by itself, ends right."""
        self.rows(
            "MATCH (l:_MigrateProject) WHERE l.owner IS NOT NULL"
            " SET l.expires_at = datetime.realtime() - duration('PT1S')"
        )
        said = self.run(verb)
        assert said.error is None, str(said)
        oracle.check_end(verb)
        return said

    def sends(self, text: str) -> bool:
        """Whether a statement of a run is at work."""
        return bool(
            self.rows(
                "SHOW TRANSACTIONS YIELD currentQuery, metaData"
                " WHERE metaData.tool IS NOT NULL AND currentQuery CONTAINS $part"
                " RETURN 1",
                part=text,
            )
        )

    def index(self, name: str) -> list[list[object]]:
        """An index's state, and whether a constraint owns it."""
        return self.rows(_BUILT, name=name)
