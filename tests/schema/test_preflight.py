"""The query that shows which data a constraint does not allow."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.cypher import read_change
from neo4j_migrate_magic.schema.preflight import offenders_query


@pytest.mark.parametrize(
    ("statement", "query"),
    [
        (
            "CREATE CONSTRAINT c FOR (p:P) REQUIRE p.id IS UNIQUE",
            "MATCH (n:P) WHERE n.id IS NOT NULL WITH [n.id] AS key, count(*) AS n"
            " WHERE n > 1 RETURN key, n LIMIT 20",
        ),
        (
            "CREATE CONSTRAINT c FOR ()-[r:`Of it`]-() REQUIRE (r.a, r.`b``c`) IS UNIQUE",
            "MATCH ()-[n:`Of it`]->() WHERE n.a IS NOT NULL AND n.`b``c` IS NOT NULL"
            " WITH [n.a, n.`b``c`] AS key, count(*) AS n"
            " WHERE n > 1 RETURN key, n LIMIT 20",
        ),
        ("CREATE CONSTRAINT c FOR (p:P) REQUIRE p.id IS NOT NULL", None),
        ("CREATE INDEX i FOR (p:P) ON (p.id)", None),
    ],
)
def test_the_query_names_what_the_constraint_is_over(
    statement: str, query: str | None
) -> None:
    change = read_change(statement)
    assert change is not None
    assert change.item is not None
    assert offenders_query(change.item) == query


@pytest.mark.server
def test_the_query_finds_the_offenders(graph: object) -> None:
    """What a person pastes gives each value that is there more than once."""
    change = read_change("CREATE CONSTRAINT c FOR (p:P) REQUIRE (p.a, p.b) IS UNIQUE")
    assert change is not None
    assert change.item is not None
    graph.rows("UNWIND [1, 1, 2] AS a CREATE (:P {a: a, b: 'x'}), (:P {a: a})")  # type: ignore[attr-defined]
    found = graph.rows(offenders_query(change.item))  # type: ignore[attr-defined]
    assert found == [[[1, "x"], 2]]
