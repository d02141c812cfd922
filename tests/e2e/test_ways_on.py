"""What an error says to type does what it says, also on the worst day."""

from __future__ import annotations

import time
from typing import Any

import pytest

from neo4j_migrate_magic.errors import UnreachableError
from neo4j_migrate_magic.history.journal import Journal
from tests.e2e.conftest import Said, Site

pytestmark = pytest.mark.server

V = "20260101000000"
FILE = f"{V}-a.cypher"
SCHEMA_THEN_FAILS = """\
CREATE (:P {id: 1});
CREATE INDEX p_i FOR (p:P) ON (p.id);
MATCH (p:P) SET p.z = 1 / 0;
"""
BATCHES = "UNWIND range(1, 3) AS i CALL (i) { CREATE (:B {i: 2 / (3 - i)}) } IN TRANSACTIONS OF 1 ROW;\n"


def names(site: Site) -> list[Any]:
    """The names of the project's own indexes and constraints."""
    text = "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'"
    rows = site.graph.rows(f"{text} AND NOT name STARTS WITH '_' RETURN name")
    return sorted(row[0] for row in rows)


def test_a_statement_written_behind_what_ran_is_a_step_of_its_own(
    each_site: Site,
) -> None:
    """It is of the kind of the step before it, and still runs: nothing ran was edited."""
    site = each_site
    path = site.add(FILE, SCHEMA_THEN_FAILS)
    assert site("up").error == ("UP.STATEMENT_FAILED", 8)
    mended = SCHEMA_THEN_FAILS.replace("1 / 0", "1")
    path.write_text(
        mended.replace("p.id);\n", "p.id);\nCREATE INDEX p_j FOR (p:P) ON (p.j);\n")
    )

    said = site("up")

    assert said.code == 0, said.err
    assert names(site) == ["p_i", "p_j"]
    assert site.graph.rows("MATCH (p:P) RETURN p.z") == [[1]]
    assert site("verify").code == 0
    assert site("show", V).out.count(" done ") == 4
    assert site("down", "--allow", "part-way").error == ("PLAN.IRREVERSIBLE", 2)


def test_data_are_mended_before_the_constraint_that_they_violate(site: Site) -> None:
    """The most natural way to mend a failed constraint: one statement above it."""
    constraint = "CREATE CONSTRAINT p_id FOR (p:P) REQUIRE p.id IS UNIQUE;\n"
    path = site.add(FILE, f"CREATE (:P {{id: 1}}), (:P {{id: 1}});\n{constraint}")
    assert site("up").error == ("UP.STATEMENT_FAILED", 8)
    text = path.read_text()
    delete = "MATCH (p:P) WITH p SKIP 1 DELETE p;\n"
    path.write_text(text.replace(constraint, delete + constraint))

    said = site("up")

    assert said.code == 0, said.err
    assert site.count("P") == 1
    assert names(site) == ["p_id"]


def test_what_shows_as_done_is_what_ran(site: Site) -> None:
    """A step that was edited after it ran is not done as the file has it."""
    path = site.add(FILE, SCHEMA_THEN_FAILS)
    site("up")
    path.write_text(SCHEMA_THEN_FAILS.replace("p.id", "p.other"))

    assert "2  edited since it ran  schema" in site("show", V).out
    assert "names the ways out" in site("status").text
    said = site("up")
    assert said.error == ("INTEGRITY.EDITED_PREFIX", 7)
    assert "repair 20260101000000 --mark pending" in said.part("next")
    assert "neo4j-migrate down " not in said.part("next")


def test_an_accepted_edit_says_what_will_not_be_run(site: Site) -> None:
    path = site.add(FILE, SCHEMA_THEN_FAILS)
    site("up")
    path.write_text(SCHEMA_THEN_FAILS.replace("p.id", "p.other").replace("/ 0", "/ 1"))

    said = site("repair", V, "--accept-checksum")

    assert "down to the statement on line 2 it counts as run" in said.text
    assert site("up").code == 0


@pytest.mark.parametrize("down", ["", "// @down\nMATCH (p:P) DELETE p;\n"])
def test_what_takes_a_part_way_migration_back_is_what_is_named(
    site: Site, down: str
) -> None:
    """`down` where it works; its @down where there is one; else the record alone."""
    up = "CREATE (:P);\nCREATE INDEX p_i FOR (p:P) ON (p.id);\nRETURN 1 / 0;\n"
    site.add(FILE, f"// @up\n{up}{down}")
    failed = site("up")
    way = "repair 20260101000000 --mark pending"
    if down:
        way = "down --allow part-way"
    assert f"neo4j-migrate {way}" in failed.part("next")
    for verb in (
        "down",
        "baseline latest -y",
        *(() if down else ("down --allow part-way",)),
    ):
        said = site(*verb.split())
        assert said.error == ("PLAN.PART_WAY", 2)
        assert f"neo4j-migrate {way}" in said.part("next"), said.err

    assert site(*way.split()).code == 0

    assert site.records() == []
    assert site.count("P") == (0 if down else 1)


def test_a_failed_autocommit_step_names_its_ways_at_once(site: Site) -> None:
    """Correcting it is not enough: some of it may be there."""
    path = site.add(FILE, f"CREATE (:Good);\n{BATCHES}")

    failed = site("up")

    assert failed.error == ("UP.STATEMENT_FAILED", 8)
    for way in ("after adding // @rerunnable", "--step 2 --mark pending"):
        assert way in failed.part("next")
    assert "names the ways on" in site("status").text
    path.write_text(f"CREATE (:Good);\n{BATCHES.replace('(3 - i)', '(4 - i)')}")
    asked = site("up")
    assert asked.error == ("UP.NOT_RERUNNABLE", 8)
    assert "step 2 of 2 failed while it ran" in asked.text
    path.write_text("CREATE (:Good);\nCREATE INDEX zz FOR (b:B) ON (b.i);\n")
    other = site("up")
    assert "another step in its place" in other.part("why")
    assert "rerunnable" not in other.part("next")
    assert site("repair", V, "--step", "2", "--mark", "pending").code == 0
    assert site("up").code == 0
    assert names(site) == ["zz"]


@pytest.mark.parametrize("way", ["accept", "undo"])
def test_a_schema_step_that_was_cut_and_then_edited(
    site: Site, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """It ran, as the catalogue tells: `verify` and `up` say the same, and get on."""
    path = site.add(FILE, SCHEMA_THEN_FAILS)
    confirm = Journal.confirm

    async def cut(journal: Journal, *args: Any, **options: Any) -> None:
        if names(site):
            raise UnreachableError("no answer")
        await confirm(journal, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "confirm", cut)
        assert site("up").code == 8
    assert "in doubt" in site("show", V).out or "failed" in site("show", V).out
    path.write_text(SCHEMA_THEN_FAILS.replace("p.id", "p.id, p.u").replace("/ 0", ""))

    edited = site("up")

    assert edited.error == ("INTEGRITY.EDITED_PREFIX", 7)
    assert "step 2 by what the schema tells" in edited.text
    assert "step 2 has run and was changed" in site("verify").text
    if way == "accept":
        assert site("repair", V, "--accept-checksum").code == 0
    else:
        path.write_text(SCHEMA_THEN_FAILS.replace("/ 0", ""))
    assert site("up").code == 0
    assert names(site) == ["p_i"]
    assert site("verify").code == 0


DOWN_FAILS = """\
// @up
CREATE (:P {id: 1});
// @down
MATCH (p:P) SET p.gone = 1;
CREATE INDEX half FOR (p:P) ON (p.gone);
MATCH (p:P) SET p.z = 1 / 0;
"""


@pytest.mark.parametrize("way", ["file", "mark"])
def test_a_down_of_kept_text_that_fails_names_what_can_be_done(
    site: Site, way: str
) -> None:
    """There is no file to correct: it comes back, or the step counts as done."""
    path = site.add(FILE, DOWN_FAILS)
    site("up")
    path.unlink()

    failed = site("down")

    assert failed.error == ("DOWN.STATEMENT_FAILED", 8)
    assert "correcting" not in failed.part("next")
    assert f"show {V} --source -o {FILE}" in failed.part("next")
    assert f"repair {V} --step 3 --mark applied" in failed.part("next")
    if way == "mark":
        assert site("repair", V, "--step", "3", "--mark", "applied").code == 0
    else:
        path.write_text(site("show", V, "--source").out.replace("1 / 0", "1"))
        assert site("down").code == 0
    assert site.records() == []


def in_doubt(site: Site, *, direction: str = "up") -> None:
    """Let a run be at work that is half through an autocommit step, for five seconds."""
    site("up")
    site.graph.rows(
        "MATCH (r:_MigrateRecord) SET r.state = 'running', r.run_id = 'live',"
        " r.direction = $direction, r.error = null",
        direction=direction,
    )
    site.graph.rows(
        "MATCH (l:_MigrateProject) SET l.owner = 'a@b/1/live',"
        " l.acquired_at = datetime.realtime(), l.verb = $direction,"
        " l.expires_at = datetime.realtime() + duration('PT5S')",
        direction=direction,
    )


@pytest.mark.parametrize(
    "command", ["up", "down", "baseline latest -y", f"repair {V} --accept-checksum"]
)
def test_a_run_at_work_is_waited_for_before_anything_is_judged(
    site: Site, command: str
) -> None:
    """Its half-done step is no step that was cut: that shows once it is over."""
    site.add(FILE, BATCHES)
    in_doubt(site)
    began = time.monotonic()

    short = site(*command.split(), "--lock-timeout", "1s")
    long = site(*command.split())

    assert short.error == ("LOCK.HELD", 9)
    assert long.code != 0
    assert long.error[0] != "LOCK.HELD"
    assert "lock held by a@b" in long.err
    assert time.monotonic() - began > 4


def test_a_run_that_ends_well_meanwhile_leaves_nothing_to_do(site: Site) -> None:
    """Two `up` at once: the second one waits, and finds everything applied."""
    site.add(FILE, "// @rerunnable\n" + BATCHES.replace("(3 - i)", "(4 - i)"))
    site.add("20260102000000-b.cypher", _slow())
    first = site.process("up")
    while not site.graph.rows(
        "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS $part"
        " RETURN 1",
        part="AS slow",
    ):
        time.sleep(0.02)

    second: Said = site("up")

    first.communicate()
    assert first.returncode == 0
    assert second.code == 0, second.err
    assert second.out.startswith("up to date at 20260102000000")


def _slow() -> str:
    """An autocommit step of some seconds that is not marked."""
    work = "UNWIND range(1, 8000000) AS slow WITH sum(slow % 7) AS s RETURN s"
    return f"UNWIND range(1, 4) AS k CALL (k) {{ {work} }} IN TRANSACTIONS OF 1 ROW RETURN count(s);\n"
