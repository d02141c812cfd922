"""What holds for every text that one can think of."""

from __future__ import annotations

import contextlib
import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from neo4j_migrate_magic.cypher import checksum, comments, split, tokens
from neo4j_migrate_magic.cypher.lexer import BLANKS
from neo4j_migrate_magic.errors import ParseError
from tests.cypher.golden import cases

# Inside of anything quoted: no quote of any kind, no escape, no brace, no slash.
INSIDE = st.text("ab; \n\t-*=é", max_size=8)
QUOTED = st.one_of(
    INSIDE.map("'{}'".format),
    INSIDE.map('"{}"'.format),
    INSIDE.map("`{}`".format),
    INSIDE.map(lambda text: f"'{text}\\'{text}'"),
    INSIDE.map(lambda text: f'"\\\\\\"{text}"'),
    INSIDE.map(lambda text: f"`{text}``{text}`"),
    INSIDE.map(lambda text: f"/*{text} */".replace("**/", "* */")),
    INSIDE.map(lambda text: "//" + text.replace("\n", ";") + "\n"),
    INSIDE.map(lambda text: f" s'{text}{{1 + '{text}' + \"{text}\"}}{text}'"),
    INSIDE.map(lambda text: f" S\"{text}{{s'{{`{text}`}}' /* }}{text} */}}{text}\""),
)
FRAGMENT = st.one_of(
    QUOTED,
    st.sampled_from([" ", "\n", "\t", "\u00a0", "\u3000", ";", ";;", "\n;\n", "/"]),
    st.sampled_from(["RETURN 1", "CREATE (n)", "s", "AS", "=", "{", "}", "1", "n.a"]),
)
TEXT = st.lists(FRAGMENT, max_size=12).map("".join)
NOISE = st.text("'\"`\\/*{}sS;u0027b \r\n:", max_size=40) | st.text(max_size=20)
GAP = st.lists(
    st.sampled_from([" ", "\n", "\r\n", "\t", "\u2003", "/* ; ' */", "// ` ;\n"]),
    min_size=1,
    max_size=3,
).map("".join)
READABLE = [
    (statement["text"], statement["kind"])
    for case in cases()
    if case.readable
    for statement in case.expected
    if not statement["text"].startswith("\ufeff")  # a file's own, when it comes first
]


def statements_of(text):
    """The statements, or no example where the pieces happen to hide an escape."""
    try:
        return split(text)
    except ParseError:
        assume(False)


@given(TEXT)
def test_joining_what_was_split_gives_the_text_back(text):
    """Between the statements stand blanks, comments and separators, nothing else."""
    starts = [0, *(found.end() for found in re.finditer("\r\n|\r|\n", text))]
    offset = 0
    for statement in statements_of(text):
        start = starts[statement.line - 1] + statement.column - 1
        assert between(text[offset:start])
        assert text.startswith(statement.text, start)
        offset = start + len(statement.text)
    assert between(text[offset:])


def between(gap):
    for token in reversed(list(tokens(gap))):
        assert token.kind in ("comment", "end")
        gap = gap[: token.start] + gap[token.end :]
    return not gap.strip(BLANKS)


@given(TEXT)
def test_splitting_again_changes_nothing(text):
    found = statements_of(text)

    again = split("\n;\n".join(statement.text for statement in found))

    assert [(s.text, s.kind, s.canonical) for s in again] == [
        (s.text, s.kind, s.canonical) for s in found
    ]


@given(QUOTED, QUOTED)
def test_a_separator_in_anything_quoted_never_splits(first, second):
    found = split(f"RETURN 1 + {first} + {second} + 1; RETURN 2")

    assert [statement.text for statement in found][1:] == ["RETURN 2"]


@given(TEXT | NOISE)
def test_tokens_are_in_order_and_never_overlap(text):
    offset = 0
    with contextlib.suppress(ParseError):
        for token in tokens(text):
            assert offset <= token.start < token.end <= len(text)
            offset = token.end


@given(NOISE)
@settings(max_examples=500)
def test_any_text_is_split_or_refused_with_a_place(text):
    where = refusal(text)
    if where is None:
        return
    lines = re.split("\r\n|\r|\n", text.removeprefix("\ufeff"))
    assert where.text == lines[where.line - 1]
    assert 1 <= where.column <= len(where.text) + 1


def refusal(text):
    try:
        split(text)
        comments(text)
    except ParseError as error:
        return error.where
    return None


@given(st.data())
@settings(max_examples=300)
def test_neither_comments_nor_blanks_change_a_kind_or_a_canonical_text(data):
    text, kind = data.draw(st.sampled_from(READABLE))
    (statement,) = split(text)

    spaced, offset = [], 0
    hidden = [token for token in tokens(text) if token.kind != "comment"]
    for token in hidden:
        spaced += [respaced(data, text[offset : token.start]), text[slice(*token[1:])]]
        offset = token.end
    spaced.append(respaced(data, text[offset:]))
    (again,) = split(data.draw(GAP) + "".join(spaced) + " " + data.draw(GAP))

    assert (kind, statement.canonical) == (again.kind.value, again.canonical)


def respaced(data, text):
    """Other blanks and comments for those of a piece of text."""
    gap = rf"(?:[{BLANKS}]|//[^\r\n]*|/\*.*?\*/)+"
    # a blank first: a comment right behind a division would change what it is
    return re.sub(gap, lambda _: " " + data.draw(GAP), text, flags=re.DOTALL)


@given(TEXT)
def test_line_ends_do_not_change_a_checksum(text):
    unix = [statement.canonical for statement in statements_of(text)]
    windows = [s.canonical for s in split(text.replace("\n", "\r\n"))]
    mac = [s.canonical for s in split(text.replace("\n", "\r"))]

    assert checksum(unix) == checksum(windows) == checksum(mac)
