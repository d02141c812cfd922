"""`log` tells what happened, when, by whom and from where; newest first."""

from __future__ import annotations

import getpass
import json
import re
import socket
from importlib.metadata import version

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

ME = f"{getpass.getuser()}@{socket.gethostname()}"
TOOL = f"tool {version('neo4j-migrate-magic')}"
LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  (?P<what>\S+(?: \S+)?) +(?P<title>\d{14}-\S+)?"
)


def entries(site: Site, *args: str) -> list[tuple[str, str | None]]:
    """What happened to what."""
    said = site("log", *args)
    assert said.code == 0, said.err
    found = [LINE.match(line) for line in said.out.splitlines()]
    return [(m["what"], m["title"]) for m in found if m]


def both(label: str) -> str:
    return f"// @up\nCREATE (:{label});\n// @down\nMATCH (n:{label}) DELETE n;\n"


@pytest.fixture
def eventful(site: Site) -> Site:
    """Two applied, a failure, a repair, a roll-back."""
    site.add("20260101000000-a.cypher", both("A"))
    site.add("20260102000000-b.cypher", both("B"))
    site.add("20260103000000-c.cypher", "CREATE (:C {x: 1 / 0});")
    assert site("up").code == 8
    assert site("repair", "20260103", "--mark", "applied").code == 0
    assert site("repair", "20260103", "--mark", "pending").code == 0
    assert site("down").code == 0
    return site


def test_an_empty_database_has_no_log(each_site: Site) -> None:
    before = each_site.everything()
    assert each_site("log").out == "nothing has happened yet\n"
    assert before == each_site.everything()


def test_everything_that_happened_is_told_newest_first(eventful: Site) -> None:
    """Also what failed and left nothing, and what a person said."""
    before = eventful.everything()

    assert entries(eventful) == [
        ("rolled back", "20260102000000-b"),
        ("repaired", "20260103000000-c"),
        ("repaired", "20260103000000-c"),
        ("failed", "20260103000000-c"),
        ("applied", "20260102000000-b"),
        ("applied", "20260101000000-a"),
    ]
    assert before == eventful.everything()


def test_an_entry_is_evidence(eventful: Site) -> None:
    """User, host, tool, duration, counters; of a failure the step and the reason."""
    lines = eventful("log").out.splitlines()

    assert re.search(
        rf"  {re.escape(ME)}  {TOOL}  \d\.\ds  nodes \+1   labels \+1$", lines[5]
    )
    assert f"  {ME}  {TOOL}  marked as applied" in lines[2]
    assert f"  {ME}  {TOOL}  marked as pending" in lines[1]
    assert "  step 1 of 1: 20260103000000-c.cypher:1" in lines[3]
    assert "/ by zero" in lines[3]
    assert str(eventful.project.root) not in "\n".join(lines)


THREE = """\
// @up
CREATE (:A);
CREATE INDEX i FOR (a:A) ON (a.i);
CREATE (:B {b: 1 / 0});
// @down
DROP INDEX i IF EXISTS;
MATCH (a:A) DELETE a RETURN 1 / 0;
"""
VERSION = "20260101000000"


def told(site: Site) -> list[str]:
    """What the events tell beside who and when, oldest first."""
    lines = site("log", "--limit", "1000").out.splitlines()
    return [f"{LINE.match(x)['what']}  {x.partition(TOOL)[2]}" for x in lines][::-1]  # type: ignore[index]


@pytest.fixture
def half(site: Site) -> Site:
    """An `up` that failed at its last step of three."""
    site.add(f"{VERSION}-a.cypher", THREE)
    assert site("up").code == 8
    return site


@pytest.fixture
def half_down(half: Site) -> Site:
    """A `down` that failed at its last step of two."""
    assert half("repair", VERSION, "--step", "3", "--mark", "applied").code == 0
    assert half("down").code == 8
    return half


def test_a_repair_tells_what_the_migration_is_then(half_down: Site) -> None:
    """Nobody has to know how many steps there were, nor in which direction."""
    half_down("repair", VERSION, "--step", "2", "--mark", "applied")

    first, second, third, last = told(half_down)
    assert first.startswith(f"failed    step 3 of 3: {VERSION}-a.cypher:4")
    assert second == "repaired    step 3 of 3 marked as applied: applied"
    assert third.startswith(f"failed    step 2 of 2 of down: {VERSION}-a.cypher:7")
    assert last == "repaired    step 2 of 2 of down marked as applied: rolled back"
    assert half_down.records() == []
    rows = half_down.graph.rows(
        "MATCH (e:_MigrateEvent {what: 'repaired'}) RETURN e.detail ORDER BY e.at"
    )
    details = [json.loads(str(row[0])) for row in rows]
    assert [(d.get("direction"), d["steps"], d["now"]) for d in details] == [
        (None, 3, "applied"),
        ("down", 2, "rolled back"),
    ]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (
            ("--step", "2", "--mark", "pending"),
            "step 2 of 3 marked as pending: part-way",
        ),
        (("--mark", "applied"), "marked as applied"),
        (("--mark", "pending"), "marked as pending"),
    ],
)
def test_a_repair_of_an_up(half: Site, args: tuple[str, ...], expected: str) -> None:
    assert half("repair", VERSION, *args).code == 0
    assert told(half)[-1] == f"repaired    {expected}"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (
            ("--step", "1", "--mark", "pending"),
            "step 1 of 2 of down marked as pending: applied",
        ),
        (("--mark", "applied"), "marked as applied, amid its down"),
        (("--mark", "pending"), "marked as pending, amid its down"),
    ],
)
def test_a_repair_of_a_down(
    half_down: Site, args: tuple[str, ...], expected: str
) -> None:
    assert half_down("repair", VERSION, *args).code == 0
    assert told(half_down)[-1] == f"repaired    {expected}"


def test_a_reason_is_told_to_its_end(site: Site) -> None:
    """Also a long one: in a terminal it goes on below."""
    text = "CALL db.index.fulltext.queryNodes('" + "no_such_index_" * 20 + "', 'x')"
    site.add(f"{VERSION}-a.cypher", f"{text} YIELD node RETURN node;")
    assert site("up").code == 2

    (reason,) = told(site)

    assert "no_such_index_" * 20 in reason
    assert reason.endswith("[Neo.ClientError.Procedure.ProcedureCallFailed]")


def test_one_migration_has_a_log_of_its_own(eventful: Site) -> None:
    """Named as everywhere; a record need not be left, nor a file."""
    (eventful.project.folder / "20260102000000-b.cypher").unlink()

    b = [("rolled back", "20260102000000-b"), ("applied", "20260102000000-b")]
    assert entries(eventful, "20260102000000") == b
    assert entries(eventful, "20260102") == b
    assert entries(eventful, "latest") == entries(eventful, "20260103")
    assert entries(eventful, "current") == [("applied", "20260101000000-a")]
    assert eventful("log", "2026").error == ("USAGE.AMBIGUOUS_VERSION", 2)
    assert eventful("log", "2027").error == ("USAGE.UNKNOWN_VERSION", 2)


def test_limits_are_said(eventful: Site) -> None:
    """Nobody takes the newest entries for all of them."""
    said = eventful("log", "--limit", "2")
    assert len(entries(eventful, "--limit", "2")) == 2
    assert said.out.endswith("… and older ones; --limit N shows more\n")
    assert "older ones" not in eventful("log", "--limit", "6").out
    for limit in ("0", "-1", "many", "99999999999999999999"):
        assert eventful("log", "--limit", limit).error == ("USAGE.BAD_OPTION", 2)


def test_since_is_a_time_or_how_long_ago(eventful: Site) -> None:
    eventful.graph.rows(
        "MATCH (e:_MigrateEvent {what: 'applied'})"
        " SET e.at = datetime('2026-01-05T12:00:00Z')"
    )
    rest = entries(eventful)[:4]

    assert entries(eventful, "--since", "10m") == rest
    assert entries(eventful, "--since", "2026-01-06") == rest
    assert len(entries(eventful, "--since", "2026-01-05")) == 6
    assert len(entries(eventful, "--since", "2026-01-05T12:00:00Z")) == 6
    assert len(entries(eventful, "--since", "2026-01-05T13:00:00+01:00")) == 6
    assert len(entries(eventful, "--since", "2026-01-05T12:00:01")) == 4
    assert len(entries(eventful, "--since", "9999999h")) == 6
    assert eventful("log", "--since", "2999-01-01").out == "nothing has happened yet\n"
    for wrong in ("yesterday", "10", "2026-13-01", "99999999999999999999h", ""):
        assert eventful("log", "--since", wrong).error == ("USAGE.BAD_OPTION", 2)


def test_ten_thousand_events_are_no_burden(site: Site) -> None:
    """The newest hundred come by default, all of them when asked for."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    assert site("up").code == 0
    site.graph.rows(
        "UNWIND range(1, 10000) AS n CREATE (:_MigrateEvent {project: 'default',"
        " what: 'applied', version: toString(20250101000000 + n), name: 'old',"
        " by: 'ann@here', run_id: 'x', detail: '{}',"
        " at: datetime('2025-01-01T00:00:00Z') + duration({seconds: n})})"
    )

    newest, all_ = entries(site), entries(site, "--limit", "20000")

    assert (len(newest), len(all_)) == (100, 10_001)
    assert newest[:2] == [
        ("applied", "20260101000000-a"),
        ("applied", "20250101010000-old"),
    ]
    assert all_[-1] == ("applied", "20250101000001-old")


def test_another_project_has_another_log(site: Site) -> None:
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    assert site("up", "--project", "other").code == 0
    assert site("log").out == "nothing has happened yet\n"
    assert len(entries(site, "--project", "other")) == 1


def test_what_others_wrote_cannot_break_the_log(site: Site) -> None:
    """Events that lack what ours have, or have what no terminal should get."""
    site.graph.rows(
        "UNWIND [{}, {what: 'a\u001b[2Jb', by: 'x\u0007', detail: 'no json'},"
        ' {what: \'failed\', detail: \'{"error": "", "duration_ms": null}\'},'
        " {what: 'applied', detail: '[1]', version: '\u202e', name: '\\n'}] AS e"
        " CREATE (x:_MigrateEvent {project: 'default', at: datetime()}) SET x += e"
    )

    said = site("log")

    assert said.code == 0
    assert len(said.out.splitlines()) == 4
    assert not {"\x1b", "\x07", "\u202e"} & set(said.out)
