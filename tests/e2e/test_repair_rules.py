"""What `repair` accepts, what it refuses, and that it is alone while it writes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.errors import CommitLostError
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

VERSION = "20260101000000"
FILE = f"{VERSION}-m.cypher"
HALF = "CREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:A {a: 1 / 0});\n"
DOWN = "// @down\nMATCH (n:A) DELETE n;\nDROP INDEX a;\n"


def both(label: str) -> str:
    return f"// @up\nCREATE (:{label});\n// @down\nMATCH (n:{label}) DELETE n;\n"


def kept(site: Site) -> object:
    return site.graph.one("MATCH (r:_MigrateRecord) RETURN r.source")


@pytest.mark.parametrize("baseline", [False, True])
def test_an_edited_file_is_accepted(site: Site, baseline: bool) -> None:
    """It counts as what was applied, `down` section and all; nothing is run."""
    site.add(FILE, both("A"))
    site("baseline", VERSION, "--yes") if baseline else site("up")
    edited = both("B")
    site.add(FILE, edited)
    assert site("up").error == ("INTEGRITY.EDITED", 7)

    said = site("repair", VERSION, "--accept-checksum")

    assert said.code == 0
    assert said.out == f"{VERSION}-m: the file counts as what was applied\n"
    assert (kept(site), site.count("B")) == (edited, 0)
    assert site("verify").code == 0
    assert site("up").out.startswith("up to date")
    assert "accepted the edited file, checksum " in site("log").out
    assert site.events() == ["baselined" if baseline else "applied", "repaired"]
    if not baseline:
        assert site("down").code == 0
        assert site.count("A") == 1


def test_an_edit_of_what_has_run_is_accepted_and_up_goes_on(site: Site) -> None:
    site.add(FILE, HALF + DOWN.replace("// @down", "// @down"))
    site.add(FILE, f"// @up\n{HALF}{DOWN}")
    assert site("up").code == 8
    mended = HALF.replace("ON (n.a)", "ON (n.z)").replace("1 / 0", "1")
    site.add(FILE, f"// @up\n{mended}{DOWN}")
    refused = site("up")
    assert refused.error == ("INTEGRITY.EDITED_PREFIX", 7)
    assert "neo4j-migrate repair 20260101000000 --accept-checksum" in refused.part(
        "next"
    )

    assert site("repair", VERSION, "--accept-checksum").code == 0

    assert site("up").code == 0
    assert site.count("A") == 1
    assert "'a'" in str(site.graph.schema())
    assert site("verify").code == 0


def test_an_edit_of_the_down_that_has_begun_is_accepted(site: Site) -> None:
    """It goes on at its step, by the file's text."""
    site.add(
        FILE, "// @up\nCREATE (:A);\n// @down\nMATCH (n:A) DELETE n;\nDROP INDEX no;\n"
    )
    assert site("up").code == 0
    assert site("down").code == 8
    site.add(
        FILE,
        "// @up\nCREATE (:A);\n// @down\nMATCH (n:B) DELETE n;\nCREATE INDEX yes FOR (n:N) ON (n.n);\n",
    )
    refused = site("down")
    assert refused.error == ("INTEGRITY.EDITED_PREFIX", 7)
    assert "take back" not in refused.part("next")

    assert site("repair", VERSION, "--accept-checksum").code == 0

    assert site("down").code == 0
    assert len(site.graph.schema()) == 1
    assert site.records() == []


def test_python_is_accepted_without_being_run(site: Site) -> None:
    site.add(f"{VERSION}-m.py", "def up(client):\n    client.cypher('CREATE (:A)')\n")
    assert site("up").code == 0
    site.add(f"{VERSION}-m.py", "raise SystemExit(9)\n\n\ndef up(client): ...\n")

    assert site("repair", "latest", "--accept-checksum").code == 0

    assert site("verify").code == 0
    assert (site.count("A"), "raise" in str(kept(site))) == (1, True)


def none(site: Site) -> None:
    """The file is pending."""
    site.add(FILE, both("A"))


def applied(site: Site) -> None:
    """All of it is applied."""
    site.add(FILE, both("A"))
    assert site("up").code == 0


def part_way(site: Site) -> None:
    """One step of two is done, the second failed."""
    site.add(FILE, HALF)
    assert site("up").code == 8


@pytest.mark.parametrize(
    ("state", "args", "why"),
    [
        (none, ("--mark", "pending"), "the history has no record of it"),
        (none, ("--mark", "applied", "--step", "1"), "the history has no record of it"),
        (none, ("--accept-checksum",), "the history has no record of it"),
        (applied, ("--mark", "applied"), "it is applied already"),
        (applied, ("--mark", "pending", "--step", "1"), "it is not part-way"),
        (applied, ("--accept-checksum",), "its file is what was applied"),
        (part_way, ("--mark", "applied", "--step", "1"), "the next step is step 2"),
        (part_way, ("--mark", "applied", "--step", "9"), "the next step is step 2"),
        (part_way, ("--mark", "pending", "--step", "2"), "that is done is step 1"),
        (part_way, ("--accept-checksum",), "stands in the file as it ran"),
    ],
)
def test_a_correction_without_meaning_is_refused_and_nothing_is_written(
    site: Site, state: Any, args: tuple[str, ...], why: str
) -> None:
    """Not even the lock is taken."""
    state(site)
    before = site.everything()

    said = site("repair", VERSION, *args)

    assert said.error == ("USAGE.BAD_OPTION", 2)
    assert why in said.part("why")
    assert said.part("kept") == "nothing was changed"
    assert before == site.everything()


@pytest.mark.parametrize(
    "args",
    [
        (VERSION,),
        (VERSION, "--step", "1"),
        (VERSION, "--mark", "applied", "--accept-checksum"),
        (VERSION, "--accept-checksum", "--step", "1"),
        (VERSION, "--mark", "done"),
        (VERSION, "--mark", "applied", "--step", "0"),
        ("history", "--mark", "applied"),
        ("history", "--accept-checksum"),
        (),
    ],
)
def test_one_correction_is_named_at_a_time(site: Site, args: tuple[str, ...]) -> None:
    applied(site)
    before = site.everything()
    assert site("repair", *args).error == ("USAGE.BAD_OPTION", 2)
    assert before == site.everything()


@pytest.mark.parametrize("word", ["2027", "zero", "current"])
def test_one_migration_is_named(site: Site, word: str) -> None:
    none(site)
    said = site("repair", word, "--mark", "applied")
    assert said.error == ("USAGE.UNKNOWN_VERSION", 2)


def test_a_migration_without_file_and_text_cannot_be_marked_by_step(site: Site) -> None:
    """But it can be forgotten."""
    part_way(site)
    (site.project.folder / FILE).unlink()
    site.graph.rows("MATCH (r:_MigrateRecord) REMOVE r.source")

    said = site("repair", VERSION, "--mark", "applied", "--step", "2")

    assert said.error == ("INTEGRITY.MISSING", 7)
    assert site("repair", VERSION, "--mark", "pending").code == 0
    assert site.records() == []


def test_a_newer_history_is_not_corrected(site: Site) -> None:
    applied(site)
    site.graph.rows("MATCH (l:_MigrateProject) SET l.format = 2")
    before = site.everything()
    for args in ((VERSION, "--mark", "pending"), ("history",)):
        assert site("repair", *args).error == ("INTEGRITY.HISTORY_NEWER", 7)
    assert before == site.everything()


SLOW = "UNWIND range(1, 40000000) AS n WITH n WHERE n < 0 CREATE (:Slow);\nCREATE (:A {a: 1});\n"


def test_a_repair_waits_for_the_run_and_decides_anew(site: Site) -> None:
    """What the run did meanwhile is not overwritten by what was true before."""
    part_way(site)
    site.add(FILE, HALF.splitlines()[0] + "\n" + SLOW)
    with site.process("up") as run:
        while site.lock_is_free():
            time.sleep(0.05)
        hurried = site(
            *("repair", VERSION, "--mark", "applied", "--step", "2"),
            *("--lock-timeout", "100ms"),
        )
        patient = site("repair", VERSION, "--mark", "applied", "--step", "2")
        assert run.wait() == 0

    assert hurried.error == ("LOCK.HELD", 9)
    assert (
        "neo4j-migrate repair 20260101000000 --mark applied --step 2 --lock-timeout 10m"
        in hurried.part("next")
    )
    assert patient.error == ("USAGE.BAD_OPTION", 2)
    assert patient.part("why") == "it is not part-way"
    assert "repaired" not in site.events()
    assert site.records() == [f"{VERSION} up applied at 3 of 2"]


def losing_one(monkeypatch: pytest.MonkeyPatch, *, arrived: bool) -> list[str]:
    """Lose the answer to the first COMMIT of an event; give what was sent."""
    write = Database.write
    lost: list[str] = []

    async def losing(self: Database, text: Any, parameters: Any, **more: Any) -> Any:
        if "AS held" in text and "$events" in text and not lost:
            lost.append(text)
            if arrived:
                await write(self, text, parameters, **more)
            raise CommitLostError("the line broke")
        return await write(self, text, parameters, **more)

    monkeypatch.setattr(Database, "write", losing)
    return lost


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize(
    "args", [("--accept-checksum",), ("--mark", "pending"), ("baseline",)]
)
def test_a_correction_whose_answer_was_lost_is_written_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], arrived: bool
) -> None:
    """It is looked up by its event: the record may look the same before and after."""
    none(site)
    if args != ("baseline",):
        site("up")
        site.add(FILE, both("B"))
    lost = losing_one(monkeypatch, arrived=arrived)

    verb = (
        ("baseline", VERSION, "--yes")
        if args == ("baseline",)
        else ("repair", VERSION, *args)
    )
    said = site(*verb)

    assert (said.code, len(lost)) == (0, 1)
    assert site.events()[-1] == ("baselined" if "baseline" in verb else "repaired")
    assert len(site.events()) == (1 if "baseline" in verb else 2)
    if args == ("--accept-checksum",):
        assert kept(site) == both("B")
    else:
        assert len(site.records()) == (1 if "baseline" in verb else 0)


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("args", [("history",), (VERSION, "--renumber")])
def test_a_note_whose_answer_was_lost_is_written_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], arrived: bool
) -> None:
    """Also where no record is changed, and where it is about no migration."""
    none(site)
    if args == ("history",):
        site("up")
        site.graph.rows("DROP CONSTRAINT _migrate_record")
    before = site.events()
    lost = losing_one(monkeypatch, arrived=arrived)

    said = site("repair", *args)

    assert (said.code, len(lost)) == (0, 1)
    assert site.events() == [*before, "repaired"]


def test_the_tools_own_constraints_come_back(each_site: Site) -> None:
    """Only those that are missing; and the log tells of it."""
    applied(each_site)
    each_site.graph.rows("DROP CONSTRAINT _migrate_record")

    said = each_site("repair", "history")

    assert (said.code, said.out) == (0, "made _migrate_record\n")
    assert each_site.graph.rows(
        "SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name"
    ) == [
        ["_migrate_lock"],
        ["_migrate_record"],
    ]
    assert "repaired" in each_site("log").out.splitlines()[0]
    assert each_site("log").out.splitlines()[0].endswith("made _migrate_record")
    before = each_site.everything()
    assert each_site("repair", "history").out == "the constraints are there\n"
    assert before == each_site.everything()


def test_records_that_are_there_twice_are_named(each_site: Site) -> None:
    """Two runs that collided without the constraint: a person has to choose."""
    applied(each_site)
    each_site.graph.rows("DROP CONSTRAINT _migrate_record")
    each_site.graph.rows(
        "MATCH (r:_MigrateRecord) CREATE (x:_MigrateRecord) SET x = properties(r)"
    )

    said = each_site("repair", "history")

    assert said.error == ("INTEGRITY.HISTORY_CORRUPT", 7)
    assert "MATCH" in said.part("next")
