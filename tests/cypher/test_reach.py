"""Which statements may change nodes that they do not name by a label."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.cypher.reach import deletes_every_node, reaches_any_node


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) DETACH DELETE n",
        "match(n) set n.name = 'x'",
        "MATCH (n {a: 1}) REMOVE n.name",
        "MATCH (n {a: '}'}) DELETE n",
        "MATCH (n {a: f(1)}) DELETE n",
        "MATCH (n) WHERE NOT (n)--() DELETE n",
        "MATCH (n WHERE n.a = 1) DELETE n",
        "MATCH (n)\nWHERE n.a IS NOT NULL /* all */ SET n += {a: 1}",
        "MATCH (n) WHERE n:Person SET n.a = 1",
        "MATCH (`a b`) DELETE `a b`",
        "MATCH p = (n) DELETE n",
        "MATCH (p:Person), (q) DELETE q",
        "MATCH (a) MATCH (b:B) SET a.x = b.x",
        "OPTIONAL MATCH (n) DELETE n",
        "MERGE (n {id: 1}) SET n.x = 2",
        "MATCH (n:!Person) DELETE n",
        "MATCH (n IS !Person) DELETE n",
        "MATCH (n:%) SET n.x = 1",
        "MATCH (n:$(label)) DELETE n",
        "MATCH (n:A) WITH count(*) AS c MATCH (n) DELETE n",
        "MATCH (n:A) WITH n AS m MATCH (n) DELETE n",
        "MATCH (n:A) RETURN 1 AS x UNION MATCH (n) SET n.a = 1 RETURN 1 AS x",
        "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS",
        "CALL { MATCH (n) DELETE n }",
        "MATCH (n) FOREACH (x IN [n] | DELETE x)",
        "MATCH (a:A)-[*0..3]-(b) DELETE b",
        "MATCH (a:A) (()--()){0,3} (b) DELETE b",
        "CALL apoc.periodic.iterate('MATCH (n) RETURN n', 'DELETE n', {})",
        "MATCH (r:_MigrateRecord) DELETE r",
        "MATCH (r:`_MigrateRecord`) DELETE r",
        "CYPHER 25 MATCH (n) DELETE n",
        "USE neo4j MATCH (n) DELETE n",
        "MATCH (n 'never closed",
    ],
)
def test_it_may_reach_any_node(text: str) -> None:
    assert reaches_any_node(text)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) RETURN n",
        "CREATE (n {a: 1}) SET n.b = 2",
        "CREATE INDEX a FOR (n:N) ON (n.a)",
        "MATCH (p:Person) SET p.x = 1",
        "MATCH (p:A|B&C) DELETE p",
        "MATCH (p:Person) SET p.name = trim(p.name), p.l = size (p.x)",
        "MATCH (o:Order) WHERE (o.a > 1) AND (o.b) SET o.x = 1",
        "MATCH (p:Person WHERE p.x > (3)) SET p.y = (p.x)",
        "MATCH (p:Person) WHERE EXISTS { (p)-[:X]->() } SET p.a = 1",
        "MATCH (p:Person)-[:KNOWS]->(q) SET q.x = 1",
        "MATCH (u:User {email: $e})<-[:OWNS]-(x) DELETE x",
        "MATCH ()-[r:X]->() DELETE r",
        "MATCH p = (a:A)--(b) SET b.x = 1",
        "MATCH (a:A) MATCH (b:B) MERGE (a)-[:R]->(b) SET a.x = 1",
        "MERGE (a:A {id: 1}) ON CREATE SET a.n = 1",
        "MATCH (p:Person) CALL (p) { SET p.x = 1 } IN TRANSACTIONS",
        "MATCH (p:Person) WITH * MATCH (p) SET p.x = 1",
        "MATCH (p:Person) WITH p, size(p.name) AS s WHERE s > 3 SET p.s = s",
        "MATCH (p:Person) WITH p.a AS a, collect(p) AS ps FOREACH (q IN tail(ps) | DELETE q)",
        "UNWIND $rows AS row MERGE (p:P {id: row.id}) SET p += row",
        "LOAD CSV WITH HEADERS FROM 'x' AS row MERGE (a:A {id: row.id}) SET a.x = row.x",
        "MATCH (p:Person) SET p.note = 'MATCH (n) DELETE n' // MATCH (n) DELETE n",
    ],
)
def test_it_reaches_what_it_names(text: str) -> None:
    """Nobody has to look what became of the history."""
    assert not reaches_any_node(text)


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 100 ROWS", True),
        ("MATCH (n) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS", True),
        ("match (x)\nwith x call (x) { delete x } in transactions", True),
        ("MATCH (n) WHERE n.old CALL (n) { DELETE n } IN TRANSACTIONS", False),
        ("MATCH (n:Old) CALL (n) { DELETE n } IN TRANSACTIONS", False),
        ("MATCH (n) WITH n LIMIT 5 CALL (n) { DELETE n } IN TRANSACTIONS", False),
        ("MATCH (n) CALL (n) { SET n.a = 1 } IN TRANSACTIONS", False),
        ("MATCH (n 'never closed", False),
    ],
)
def test_whether_it_is_certain_to_delete_every_node(text: str, certain: bool) -> None:
    assert deletes_every_node(text) is certain
