"""`doctor` looks at everything, writes nothing, and names the command for each finding."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from neo4j_migrate_magic.engine import doctor
from neo4j_migrate_magic.schema.catalogue import Build
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

FILE = "20260101000000-a.cypher"
HELD = (
    "MERGE (l:_MigrateProject {project: 'default'}) SET l.token = 7, l.format = 1,"
    " l.owner = 'ann@laptop/4711/abc', l.acquired_at = datetime.realtime(),"
    " l.expires_at = datetime.realtime() + duration($ends)"
)


def checks(site: Site, *args: str) -> list[tuple[str, str, str, str]]:
    """Verdict, area, sentence and command of each check."""
    said = site("doctor", *args)
    found: list[tuple[str, str, str, str]] = []
    for line in said.out.splitlines():
        head = re.match(r"(ok|warn|fail) +(\S+) +(.*)", line)
        if head:
            found.append((head[1], head[2], head[3], ""))
        else:
            found[-1] = (*found[-1][:3], line.strip())
    return found


def finding(site: Site, area: str, verdict: str) -> tuple[str, str]:
    """Sentence and command of the one finding of an area; all other areas are well."""
    found = checks(site)
    assert {c[1] for c in found if c[0] != "ok"} == {area}
    ((_, _, what, command),) = [c for c in found if c[0] != "ok"]
    assert [c[0] for c in found if c[1] == area and c[0] != "ok"] == [verdict]
    return what, command


@pytest.fixture
def applied(site: Site) -> Site:
    """One applied migration."""
    site.add(FILE, "CREATE (:A);")
    assert site("up").code == 0
    return site


def test_a_healthy_project_is_ok_throughout(each_site: Site) -> None:
    """Before the first run and after it; every area says what it saw."""
    each_site.add(FILE, "CREATE (:A);")
    before = each_site.everything()
    fresh = checks(each_site)
    assert before == each_site.everything()
    assert each_site("up").code == 0
    before = each_site.everything()

    found = checks(each_site)

    assert before == each_site.everything()
    assert each_site("doctor").code == 0
    assert {verdict for verdict, *_ in fresh + found} == {"ok"}
    says = {area: what for _, area, what, _ in found}
    assert list(says) == list(doctor.AREAS)
    assert says["config"] == "neo4j-migrate.toml, uri from neo4j-migrate.toml"
    assert says["files"] == "1 migration in migrations"
    assert re.match(r"Neo4j [\d.]+ community, database neo4j at 127", says["server"])
    assert says["rights"] == "Community: whoever logs in may do everything"
    assert says["history"] == "1 applied, all as their files say"
    assert says["lock"] == "free"
    assert says["schema"] == "every index is online"
    assert ("ok", "history", "project default has none yet", "") in fresh


def test_a_missing_constraint_is_made_again(applied: Site) -> None:
    applied.graph.rows("DROP CONSTRAINT _migrate_lock")

    assert applied("doctor").code == 7
    what, command = finding(applied, "history", "fail")
    assert what == "a constraint of ours is missing: two runs could collide"
    assert command.startswith("neo4j-migrate repair history")

    assert applied("repair", "history").code == 0
    assert {verdict for verdict, *_ in checks(applied)} == {"ok"}


def test_a_dead_lock_is_released(applied: Site) -> None:
    applied.graph.rows(HELD, ends="-PT1S")

    assert applied("doctor").code == 0
    what, command = finding(applied, "lock", "warn")
    assert what == "its holder ann@laptop/4711/abc is gone; the next run takes it over"
    assert command.startswith("neo4j-migrate unlock ")

    assert applied("unlock", "--yes").code == 0
    assert ("ok", "lock", "free", "") in checks(applied)


def test_a_live_lock_is_no_fault(applied: Site) -> None:
    applied.graph.rows(HELD, ends="PT1M")
    what = "held by ann@laptop/4711/abc, which is at work"
    assert ("ok", "lock", what, "") in checks(applied)
    assert applied("doctor").code == 0


def test_an_index_that_failed_is_dropped(each_site: Site) -> None:
    """Values longer than an index takes; the command is one that a shell runs as meant."""
    each_site.graph.rows("CREATE (:Big {v: $v})", v="x" * 40_000)
    each_site.graph.rows("CREATE INDEX `my $(index)` FOR (n:Big) ON (n.v)")
    for _ in range(100):
        states = each_site.graph.rows(
            "SHOW INDEXES YIELD name, state WHERE name CONTAINS 'my' RETURN state"
        )
        if states == [["FAILED"]]:
            break

    said = each_site("doctor")

    assert said.code == 2
    what, command = finding(each_site, "schema", "fail")
    assert "index my $(index) failed to build" in what
    assert " 'DROP INDEX `my $(index)`'" in command
    each_site.graph.rows("DROP INDEX `my $(index)`")
    assert each_site("doctor").code == 0


@pytest.mark.parametrize(
    ("build", "verdict", "code", "says"),
    [
        (
            Build(name="slow", percent=41.7, orphan=False, failure=""),
            "warn",
            0,
            "index slow is being built: 42 %",
        ),
        (
            Build(name="left", percent=100.0, orphan=True, failure=""),
            "fail",
            2,
            "index left is half-built for ever: a crash of the server left it while"
            " it made a constraint",
        ),
    ],
)
def test_an_index_that_is_not_online_yet_or_never(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    build: Build,
    verdict: str,
    code: int,
    says: str,
) -> None:
    """A crash makes the one, luck shows the other: what the catalogue says is given."""

    async def builds(_: Any) -> list[Build]:
        return [build]

    monkeypatch.setattr(doctor, "read_builds", builds)

    assert site("doctor").code == code
    what, command = finding(site, "schema", verdict)
    assert what == says
    assert ("DROP INDEX `left`" in command) is build.orphan


def test_files_and_history_that_disagree_are_for_verify(applied: Site) -> None:
    (applied.project.folder / FILE).unlink()
    applied.add("20251231000000-late.cypher", "CREATE (:L);")

    assert applied("doctor").code == 7
    what, command = finding(applied, "history", "fail")
    assert what == "2 problems: files and history disagree"
    assert command.startswith("neo4j-migrate verify")


def test_what_is_part_way_is_for_show(site: Site) -> None:
    """Unless its run is at work on it right now."""
    site.add(FILE, "CREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:A {a: 1 / 0});")
    assert site("up").code == 8

    what, command = finding(site, "history", "warn")
    assert what == "20260101000000-a is part-way up, at step 2 of 2"
    assert command.startswith("neo4j-migrate show 20260101000000")
    assert site("doctor").code == 0

    site.graph.rows(HELD, ends="PT1M")
    site.graph.rows(
        "MATCH (r:_MigrateRecord) SET r.run_id = 'abc', r.state = 'running'"
    )
    assert {verdict for verdict, *_ in checks(site)} == {"ok"}


def test_other_projects_of_the_database_are_named(applied: Site) -> None:
    """Also by one that has no history: its name may be a slip."""
    assert applied("up", "--project", "shop").code == 0
    assert applied("up", "--project", "app").code == 0
    line = "this database also has the projects {}"

    assert ("ok", "history", line.format("app, shop"), "") in checks(applied)
    slip = checks(applied, "--project", "defualt")
    assert ("ok", "history", "project defualt has none yet", "") in slip
    assert ("ok", "history", line.format("app, default, shop"), "") in slip


def test_files_that_are_not_read_are_named(applied: Site) -> None:
    for name in ("add-index.cypher", "2026-x.py", "README.md", "helper.py"):
        applied.add(name, "")

    what, command = finding(applied, "files", "warn")

    assert what.endswith("2026-x.py, add-index.cypher")
    assert command.startswith("neo4j-migrate create NAME")


def test_a_file_that_cannot_be_read_hides_nothing_else(applied: Site) -> None:
    """The rest is looked at all the same."""
    applied.add("20260102000000-b.cypher", "CREATE (:B {s: 'open")
    applied.graph.rows("DROP CONSTRAINT _migrate_record")

    found = checks(applied)

    assert [(verdict, area) for verdict, area, *_ in found if verdict != "ok"] == [
        ("fail", "files"),
        ("fail", "history"),
        ("warn", "history"),
    ]
    assert applied("doctor").code == 7
    assert "neo4j-migrate doctor --only files" in found[-3][3]


def test_a_folder_that_is_not_there_is_said(site: Site) -> None:
    said = site("doctor", "--migration-dir", "nowhere")
    assert said.code == 2
    assert "fail  files    the migration folder does not exist" in said.out


def test_a_newer_history_is_said_and_not_judged(applied: Site) -> None:
    applied.graph.rows("MATCH (l:_MigrateProject) SET l.format = 2")

    assert applied("doctor").code == 7
    what, command = finding(applied, "history", "fail")
    assert what == "it has format 2, this tool writes format 1"
    assert command.startswith("pip install --upgrade")


@pytest.mark.parametrize(
    ("ahead", "says"),
    [(3600, "3600s ahead of the server"), (-90, "90s behind the server")],
)
def test_a_clock_that_is_off_is_said(
    applied: Site, monkeypatch: pytest.MonkeyPatch, ahead: int, says: str
) -> None:
    class Clock:
        @staticmethod
        def now(zone: timezone) -> datetime:
            return datetime.now(zone) + timedelta(seconds=ahead)

    monkeypatch.setattr(doctor, "datetime", Clock)

    what, command = finding(applied, "clock", "warn")

    assert re.sub(r"(\d+)s", lambda m: f"{round(int(m[1]), -1)}s", what).startswith(
        f"this machine is {says}"
    )
    assert command
    assert applied("doctor").code == 0


def test_a_server_that_does_not_answer_ends_the_looking(site: Site) -> None:
    """What needs no server was looked at before."""
    site.add(FILE, "CREATE (:A);")
    said = site("doctor", "--uri", "bolt://127.0.0.1:1")

    assert said.code == 10
    lines = said.out.splitlines()
    assert [line[:13].split() for line in lines if not line.startswith(" ")] == [
        ["ok", "config"],
        ["ok", "files"],
        ["fail", "server"],
    ]
    assert "no Neo4j answers at 127.0.0.1:1" in lines[2]
    assert "Traceback" not in said.err


@pytest.mark.parametrize("only", [(), ("--only", "lock"), ("--only", "schema")])
def test_a_login_that_is_not_accepted_is_a_finding(
    site: Site,
    guarded: Any,
    monkeypatch: pytest.MonkeyPatch,
    only: tuple[str, ...],
) -> None:
    monkeypatch.setenv("WRONG", "canary-wrong")
    target = ("--uri", guarded.uri, "--username", "neo4j", "--password-env", "WRONG")

    said = site("doctor", *target, *only)

    assert said.code == 10
    assert "fail  server   " in said.out
    assert "did not accept the user name and password" in said.out
    assert "canary" not in said.out + said.err


def test_one_area_is_looked_at_when_it_is_named(applied: Site) -> None:
    assert {area for _, area, *_ in checks(applied, "--only", "lock")} == {"lock"}
    both = checks(applied, "--only", "schema", "--only", "files")
    assert [area for _, area, *_ in both] == ["files", "schema"]
    said = applied("doctor", "--only", "weather")
    assert said.error == ("USAGE.BAD_OPTION", 2)
    assert "config, files, server" in said.part("why")


def test_settings_are_shown_with_their_origins_and_without_the_password(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "canary-hunter2")

    said = site("doctor", "--only", "config", "--lock-timeout", "5s")

    assert said.code == 0
    assert "lock_timeout = 5s   (option --lock-timeout)" in said.out
    assert "password = ***   (NEO4J_PASSWORD)" in said.out
    assert "canary" not in said.out + said.err
