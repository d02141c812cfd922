"""A history that somebody changed by hand: told, never guessed, and there is a way on."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

V1, V2 = "20260101000000", "20260102000000"
OURS = "MATCH (n:_MigrateRecord|_MigrateEvent|_MigrateProject)"
CUT = """\
TRANSACTION = 'per-call'


def up(client):
    client.cypher('CREATE (:B)')
    1 / 0
"""
HELD = (
    "MATCH (l:_MigrateProject) SET l.owner = 'a@b/1/c', l.verb = 'up',"
    " l.acquired_at = datetime.realtime(), l.expires_at = datetime.realtime()"
)
READING = (("status",), ("show", V2), ("log",), ("doctor",))
WRITING = (
    ("down", "--down-count", "2", "--allow", "part-way", "--lock-timeout", "0s"),
    ("repair", V2, "--mark", "pending", "--lock-timeout", "0s"),
    ("unlock",),
)


@pytest.fixture
def damaged(site: Site) -> Site:
    """A schema that is applied, an autocommit step that failed, and a dead lock."""
    site.add(f"{V1}-a.cypher", "CREATE CONSTRAINT a FOR (a:A) REQUIRE a.id IS UNIQUE;")
    site.add(f"{V2}-b.py", CUT)
    assert site("up").code == 8
    site.graph.rows(HELD)
    return site


@pytest.fixture
def nodes(damaged: Site) -> list[list[Any]]:
    """The history as it was: label and properties of each node."""
    rows: list[list[Any]] = damaged.graph.rows(
        f"{OURS} RETURN labels(n)[0], properties(n)"
    )
    return rows


@pytest.mark.parametrize(
    "label", ["_MigrateRecord", "_MigrateEvent", "_MigrateProject"]
)
@pytest.mark.parametrize("value", [["x"], None], ids=repr)
def test_no_value_of_a_wrong_kind_is_a_fault_of_ours(
    damaged: Site, nodes: list[list[Any]], label: str, value: Any
) -> None:
    """Each property in turn; whatever is said, it is in words of the tool's own."""
    keys = sorted({key for row in nodes if row[0] == label for key in row[1]})
    assert len(keys) > 5
    which = f"MATCH (n:{label}) WHERE coalesce(n.version, '{V2}') = '{V2}'"
    for key in keys:
        meet(damaged, nodes, f"{which} SET n.{key} = $value", value)


@pytest.mark.parametrize("year", [12_345, 999_999_999, -5])
@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("_MigrateRecord", "applied_at"),
        ("_MigrateEvent", "at"),
        ("_MigrateProject", "expires_at"),
    ],
)
def test_nor_is_a_year_that_python_does_not_know(
    damaged: Site, nodes: list[list[Any]], label: str, key: str, year: int
) -> None:
    change = f"MATCH (n:{label}) SET n.{key} = datetime({{year: $value}})"
    meet(damaged, nodes, change, year)


@pytest.mark.parametrize("key", ["inverse", "intent", "counters"])
@pytest.mark.parametrize("value", ["[1]", "[[1]]", "{}", "null", "{"])
def test_nor_is_json_that_is_none_of_ours(
    damaged: Site, nodes: list[list[Any]], key: str, value: str
) -> None:
    meet(damaged, nodes, f"MATCH (n:_MigrateRecord) SET n.{key} = $value", value)


def meet(site: Site, nodes: list[list[Any]], change: str, value: Any) -> None:
    """Damage the history, and see that no verb fails by a fault of the tool's."""
    for verb in READING + WRITING:
        if verb in (READING[0], *WRITING):
            site.graph.rows(
                f"{OURS} DELETE n WITH count(*) AS gone UNWIND $nodes AS node"
                " CREATE (n:$(node[0])) SET n = node[1]",
                nodes=nodes,
            )
            site.graph.rows(change, value=value)
        said = site(*verb)
        assert "BUG." not in said.err, (change, verb)
        assert said.code in (0, 2, 7, 8, 9), (change, verb, said.err)


@pytest.mark.parametrize(
    "damage",
    ["kind = 'x'", "state = null", "step = 'one'", "name = ['a']", "inverse = '{'"],
)
def test_a_damaged_record_is_forgotten_and_recorded_anew(
    damaged: Site, damage: str
) -> None:
    """By the commands that the error names, one after the other."""
    damaged.graph.rows("MATCH (l:_MigrateProject) SET l.owner = null")
    damaged.graph.rows(f"MATCH (r:_MigrateRecord {{version: '{V1}'}}) SET r.{damage}")
    verb = ("show", V1) if "inverse" in damage else ("status",)

    said = damaged(*verb)

    assert said.error == ("INTEGRITY.HISTORY_CORRUPT", 7)
    assert f"the record of '{V1}' cannot be read" in said.text
    told = damaged("doctor", "--json")
    assert told.err == ""
    forget = re.search(
        r"cypher-shell -a \S+ -d neo4j ('MATCH [^']*(?:'\"'\"'[^']*)*DELETE r')",
        said.err,
    )
    assert forget
    damaged.graph.rows(*shlex.split(forget[1]))
    assert damaged("repair", V1, "--mark", "applied").code == 0
    assert damaged("status").code == 0
    assert damaged("verify").code == 0


def test_doctor_names_damage_once(damaged: Site) -> None:
    """And goes on with what can be looked at all the same."""
    damaged.graph.rows("MATCH (r:_MigrateRecord) SET r.kind = 'x'")

    said = damaged("doctor")

    assert said.code == 7
    lines = [line.split() for line in said.out.splitlines()]
    verdicts = {
        words[1]: words[0] for words in lines if words[0] in ("ok", "warn", "fail")
    }
    assert verdicts == {
        "config": "ok",
        "files": "ok",
        "server": "ok",
        "rights": "ok",
        "clock": "warn",
        "history": "fail",
        "lock": "warn",
        "schema": "ok",
    }
    assert said.text.count("is not a valid MigrationKind") == 1


def test_a_damaged_lock_is_made_anew_by_the_next_run(damaged: Site) -> None:
    damaged.graph.rows("MATCH (l:_MigrateProject) SET l.token = 'x'")

    said = damaged("unlock")

    assert said.error == ("INTEGRITY.HISTORY_CORRUPT", 7)
    forget = re.search(
        r"cypher-shell -a \S+ -d neo4j ('MATCH \(l[^']*DELETE l')", said.err
    )
    assert forget
    damaged.graph.rows(*shlex.split(forget[1]))
    assert damaged("repair", V2, "--mark", "pending").code == 0
    assert damaged("status").code == 0
