"""Runs that stop at a failure on a server: each error of `up` and `down` is provoked."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.conftest import Shown
from tests.e2e.conftest import Site

V1, V2 = "20260101000000", "20260102000000"
FIRST, SECOND = f"{V1}-first.cypher", f"{V2}-second.cypher"
BOTH = "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;\n"
TWO = "// @up\nCREATE (:A);\nCREATE INDEX i FOR (a:A) ON (a.i);\n"
STEALS = """\
import neo4j


def {verb}(client):
    client.cypher("CREATE (:B)")
    with neo4j.GraphDatabase.driver({uri!r}, auth=None) as driver:
        driver.execute_query(
            "MATCH (l:_MigrateProject) SET l.owner = 'x/1/y', l.token = l.token + 1"
        )
"""
CUT = "TRANSACTION = 'per-call'\n\n\ndef {verb}(client):\n    client.cypher('CREATE (:B)')\n    1 / 0\n"
NOTHING = "\n\ndef up(client):\n    pass\n"
DEAD = (
    "MATCH (r:_MigrateRecord) SET r.state = 'running', r.direction = $direction,"
    " r.step = $step, r.steps_done = r.steps_done[..$step - 1],"
    ' r.intent = \'{"kind": "schema", "catalogue": "gone", "hash": "x",'
    " \"step\": ' + toString($step) + '}'"
)


def applied(site: Site, text: str = BOTH) -> Site:
    """A site where one migration is applied."""
    site.add(FIRST, text)
    assert site("up").code == 0
    return site


def up_statement_failed(site: Site) -> Shown:
    site.add(FIRST, "RETRUN 1;\n")
    return site("up")


def down_statement_failed(site: Site) -> Shown:
    return applied(site, "CREATE (:A);\n// @down\nRETRUN 1;\n".join(["// @up\n", ""]))(
        "down"
    )


def up_index_failed(site: Site) -> Shown:
    applied(site, TWO)
    site.graph.rows(DEAD, direction="up", step=2)
    return site("up")


def down_index_failed(site: Site) -> Shown:
    applied(site, TWO + "// @down\nDROP INDEX i;\nMATCH (a:A) DELETE a;\n")
    site.graph.rows(DEAD, direction="down", step=1)
    return site("down")


def up_lost_lock(site: Site) -> Shown:
    site.add(f"{V1}-first.py", STEALS.format(verb="up", uri=site.graph.uri))
    return site("up")


def down_lost_lock(site: Site) -> Shown:
    text = STEALS.format(verb="down", uri=site.graph.uri)
    site.add(f"{V1}-first.py", text + NOTHING)
    assert site("up").code == 0
    return site("down")


def up_history_touched(site: Site) -> Shown:
    site.add(FIRST, "MATCH (n) DETACH DELETE n;\n")
    return site("up")


def down_history_touched(site: Site) -> Shown:
    text = "// @up\nCREATE (:B);\n// @down\nMATCH (n) DETACH DELETE n;\n"
    return applied(site, text)("down")


def up_not_rerunnable(site: Site) -> Shown:
    site.add(f"{V1}-first.py", CUT.format(verb="up"))
    assert site("up").code == 8
    return site("up")


def down_not_rerunnable(site: Site) -> Shown:
    site.add(f"{V1}-first.py", CUT.format(verb="down") + NOTHING)
    assert site("up").code == 0
    assert site("down").code == 8
    return site("down")


FAILED_RUNS: dict[str, Callable[[Site], Shown]] = {
    "UP.STATEMENT_FAILED": up_statement_failed,
    "UP.INDEX_FAILED": up_index_failed,
    "UP.LOST_LOCK": up_lost_lock,
    "UP.HISTORY_TOUCHED": up_history_touched,
    "UP.NOT_RERUNNABLE": up_not_rerunnable,
    "DOWN.STATEMENT_FAILED": down_statement_failed,
    "DOWN.INDEX_FAILED": down_index_failed,
    "DOWN.LOST_LOCK": down_lost_lock,
    "DOWN.HISTORY_TOUCHED": down_history_touched,
    "DOWN.NOT_RERUNNABLE": down_not_rerunnable,
}
