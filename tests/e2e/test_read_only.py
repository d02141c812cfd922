"""A database that takes no writes: verbs that look work, the others say why they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import pytest

from neo4j_migrate_magic.sandbox import Sandbox
from tests.cli.conftest import Run
from tests.conftest import VERSIONS, Graph, Project
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

READ_ONLY = {"server.databases.default_to_read_only": "true"}


@dataclass
class Frozen:
    """A server whose database took writes once, and the project that wrote them."""

    site: Site
    before: list[Any]


@pytest.fixture(params=list(VERSIONS))
def frozen(
    request: pytest.FixtureRequest, cli: Run, project: Project, tmp_path: Path
) -> Iterator[Frozen]:
    """One migration applied and one part-way; then the server became read-only."""
    home, version = tmp_path / "server", VERSIONS[request.param]
    project.add("20260101000000-a.cypher", "CREATE (:A);")
    project.add(
        "20260102000000-b.cypher",
        "CREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:B {b: 1 / 0});",
    )
    writable = Sandbox(home, version=version)
    with driver(writable.start().uri) as open_:
        site = Site(cli, project, Graph(str(writable.start().uri), open_))
        assert site("up").code == 8
    writable.stop()
    read_only = Sandbox(home, version=version, settings=READ_ONLY)
    try:
        with driver(read_only.start().uri) as open_:
            site = Site(cli, project, Graph(str(read_only.start().uri), open_))
            yield Frozen(site, site.everything())
    finally:
        read_only.stop()


def driver(uri: str) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(uri, auth=None, notifications_min_severity="OFF")


def test_verbs_that_look_work_and_the_others_say_why_not(frozen: Frozen) -> None:
    """Nothing is touched, no traceback is shown, and no lock is left."""
    site = frozen.site

    status = site("status")
    assert (status.code, "failed at step 2 of 2" in status.out) == (0, True)
    assert site("verify").code == 0
    assert site("log").code == 0
    assert site("show", "20260102").code == 0

    doctor = site("doctor")
    assert doctor.code == 2
    assert "fail  server   Neo4j " in doctor.out
    assert ": it is read-only, so nothing runs" in doctor.out

    for args in (
        ("up",),
        ("down", "--allow", "part-way"),
        ("repair", "20260102", "--mark", "pending"),
    ):
        said = site(*args)
        assert said.error == ("SERVER.READ_ONLY", 2)
        assert said.part("kept") == "nothing was run, and no record was changed"
        assert "cypher-shell" in said.part("next")
    assert site("stop").code == 0
    assert site("unlock").code == 0

    assert frozen.before == site.everything()
