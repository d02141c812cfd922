"""What `down` takes back, and what it refuses to."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

PYTHON = """\
def up(client):
    client.cypher("CREATE (:C)")


def down(client):
    client.cypher("MATCH (n:C) DELETE n")
"""


def both(label: str) -> str:
    """A file that makes a node, and takes it back."""
    return f"// @up\nCREATE (:{label});\n// @down\nMATCH (n:{label}) DELETE n;\n"


@pytest.fixture
def three(site: Site) -> Site:
    """Three applied migrations: A and B of Cypher, C of Python."""
    site.add("20260101000000-a.cypher", both("A"))
    site.add("20260102000000-b.cypher", both("B"))
    site.add("20260103000000-c.py", PYTHON)
    assert site("up").code == 0
    return site


def left(site: Site) -> str:
    """The labels of what is there."""
    rows = site.graph.rows(
        "MATCH (n) WHERE none(l IN labels(n) WHERE l STARTS WITH '_')"
        " RETURN labels(n)[0] AS label ORDER BY label"
    )
    return "".join(str(row[0]) for row in rows)


def applied(site: Site) -> list[str]:
    """The versions' days."""
    return [record[6:8] for record in site.records()]


@pytest.mark.parametrize(
    "args", [(), ("--down-count", "all"), ("--down-count", "3"), ("--to", "zero")]
)
def test_an_empty_history_has_nothing_to_roll_back(
    site: Site, args: tuple[str, ...]
) -> None:
    """That is said, it is no failure, and nothing is written."""
    site.add("20260101000000-a.cypher", both("A"))
    before = site.everything()

    said = site("down", *args)

    nothing = f"nothing to roll back on {site.where}\n"
    assert (said.code, said.out, said.err) == (0, nothing, "")
    assert before == site.everything()


def test_without_a_count_the_last_one_applied_goes_and_only_it(three: Site) -> None:
    """Three times in a row; then there is nothing."""
    for rest in ("AB", "A", ""):
        said = three("down")
        assert said.code == 0
        assert said.out.startswith("rolled back 1 migration, 1 step in ")
        assert left(three) == rest
    assert three("down").out == f"nothing to roll back on {three.where}\n"
    assert three.events() == ["applied"] * 3 + ["rolled back"] * 3
    assert three.records() == []


def test_the_last_one_is_the_one_applied_last(site: Site) -> None:
    """Not the one with the highest version: a late file goes first."""
    site.add("20260102000000-b.cypher", both("B"))
    site("up")
    site.add("20260101000000-a.cypher", both("A"))
    assert site("up").error == ("INTEGRITY.LATE", 7)
    assert site("up", "--allow-late", "20260101000000").code == 0

    assert "20260101000000-a" in site("down").err
    assert left(site) == "B"


def test_counts_and_versions(three: Site) -> None:
    """`--to` keeps the version it names; a count takes so many; `all` takes all."""
    assert three("down", "--to", "20260102").code == 0
    assert left(three) == "AB"
    three("up")
    assert three("down", "--down-count", "2").out.startswith("rolled back 2 migrations")
    assert left(three) == "A"
    three("up")
    assert three("down", "--down-count", "all").code == 0
    assert (left(three), three.records()) == ("", [])


def test_a_cypher_migration_goes_back_though_its_file_is_gone(three: Site) -> None:
    """The text that was applied is in the history, `down` section and all."""
    three("down")
    (three.project.folder / "20260102000000-b.cypher").unlink()

    assert three("down").code == 0

    assert left(three) == "A"


def test_a_cypher_migration_goes_back_by_the_text_that_was_applied(
    three: Site,
) -> None:
    """An edited `up` brings its edited `down`, which was never meant for this data."""
    three("down")
    three.add("20260102000000-b.cypher", both("Other"))

    assert three("down").code == 0

    assert left(three) == "A"


def test_the_down_of_an_unedited_file_is_the_one_that_runs(three: Site) -> None:
    """It may be mended at any time: it is no part of the checksum."""
    three("down")
    text = both("B").replace("DELETE n", "REMOVE n:B SET n:Kept")
    three.add("20260102000000-b.cypher", text)

    assert three("down").code == 0

    assert left(three) == "AKept"


def test_python_whose_file_is_gone_is_refused_and_can_be_brought_back(
    three: Site,
) -> None:
    """Text from the history is never executed; the command writes the file again."""
    path = three.project.folder / "20260103000000-c.py"
    path.unlink()
    before = three.everything()

    said = three("down")

    assert said.error == ("INTEGRITY.MISSING", 7)
    assert "20260103000000-c is a Python migration, and its file is gone" in said.text
    assert said.part("kept") == "nothing was touched"
    assert before == three.everything()

    command = (
        "neo4j-migrate show 20260103000000 --source -o migrations/20260103000000-c.py"
    )
    assert command in said.part("next")
    shown = three("show", "20260103000000", "--source")
    assert (shown.code, shown.out, shown.err) == (0, PYTHON, "")
    path.write_text(shown.out)
    assert "missing" not in three("status").out
    assert three("down").code == 0
    assert left(three) == "AB"


@pytest.mark.parametrize("args", [("--down-count", "3"), ("--to", "zero")])
def test_one_irreversible_migration_refuses_the_whole_range(
    site: Site, args: tuple[str, ...]
) -> None:
    """All of them are named; nothing is touched, not even those that could go back."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    site.add(
        "20260102000000-b.py", "def up(client):\n    client.cypher('CREATE (:B)')\n"
    )
    site.add("20260103000000-c.cypher", both("C"))
    site("up")
    before = site.everything()

    said = site("down", *args)

    assert said.error == ("PLAN.IRREVERSIBLE", 2)
    assert "20260102000000-b has no function down(client)" in said.text
    assert "no way back either: 20260101000000-a" in said.part("why")
    assert said.part("where") == "migrations/20260102000000-b.py"
    assert said.part("kept") == "nothing was touched"
    assert before == site.everything()

    # what the message says is what helps
    again = f"neo4j-migrate down {' '.join(args)}"
    assert said.part("next") == f"{again} after writing a function down(client)"
    path = site.project.folder / "20260102000000-b.py"
    path.write_text(
        path.read_text()
        + "\n\ndef down(client):\n    client.cypher('MATCH (n:B) DELETE n')\n"
    )
    site.add("20260101000000-a.cypher", both("A"))
    assert site("down", *args).code == 0
    assert left(site) == ""


@pytest.mark.parametrize("gone", [True, False])
def test_an_irreversible_migration_without_its_applied_text_needs_that_first(
    site: Site, gone: bool
) -> None:
    """A `down` written into a file that was edited would not be the one that runs."""
    path = site.add("20260101000000-a.cypher", "CREATE (:A);")
    site("up")
    path.unlink() if gone else path.write_text(both("Other"))

    said = site("down")

    assert said.error == ("PLAN.IRREVERSIBLE", 2)
    assert "20260101000000-a has no section // @down" in said.text
    assert said.part("next").startswith("git checkout -- ")
    assert "20260101000000-a.cypher" in said.part("next")
    assert left(site) == "A"


def test_pure_schema_goes_back_without_a_down(each_site: Site) -> None:
    """Its inverse is computed from what was there before."""
    site = each_site
    site.graph.rows("CREATE INDEX a FOR (n:N) ON (n.old)")
    schema = site.graph.schema()
    site.add(
        "20260101000000-s.cypher",
        "DROP INDEX a;\nCREATE INDEX a FOR (n:N) ON (n.new);\n"
        "CREATE CONSTRAINT k FOR (n:N) REQUIRE n.k IS UNIQUE;\n",
    )
    assert site("up").code == 0
    assert len(site.graph.schema()) == 2

    assert site("down").code == 0

    assert schema == site.graph.schema()


@pytest.mark.parametrize(("rest", "code"), [("", 2), ("CREATE (:Z);\n", 8)])
def test_a_down_that_fails(site: Site, rest: str, code: int) -> None:
    """What could not be taken back stays applied, and the words say which way."""
    site.add(
        "20260101000000-a.cypher", both("A").replace("DELETE n", "SET n.x = 1 / 0")
    )
    site.add("20260102000000-b.cypher", both("B"))
    site("up")
    if not rest:
        site("down")

    said = site("down", "--down-count", "2")

    assert said.error == ("DOWN.STATEMENT_FAILED", code)
    assert said.part("where") == "migrations/20260101000000-a.cypher:4:1"
    kept = "nothing of 20260101000000 was rolled back"
    before = "; 1 migration before it is rolled back" if rest else ""
    assert said.part("kept") == kept + before
    again = "neo4j-migrate down" if rest else "neo4j-migrate down --down-count 2"
    assert said.part("next") == f"{again} after correcting it"
    assert left(site) == "A"
    assert applied(site) == ["01"]
    assert "PENDING" not in site("status").out.splitlines()[3]


def test_a_mixed_down_that_fails_goes_on_where_it_stopped(site: Site) -> None:
    """Until it is through `up` refuses, and says what to type."""
    text = (
        "// @up\nCREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:A);\n"
        "// @down\nDROP INDEX a;\nMATCH (n:A) SET n.x = 1 / 0;\nMATCH (n:A) DELETE n;\n"
    )
    path = site.add("20260101000000-a.cypher", text)
    site("up")

    said = site("down")
    assert said.error == ("DOWN.STATEMENT_FAILED", 8)
    assert said.part("kept") == (
        "step 1 is done and recorded; nothing else of it was rolled back"
    )
    assert site.records() == ["20260101000000 down failed at 2 of 2"]
    assert "down failed at step 2 of 2" in site("status").out

    refused = site("up")
    assert refused.error == ("PLAN.PART_WAY", 2)
    assert "neo4j-migrate down" in refused.part("next")

    path.write_text(text.replace("1 / 0", "1"))
    assert site("down").code == 0
    assert (left(site), site.graph.schema(), site.records()) == ("", [], [])


def test_a_down_of_python_names_its_own_verb_as_the_way_on(site: Site) -> None:
    """Also where schema is refused in its one transaction."""
    site.add(
        "20260101000000-a.py",
        "def up(client):\n    client.cypher('CREATE (:A)')\n\n\n"
        "def down(client):\n    client.cypher('DROP INDEX a IF EXISTS')\n",
    )
    site("up")

    said = site("down")

    assert said.error == ("PLAN.IMPOSSIBLE_MIX", 2)
    assert said.part("where") == "migrations/20260101000000-a.py:6"
    assert said.part("next").startswith("neo4j-migrate down after you set TRANSACTION")
    assert said.part("kept") == "nothing of 20260101000000 was rolled back"
    assert left(site) == "A"
