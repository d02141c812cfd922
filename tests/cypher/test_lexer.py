"""What the golden folder cannot say of the lexer and the splitter: places, cost."""

from __future__ import annotations

import hashlib
import time

import pytest

from neo4j_migrate_magic.cypher import Comment, Token, checksum, comments, split, tokens
from neo4j_migrate_magic.errors import ParseError, Place
from tests.benchmarks.bench_lexer import PIECES, text_of


def pieces(text):
    """Each token's kind and text."""
    return [(token.kind, text[token.start : token.end]) for token in tokens(text)]


def refused(text, **place):
    with pytest.raises(ParseError) as caught:
        split(text, **place)
    return caught.value


def test_tokens_are_what_hides_text_and_what_separates():
    text = "RETURN 'a;', \"b\", `c;` /* d; */; // e;\nRETURN s'f{1};' / 2"

    assert pieces(text) == [
        ("string", "'a;'"),
        ("string", '"b"'),
        ("name", "`c;`"),
        ("comment", "/* d; */"),
        ("end", ";"),
        ("comment", "// e;"),
        ("interpolated", "s'f{1};'"),
    ]


def test_a_token_knows_its_place():
    assert list(tokens("ab 'c'")) == [Token("string", 3, 6)]


@pytest.mark.parametrize(
    "text",
    ["AS'x'", "$s'x'", "_s'x'", "1s'x'", "és'x'", "s 'x'"],
)
def test_an_interpolated_string_begins_at_a_token_only(text):
    assert pieces(text) == [("string", "'x'")]


@pytest.mark.parametrize("before", ["", " ", "(", "+", ",", "'a'", "`a`", "*/"])
def test_an_interpolated_string_may_touch_what_is_no_word(before):
    text = "/*" * before.startswith("*") + before + "s'{1}'"

    assert pieces(text)[-1] == ("interpolated", "s'{1}'")


def test_an_error_has_its_place_in_the_file():
    error = refused("RETURN 1;\r\n  RETURN 'abc\r\n", path="a.cypher", first_line=7)

    assert error.where == Place("a.cypher", 8, 10, "  RETURN 'abc")
    assert (
        str(error)
        == "a.cypher:8:10: a string is opened here and never closed: the file ends before it does"
    )


def test_an_escaped_character_says_what_to_write():
    error = refused("RETURN 1 \\u003b", path="a.cypher", first_line=3)

    assert str(error) == (
        "a.cypher:3:10: \\u003b stands for a character that opens or ends something:"
        " the server replaces it before it reads the statement: write the character"
        " itself"
    )


def test_a_shell_line_says_what_to_do():
    error = refused("RETURN 1;\n\n:auto RETURN 1", path="a.cypher", first_line=5)

    assert error.where == Place("a.cypher", 7, 1, ":auto RETURN 1")
    assert error.why.startswith("remove it: CALL … IN TRANSACTIONS is run in auto-com")


def test_lines_count_from_the_number_of_the_first():
    statements = split("\nRETURN 1;\rRETURN 2;\r\n\n  RETURN 3", first_line=10)

    assert [(s.line, s.column) for s in statements] == [(11, 1), (12, 1), (14, 3)]


def test_comments_are_those_of_one_line_that_the_lexer_sees():
    text = "// a\n/* // b */ RETURN '// c' // d\r\t // e\n`// f`"

    assert comments(text) == [
        Comment(text="// a", line=1, start=0, end=4, alone=True),
        Comment(text="// d", line=2, start=30, end=34, alone=False),
        Comment(text="// e", line=3, start=37, end=41, alone=True),
    ]


def test_a_comment_behind_a_byte_order_mark_is_alone():
    assert [comment.alone for comment in comments("\ufeff// a")] == [True]


def test_a_canonical_text_has_no_comments_and_even_blanks():
    (statement,) = split(
        "MATCH\t(n)  // a\r\n\r\nSET/* b */n.a =\u00a0'x  // c\r\ny'  +`d  \r`// e\n;"
    )

    assert statement.canonical == "MATCH (n) SET n.a = 'x  // c\ny' +`d  \n`"


@pytest.mark.parametrize("comment", ["// b", "// b \t", "/* b */ ", "// b \n // c \n"])
def test_a_comment_behind_the_last_word_is_no_part_of_a_statement(comment):
    (statement,) = split("RETURN 1 " + comment)

    assert (statement.text, statement.canonical) == ("RETURN 1", "RETURN 1")


def test_a_checksum_tells_where_a_statement_ends():
    assert checksum(["ab", "c"]) != checksum(["a", "bc"])
    assert checksum(["é"]) == hashlib.sha256(b"2:\xc3\xa9").hexdigest()


def test_a_schema_statement_carries_its_change():
    schema, write = split("DROP INDEX a; CREATE (n)")

    assert schema.change is not None
    assert (schema.change.name, write.change) == ("a", None)


def cost(text):
    """The least time that a few cuts take."""
    times = []
    for _ in range(3):
        began = time.process_time()
        split(text)
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.parametrize("kind", PIECES)
def test_four_times_the_text_is_about_four_times_the_work(kind):
    small, large = text_of(kind, 50_000), text_of(kind, 200_000)

    assert cost(large) < 8 * cost(small) + 0.01


def test_an_unterminated_text_is_refused_without_going_back():
    """Many doubled backticks or escapes before the end do not multiply the work."""
    small, large = ("RETURN `" + "``" * count for count in (20_000, 80_000))

    def once(text):
        began = time.process_time()
        refused(text)
        return time.process_time() - began

    assert once(large) < 8 * once(small) + 0.01
