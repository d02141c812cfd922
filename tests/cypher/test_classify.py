"""Kinds and languages of statements; the golden folder has the traps."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.cypher import split
from neo4j_migrate_magic.cypher.classify import classify, is_shell_line
from neo4j_migrate_magic.model import StatementKind


def kind(text):
    (statement,) = split(text)
    return statement.kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE INDEX FOR (n:A) ON (n.b)", StatementKind.SCHEMA),
        ("SHOW DATABASES", StatementKind.ADMIN),
        ("CALL { CREATE (n) } IN TRANSACTIONS", StatementKind.AUTOCOMMIT),
        ("CREATE (n)", StatementKind.WRITE),
        ("CALL db.labels()", StatementKind.CALL),
        ("MATCH (n) RETURN n", StatementKind.READ),
    ],
)
def test_each_kind(text, expected):
    assert classify(text) == (expected, None)
    assert classify(text.lower()) == (expected, None)


@pytest.mark.parametrize(
    ("prefix", "language"),
    [
        ("", None),
        ("CYPHER", None),
        ("CYPHER 5", "5"),
        ("cypher 25", "25"),
        ("CYPHER 25 planner=cost runtime = slotted", "25"),
        ("CYPHER planner=cost CYPHER 25", "25"),
        ("PROFILE CYPHER 5", "5"),
        ("CYPHER 5 CYPHER 25", "25"),
    ],
)
def test_the_language_is_that_of_the_prefix(prefix, language):
    assert classify(f"{prefix} CREATE (n)".strip()) == (StatementKind.WRITE, language)


def test_a_number_behind_the_prefix_is_no_language():
    assert classify("CYPHER 25 RETURN 5") == (StatementKind.READ, "25")
    assert classify("RETURN 25") == (StatementKind.READ, None)


@pytest.mark.parametrize("prefix", ["EXPLAIN ", "explain CYPHER 5 ", "CYPHER EXPLAIN "])
def test_what_is_only_explained_reads(prefix):
    assert kind(prefix + "CREATE (n)") is StatementKind.READ
    assert kind(prefix + "DROP INDEX a") is StatementKind.READ


@pytest.mark.parametrize(
    "use",
    [
        "USE neo4j ",
        "USE `a;b`",
        "USE a.b ",
        "USE `a` . b ",
        "USE GRAPH neo4j ",
        "USE graph ",
        "USE(neo4j)",
        "USE ((neo4j)) ",
        "USE graph.byName(toLower($name)) ",
        "USE graph.byElementId('4:(') ",
    ],
)
def test_a_database_is_looked_past(use):
    assert kind(use + "CREATE INDEX FOR (n:A) ON (n.b)") is StatementKind.SCHEMA
    assert kind(use + "CREATE (n)") is StatementKind.WRITE


def test_a_database_in_parentheses_that_never_close():
    assert kind("USE graph.byName(CREATE (n)") is StatementKind.READ


@pytest.mark.parametrize(
    "text",
    [
        "RETURN } IN TRANSACTIONS",
        "{ CREATE } IN TRANSACTIONS",
        ") { CREATE } IN TRANSACTIONS",
        "RECALL { RETURN 1 } IN TRANSACTIONS",
        "RETURN n.call {a: 1} IN transactions",
        "RETURN call { } IN transactions",
        "RETURN call {.*} IN transactions",
        "RETURN {a: 1} IN INSTANCES",
        "CALL { RETURN 1 } INTO TRANSACTIONS",
    ],
)
def test_only_a_subquery_runs_in_transactions(text):
    assert kind(text) is not StatementKind.AUTOCOMMIT


def test_a_set_is_told_from_a_subquery_that_it_stands_before():
    assert kind("WITH 1 AS set CALL { RETURN 2 AS b } RETURN b") is StatementKind.READ


def test_statements_that_differ_in_values_alone_are_one_shape():
    first, second = split("CREATE (:A {a: 1, b: 'x'}); CREATE (:A {a: 22, b: 'SET y'})")

    assert first.kind is second.kind is StatementKind.WRITE


@pytest.mark.parametrize("text", [":use neo4j", ":auto", ":BEGIN"])
def test_a_shell_line_begins_with_a_colon_and_a_letter(text):
    assert is_shell_line(text)


@pytest.mark.parametrize("text", [": use", "RETURN 1", "::", ":1", ""])
def test_anything_else_is_no_shell_line(text):
    assert not is_shell_line(text)
