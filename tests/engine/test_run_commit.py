"""A server that fails at COMMIT: what it kept is looked up, whichever COMMIT it was.

The failure is made here: a server's disk that is full, or breaks, between the two halves
of a commit cannot be had on demand.
"""

from __future__ import annotations

from typing import Any

import neo4j
import pytest
from neo4j.exceptions import Neo4jError

from neo4j_migrate_magic.errors import MigrateError
from tests.engine.runs import states, up

pytestmark = pytest.mark.server

VERSION = "20260101000000"
TEXT = """\
CREATE (:N {step: 1});
CREATE INDEX n_step FOR (n:N) ON (n.step);
CREATE (:N {step: 3});
"""


class Disk:
    """Fails COMMITs of the driver from one on, each kept all the same or not."""

    def __init__(self, patch: pytest.MonkeyPatch, *, kept: bool) -> None:
        self.commits = 0
        self.fails: range = range(0)
        commit, rollback = (
            neo4j.AsyncTransaction.commit,
            neo4j.AsyncTransaction.rollback,
        )

        async def failing(tx: neo4j.AsyncTransaction) -> None:
            self.commits += 1
            fails = self.commits in self.fails
            await (commit if kept or not fails else rollback)(tx)
            if fails:
                raise Neo4jError._hydrate_neo4j(
                    code="Neo.DatabaseError.Transaction.TransactionCommitFailed",
                    message="Unable to complete transaction.",
                )

        patch.setattr(neo4j.AsyncTransaction, "commit", failing)


async def ended(graph: Any, project: Any) -> None:
    """Each step is there once, and so is what the log tells."""
    assert await states(graph, project) == ["applied"]
    rows = graph.rows("MATCH (n:N) RETURN n.step ORDER BY n.step")
    assert rows == [[1], [3]]
    assert len(graph.schema()) == 1
    told = "MATCH (e:_MigrateEvent {what: 'applied'}) RETURN count(e)"
    assert graph.one(told) == 1


@pytest.mark.parametrize("kept", [True, False])
async def test_one_commit_that_fails_is_looked_up(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    """Every COMMIT of a run in turn: none is done twice, and none is taken for done."""
    project.add(f"{VERSION}-n.cypher", TEXT)
    disk, number = Disk(monkeypatch, kept=kept), 0
    while disk.commits >= number:
        number += 1
        lts_graph.wipe()
        disk.commits, disk.fails = 0, range(number, number + 1)
        try:
            await up(lts_graph, project)
        except MigrateError:
            disk.fails = range(0)
            await up(lts_graph, project)
        await ended(lts_graph, project)
    assert number > 8


async def test_a_disk_that_stays_broken_ends_the_run(
    lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not tried for ever, the server's reason is told, and nothing of it is kept."""
    project.add(f"{VERSION}-n.cypher", "CREATE (:N {step: 1});")
    await up(lts_graph, project)
    project.add("20260102000000-n.cypher", TEXT)
    disk = Disk(monkeypatch, kept=False)
    disk.fails = range(2, 1000)  # the first one takes the lock

    with pytest.raises(MigrateError) as caught:
        await up(lts_graph, project)

    assert "Unable to complete transaction." in caught.value.why
    assert lts_graph.one("MATCH (n:N) RETURN count(n)") == 1
