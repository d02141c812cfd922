"""`--json` on a real server: a day of a project, as a program reads it."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

import pytest

from tests.cli.scenes import lines, one_object
from tests.e2e.conftest import Said, Site
from tests.render.schemas import check

pytestmark = pytest.mark.server

FIRST, SECOND = "20260101000000", "20260102000000"
UP = """\
// @up
CREATE CONSTRAINT person_id IF NOT EXISTS FOR (p:Person) REQUIRE p.id IS UNIQUE;
CREATE (:Person {id: 1});
// @down
MATCH (p:Person) DELETE p;
DROP CONSTRAINT person_id IF EXISTS;
"""


def asked(site: Site, *args: str) -> Any:
    """The one object that a command prints."""
    return one_object(site(*args, "--json"))


def test_a_day_of_a_project(each_site: Site) -> None:
    """Every verb that reads or writes the history gives what its schema says."""
    site = each_site
    pending = asked(site, "status")
    site.add(f"{FIRST}-person.cypher", UP)
    site.add(f"{SECOND}-more.cypher", "// @up\nCREATE (:More)\n// @down\nRETURN 1;\n")

    up = asked(site, "up")
    again = asked(site, "up")
    status = asked(site, "status")
    show = asked(site, "show", FIRST)
    log = asked(site, "log")
    doctor = asked(site, "doctor")
    down = asked(site, "down", "--down-count", "all")

    assert pending["data"]["migrations"] == []
    assert (up["data"]["from"], up["data"]["to"]) == (None, SECOND)
    assert [m["outcome"] for m in up["data"]["migrations"]] == ["applied"] * 2
    assert up["data"]["counters"]["constraints_added"] == 1
    assert up["database"]["server"][:2] in ("5.", "20")
    assert (again["data"]["migrations"], again["data"]["from"]) == ([], SECOND)
    assert [m["state"] for m in status["data"]["migrations"]] == ["applied"] * 2
    assert status["data"]["lock"] is None
    assert (
        status["data"]["migrations"][0]["path"] == f"migrations/{FIRST}-person.cypher"
    )
    assert [s["kind"] for s in show["data"]["migrations"][0]["steps"]] == [
        "schema",
        "data",
    ]
    assert {e["what"] for e in log["data"]["events"]} == {"applied"}
    assert doctor["database"]["edition"] == "community"
    assert [m["version"] for m in down["data"]["migrations"]] == [SECOND, FIRST]
    assert down["data"]["to"] is None


def test_corrections(site: Site) -> None:
    """Baseline, an edit, verify, repair, the lock."""
    path = site.add(f"{FIRST}-a.cypher", "CREATE (:A);\n")
    refused = asked(site, "baseline", FIRST)
    baseline = asked(site, "baseline", FIRST, "--yes")
    forgotten = asked(site, "repair", FIRST, "--mark", "pending")
    site("up", "-q")
    path.write_text("CREATE (:B);\n")
    verify = asked(site, "verify")
    edited = asked(site, "up")
    accepted = asked(site, "repair", FIRST, "--accept-checksum")

    assert refused["diagnostics"][0]["code"] == "USAGE.NO_INPUT"
    assert baseline["data"]["recorded"] == [{"version": FIRST, "name": "a"}]
    assert forgotten["data"]["recorded"] == [{"version": FIRST, "name": "a"}]
    assert verify["exit_code"] == 7
    assert [p["kind"] for p in verify["data"]["problems"]] == ["edited"]
    assert verify["diagnostics"][0]["code"] == "INTEGRITY.EDITED"
    assert (edited["exit_code"], edited["data"]) == (7, None)
    assert accepted["ok"] is True
    for verb in ("stop", "unlock"):
        assert asked(site, verb)["data"]["lock"] is None


def test_a_run_that_stops_half_way(site: Site) -> None:
    """The report of what was done is there beside the error, and its place."""
    site.add(f"{FIRST}-a.cypher", "CREATE (:A);\n")
    site.add(f"{SECOND}-b.cypher", "CREATE INDEX b FOR (n:B) ON (n.b);\nCREATE (x:;\n")

    found = asked(site, "up")

    first = found["diagnostics"][0]
    assert found["exit_code"] == 8
    assert [m["outcome"] for m in found["data"]["migrations"]] == [
        "applied",
        "part-way",
    ]
    assert found["data"]["stopped_at"] == SECOND
    assert first["code"] == "UP.STATEMENT_FAILED"
    assert first["where"]["path"] == f"migrations/{SECOND}-b.cypher"
    assert first["where"]["line"] == 2
    assert first["next"][0]["command"] == "neo4j-migrate up"


def test_nobody_answers(site: Site) -> None:
    """What is not known is null."""
    found = asked(site, "status", "--uri", "bolt://127.0.0.1:1")

    assert (found["exit_code"], found["data"]) == (10, None)
    assert found["database"]["server"] is None


def test_an_environment_has_its_name_everywhere(site: Site) -> None:
    """The summary, the head, the last line and the object say database@env."""
    site.add(f"{FIRST}-a.cypher", "CREATE (:A);\n")
    site.project.config.write_text(
        f'migration_dir = "migrations"\n[env.prod]\nuri = "{site.graph.uri}"\n'
    )

    up = site("up", "--env", "prod")
    status = site("status", "-e", "prod")
    found = asked(site, "status", "-e", "prod")

    assert up.err.startswith("up  neo4j@prod   zero → ")
    assert " on neo4j@prod " in up.out
    assert status.err.startswith("neo4j@prod: 1 applied, 0 pending; lock free\n")
    assert found["database"]["env"] == "prod"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_stream_that_is_interrupted(site: Site) -> None:
    """Lines come while it runs; the last one tells what an interrupt left."""
    site.add(f"{FIRST}-a.cypher", "CREATE (:A);\n")
    site.add(
        f"{SECOND}-b.py",
        "import asyncio\n\n\nasync def up(client):\n    await asyncio.sleep(60)\n",
    )
    with site.process("up", "--format", "jsonl") as run:
        assert run.stdout is not None
        seen: list[str] = []
        while sum('"step_started"' in line for line in seen) < 2:
            seen.append(run.stdout.readline())
        time.sleep(0.2)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)

    found = lines(Said(run.returncode, "".join(seen) + out, err))
    last = found[-1]
    assert last["exit_code"] == 130
    assert last["diagnostics"][0]["code"] == "RUN.INTERRUPTED"
    assert [m["outcome"] for m in last["data"]["migrations"]] == [
        "applied",
        "not applied",
    ]
    assert site.lock_is_free()


def test_without_a_target(site: Site) -> None:
    """Before anything is asked, too."""
    site.project.config.write_text('migration_dir = "migrations"\n')
    shown = site("up", "--json")

    found = json.loads(shown.out)
    check(found)
    assert (shown.code, shown.err) == (2, "")
    assert found["database"] is None
    assert found["diagnostics"][0]["code"] == "CONFIG.NO_TARGET"
