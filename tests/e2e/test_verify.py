"""`verify` compares every file with every record: all findings, nothing written."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

ONE, TWO, THREE = (f"2026010{n}000000-m{n}.cypher" for n in (1, 2, 3))


def applied(site: Site) -> Site:
    for name, label in ((ONE, "A"), (TWO, "B"), (THREE, "C")):
        site.add(name, f"CREATE (:{label});\nCREATE (:{label}2);\n")
    assert site("up").code == 0
    return site


def test_what_agrees_has_no_problems(each_site: Site) -> None:
    """Also where nothing was ever applied, and where all of it was."""
    before = each_site.everything()
    assert each_site("verify").out == "no problems in 0 migrations\n"
    assert before == each_site.everything()
    applied(each_site)

    said = each_site("verify")

    assert (said.code, said.out, said.err) == (0, "no problems in 3 migrations\n", "")


def test_all_problems_are_told_at_once(each_site: Site) -> None:
    """Each with what it is about and its ways out; exit 7, and nothing is written."""
    site = applied(each_site)
    (site.project.folder / ONE).unlink()
    site.add(TWO, "CREATE (:B);\nCREATE (:Other);\n")
    site.add("20260102120000-late.cypher", "CREATE (:L);")
    before = site.everything()

    said = site("verify")

    assert said.code == 7
    assert before == site.everything()
    lines = said.out.splitlines()
    assert [line for line in lines if not line.startswith(" ")][1:] == [
        "edited   20260102000000-m2   statement 2 changed",
        "late     20260102120000-late   older than the newest applied one,"
        " 20260103000000, and not applied",
        "3 problems in 4 migrations",
    ]
    assert lines[0].startswith("missing  20260101000000-m1   applied by ")
    assert "         - CREATE (:B2)\n         + CREATE (:Other)\n" in said.out
    assert "         migrations/20260102000000-m2.cypher:2" in said.out
    for command in (
        "neo4j-migrate show 20260101000000 --source -o migrations/20260101000000-m1.cypher",
        "neo4j-migrate up --allow missing",
        "git checkout -- migrations/20260102000000-m2.cypher",
        "neo4j-migrate repair 20260102000000 --accept-checksum",
        "neo4j-migrate up --allow-late 20260102120000",
    ):
        assert command in said.out


def test_the_ways_out_lead_out(site: Site) -> None:
    """Each command that `verify` names is typed, until there is nothing left to say."""
    applied(site)
    (site.project.folder / ONE).unlink()
    site.add(TWO, "CREATE (:B);\n")
    site.add("20260102120000-late.cypher", "CREATE (:L);")

    source = site("show", "20260101000000", "--source").out
    (site.project.folder / ONE).write_text(source)
    assert site("repair", "20260102000000", "--accept-checksum").code == 0
    assert site("up", "--allow-late", "20260102120000").code == 0

    assert site("verify").out == "no problems in 4 migrations\n"
    assert site.count("L") == 1


def test_comments_line_ends_and_down_are_no_problem(site: Site) -> None:
    applied(site)
    text = "\ufeff// new\r\n// @up\r\nCREATE (:A); // why\r\n\r\nCREATE (:A2)\r\n// @down\r\nRETURN 1;"
    (site.project.folder / ONE).write_bytes(text.encode())
    assert site("verify").code == 0


def test_a_part_way_migration_may_be_edited_where_it_has_not_run(site: Site) -> None:
    """Where it has, the statement is shown as it ran and as it is now."""
    text = "CREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:A {a: 1 / 0});\n"
    site.add(ONE, text)
    assert site("up").code == 8
    site.add(ONE, text.replace("1 / 0", "1"))
    assert site("verify").code == 0

    site.add(ONE, text.replace("ON (n.a)", "ON (n.z)"))
    said = site("verify")

    assert said.code == 7
    assert "step 1 has run and was changed in the file" in said.out
    assert "- CREATE INDEX a FOR (n:A) ON (n.a)" in said.out
    assert "+ CREATE INDEX a FOR (n:A) ON (n.z)" in said.out
    assert "neo4j-migrate down " in said.out

    (site.project.folder / ONE).unlink()
    said = site("verify")
    assert "part-way up, and its file is gone" in said.out
    assert "--allow missing" not in said.out


def test_a_python_edit_is_shown_without_running_it(site: Site) -> None:
    name = "20260101000000-p.py"
    text = "async def up(client):\n    await client.cypher('CREATE (:A)')\n"
    site.add(name, text)
    assert site("up").code == 0
    path = site.add(name, "raise SystemExit(9)\n\n\n" + text)

    said = site("verify")

    assert (said.code, "+ raise SystemExit(9)" in said.out) == (7, True)
    path.write_text("# a comment\n" + text)
    assert site("verify").code == 0


def test_a_history_of_a_newer_tool_is_not_judged(site: Site) -> None:
    """Records that cannot be read would make their files look as if never applied."""
    applied(site)
    site.graph.rows("MATCH (l:_MigrateProject) SET l.format = 2")
    assert site("verify").error == ("INTEGRITY.HISTORY_NEWER", 7)
