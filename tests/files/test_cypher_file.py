"""Sections, directives and descriptions of Cypher migrations."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neo4j_migrate_magic.errors import NoUpError, ParseError
from neo4j_migrate_magic.files import parse_cypher
from neo4j_migrate_magic.model import MigrationKind

GOLDEN = "239145fcda7aa31f3bac0af2158cb919da18e215dedef488ea445a18dd913d1a"
SPLIT = """\
// Split Person.name into first and last
// @up
CREATE CONSTRAINT person_id IF NOT EXISTS FOR (p:Person) REQUIRE p.id IS UNIQUE;
MATCH (p:Person) SET p.first = split(p.name, ' ')[0];

// @down
MATCH (p:Person) REMOVE p.first;
DROP CONSTRAINT person_id IF EXISTS;
"""


def parse(text, path=None):
    return parse_cypher(text, "20260101000000", "split_name", path)


def texts(statements):
    return [statement.text for statement in statements]


def refused(text):
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert caught.value.next
    return caught.value


def test_sections_hold_their_statements_with_the_lines_of_the_whole_file():
    path = Path("migrations/20260101000000-split_name.cypher")

    migration = parse(SPLIT, path)

    assert texts(migration.up) == [
        "CREATE CONSTRAINT person_id IF NOT EXISTS FOR (p:Person)"
        " REQUIRE p.id IS UNIQUE",
        "MATCH (p:Person) SET p.first = split(p.name, ' ')[0]",
    ]
    assert texts(migration.down) == [
        "MATCH (p:Person) REMOVE p.first",
        "DROP CONSTRAINT person_id IF EXISTS",
    ]
    assert [s.line for s in (*migration.up, *migration.down)] == [3, 4, 7, 8]
    assert migration.title == "20260101000000-split_name"
    assert migration.kind is MigrationKind.CYPHER
    assert migration.description == "Split Person.name into first and last"
    assert (migration.source, migration.path) == (SPLIT, path)
    assert migration.has_down


def test_without_a_mark_all_is_up():
    migration = parse("CREATE (a);\nCREATE (b)")

    assert texts(migration.up) == ["CREATE (a)", "CREATE (b)"]
    assert migration.down is None
    assert not migration.has_down


def test_down_may_come_first_and_a_mark_ends_a_statement_without_semicolon():
    migration = parse("//@down\nMATCH (n) DELETE n\n  //  @up  \nCREATE (n)")

    assert texts(migration.up) == ["CREATE (n)"]
    assert texts(migration.down) == ["MATCH (n) DELETE n"]
    assert migration.up[0].line == 4


@pytest.mark.parametrize("end", ["// @down\n", "// @down\n// there is no way back\n"])
def test_empty_down_is_none(end):
    assert parse("// @up\nCREATE (n);\n" + end).down is None


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (n {text: '\n// @down\n'});",
        'CREATE (n {text: "\n// @down\n"});',
        "/*\n// @down\n*/ CREATE (n);",
        "CREATE (n); // @down",
        "CREATE (n)\n  /* // @down */;",
        "// mail me @home\nCREATE (n);",
        "/// @down\nCREATE (n);",
        "// @ home\nCREATE (n);",
    ],
)
def test_what_the_lexer_does_not_see_as_a_comment_of_its_own_is_no_mark(text):
    migration = parse(text)

    assert len(migration.up) == 1
    assert migration.down is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("// @up\nCREATE (a);\n// @up\nCREATE (b);", 3),
        ("// @up\nCREATE (a);\n// @down\nRETURN 1;\n// @down\n", 5),
    ],
)
def test_second_mark_of_a_section_is_an_error(text, line):
    error = refused(text)

    assert "twice" in error.what
    assert error.where.line == line
    assert error.where.text.startswith("// @")


def test_statement_before_the_first_mark_is_an_error():
    error = refused("// words\n  CREATE (a);\n// @up\nCREATE (b);")

    assert "before the first section mark" in error.what
    assert "line 3" in error.why
    assert (error.where.line, error.where.column) == (2, 3)
    assert str(error.where) == "20260101000000-split_name.cypher:2:3"


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("", "no statement", None),
        ("// words\n", "no statement", None),
        (";;\n;", "no statement", None),
        ("// words\n// @up\n// @down\nRETURN 1;", "below `// @up`", 2),
        ("// @down\nRETURN 1;", "no section `// @up`", None),
    ],
)
def test_file_without_a_statement_in_up_is_an_error(text, why, line):
    with pytest.raises(NoUpError, match="has nothing to apply") as caught:
        parse(text)

    assert why in caught.value.why
    assert caught.value.where.line == line
    assert "20260101000000-split_name.cypher" in caught.value.what
    assert caught.value.next[0].command == "neo4j-migrate up"


def test_directives_are_for_the_next_statement():
    migration = parse(
        "// @up\n// @rerunnable\n// @timeout 10m\nCREATE (a); CREATE (b);\n"
        "// @timeout 500ms\n// words\n\n/* more */ CREATE (c);\n"
        '// @nolint ND101 reason="no more than ten"\nCREATE (d);\n'
        "// @down\n// @rerunnable\nRETURN 1;"
    )

    assert [(s.rerunnable, s.timeout) for s in migration.up] == [
        (True, 600.0),
        (False, None),
        (False, 0.5),
        (False, None),
    ]
    assert migration.down[0].rerunnable


@pytest.mark.parametrize(
    ("written", "seconds"), [("500ms", 0.5), ("10s", 10), ("1.5m", 90), ("1h", 3600)]
)
def test_timeouts(written, seconds):
    assert parse(f"// @timeout {written}\nRETURN 1").up[0].timeout == seconds


@pytest.mark.parametrize(
    "written", ["", "10", "10 s", "-1s", "0s", "1d", "ten", "1s 2"]
)
def test_timeout_that_is_no_time_is_an_error(written):
    error = refused(f"// words\n// @timeout {written}\nRETURN 1")

    assert "is not a time" in error.what
    assert error.where.line == 2


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("rerunable", "did you mean `// @rerunnable`?"),
        ("UP", "did you mean `// @up`?"),
        ("down:", "did you mean `// @down`?"),
        ("xyzzy", "must not begin with @"),
    ],
)
def test_unknown_directive_is_an_error_with_its_line(word, why):
    error = refused(f"CREATE (a);\n// @{word}\nCREATE (b);")

    assert why in error.why
    assert error.where.line == 2


@pytest.mark.parametrize("directive", ["batch Person.id", "invariant no_orphans"])
def test_directives_of_later_versions_are_refused_with_another_way(directive):
    error = refused(f"// @{directive}\nRETURN 1;")

    assert "not run by this version yet" in error.what
    assert error.why.startswith("write ")


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("CREATE (a);\n// @rerunnable\n", "has no statement below it", 2),
        (
            "// @up\nCREATE (a);\n// @rerunnable\n// @down\nRETURN 1;",
            "has no statement below it",
            3,
        ),
        ("// @rerunnable\n// @up\nCREATE (a);", "has no statement below it", 1),
        ("MATCH (n)\n// @rerunnable\nDELETE n;", "stands inside a statement", 2),
        ("// @rerunnable\n// @rerunnable\nRETURN 1;", "twice", 2),
        ("// @rerunnable please\nRETURN 1;", "takes nothing after it", 1),
        ("// @up and away\nRETURN 1;", "takes nothing after it", 1),
    ],
)
def test_directive_out_of_place_is_an_error(text, what, line):
    error = refused(text)

    assert what in error.what
    assert error.where.line == line


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("// words\nRETURN 1", "words"),
        ("RETURN 1 // words\n", ""),
        ("RETURN 1;\n// words\nRETURN 2;", ""),
        ("// @up\n\n// words\nRETURN 1;", "words"),
        ("//------\n//\n// words\n// more\nRETURN 1;", "words"),
        ("/*\n * words\n * more\n */\nRETURN 1;", "words"),
        ("/* words */ RETURN 1", "words"),
        ("// uses C#\nRETURN 1", "uses C#"),
    ],
)
def test_description_is_the_first_comment_above_the_statements(text, description):
    assert parse(text).description == description


def test_unfinished_text_is_an_error_with_the_name_of_the_file():
    with pytest.raises(ParseError) as caught:
        parse("// @up\rRETURN 'abc;\r", Path("migrations/x.cypher"))

    assert caught.value.where.path == str(Path("migrations/x.cypher"))
    assert caught.value.where.line == 2
    assert caught.value.next


def test_checksum_is_over_up_alone():
    whole = parse(SPLIT).checksum

    assert whole == parse(SPLIT.replace("REMOVE p.first", "REMOVE p.last")).checksum
    assert whole == parse(SPLIT.partition("// @down")[0]).checksum
    assert whole == parse(SPLIT.replace("// @up", "// @up\n// @rerunnable")).checksum
    assert whole != parse(SPLIT.replace("p.first =", "p.last =")).checksum
    assert whole != parse(SPLIT.replace("MATCH", "RETURN 1; MATCH", 1)).checksum


def test_golden_checksum():
    """This value is in people's databases: it may never change."""
    assert parse(SPLIT).checksum == GOLDEN


comment = st.text(
    st.characters(exclude_characters="\r\n@*/", codec="utf-8"), max_size=9
)


@given(
    comment, comment, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"])
)
def test_comments_line_ends_and_marks_do_not_change_a_checksum(first, second, end, bom):
    text = (
        f"{bom}//{first}\n\n// @up\nMATCH (p:Person) /*{second}*/\nRETURN p; //{first}\n"
        f"  /*{second}\n*/\nCREATE (n);\n// {second}\n// @down\nRETURN 1;"
    )

    migration = parse(text.replace("\n", end))

    assert (
        migration.checksum == parse("MATCH (p:Person) \nRETURN p;CREATE (n)").checksum
    )
    assert not migration.source.startswith("\ufeff")


@given(st.text(st.sampled_from("ab'\"`;/*\\@ \n\r{}") | st.characters(), max_size=40))
def test_any_text_is_a_migration_or_an_error_of_ours(text):
    try:
        migration = parse(text)
    except (ParseError, NoUpError) as error:
        ways = error.next
    else:
        ways = migration.up
    assert ways
