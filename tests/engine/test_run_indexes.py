"""Indexes without a name, with other settings, and those of somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from neo4j_migrate_magic.errors import IndexFailedError, StatementFailedError
from neo4j_migrate_magic.history.journal import Journal
from tests.engine.runs import down, states, up

pytestmark = pytest.mark.server


async def test_an_index_without_a_name_that_fails_to_build_is_a_failure(
    graph: Any, project: Any
) -> None:
    graph.rows("CREATE (:N {big: reduce(s = '', i IN range(1, 20000) | s + 'xy')})")
    project.add("20260101000000-i.cypher", "CREATE INDEX FOR (n:N) ON (n.big);")
    with pytest.raises(IndexFailedError) as caught:
        await up(graph, project)
    assert "too large to index" in caught.value.why
    assert graph.schema() == []
    assert await states(graph, project) == ["pending"]


async def test_a_step_ends_when_its_index_without_a_name_is_online(
    graph: Any, project: Any
) -> None:
    graph.rows("UNWIND range(1, 100000) AS i CREATE (:N {i: i, s: toString(i)})")
    project.add("20260101000000-i.cypher", "CREATE INDEX FOR (n:N) ON (n.s, n.i);")
    await up(graph, project)
    states = "SHOW INDEXES YIELD state, labelsOrTypes WHERE labelsOrTypes = ['N']"
    assert graph.rows(f"{states} RETURN state") == [["ONLINE"]]


REPLACES = """\
DROP INDEX f;
CREATE FULLTEXT INDEX f FOR (n:N) ON EACH [n.t]
  OPTIONS {indexConfig: {`fulltext.analyzer`: 'german'}};
"""


def _analyzer(graph: Any) -> object:
    return graph.one(
        "SHOW INDEXES YIELD name, options WHERE name = 'f'"
        " RETURN options.indexConfig['fulltext.analyzer']"
    )


class _KilledError(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("cut", [False, True])
async def test_an_index_with_other_settings_is_given_back_with_its_own(
    graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch, *, cut: bool
) -> None:
    """Also where the catalogue alone tells that it was replaced."""
    graph.rows(
        "CREATE FULLTEXT INDEX f FOR (n:N) ON EACH [n.t]"
        " OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}}"
    )
    project.add("20260101000000-f.cypher", REPLACES)
    if cut:

        async def killed(*_: Any, **__: Any) -> None:
            raise _KilledError

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "confirm", killed)
            with pytest.raises(_KilledError):
                await up(graph, project)
    await up(graph, project)
    assert _analyzer(graph) == "german"
    await down(graph, project)
    assert _analyzer(graph) == "english"


@pytest.mark.parametrize("kind", ["", "TEXT "])
async def test_an_index_that_somebody_builds_is_no_orphan_of_a_constraint(
    graph: Any, project: Any, kind: str
) -> None:
    """It is on what the constraint is to be on; a plain one is in its way when built."""
    graph.rows("UNWIND range(1, 100000) AS i CREATE (:N {s: toString(i)})")
    project.add(
        "20260101000000-c.cypher",
        "CREATE CONSTRAINT c FOR (n:N) REQUIRE n.s IS UNIQUE;",
    )
    await states(graph, project)
    graph.rows(f"CREATE {kind}INDEX mine FOR (n:N) ON (n.s)")
    if kind:
        await up(graph, project)
    else:
        with pytest.raises(StatementFailedError, match="failed at step 1"):
            await up(graph, project)
    assert graph.rows("SHOW INDEXES YIELD name WHERE name = 'mine'") == [["mine"]]


@pytest.mark.parametrize(
    ("made", "theirs", "gone"),
    [
        (
            "CREATE INDEX x FOR (n:N) ON (n.a);",
            "CREATE INDEX x FOR (m:M) ON (m.b)",
            "DROP INDEX x",
        ),
        (
            "CREATE CONSTRAINT x FOR (n:N) REQUIRE n.a IS UNIQUE;",
            "CREATE CONSTRAINT x FOR (m:M) REQUIRE m.b IS UNIQUE",
            "DROP CONSTRAINT x",
        ),
        (
            "CREATE FULLTEXT INDEX x FOR (n:N|A) ON EACH [n.t, n.a];",
            "CREATE FULLTEXT INDEX x FOR (n:N) ON EACH [n.t]",
            "DROP INDEX x",
        ),
    ],
)
async def test_what_somebody_put_under_its_name_is_not_dropped(
    graph: Any, project: Any, made: str, theirs: str, gone: str
) -> None:
    """An inverse takes back what `up` made, and nothing that only has its name."""
    project.add("20260101000000-x.cypher", made)
    await up(graph, project)
    graph.rows(gone)
    graph.rows(theirs)
    before = graph.schema()
    with pytest.raises(StatementFailedError, match="failed at step 1") as caught:
        await down(graph, project)
    assert "is not what its up made" in caught.value.why
    assert graph.schema() == before
    assert await states(graph, project) == ["applied"]
    graph.rows(gone)
    graph.rows(made.rstrip(";"))
    await down(graph, project)
    assert graph.schema() == []
