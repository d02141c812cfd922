"""Where a statement failed: the server's line and column, found again in the file."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.render.words import width
from tests.e2e.conftest import Said, Site

pytestmark = pytest.mark.server

FILE = "20260101000000-a.cypher"


def pointed(said: Said) -> tuple[str, str]:
    """The line of the block that shows the source, and what the caret stands below."""
    lines = said.err.splitlines()
    (at,) = (i for i, line in enumerate(lines) if line.strip(" |") == "^")
    source, caret = lines[at - 1], lines[at].index("^")
    columns = "".join(sign + " " * (width(sign) - 1) for sign in source)
    return source.split(" | ")[1], columns[caret : caret + 6]


@pytest.mark.parametrize(
    ("text", "place", "below"),
    [
        ("RETRUN 1;\n", "1:1", "RETRUN"),
        ("CREATE (:A); RETRUN 1;\n", "1:14", "RETRUN"),
        ("// @up\nMATCH (n)\n  RETRUN n;\n", "3:3", "RETRUN"),
        ("CREATE (:A);\n\n  MATCH (n)\n\tRETRUN n;\n", "4:2", "RETRUN"),
        ("MATCH (n) WHERE n.a\t=\t1\tRETRUN n;\n", "1:25", "RETRUN"),
        ("/* two\nlines */ MATCH (n) RETRUN n;\n", "2:20", "RETRUN"),
        ("MATCH (n) WHERE n.a = '日本' RETRUN n;\n", "1:28", "RETRUN"),
        (f"MATCH (n) WHERE n.a = '{'x' * 500}' RETRUN n;\n", "1:526", "RETRUN"),
        ("MATCH (n)\r\n  RETRUN n;\r\n", "2:3", "RETRUN"),
        ("\ufeffMATCH (n)\n  RETRUN n;\n", "2:3", "RETRUN"),
        ("CREATE INDEX i FOR (a:A) ON (a.b);\nRETURN nope;\n", "2:8", "nope; "),
    ],
    ids=[
        *("first", "second of a line", "multi-line", "tab", "tabs", "comment"),
        *("wide", "long", "CRLF", "BOM", "second step"),
    ],
)
def test_the_caret_stands_below_what_the_server_means(
    each_site: Site, text: str, place: str, below: str
) -> None:
    """Whatever stands before it, in the line and in the file."""
    site = each_site
    (site.project.folder / FILE).write_bytes(text.encode())

    said = site("up")

    assert said.error[0] == "UP.STATEMENT_FAILED"
    assert said.part("where").startswith(f"migrations/{FILE}:{place}")
    source, found = pointed(said)
    assert len(source) < 106
    assert f"{found:6}" == below


def test_a_place_the_server_does_not_know_is_the_statements(each_site: Site) -> None:
    """The newest server says line 0, column 0 of some: the statement itself is shown."""
    site = each_site
    text = "CREATE TEXT INDEX i FOR (a:A) ON (a.b) OPTIONS {nope: 1};\n"
    site.add(FILE, f"CREATE (:A);\n{text}")

    said = site("up")

    assert said.error == ("UP.STATEMENT_FAILED", 8)
    assert said.part("where").startswith(f"migrations/{FILE}:2:1")


def test_what_is_there_already_may_stay(each_site: Site) -> None:
    """The way on that the message names: the step counts as done, and up goes on."""
    site = each_site
    site.graph.rows("CREATE INDEX i FOR (a:A) ON (a.b)")
    site.add(FILE, "CREATE (:A);\nCREATE INDEX i FOR (a:A) ON (a.b);\nCREATE (:B);\n")

    said = site("up")
    assert said.error == ("UP.STATEMENT_FAILED", 8)
    assert "IF NOT EXISTS passes over it" in said.part("why")
    way = "repair 20260101000000 --step 2 --mark applied"
    assert f"neo4j-migrate {way}" in said.part("next")

    assert (site(*way.split()).code, site("up").code) == (0, 0)
    assert (site.count("A"), site.count("B")) == (1, 1)


def test_an_edition_that_is_missing_is_no_mistake_of_the_file(each_site: Site) -> None:
    """PLAN.EDITION, 2 where nothing is kept, with the server's own words."""
    site = each_site
    site.add(FILE, "CREATE CONSTRAINT c FOR (a:A) REQUIRE a.b IS NOT NULL;\n")

    said = site("up")

    assert said.error == ("PLAN.EDITION", 2)
    assert "this server is Neo4j Community" in said.part("why")
    assert said.part("kept") == "nothing of 20260101000000 was kept"
    assert "dbms.components" in said.part("next")
    assert (site.records(), site.events()) == ([], ["failed"])
