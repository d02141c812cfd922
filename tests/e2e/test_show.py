"""`show` tells all of one migration, whatever state it is in, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

VERSION = "20260101000000"
FILE = f"{VERSION}-first.cypher"
THREE = """\
// Three steps, of which the second fails
// @up
CREATE INDEX a FOR (n:A) ON (n.a);
CREATE (:A {a: 1 / 0});
CREATE INDEX b FOR (n:B) ON (n.b);
// @down
MATCH (n:A) DELETE n;
DROP INDEX b;
DROP INDEX a;
"""


def shown(site: Site, word: str = VERSION) -> list[str]:
    """The lines of `show`, without what differs from run to run."""
    said = site("show", word)
    assert said.code == 0, said.err
    return [
        line
        for line in said.out.splitlines()
        if line.split()[0] not in ("run", "checksum")
    ]


def test_a_pending_migration_shows_what_would_run(site: Site) -> None:
    site.add(FILE, THREE)
    before = site.everything()

    assert shown(site) == [
        "20260101000000-first   pending",
        "  Three steps, of which the second fails",
        "  file      migrations/20260101000000-first.cypher",
        "  way back  written",
        "  steps of up",
        "    1  pending   schema",
        "         3 | CREATE INDEX a FOR (n:A) ON (n.a)",
        "    2  pending   data",
        "         4 | CREATE (:A {a: 1 / 0})",
        "    3  pending   schema",
        "         5 | CREATE INDEX b FOR (n:B) ON (n.b)",
    ]
    assert before == site.everything()


def test_a_failed_migration_shows_the_reason_and_the_way_on(each_site: Site) -> None:
    """As `status` does; the user mends the later statement, and `up` goes on."""
    path = each_site.add(FILE, THREE)
    assert each_site("up").code == 8

    said = each_site("show", VERSION)

    assert said.out.startswith("20260101000000-first   failed at step 2 of 3\n")
    assert "  failed    20260101000000-first.cypher:4" in said.out
    assert "/ by zero" in said.out
    assert [
        line[:16]
        for line in said.out.splitlines()
        if line[:4] == "    " and line[4:5].isdigit()
    ] == [
        "    1  done     ",
        "    2  failed   ",
        "    3  pending  ",
    ]
    assert "neo4j-migrate up    goes on with" in said.err
    assert "failed at step 2 of 3" in each_site("status").out

    path.write_text(THREE.replace("1 / 0", "1"))
    assert each_site("up").code == 0
    said = each_site("show", VERSION)
    assert said.out.startswith("20260101000000-first   applied\n")
    assert said.out.count("done") == 3
    assert said.err == ""


def test_a_down_that_failed_shows_its_own_steps(site: Site) -> None:
    text = THREE.replace("1 / 0", "1").replace("DROP INDEX b", "DROP INDEX nowhere")
    site.add(FILE, text)
    assert site("up").code == 0
    assert site("down").code == 8

    lines = shown(site)

    assert lines[0] == "20260101000000-first   down failed at step 2 of 2"
    assert lines[-6:-4] == ["  steps of down", "    1  done      data"]
    assert "neo4j-migrate down" in site("show", VERSION).err
    assert "down failed at step 2 of 2" in site("status").out


def test_an_interrupted_run_is_told_from_one_at_work(site: Site) -> None:
    """The record is the same; whether its run holds the lock is not."""
    site.add(FILE, THREE)
    site("up")
    site.graph.rows("MATCH (r:_MigrateRecord) SET r.state = 'running', r.error = null")
    dead = site("show", VERSION)
    site.graph.rows(
        "MATCH (l:_MigrateProject), (r:_MigrateRecord) SET l.owner = 'ann@here/1/' + r.run_id,"
        " l.expires_at = datetime.realtime() + duration('PT1M')"
    )
    alive = site("show", VERSION)

    assert dead.out.startswith("20260101000000-first   interrupted at step 2 of 3\n")
    assert "    2  next      data" in dead.out
    assert alive.out.startswith("20260101000000-first   running at step 2 of 3\n")
    assert "look again later" in alive.err


def test_a_computed_down_is_shown_as_one_would_type_it(each_site: Site) -> None:
    """Its statements have parameters, and stand in no file."""
    each_site.add(
        FILE,
        "CREATE INDEX `odd name` FOR (n:A) ON (n.a);\n"
        "CREATE CONSTRAINT c FOR (n:A) REQUIRE n.c IS UNIQUE;\nDROP CONSTRAINT c;",
    )
    assert each_site("up").code == 0
    assert "  way back  computed\n" in each_site("show", VERSION).out
    record = "MATCH (r:_MigrateRecord) SET r.direction = 'down', r.state = 'running', r.step = 1,"
    each_site.graph.rows(f"{record} r.steps_done = [], r.down_from = 'computed'")

    lines = shown(each_site)

    at = lines.index("  steps of down, computed when it was applied")
    text = "\n".join(lines[at:])
    assert "           | DROP INDEX `odd name` IF EXISTS" in lines
    assert "           | DROP CONSTRAINT `c` IF EXISTS" in lines
    assert "$name" not in text


def test_an_edited_file_shows_what_was_applied_and_the_diff(site: Site) -> None:
    path = site.add(FILE, "CREATE (:A);\nCREATE (:B);\n")
    site("up")
    path.write_text("CREATE (:A);\nCREATE (:Other);\n")

    said = site("show", VERSION)

    assert said.out.startswith("20260101000000-first   edited since it was applied\n")
    assert "  edited    - CREATE (:B)\n  edited    + CREATE (:Other)\n" in said.out
    assert "         2 | CREATE (:B)\n" in said.out
    assert site("show", VERSION, "--source").out == "CREATE (:A);\nCREATE (:B);\n"


def test_a_file_that_is_gone_comes_back_by_its_source(site: Site) -> None:
    """Byte for byte, so that the checksum is the same."""
    text = "// why\r\n// @up\r\nCREATE (:A {s: 'é;'});\r\n// @down\r\nRETURN 1;\r\n"
    path = site.project.folder / FILE
    path.write_bytes(text.encode())
    assert site("up").code == 0
    path.unlink()

    assert "  file      gone" in shown(site)
    source = site("show", VERSION, "--source")

    assert (source.out, source.err) == (text, "")
    path.write_bytes(source.out.encode())
    assert site("verify").code == 0


def test_a_text_that_was_not_kept_is_no_empty_file(site: Site) -> None:
    """It is longer than the history keeps."""
    path = site.add(FILE, f"CREATE (:A {{s: '{'x' * 2**20}'}});")
    site("up")
    there = site("show", VERSION, "--source")
    assert there.out == path.read_text() + "\n"
    path.unlink()

    gone = site("show", VERSION, "--source")

    assert gone.error == ("INTEGRITY.MISSING", 7)
    assert gone.out == ""
    assert "steps of up: not kept" in site("show", VERSION).out


def test_a_kept_text_that_no_longer_parses_is_shown_as_far_as_it_can_be(
    site: Site,
) -> None:
    """An older version may have taken what this one does not."""
    path = site.add(FILE, "CREATE (:A);")
    site("up")
    path.unlink()
    site.graph.rows(
        "MATCH (r:_MigrateRecord) SET r.source = '// @unheard-of\nCREATE (:A);'"
    )

    said = site("show", VERSION)

    assert said.code == 0
    assert "steps of up: cannot be read by this version" in said.out
    assert site("show", VERSION, "--source").out == "// @unheard-of\nCREATE (:A);\n"


def test_python_is_shown_and_never_run(site: Site) -> None:
    text = (
        '"""Adds a node."""\nfrom pathlib import Path\n\nPath("executed").touch()\n\n\n'
        "async def up(client):\n    await client.cypher('CREATE (:A)')\n"
    )
    site.add(f"{VERSION}-p.py", text)

    pending = shown(site)
    site("up")
    (site.project.root / "executed").unlink()
    applied = shown(site)

    assert pending[-1] == "    1  pending   data  a Python function"
    assert applied[-1] == "    1  done      data  a Python function"
    assert "  way back  none" in applied
    assert site("show", VERSION, "--source").out == text
    assert not (site.project.root / "executed").exists()


def test_versions_are_named_as_everywhere(site: Site) -> None:
    """Whole, shortened, `latest`, `current`; a wrong one says so."""
    for day in (1, 2, 3):
        site.add(f"2026010{day}000000-m{day}.cypher", f"CREATE (:N{day});")
    site("up", "--up-count", "2")

    titles = {
        word: shown(site, word)[0].split()[0]
        for word in ("20260102000000", "20260103", "latest", "current")
    }

    assert titles == {
        "20260102000000": "20260102000000-m2",
        "20260103": "20260103000000-m3",
        "latest": "20260103000000-m3",
        "current": "20260102000000-m2",
    }
    assert site("show", "202601").error == ("USAGE.AMBIGUOUS_VERSION", 2)
    for word in ("2027", "m1", "zero", ""):
        assert site("show", word).error == ("USAGE.UNKNOWN_VERSION", 2)


def test_a_name_cannot_drive_the_terminal(site: Site) -> None:
    """File names and statements may have any character."""
    path = Path(site.project.folder / f"{VERSION}-a\x1b[2Jb\x07.cypher")
    path.write_text("CREATE (:A {s: '\x1b[31m'});")
    site("up")

    said = site("show", VERSION)

    assert said.out.startswith("20260101000000-a\\x1b[2Jb\\x07   applied\n")
    assert "\x1b" not in said.out + said.err
    path.unlink()
    for verb in ("verify", "log", "doctor", "status"):
        said = site(verb)
        assert "\x1b" not in said.out + said.err
