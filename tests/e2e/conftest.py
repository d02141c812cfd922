"""The command line of a project on a real server, and what it leaves in the database."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from neo4j_migrate_magic.cli.tree import tree
from tests.cli.conftest import Run, Shown, cli

__all__ = ["cli"]

_HEAD = re.compile(r"^error (\S+)  .* exit (\d+)$", re.MULTILINE)
_VERB = re.compile(r"neo4j-migrate ([a-z]+)")


@dataclass
class Said(Shown):
    """What a command line said, and how it ended."""

    @property
    def text(self) -> str:
        """All of it on one line, so that it does not matter where lines break."""
        return " ".join(f"{self.out} {self.err}".split())

    @property
    def error(self) -> tuple[str, int]:
        """Code and exit code of the one error block, which names a way on that exists."""
        ((code, exit_code),) = _HEAD.findall(self.err)
        ways = self.err.partition("\n  next   ")[2]
        assert ways, f"no next command:\n{self.err}"
        assert set(_VERB.findall(ways)) <= set(tree.commands)
        assert "Traceback" not in self.err
        assert int(exit_code) == self.code
        return code, self.code

    def part(self, word: str) -> str:
        """One part of the block, such as ``why`` or ``kept``, on one line."""
        found = re.search(rf"^  {word:<5}  (.*(?:\n {{9}}.*)*)", self.err, re.MULTILINE)
        return " ".join(found[1].split()) if found else ""


class Site:
    """A project whose configuration names an empty database on a real server."""

    def __init__(self, cli: Run, project: Any, graph: Any) -> None:
        self._cli = cli
        self.project = project
        self.graph = graph
        self.add = project.add
        project.config.write_text(
            f'migration_dir = "migrations"\nuri = "{graph.uri}"\n'
        )

    @property
    def where(self) -> str:
        """The database and its server, as success lines name them."""
        return f"neo4j@{self.graph.uri.partition('://')[2]}"

    def __call__(self, *args: str) -> Said:
        """Run a command line in this process."""
        shown = self._cli(*args)
        return Said(shown.code, shown.out, shown.err)

    def process(self, *args: str) -> subprocess.Popen[str]:
        """Run a command line in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "neo4j_migrate_magic", *args],
            cwd=self.project.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def count(self, label: str) -> object:
        """How many nodes of the user's have a label."""
        return self.graph.one(f"MATCH (n:{label}) RETURN count(n)")

    def records(self) -> list[str]:
        """The records, each in a line."""
        return [
            " ".join(map(str, row))
            for row in self.graph.rows(
                "MATCH (r:_MigrateRecord) RETURN r.version, r.direction, r.state,"
                " 'at ' + r.step + ' of ' + r.steps ORDER BY r.version"
            )
        ]

    def events(self) -> list[object]:
        """What the log tells, oldest first."""
        rows = self.graph.rows("MATCH (e:_MigrateEvent) RETURN e.what ORDER BY e.at")
        return [row[0] for row in rows]

    def everything(self) -> list[Any]:
        """All that a database has: nodes, schema, and the names it ever heard of."""
        return [
            sorted(map(str, self.graph.rows(text)))
            for text in (
                "MATCH (n) RETURN elementId(n), labels(n), properties(n)",
                "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties",
                "SHOW INDEXES YIELD name, type, labelsOrTypes, properties",
                "CALL db.labels()",
                "CALL db.propertyKeys()",
            )
        ]

    def lock_is_free(self) -> bool:
        """Whether nobody holds the lock."""
        return not self.graph.rows(
            "MATCH (l:_MigrateProject) WHERE l.owner IS NOT NULL RETURN 1"
        )


@pytest.fixture
def site(cli: Run, project: Any, lts_graph: Any) -> Site:
    """An empty project on the LTS server."""
    return Site(cli, project, lts_graph)


@pytest.fixture
def each_site(cli: Run, project: Any, graph: Any) -> Site:
    """An empty project on each server in turn."""
    return Site(cli, project, graph)
