"""Errors that need a server: each is provoked there, on the command line."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import neo4j
import pytest
from neo4j import exceptions as driver

from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.database.errors import translate
from neo4j_migrate_magic.engine.perform import Performer
from neo4j_migrate_magic.history import commit
from neo4j_migrate_magic.history.commit import Committer
from neo4j_migrate_magic.sandbox import DEFAULT_VERSION, Sandbox
from tests.cli.conftest import Run, Shown
from tests.conftest import Guarded, Project
from tests.e2e.conftest import Site
from tests.errors.blocks import check
from tests.errors.catalogue import CODES
from tests.errors.runs import (
    BOTH,
    FAILED_RUNS,
    FIRST,
    NOTHING,
    SECOND,
    TWO,
    V1,
    applied,
)
from tests.errors.test_without_server import MADE, PROVOKED

PART_WAY_DOWN = "// @up\nCREATE (:A);\n// @down\nDROP INDEX i IF EXISTS;\nRETRUN 1;\n"
HELD = (
    "CREATE (:_MigrateProject {project: 'default', token: 7, format: 1,"
    " owner: 'ann@laptop/4711/run', acquired_at: datetime.realtime(),"
    " expires_at: datetime.realtime() + duration('PT1M')})"
)


def unknown_version(site: Site) -> Shown:
    return applied(site)("up", "--to", "2099")


def ambiguous_version(site: Site) -> Shown:
    site.add(SECOND, BOTH)
    return applied(site)("up", "--to", "2026")


def no_input(site: Site) -> Shown:
    site.add(FIRST, BOTH)
    return site("baseline", "latest", "--no-input")


def declined(site: Site, patch: pytest.MonkeyPatch) -> Shown:
    site.add(FIRST, BOTH)
    patch.setattr(Terminal, "answers", True)
    patch.setattr(sys, "stdin", io.StringIO("no"))
    shown = site("baseline", "latest")
    assert site.records() == []
    return shown


def confirm_mismatch(site: Site) -> Shown:
    site.add(FIRST, BOTH)
    site.project.config.write_text(
        f'[env.prod]\nuri = "{site.graph.uri}"\nprotected = true\ndatabase = "neo4j"\n'
    )
    return site("up", "--env", "prod", "--yes", "--confirm", "movies")


def duplicate_version(site: Site) -> Shown:
    site.add(f"{V1}-other.cypher", BOTH)
    site.add(FIRST, BOTH)
    return site("up")


def parse(site: Site) -> Shown:
    site.add(FIRST, "CREATE (:A {name: 'x});\n")
    return site("up")


def no_up(site: Site) -> Shown:
    site.add(FIRST, "// one day\n")
    return site("up")


def import_failed(site: Site) -> Shown:
    site.add(f"{V1}-first.py", f"import no_such_module\n{NOTHING}")
    return site("up")


def impossible_mix(site: Site) -> Shown:
    site.add(
        f"{V1}-first.py",
        "def up(client):\n    client.cypher('CREATE INDEX i FOR (a:A) ON (a.i)')\n",
    )
    return site("up")


def edition(site: Site) -> Shown:
    site.add(FIRST, "CREATE CONSTRAINT c FOR (a:A) REQUIRE a.i IS NOT NULL;\n")
    return site("up")


def irreversible(site: Site) -> Shown:
    return applied(site, "CREATE (:A);\n")("down")


def part_way(site: Site) -> Shown:
    applied(site, PART_WAY_DOWN)
    assert site("down").error == ("DOWN.STATEMENT_FAILED", 8)
    return site("up")


def edited(site: Site) -> Shown:
    applied(site)
    site.add(FIRST, BOTH.replace(":A", ":B"))
    return site("up")


def missing(site: Site) -> Shown:
    applied(site)
    (site.project.folder / FIRST).unlink()
    return site("up")


def late(site: Site) -> Shown:
    applied(site)
    site.add("20250101000000-late.cypher", BOTH)
    return site("up")


def edited_prefix(site: Site) -> Shown:
    site.add(FIRST, f"{TWO}RETRUN 1;\n")
    assert site("up").code == 8
    site.add(FIRST, f"{TWO}RETURN 1;\n".replace(":A)", ":B)"))
    return site("up")


def history_corrupt(site: Site) -> Shown:
    applied(site)
    site.graph.rows("MATCH (r:_MigrateRecord) SET r.state = 'lost'")
    return site("status")


def history_newer(site: Site) -> Shown:
    applied(site)
    site.graph.rows("MATCH (l:_MigrateProject) SET l.format = 2")
    site.add(SECOND, BOTH)
    return site("up")


def lock_held(site: Site) -> Shown:
    site.add(FIRST, BOTH)
    site.graph.rows(HELD)
    return site("up", "--lock-timeout", "200ms")


def no_database(site: Site) -> Shown:
    return site("status", "--database", "nosuch")


def query(site: Site) -> Shown:
    """A constraint of somebody else's on our lock: the tool's own writing is refused."""
    site.graph.rows(
        "CREATE CONSTRAINT other FOR (l:_MigrateProject) REQUIRE l.format IS UNIQUE"
    )
    site.graph.rows("CREATE (:_MigrateProject {project: 'other', format: 1})")
    site.add(FIRST, BOTH)
    return site("up")


ON_SERVER: dict[str, Callable[[Site], Shown]] = {
    "USAGE.UNKNOWN_VERSION": unknown_version,
    "USAGE.AMBIGUOUS_VERSION": ambiguous_version,
    "USAGE.NO_INPUT": no_input,
    "ENV.CONFIRM_MISMATCH": confirm_mismatch,
    "FILE.DUPLICATE_VERSION": duplicate_version,
    "FILE.PARSE": parse,
    "FILE.NO_UP": no_up,
    "FILE.IMPORT_FAILED": import_failed,
    "PLAN.IMPOSSIBLE_MIX": impossible_mix,
    "PLAN.EDITION": edition,
    "PLAN.IRREVERSIBLE": irreversible,
    "PLAN.PART_WAY": part_way,
    "INTEGRITY.EDITED": edited,
    "INTEGRITY.MISSING": missing,
    "INTEGRITY.LATE": late,
    "INTEGRITY.EDITED_PREFIX": edited_prefix,
    "INTEGRITY.HISTORY_CORRUPT": history_corrupt,
    "INTEGRITY.HISTORY_NEWER": history_newer,
    **FAILED_RUNS,
    "LOCK.HELD": lock_held,
    "SERVER.NO_DATABASE": no_database,
    "SERVER.QUERY": query,
}
# The place is known where a file is what is wrong.
PLACED = (
    "FILE.",
    "UP.HISTORY",
    "UP.STATEMENT",
    "UP.NOT",
    "DOWN.HISTORY",
    "DOWN.STATEMENT",
    "DOWN.NOT",
    "INTEGRITY.E",
)


@pytest.mark.server
@pytest.mark.parametrize("code", ON_SERVER)
def test_provoked_on_a_server(site: Site, code: str) -> None:
    """One block, with all its parts, what is kept, and commands that can be typed."""
    block = check(ON_SERVER[code](site), code)

    assert ("kept" in block.parts) is (code != "SERVER.NO_DATABASE")  # of a reading
    if code.startswith(PLACED):
        assert "where" in block.parts


@pytest.mark.server
def test_declined(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENV.DECLINED: somebody is asked, says no, and ends the input in that line."""
    check(declined(site, monkeypatch), "ENV.DECLINED")


@pytest.mark.server
@pytest.mark.parametrize("verb", ["up", "down"])
def test_commit_unknown(site: Site, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """COMMIT_UNKNOWN: the line breaks at COMMIT, and nobody answers afterwards.

    The line of a real server breaks in tests/torture/; its silence of 30 s is made here.
    """
    site.add(FIRST, BOTH)
    if verb == "down":
        applied(site)

    async def lost(*_: object) -> None:
        raise translate(driver.IncompleteCommit("words"), address="h:1")

    async def silent(*_: object) -> None:
        raise translate(driver.ServiceUnavailable("words"), address="h:1")

    with monkeypatch.context() as patch:
        patch.setattr(Performer, "_committed", lost)
        patch.setattr(Committer, "_stands", silent)
        patch.setattr(commit, "LEASE", 0.1)
        block = check(site(verb), f"{verb.upper()}.COMMIT_UNKNOWN")

    assert "either kept as a whole" in block.parts["kept"][0]
    assert site(verb).code == 0  # it looks, and goes on
    assert site.count("A") == int(verb == "up")


@pytest.mark.server
@pytest.mark.skipif(os.name == "nt", reason="its Java is a shell script")
def test_sandbox_start(
    cli: Run, folder: Path, lts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SANDBOX.START: a Java that tells its version, and does nothing else."""
    java = folder / "java"
    java.write_text(
        "#!/bin/sh\necho 'openjdk version \"21.0.8\"' >&2\n"
        '[ "$1" = -version ] || { echo "no room for the heap" >&2; exit 1; }\n'
    )
    java.chmod(0o755)
    monkeypatch.setenv("NEO4J_MIGRATE_JAVA", str(java))

    check(cli("sandbox", "start"), "SANDBOX.START")


@pytest.mark.server
def test_auth(
    cli: Run, folder: Path, guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SERVER.AUTH: a server that asks for a password gets another one."""
    cli("init", "--uri", guarded.uri)
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong-wrong")

    check(cli("up"), "SERVER.AUTH")


@pytest.fixture
def read_only() -> Iterator[str]:
    """A server whose database takes no writes."""
    settings = {"server.databases.default_to_read_only": "true"}
    with Sandbox(version=DEFAULT_VERSION, settings=settings) as uri:
        yield uri


@pytest.mark.server
def test_read_only(cli: Run, project: Project, read_only: str) -> None:
    """SERVER.READ_ONLY: status works there, and up says what is in the way."""
    project.add(FIRST, BOTH)
    status, up = cli("status", "--uri", read_only), cli("up", "--uri", read_only)

    assert status.code == 0
    assert check(up, "SERVER.READ_ONLY").parts["kept"] == [
        "nothing was run, and no record was changed"
    ]
    with neo4j.GraphDatabase.driver(read_only, auth=None) as driver:
        assert driver.execute_query("MATCH (n) RETURN n").records == []


APART = {
    "ENV.DECLINED": "test_declined",
    "SANDBOX.START": "test_sandbox_start",
    "SERVER.AUTH": "test_auth",
    "UP.COMMIT_UNKNOWN": "test_commit_unknown",
    "DOWN.COMMIT_UNKNOWN": "test_commit_unknown",
}


def test_every_code_is_provoked_somewhere() -> None:
    """A new code without a provocation fails here."""
    assert set(CODES) == {*PROVOKED, *ON_SERVER, *MADE, *APART}
