"""What a schema statement wants, in every form that the servers know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neo4j_migrate_magic.cypher import quote, read_change
from neo4j_migrate_magic.model import Entity, SchemaChange, SchemaItem


def made(
    kind,
    labels,
    properties,
    *,
    name=None,
    entity=Entity.NODE,
    constraint=False,
    conditional=False,
    detail="",
):
    """The change that makes an item."""
    item = SchemaItem(
        constraint=constraint,
        kind=kind,
        entity=entity,
        labels=tuple(labels),
        properties=tuple(properties),
        name=name,
        detail=detail,
    )
    return SchemaChange(
        create=True,
        constraint=constraint,
        name=name,
        item=item,
        conditional=conditional,
    )


def gone(name, *, constraint, conditional=False):
    """The change that drops an item."""
    return SchemaChange(
        create=False, constraint=constraint, name=name, conditional=conditional
    )


def of_relationship(kind, labels, properties, **given):
    return made(kind, labels, properties, entity=Entity.RELATIONSHIP, **given)


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("IS UNIQUE", "unique"),
        ("is node unique", "unique"),
        ("IS NODE UNIQUE OPTIONS {indexProvider: 'range-1.0'}", "unique"),
        ("IS KEY", "key"),
        ("IS NODE KEY", "key"),
        ("IS NOT NULL", "existence"),
    ],
)
def test_constraints_on_nodes(rule, kind):
    text = f"CREATE CONSTRAINT c FOR (n:L) REQUIRE (n.a, n.b) {rule}"

    assert read_change(text) == made(kind, "L", "ab", name="c", constraint=True)


@pytest.mark.parametrize(
    "rule", ["IS UNIQUE", "IS REL UNIQUE", "IS RELATIONSHIP UNIQUE"]
)
@pytest.mark.parametrize("pattern", ["()-[r:T]-()", "()-[r:T]->()", "( )<-[ r:T ]-( )"])
def test_constraints_on_relationships(pattern, rule):
    text = f"CREATE CONSTRAINT FOR {pattern} REQUIRE r.p {rule}"

    assert read_change(text) == of_relationship("unique", "T", "p", constraint=True)


@pytest.mark.parametrize("word", ["IS ::", "::", "IS TYPED", "is typed"])
@pytest.mark.parametrize(
    ("written", "detail"),
    [
        ("STRING", "STRING"),
        ("zoned datetime", "ZONED DATETIME"),
        ("INTEGER | FLOAT", "INTEGER | FLOAT"),
        ("LIST<STRING NOT NULL>", "LIST<STRING NOT NULL>"),
        ("LIST < STRING NOT NULL >", "LIST<STRING NOT NULL>"),
    ],
)
def test_types(word, written, detail):
    text = f"CREATE CONSTRAINT FOR (n:L) REQUIRE n.p {word} {written} OPTIONS {{}}"

    assert read_change(text) == made("type", "L", "p", constraint=True, detail=detail)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE INDEX FOR (n:L) ON (n.p)", made("range", "L", "p")),
        ("CREATE INDEX FOR (n:L) ON n.p", made("range", "L", "p")),
        (
            "CREATE RANGE INDEX i FOR (n:L) ON (n.a, n.b)",
            made("range", "L", "ab", name="i"),
        ),
        ("CREATE INDEX FOR ()-[r:T]-() ON (r.p)", of_relationship("range", "T", "p")),
        ("create text index for (n:L) on (n.p)", made("text", "L", "p")),
        ("CREATE POINT INDEX FOR (n:L) ON (n.p) OPTIONS {}", made("point", "L", "p")),
        ("CREATE LOOKUP INDEX FOR (n) ON EACH labels(n)", made("lookup", "", "")),
        (
            "CREATE LOOKUP INDEX l FOR ()-[r]-() ON type(r)",
            of_relationship("lookup", "", "", name="l"),
        ),
        (
            "CREATE FULLTEXT INDEX f FOR (n:A|B) ON EACH [n.a, n.b]",
            made("fulltext", "AB", "ab", name="f"),
        ),
        (
            "CREATE FULLTEXT INDEX FOR ()-[r:T|U]-() ON EACH [r.a] OPTIONS {}",
            of_relationship("fulltext", "TU", "a"),
        ),
        (
            "CREATE VECTOR INDEX v FOR (n:L) ON (n.p)"
            " OPTIONS {indexConfig: {`vector.dimensions`: 3}}",
            made("vector", "L", "p", name="v"),
        ),
        (
            "CYPHER 25 CREATE VECTOR INDEX v FOR (n:A|B) ON n.p WITH [n.x]",
            made("vector", "AB", "p", name="v"),
        ),
    ],
)
def test_indexes(text, expected):
    assert read_change(text) == expected


@pytest.mark.parametrize("what", ["CONSTRAINT", "INDEX"])
def test_drops(what):
    constraint = what == "CONSTRAINT"

    assert read_change(f"DROP {what} a") == gone("a", constraint=constraint)
    assert read_change(f"drop {what} `a``;b` if exists;") == gone(
        "a`;b", constraint=constraint, conditional=True
    )


@pytest.mark.parametrize(
    ("head", "name", "conditional"),
    [
        ("", None, False),
        ("IF NOT EXISTS", None, True),
        ("i", "i", False),
        ("i IF NOT EXISTS", "i", True),
        ("for", "for", False),
        ("if", "if", False),
        ("if IF NOT EXISTS", "if", True),
        ("`FOR`", "FOR", False),
        ("`a;``b`", "a;`b", False),
        ("$name", "x y", False),
        ("$`na;me` IF NOT EXISTS", "z", True),
    ],
)
def test_names(head, name, conditional):
    text = f"CREATE INDEX {head} FOR (n:L) ON (n.p)"

    assert read_change(text, {"name": "x y", "na;me": "z"}) == made(
        "range", "L", "p", name=name, conditional=conditional
    )


def test_strange_labels_properties_and_variables():
    text = "CREATE INDEX FOR (`n;`:`L``;`) ON (`n;`.`p q`, `n;`.é)"

    assert read_change(text) == made("range", ["L`;"], ["p q", "é"])


@pytest.mark.parametrize(
    "prefix",
    [
        "CYPHER 5 ",
        "CYPHER ",
        "CYPHER 25 planner=cost runtime = slotted ",
        "CYPHER planner=cost CYPHER 5 ",
        "PROFILE ",
        "PROFILE CYPHER 5 ",
        "/* ; */ CYPHER // ;\n 5\u00a0",
    ],
)
def test_a_prefix_is_looked_past(prefix):
    text = f"{prefix}DROP /* a */ INDEX// b\r\ni"

    assert read_change(text) == gone("i", constraint=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CREATE",
        "CREATE (n)",
        "DROP DATABASE d",
        "ALTER CURRENT GRAPH TYPE SET { }",
        "CREATE OR REPLACE INDEX i FOR (n:L) ON (n.p)",
        "CREATE BTREE INDEX i FOR (n:L) ON (n.p)",
        "CREATE INDEX ON :L(p)",
        "CREATE INDEX 'i' FOR (n:L) ON (n.p)",
        "CREATE INDEX i IF EXISTS FOR (n:L) ON (n.p)",
        "CREATE INDEX i FOR n:L ON (n.p)",
        "CREATE INDEX i FOR (n:L) ON (n)",
        "CREATE INDEX i FOR (n:L) ON (n.a, n.b",
        "CREATE INDEX i FOR ()-[r:T]-(m) ON (r.p)",
        "CREATE FULLTEXT INDEX f FOR (n:L) ON EACH [n.a",
        "CREATE LOOKUP INDEX FOR (n) ON EACH type(n)",
        "CREATE CONSTRAINT c FOR (n:L) REQUIRE n.p IS ODD",
        "CREATE CONSTRAINT c FOR (n:L) REQUIRE n.p IS UNIQUE NOW",
        "CREATE CONSTRAINT c FOR (n:L) REQUIRE n.p",
        "CREATE CONSTRAINT ON (n:L) ASSERT n.p IS UNIQUE",
        "DROP INDEX ON :L(p)",
        "DROP INDEX i IF",
        "DROP INDEX i j",
        "DROP INDEX $unknown",
        "DROP INDEX $number",
        "USE neo4j DROP INDEX i",
        "DROP INDEX `\\u0041`",
    ],
)
def test_what_only_a_server_can_read_is_none(text):
    assert read_change(text, {"number": 1}) is None


@given(st.text(min_size=1).filter(lambda name: "\\u" not in name))
def test_a_quoted_name_is_read_as_it_was(name):
    assert read_change(f"DROP INDEX {quote(name)}") == gone(name, constraint=False)


@given(st.text("CREATDOPINX FORn:L()-[]<>.,`'\"$|=;/*\\", max_size=60))
def test_reading_never_raises(text):
    assert read_change("CREATE INDEX " + text) is None or "FOR" in text
