"""A file that cannot be used is a finding of `verify`, and hides no other."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Site
from tests.render.schemas import check

pytestmark = pytest.mark.server

ONE, TWO, THREE = (f"2026010{n}000000-m{n}.cypher" for n in (1, 2, 3))


def applied(site: Site) -> Site:
    for name, label in ((ONE, "A"), (TWO, "B"), (THREE, "C")):
        site.add(name, f"CREATE (:{label});\n")
    assert site("up").code == 0
    return site


def heads(site: Site) -> list[str]:
    """The first line of each finding, and the count."""
    said = site("verify")
    assert (said.code, said.err) == (7, "")
    return [line for line in said.out.splitlines() if not line.startswith(" ")]


def test_every_unusable_file_is_told_beside_the_other_problems(each_site: Site) -> None:
    """With its place, why, and what to type; its record is not called missing."""
    site = applied(each_site)
    site.add(ONE, "")
    site.add(TWO, "CREATE (:Other);\n")
    (site.project.folder / THREE).unlink()
    site.add("20260102120000-late.cypher", "CREATE (:L);")
    site.add("20260104000000-new.cypher", "CREATE (:N);\nCREATE (:N {n: 'x});\n")
    site.add("20260105000000-p.py", "async def up(client):\n    x = (\n")
    before = site.everything()

    found = heads(site)

    assert before == site.everything()
    assert found[:3] == [
        "unusable 20260101000000-m1   has nothing to apply: it has no statement",
        "edited   20260102000000-m2   statement 1 changed",
        "late     20260102120000-late   older than the newest applied one,"
        " 20260103000000, and not applied",
    ]
    assert found[3].startswith("missing  20260103000000-m3   applied by ")
    assert found[4].startswith("unusable 20260104000000-new   ")
    assert found[5].startswith("unusable 20260105000000-p   ")
    assert found[6:] == ["6 problems in 6 migrations"]
    out = site("verify").out
    for told in (
        "         migrations/20260101000000-m1.cypher\n",
        "git checkout -- migrations/20260101000000-m1.cypher",
        "neo4j-migrate show 20260101000000 --source -o migrations/20260101000000-m1.cypher",
        "         migrations/20260104000000-new.cypher:2:16\n",
        "         migrations/20260105000000-p.py:2:9\n",
        "neo4j-migrate verify    after correcting the file",
    ):
        assert told in out


def test_two_files_with_one_version_are_one_problem(site: Site) -> None:
    """Both are named; the others are compared."""
    applied(site)
    (site.project.folder / "more").mkdir()
    site.add(f"more/{ONE.replace('m1', 'other')}", "CREATE (:O);")
    site.add(TWO, "CREATE (:Other);\n")

    found = heads(site)

    assert found[0].startswith("unusable 20260101000000-m1   one version has more than")
    assert f"migrations/{ONE} and" in " ".join(site("verify").out.split())
    assert "migrations/more/20260101000000-other.cypher" in site("verify").out
    assert found[1:] == [
        "edited   20260102000000-m2   statement 1 changed",
        "2 problems in 3 migrations",
    ]


def test_a_program_gets_the_code_that_other_verbs_end_with(site: Site) -> None:
    applied(site)
    site.add(ONE, "")
    (site.project.folder / TWO).unlink()

    said = site("verify", "--json")

    found = json.loads(said.out)
    check(found)
    assert (said.code, found["exit_code"]) == (7, 7)
    assert [p["kind"] for p in found["data"]["problems"]] == ["unusable", "missing"]
    codes = [one["code"] for one in found["diagnostics"]]
    assert codes == ["FILE.NO_UP", "INTEGRITY.MISSING"]
    assert site("up").error == ("FILE.NO_UP", 2)
    assert site("status").error == ("FILE.NO_UP", 2)


def test_what_is_baselined_or_pending_is_not_brought_back(site: Site) -> None:
    """The history has no text of it."""
    site.add(ONE, "CREATE (:A);")
    assert site("baseline", "latest", "-y").code == 0
    site.add(ONE, "")
    site.add(TWO, "")

    out = site("verify").out

    assert "--source" not in out
    assert out.count("after correcting the file") == 2
    assert f"git checkout -- migrations/{TWO}" not in out


def test_doctor_looks_at_the_rest(site: Site) -> None:
    """Each unusable file has a line, and the others are compared."""
    applied(site)
    site.add(ONE, "")
    site.add("20260104000000-new.cypher", "CREATE (:N {n: 'x});\n")
    (site.project.folder / "odd.cypher").write_text("RETURN 1;")
    (site.project.folder / TWO).unlink()

    said = site("doctor")

    assert said.code == 7
    bad = [line for line in said.out.splitlines() if line[:4] in ("fail", "warn")]
    assert [line.split()[:2] for line in bad] == [
        ["fail", "files"],
        ["fail", "files"],
        ["warn", "files"],
        ["warn", "history"],
        ["fail", "history"],
    ]
    assert "1 problem: files and history disagree" in said.out
    assert "not compared with the files that cannot be used" in said.out
