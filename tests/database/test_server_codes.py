"""What real servers refuse, and what we say to it: both versions, each code."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import neo4j
import pytest

from neo4j_migrate_magic.database.advice import ADVICE
from neo4j_migrate_magic.database.errors import translate
from neo4j_migrate_magic.errors import MigrateError, NoDatabaseError, QueryError
from tests.conftest import Graph
from tests.errors.commands import refused

UNIQUE = "CREATE CONSTRAINT c FOR (p:P) REQUIRE p.id IS UNIQUE"
INDEX = "CREATE INDEX c FOR (p:P) ON (p.id)"
SAME = "under another name, or as the index of a constraint"
TAKEN = "the name is taken by another definition"
SETTING = "does not know this setting of an index, or not this value"
COMMUNITY = "this server is Neo4j Community"
FUNCTION = "those of APOC come with its plugin"
FULLTEXT = "CREATE FULLTEXT INDEX f FOR (n:A) ON EACH [n.p] OPTIONS {indexConfig:{%s}}"
VECTOR = "CREATE VECTOR INDEX f FOR (n:A) ON (n.p) OPTIONS {indexConfig:{%s}}"
POINT = "CREATE POINT INDEX f FOR (n:A) ON (n.p) OPTIONS {indexConfig:{%s}}"

# name: what is there before, the statement, the end of the code, what we say
REFUSED: dict[str, tuple[str, str, str, str]] = {
    "same name and schema, constraint": (
        *(UNIQUE, UNIQUE, "Schema.EquivalentSchemaRuleAlreadyExists"),
        "IF NOT EXISTS passes over it",
    ),
    "same name and schema, index": (
        *(INDEX, INDEX, "Schema.EquivalentSchemaRuleAlreadyExists"),
        "IF NOT EXISTS passes over it",
    ),
    "same schema, other name, constraint": (
        *(UNIQUE, UNIQUE.replace(" c ", " d ")),
        *("Schema.ConstraintAlreadyExists", SAME),
    ),
    "same schema, other name, index": (
        *(INDEX, INDEX.replace(" c ", " d "), "Schema.IndexAlreadyExists", SAME),
    ),
    "name of a constraint": (
        *(UNIQUE, UNIQUE.replace("p.id", "p.x")),
        *("Schema.ConstraintWithNameAlreadyExists", TAKEN),
    ),
    "name of an index": (
        *(INDEX, INDEX.replace("p.id", "p.x")),
        *("Schema.IndexWithNameAlreadyExists", TAKEN),
    ),
    "index in the way of a constraint": (
        *(INDEX, UNIQUE.replace(" c ", " d "), "Schema.IndexAlreadyExists"),
        "a plain index is in the way",
    ),
    "index on the schema of a constraint": (
        *(UNIQUE, INDEX.replace(" c ", " d "), "Schema.ConstraintAlreadyExists"),
        "serves the same queries",
    ),
    "second lookup index": (
        *("RETURN 1", "CREATE LOOKUP INDEX l FOR (n) ON EACH labels(n)"),
        *("Schema.IndexAlreadyExists", SAME),
    ),
    "drop of a constraint that is not there": (
        *("RETURN 1", "DROP CONSTRAINT nope", "Schema.ConstraintDropFailed"),
        "DROP … IF EXISTS passes over it",
    ),
    "drop of an index as a constraint": (
        *(INDEX, "DROP CONSTRAINT c", "Schema.ConstraintDropFailed"),
        "no constraint has this name, though an index may",
    ),
    "drop of an index that is not there": (
        *("RETURN 1", "DROP INDEX nope", "Schema.IndexDropFailed"),
        "DROP … IF EXISTS passes over it",
    ),
    "drop of a constraint's index": (
        *(UNIQUE, "DROP INDEX c", "Schema.IndexDropFailed"),
        "drop the constraint: its index goes with it",
    ),
    "delete of a node with relationships": (
        *("CREATE (:P)-[:R]->(:P)", "MATCH (p:P) DELETE p"),
        *("Schema.ConstraintValidationFailed", "DETACH DELETE takes"),
    ),
    "analyzer": (*("RETURN 1", FULLTEXT % "`fulltext.analyzer`: 'nope'", "", SETTING),),
    "value of a vector index": (
        *("RETURN 1", VECTOR % "`vector.dimensions`: -1", "", SETTING),
    ),
    "function of a vector index": (
        *("RETURN 1", VECTOR % "`vector.similarity_function`: 'nope'", "", SETTING),
    ),
    "value of a point index": (
        *("RETURN 1", POINT % "`spatial.cartesian.min`: [1.0]", "", SETTING),
    ),
    "name of a setting": ("RETURN 1", FULLTEXT % "`nope.x`: 'x'", "", SETTING),
    "name of a vector setting": ("RETURN 1", VECTOR % "`nope.x`: 1", "", SETTING),
    "provider": (
        "RETURN 1",
        "CREATE TEXT INDEX f FOR (n:A) ON (n.p) OPTIONS {indexProvider: 'nope'}",
        *("General.InvalidArguments", SETTING),
    ),
    "function": (
        *("RETURN 1", "RETURN apoc.nope()", "Statement.SyntaxError", FUNCTION),
    ),
    "procedure": (
        *("RETURN 1", "CALL apoc.nope()", "Procedure.ProcedureNotFound", FUNCTION),
    ),
    "parameter": (
        *("RETURN 1", "RETURN $x", "Statement.ParameterMissing"),
        "a file's statements get no parameters",
    ),
    "file that is not there": (
        *("RETURN 1", "LOAD CSV FROM 'file:///nope.csv' AS r RETURN r"),
        *("Statement.ExternalResourceFailed", "its own import folder"),
    ),
    "CALL … IN TRANSACTIONS": (
        *("RETURN 1", "CALL { CREATE (:P) } IN TRANSACTIONS"),
        *("Transaction.TransactionStartFailed", 'TRANSACTION = "per-call"'),
    ),
}
# What the edition or the version has not: name: statement, the end of the code
NOT_THERE = {
    "existence": (
        "CREATE CONSTRAINT c FOR (p:P) REQUIRE p.id IS NOT NULL",
        "Schema.ConstraintCreationFailed",
    ),
    "key": (
        "CREATE CONSTRAINT c FOR (p:P) REQUIRE p.id IS NODE KEY",
        "Schema.ConstraintCreationFailed",
    ),
    "property type": (
        "CREATE CONSTRAINT c FOR (p:P) REQUIRE p.id IS :: INTEGER",
        "Schema.ConstraintCreationFailed",
    ),
    "database": ("CREATE DATABASE x", "UnsupportedAdministrationCommand"),
    "role": ("CREATE ROLE x", "UnsupportedAdministrationCommand"),
    "language": ("CYPHER 99 RETURN 1", "Statement.ArgumentError"),
    "graph type": ("CYPHER 25 SHOW CURRENT GRAPH TYPE", ""),
    "stored vector": ("CYPHER 25 CREATE (:P {v: vector([1, 2], 2, INTEGER)})", ""),
}


def refusal(graph: Graph, *texts: str) -> MigrateError:
    """Run statements in one transaction; give our error of the driver's."""

    def work() -> None:
        with graph.driver.session() as session, session.begin_transaction() as tx:
            for text in texts:
                tx.run(text).consume()

    return refusal_of(work)


def refusal_of(work: Callable[[], None]) -> MigrateError:
    with pytest.raises(neo4j.exceptions.Neo4jError) as caught:
        work()
    return translate(caught.value, address="h:1")


def check(error: MigrateError, code: str, words: str) -> QueryError:
    """The code and the server's words stay, ours stand before them."""
    assert isinstance(error, QueryError)
    assert (error.server_code or "").endswith(code)
    assert words in error.why
    assert error.why.endswith(f"[{error.server_code}]")
    assert [refused(way.command) for way in error.next] == [None] * len(error.next)
    return error


@pytest.mark.server
@pytest.mark.parametrize("name", REFUSED)
def test_refused(graph: Graph, name: str) -> None:
    """Each row of the handbook, on each server."""
    before, text, code, words = REFUSED[name]
    graph.rows(before)

    assert not check(refusal(graph, text), code, words).edition


@pytest.mark.server
@pytest.mark.parametrize("name", NOT_THERE)
def test_what_the_server_has_not(graph: Graph, name: str) -> None:
    """It is told from a mistake: correcting the file is not the way."""
    text, code = NOT_THERE[name]

    error = refusal(graph, text)

    assert isinstance(error, QueryError)
    assert error.edition
    assert "Cypher" in error.why or "Community" in error.why
    assert error.server_code is not None
    assert error.server_code.endswith(code)


@pytest.mark.server
def test_syntax_of_a_newer_cypher(graph: Graph, server: str, lts: str) -> None:
    """The newest server knows it under CYPHER 25; that of the LTS line does not."""
    error = refusal(graph, "LET x = 1 RETURN x")

    assert ("begin with CYPHER 25" in error.why) is (server != lts)


@pytest.mark.server
def test_a_place_that_is_none_is_not_pointed_at(graph: Graph) -> None:
    """For some statements the newest server says line 0, column 0."""
    error = refusal(
        graph, "CREATE TEXT INDEX f FOR (n:A) ON (n.p) OPTIONS {nope: 'nope'}"
    )

    assert isinstance(error, QueryError)
    assert (error.line, error.column) in [(1, 1), (None, None)]


@pytest.mark.server
def test_schema_and_data_in_one_transaction(graph: Graph) -> None:
    """In either order."""
    for texts in ((INDEX, "CREATE (:P)"), ("CREATE (:P)", INDEX)):
        check(
            refusal(graph, *texts),
            "Transaction.ForbiddenDueToTransactionType",
            "schema and data cannot share a transaction",
        )


@pytest.mark.server
def test_waiting_for_an_index_in_its_own_transaction(graph: Graph) -> None:
    """It always times out."""
    check(
        refusal(graph, INDEX, "CALL db.awaitIndexes(1)"),
        *("Procedure.ProcedureCallFailed", "the tool waits for indexes by itself"),
    )


@pytest.mark.server
def test_a_write_where_nothing_may_be_written(graph: Graph) -> None:
    """The access mode of a session is kept by the server."""

    def work() -> None:
        with graph.driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
            session.run("CREATE (:P)").consume()

    check(refusal_of(work), "Statement.AccessMode", "where nothing may be written")


@pytest.mark.server
def test_a_database_that_is_not_there(graph: Graph) -> None:
    """Of the connection, and of a USE."""

    def work() -> None:
        with graph.driver.session(database="nope") as session:
            session.run("RETURN 1").consume()

    for error in (refusal_of(work), refusal(graph, "USE nope RETURN 1")):
        assert isinstance(error, NoDatabaseError)


@pytest.mark.server
def test_a_lock_that_another_transaction_keeps(graph: Graph) -> None:
    """The timeout ended the wait."""
    graph.rows("CREATE (:P {id: 1})")

    def work() -> None:
        with (
            graph.driver.session() as one,
            graph.driver.session() as other,
            one.begin_transaction() as holder,
            other.begin_transaction(timeout=0.5) as tx,
        ):
            holder.run("MATCH (p:P) SET p.x = 1").consume()
            tx.run("MATCH (p:P) SET p.x = 2").consume()

    check(refusal_of(work), "Transaction.LockClientStopped", "has locked")


@pytest.mark.server
def test_work_that_takes_too_long(graph: Graph) -> None:
    """The timeout ended the work."""

    def work() -> None:
        with (
            graph.driver.session() as session,
            session.begin_transaction(timeout=0.5) as tx,
        ):
            tx.run("UNWIND range(1, 9999999999) AS x RETURN sum(x % 7)").consume()

    code = "Transaction.TransactionTimedOutClientConfiguration"
    check(refusal_of(work), code, "it took longer than it may")


@pytest.mark.server
def test_a_transaction_that_somebody_ended(graph: Graph) -> None:
    """An administrator, or the server itself."""
    kill = (
        "SHOW TRANSACTIONS YIELD transactionId AS t, metaData WHERE metaData.me = 'x'"
        " TERMINATE TRANSACTIONS t YIELD message RETURN message"
    )

    def work() -> None:
        with (
            graph.driver.session() as session,
            session.begin_transaction(metadata={"me": "x"}) as tx,
        ):
            tx.run("CREATE (:P)").consume()
            graph.rows(kill)
            tx.run("CREATE (:P)").consume()

    check(refusal_of(work), "Transaction.Terminated", "ended by somebody")


@pytest.mark.server
def test_a_deadlock(graph: Graph) -> None:
    """It is tried again; what is said is for the last time."""
    graph.rows("CREATE (:P {id: 1}), (:P {id: 2})")
    found: list[neo4j.exceptions.Neo4jError] = []

    def cross(first: int, second: int, both: threading.Barrier) -> None:
        text = "MATCH (p:P {id: $id}) SET p.x = 1"
        try:
            with graph.driver.session() as session, session.begin_transaction() as tx:
                tx.run(text, id=first).consume()
                both.wait()
                time.sleep(0.1 * first)
                tx.run(text, id=second).consume()
        except neo4j.exceptions.Neo4jError as error:
            found.append(error)

    barrier = threading.Barrier(2)
    threads = [
        threading.Thread(target=cross, args=(*pair, barrier))
        for pair in ((1, 2), (2, 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    error = translate(found[0], address="h:1")
    assert check(error, "Transaction.DeadlockDetected", "each other").transient


# What only memory, a cluster or Enterprise can be made to say is said by the test.
SAID = (
    ("TransientError.General.MemoryPoolOutOfMemoryError", "batch it"),
    ("TransientError.General.TransactionMemoryLimit", "batch it"),
    ("TransientError.General.OutOfMemoryError", "batch it"),
    ("ClientError.General.TransactionOutOfMemoryError", "batch it"),
    ("TransientError.Cluster.LeaderSwitch", "choosing a new leader"),
    ("ClientError.Transaction.TransactionTimedOut", "longer than the server allows"),
)


@pytest.mark.parametrize(("code", "words"), SAID)
def test_said_by_a_driver_of_the_tests(code: str, words: str) -> None:
    """The words are those of the table."""
    raised = neo4j.exceptions.Neo4jError._hydrate_neo4j(
        code=f"Neo.{code}", message="words"
    )

    check(translate(raised, address="h:1"), code, words)


def test_every_way_on_can_be_typed() -> None:
    """Whatever the server says."""
    for found in ADVICE.values():
        for advice in found:
            assert [refused(way.command) for way in advice.ways] == [None] * len(
                advice.ways
            )
