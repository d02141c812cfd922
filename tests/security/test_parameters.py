"""Values of users' statements: in the server's own message, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from neo4j_migrate_magic.database.values import without_values
from tests.cli.conftest import cli
from tests.e2e.conftest import Site, each_site

__all__ = ["cli", "each_site"]

CANARY = "canary-of-the-data"
FILE = "20260101000000-a"

# Failing calls with the canary as a parameter; the server quotes it in the last four.
CALLS = {
    "RETURN 1 / toInteger($x + $zero)": {"x": CANARY, "zero": []},
    "RETURN $missing, $x": {"x": CANARY},
    "MATCH (n) WHERE n.x = $x RETRUN n": {"x": CANARY},
    "RETURN $x AS x, 1 / $zero": {"x": CANARY, "zero": 0},
    "CREATE (:Taken {x: $x})": {"x": CANARY},
    "WITH $x AS x RETURN x.y.z": {"x": CANARY},
    "RETURN date($x)": {"x": CANARY},
    "CREATE (:N {x: {y: $x}})": {"x": CANARY},
}

pytestmark = pytest.mark.server


def failing(site: Site, text: str, parameters: dict[str, Any], mode: str) -> None:
    head = 'TRANSACTION = "per-call"\n' if mode == "per-call" else ""
    word = "" if mode == "thread" else "async "
    wait = "" if mode == "thread" else "await "
    # the values are not in the file itself, whose line an error shows
    (site.project.root / "values.json").write_text(json.dumps(parameters))
    site.add(
        f"{FILE}.py",
        f"import json\n{head}{word}def up(client):\n"
        f"    with open('values.json') as file:\n        values = json.load(file)\n"
        f"    {wait}client.cypher({text!r}, values)\n",
    )


@pytest.mark.parametrize("mode", ["one transaction", "per-call", "thread"])
def test_a_parameter_of_a_failing_call(each_site: Site, mode: str) -> None:
    """The why may quote the server; nothing else does, and the history not even that."""
    site = each_site
    site.graph.rows("CREATE CONSTRAINT FOR (t:Taken) REQUIRE t.x IS UNIQUE")
    site.graph.rows("CREATE (:Taken {x: $x})", x=CANARY)
    for text, parameters in CALLS.items():
        failing(site, text, parameters, mode)

        shown = site("up")
        assert shown.code in (2, 8), shown.err
        why = shown.part("why")
        assert CANARY not in shown.text.replace(why, "")
        if CANARY in why:
            assert "[Neo." in why
        later = [site(*line) for line in (("log",), ("show", FILE[:8]), ("doctor",))]
        assert [found.code for found in later[:2]] == [0, 0]
        kept = str(site.graph.rows("MATCH (n) WHERE NOT n:Taken RETURN properties(n)"))
        assert f"{FILE}.py:" in kept
        assert CANARY not in kept + site("show", FILE[:8]).text
        site("repair", FILE[:8], "--mark", "pending")
    assert CANARY not in site("log").text


def test_values_in_the_message_of_a_failed_constraint(each_site: Site) -> None:
    """The console names the value; the history says which rule was broken, and where."""
    site = each_site
    site.graph.rows("UNWIND [1, 2] AS i CREATE (:Twice {x: $x})", x=CANARY)
    site.add(
        f"{FILE}.cypher", "CREATE CONSTRAINT t FOR (t:Twice) REQUIRE t.x IS UNIQUE;"
    )

    shown = site("up")

    assert CANARY in shown.part("why")
    kept = str(site.graph.rows("MATCH (n) WHERE NOT n:Twice RETURN properties(n)"))
    assert CANARY not in kept
    assert "ConstraintCreationFailed" in kept


def test_an_integer_that_no_database_holds(each_site: Site) -> None:
    """The driver's own words would repeat it."""
    site = each_site
    number = 9**40
    failing(site, "RETURN $x", {"x": number}, "one transaction")

    shown = site("up", "--trace")

    assert shown.code == 2
    assert "an integer has more than 64 bits" in shown.text
    assert str(number) not in shown.err.partition("error UP")[2]
    assert str(number) not in str(site.graph.rows("MATCH (n) RETURN properties(n)"))


def test_what_a_python_migration_says_is_told_and_not_kept(each_site: Site) -> None:
    """Its own exception may have any value in it: the history has its class and line."""
    site = each_site
    site.add(f"{FILE}.py", f"def up(client):\n    raise ValueError('{CANARY}')\n")

    shown = site("up")

    assert f"ValueError: {CANARY}" in shown.part("why")
    ((detail,),) = site.graph.rows("MATCH (e:_MigrateEvent) RETURN e.detail")
    assert json.loads(str(detail))["error"] == f"{FILE}.py:2: ValueError"


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (
            "Node(0) already exists with label `U` and property `x` = 'it's \"x\"' [Neo.A.B]",
            "Node(0) already exists with label `U` and property `x` … [Neo.A.B]",
        ),
        (
            'Type mismatch: expected a map but was String("x") [Neo.A.B]',
            "Type mismatch: expected a map but was String( … [Neo.A.B]",
        ),
        ("Cannot parse 'x' as a Date. [Neo.A.B]", "Cannot … [Neo.A.B]"),
        ("share the property value ( Long(1) )", "share the property value ( …"),
        ("/ by zero [Neo.A.B]", "/ by zero [Neo.A.B]"),
        (
            "Invalid input 'RETRN': expected 'RETURN' (line 1, column 1) [Neo.A.B]",
            "Invalid input 'RETRN': expected 'RETURN' (line 1, column 1) [Neo.A.B]",
        ),
    ],
)
def test_where_a_message_begins_to_quote(message: str, kept: str) -> None:
    """It is cut there, for a value may have anything in it; the code stays."""
    assert kept == without_values(message)
