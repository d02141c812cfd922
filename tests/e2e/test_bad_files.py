"""Files that cannot be used, in whole or from some statement on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

GOOD = "20260101000000-good.cypher"
BAD = "20260102000000-bad.cypher"
FIVE = """\
// @up
CREATE (:A {i: 1});
CREATE (:A {i: 2});
  MATCH (n:A)
  RETRUN n;
CREATE (:A {i: 4});
CREATE (:A {i: 5});
"""
MIXED = """\
// @up
CREATE INDEX a_i FOR (a:A) ON (a.i);
CREATE (:A {i: 1});
CREATE TEXT INDEX a_t FOR (a:A) ON (a.t.u);
CREATE (:A {i: 2});
CREATE CONSTRAINT a_k FOR (a:A) REQUIRE a.k IS UNIQUE;
// @down
MATCH (a:A) DELETE a;
DROP CONSTRAINT a_k;
DROP INDEX a_t;
DROP INDEX a_i;
"""


def test_a_syntax_error_in_statement_3_of_5_of_one_data_step(each_site: Site) -> None:
    """Nothing of the file stays, what was before it does, and the place is exact."""
    site = each_site
    site.add(GOOD, "CREATE (:Good);")
    path = site.add(BAD, FIVE)

    said = site("up")

    assert said.error == ("UP.STATEMENT_FAILED", 8)
    assert "20260102000000-bad failed at step 1 of 1" in said.text
    assert said.part("where") == f"migrations/{BAD}:5:3"
    assert "       5 |   RETRUN n;\n         |   ^\n" in said.err
    assert "'RETRUN'" in said.part("why")
    assert said.part("why").endswith("[Neo.ClientError.Statement.SyntaxError]")
    assert said.part("kept") == (
        "nothing of 20260102000000 was kept; 1 migration before it is applied"
    )
    assert said.part("next") == "neo4j-migrate up after correcting it"
    assert site.count("A") == 0
    assert site.records() == ["20260101000000 up applied at 2 of 1"]
    assert site.events() == ["applied", "failed"]
    assert site.lock_is_free()

    again = site("up")  # nothing of this run is kept, so the code is the cause's
    assert again.error == ("UP.STATEMENT_FAILED", 2)
    assert again.part("kept") == "nothing of 20260102000000 was kept"

    path.write_text(FIVE.replace("RETRUN", "RETURN"))
    assert site("up").out.startswith("applied 1 migration, 1 step in ")
    assert site.count("A") == 4
    assert site.count("Good") == 1


def test_an_error_in_a_later_step_of_a_mixed_file(each_site: Site) -> None:
    """The steps before it stay, and once the file is mended `up` goes on behind them."""
    site = each_site
    path = site.add(BAD, MIXED)

    said = site("up")

    assert said.error == ("UP.STATEMENT_FAILED", 8)
    assert "20260102000000-bad failed at step 3 of 5" in said.text
    assert said.part("where").startswith(f"migrations/{BAD}:4:")
    assert "[Neo.ClientError.Statement.SyntaxError]" in said.part("why")
    assert said.part("kept") == (
        "steps 1-2 are done and recorded; nothing else of it was kept"
    )
    assert said.part("next") == (
        "neo4j-migrate up after correcting step 3 or later"
        " neo4j-migrate down --allow part-way or take back what was done, by its @down"
        " as written"
    )
    assert site.graph.rows("MATCH (a:A) RETURN a.i") == [[1]]
    assert [row[1] for row in site.graph.schema()] == ["a_i"]
    assert site.records() == ["20260102000000 up failed at 3 of 5"]

    status = site("status")
    assert "│ PENDING    │ failed at step 3 of 5 │" in status.out
    assert "0 applied, 1 part-way, 0 pending; lock free" in status.text

    path.write_text(MIXED.replace("a.t.u", "a.t"))
    mended = site("up", "-v")
    assert mended.code == 0
    assert "20260102000000-bad goes on at step 3 of 5" in mended.text
    assert mended.out.startswith("applied 1 migration, 3 steps in ")
    assert site.graph.rows("MATCH (a:A) RETURN a.i ORDER BY a.i") == [[1], [2]]
    assert len(site.graph.schema()) == 3
    assert site.records() == ["20260102000000 up applied at 6 of 5"]


def test_a_step_that_has_run_cannot_be_edited_while_the_rest_is_mended(
    site: Site,
) -> None:
    """The refusal names the step and its place; what was done may be taken back."""
    path = site.add(BAD, MIXED)
    site("up")
    path.write_text(MIXED.replace("a.t.u", "a.t").replace("i: 1", "i: 11"))

    said = site("up")

    assert said.error == ("INTEGRITY.EDITED_PREFIX", 7)
    assert said.part("where") == f"migrations/{BAD}:3"
    assert "step 2 has run and was changed in the file" in said.text
    assert "git checkout" in said.part("next")
    assert site.graph.rows("MATCH (a:A) RETURN a.i") == [[1]]


def test_schema_and_data_in_one_file_are_cut_into_steps(each_site: Site) -> None:
    """Neo4j allows no such transaction; the tool makes several, and takes them back."""
    site = each_site
    site.add(BAD, MIXED.replace("a.t.u", "a.t"))

    assert site("up").out.startswith("applied 1 migration, 5 steps in ")
    assert site.count("A") == 2
    assert len(site.graph.schema()) == 3

    assert site("down").code == 0
    assert site.count("A") == 0
    assert site.graph.schema() == []
    assert site.records() == []


@pytest.mark.parametrize(
    ("statement", "before", "why", "code"),
    [
        (
            "CREATE CONSTRAINT u FOR (p:P) REQUIRE p.id IS UNIQUE",
            *("CREATE (:P {id: 1}), (:P {id: 1})", "`id` = 1", "UP.STATEMENT_FAILED"),
        ),
        (
            "CREATE CONSTRAINT u FOR (p:P) REQUIRE p.id IS NOT NULL",
            *("CREATE (:Q)", "Community", "PLAN.EDITION"),
        ),
        (
            "CREATE INDEX u FOR (p:P) ON (p.id)",
            "CREATE INDEX u FOR (p:P) ON (p.other)",
            *("index called 'u'", "UP.STATEMENT_FAILED"),
        ),
    ],
)
def test_a_schema_change_that_the_server_refuses(
    each_site: Site, statement: str, before: str, why: str, code: str
) -> None:
    """The server's whole reason is told: which data, which edition, which other index."""
    site = each_site
    site.graph.rows(before)
    schema = site.graph.schema()
    site.add(GOOD, f"CREATE (:Good);\n{statement};\n")

    said = site("up")

    assert said.error == (code, 8)
    assert said.part("where") == f"migrations/{GOOD}:2:1"
    assert why in said.part("why")
    assert "[Neo." in said.part("why")
    assert said.part("kept") == (
        "step 1 is done and recorded; nothing else of it was kept"
    )
    assert site.graph.schema() == schema
    assert site.count("Good") == 1


# Files that are refused before anything is touched: the database stays empty.

PYTHON = "20260102000000-bad.py"
UNUSABLE: dict[str, tuple[str, str | bytes, str, str, str]] = {
    "a statement, but none of them is to be applied": (
        *(BAD, "// @down\nRETURN 1;\n", "FILE.NO_UP"),
        *("it has no section `// @up`", BAD),
    ),
    "a section without a statement": (
        *(BAD, "// @up\n// @down\nRETURN 1;\n", "FILE.NO_UP"),
        *("no statement stands below `// @up`", f"{BAD}:1"),
    ),
    "comments alone": (BAD, "// one day\n", "FILE.NO_UP", "it has no statement", BAD),
    "nothing": (BAD, "", "FILE.NO_UP", "it has no statement", BAD),
    "Python without up": (
        *(PYTHON, "async def down(client): ...\n", "FILE.NO_UP"),
        *("it has no function `up`", PYTHON),
    ),
    "Python whose up takes nothing": (
        *(PYTHON, "\nasync def up(): ...\n", "FILE.NO_UP"),
        *("`up` must take one argument, the client", f"{PYTHON}:2"),
    ),
    "Python that is none": (
        *(PYTHON, "async def up(client):\n    x = (\n", "FILE.PARSE"),
        *("was never closed", f"{PYTHON}:2:9"),
    ),
    "Cypher that is not UTF-8": (
        *(BAD, "CREATE (:A);\nCREATE (:A {n: 'café'});".encode("cp1252"), "FILE.PARSE"),
        *("line 2, byte 0xe9 at offset 32; save the file as UTF-8", f"{BAD}:2:20"),
    ),
    "Python that is not UTF-8": (
        *(PYTHON, "# café\ndef up(client): ...\n".encode("latin-1"), "FILE.PARSE"),
        *("line 1, byte 0xe9 at offset 5; save the file as UTF-8", f"{PYTHON}:1:6"),
    ),
    "UTF-16": (BAD, "CREATE (:A);".encode("utf-16"), "FILE.PARSE", "UTF-8", f"{BAD}:1"),
    "a string that does not end": (
        *(BAD, "CREATE (:A);\nCREATE (:A {n: 'x});\n", "FILE.PARSE"),
        *("", f"{BAD}:2:16"),
    ),
    "a mark that means nothing": (
        *(BAD, "// @upp\nCREATE (:A);\n", "FILE.PARSE"),
        *("did you mean `// @up`?", f"{BAD}:1"),
    ),
}


@pytest.mark.parametrize(
    ("name", "content", "code", "why", "where"), UNUSABLE.values(), ids=UNUSABLE
)
def test_a_file_that_cannot_be_used_stops_before_anything(
    site: Site, name: str, content: Any, code: str, why: str, where: str
) -> None:
    """Its good neighbours wait too; the place is told, and `status` says the same."""
    site.add(GOOD, "CREATE (:Good);")
    path = site.project.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = site.everything()

    said = site("up")

    assert said.error == (code, 2)
    assert name in said.text
    assert why in said.part("why")
    assert said.part("where") == f"migrations/{where}"
    assert said.part("kept") == "nothing was touched"
    assert site("status").error == (code, 2)
    assert site("down").error == (code, 2)
    assert before == site.everything()
    if isinstance(content, bytes):  # it is not replaced either
        assert content == path.read_bytes()


def test_two_files_with_one_version(site: Site) -> None:
    """Both are named, also when one lies in a folder of its own."""
    site.add(GOOD, "CREATE (:A);")
    (site.project.folder / "more").mkdir()
    site.add("more/20260101000000-other.py", "def up(client): ...\n")
    before = site.everything()

    said = site("up")

    assert said.error == ("FILE.DUPLICATE_VERSION", 2)
    assert f"migrations/{GOOD} and" in said.part("why")
    assert "migrations/more/20260101000000-other.py" in said.part("why")
    assert said.part("kept") == "nothing was touched"
    assert before == site.everything()


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("import json\nimport no_such_module\n", "ModuleNotFoundError: No module", 2),
        ("\n\n1 / 0\n", "ZeroDivisionError: division by zero", 3),
        ("import sys\nsys.exit()\n", "SystemExit", 2),
    ],
)
def test_python_that_does_not_import(
    site: Site, text: str, why: str, line: int
) -> None:
    """It is loaded before the first migration of the run, which so is not applied."""
    site.add(GOOD, "CREATE (:Good);")
    site.add(PYTHON, f"{text}\n\ndef up(client): ...\n")

    said = site("up")

    assert said.error == ("FILE.IMPORT_FAILED", 2)
    assert said.part("why").startswith(why)
    assert said.part("where") == f"migrations/{PYTHON}:{line}"
    assert said.part("kept") == "nothing was run, and no record was changed"
    assert site.lock_is_free()
    assert site.count("Good") == 0
    assert (site.records(), site.events()) == ([], [])
    assert site.lock_is_free()
    assert site("status").out.count("PENDING") == 2  # which executes no Python
