"""A project to write migrations into from texts, and what each writing leaves alone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Said, Site

ONE = "// Make an A\nCREATE (:A {id: 1});\n"
TWO = "// Make an A\nCREATE (:A {id: 2});\n"
BOTH = """\
// @up
CREATE (:A {id: 1});
// @down
MATCH (a:A) DELETE a;
"""
THREE = """\
// @up
CREATE INDEX a FOR (n:A) ON (n.a);
CREATE (:A {a: 1 / 0});
CREATE INDEX b FOR (n:B) ON (n.b);
// @down
MATCH (n:A) DELETE n;
"""


class Desk:
    """A project on a server, and a command line that reads a text from stdin."""

    def __init__(self, site: Site, patch: pytest.MonkeyPatch) -> None:
        self.site = site
        self.folder = site.project.folder
        self._patch = patch

    def write(self, text: str | bytes, *args: str, name: str = "add_a") -> Said:
        data = text if isinstance(text, bytes) else text.encode()
        stdin = io.TextIOWrapper(io.BytesIO(data), encoding="ascii")
        with self._patch.context() as patch:
            patch.setattr("sys.stdin", stdin)
            return self.site("create", name, "--from-stdin", *args)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    @property
    def path(self) -> Path:
        (path,) = self.folder.glob("*-add_a.*")
        return path

    def state(self) -> tuple[Any, ...]:
        """The files with their times and bytes, and all of the database."""
        files = [
            (path.name, path.stat().st_mtime_ns, path.read_bytes())
            for path in sorted(self.folder.iterdir())
        ]
        return files, self.site.everything()

    def action(self, said: Said) -> str:
        assert said.code == 0, said.err
        assert said.out == f"migrations/{self.path.name}\n"
        return said.err.split("  ")[0]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was just started, on a machine at work, plans slowly."""
    monkeypatch.setattr("neo4j_migrate_magic.engine.writing.EXPLAIN_LIMIT", 60.0)


@pytest.fixture
def desk(site: Site, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(site, monkeypatch)


@pytest.fixture
def each_desk(each_site: Site, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(each_site, monkeypatch)


def unchanged(desk: Desk, text: str, *args: str, action: str = "unchanged") -> None:
    """Twice in a row: no byte, no time and nothing in the database is another."""
    before = desk.state()
    for _ in range(2):
        assert desk.action(desk.write(text, *args)) == action
        assert before == desk.state()


def refused(desk: Desk, text: str, code: str, *args: str) -> Said:
    """Twice in a row: no byte, no time and nothing in the database is another."""
    before = desk.state()
    for _ in range(2):
        said = desk.write(text, *args)
        assert said.error[0] == code
        assert said.out == ""
        assert before == desk.state()
    return said
