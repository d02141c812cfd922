"""Python migrations, read without being run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neo4j_migrate_magic.errors import NoUpError, ParseError
from neo4j_migrate_magic.files import parse_python
from neo4j_migrate_magic.model import MigrationKind

PEOPLE = '''\
#!/usr/bin/env python
"""Create the people.

At length.
"""
# between
import asyncio

NAMES = ["Bob", "Zoë"]; COUNT = 2  # behind


@decorated
@twice("ü")
async def up(client):
    # inside
    for name in NAMES:
        await client.cypher("CREATE (:Person {name: $name})", {"name": name})

    # the end


class Helper:
    """Not executed."""

    text = f"{COUNT!r:>{COUNT}}"


def down(client):
    client.cypher("MATCH (n:Person) DELETE n")
'''
GOLDEN = {
    "people": "b88ca825ce84bcc59960c1c8079030fc08e3e12565e92b6e2f149a0e51d387be",
    "empty": "4349ec05931979c1cf4603f7ec964b9f0f5717a811032860dd8d2abfb8f20e82",
    "crlf": "b88ca825ce84bcc59960c1c8079030fc08e3e12565e92b6e2f149a0e51d387be",
}
EMPTY = "async def up(client):\n    pass\n"


def parse(text, path=None):
    return parse_python(text, "20260101000000", "people", path)


def refused(text, error=ParseError):
    with pytest.raises(error) as caught:
        parse(text)
    assert caught.value.next
    return caught.value


def test_python_file_is_described_by_its_tree():
    path = Path("migrations/20260101000000-people.py")

    migration = parse(PEOPLE, path)

    assert migration.kind is MigrationKind.PYTHON
    assert migration.description == "Create the people."
    assert migration.has_down
    assert not migration.per_call
    assert not migration.rerunnable
    assert (migration.up, migration.down) == ((), None)
    assert (migration.source, migration.path) == (PEOPLE, path)


def test_nothing_is_executed(tmp_path):
    witness = tmp_path / "ran"

    parse(f"open({str(witness)!r}, 'w')\n{EMPTY}")

    assert not witness.exists()


@pytest.mark.parametrize(
    "up",
    [
        "async def up(client): pass",
        "def up(client): pass",
        "def up(client, /): pass",
        "def up(client, dry=False): pass",
        "def up(client=None): pass",
        "def up(*clients): pass",
        "def up(client, *, dry=False): pass",
    ],
)
def test_up_may_be_any_function_that_takes_the_client(up):
    assert not parse(up).has_down


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no function `up`"),
        ("def upgrade(client): pass", "no function `up`"),
        ("if True:\n    def up(client): pass", "no function `up`"),
        ("class M:\n    def up(client): pass", "no function `up`"),
        ("up = print", "no function `up`"),
        ("def up(): pass", "one argument"),
        ("def up(a, b): pass", "one argument"),
        ("def up(*, client): pass", "one argument"),
        ("def up(client, *, dry): pass", "one argument"),
    ],
)
def test_file_without_a_usable_up_has_nothing_to_apply(text, why):
    error = refused(text, NoUpError)

    assert error.what == "20260101000000-people.py has nothing to apply"
    assert why in error.why


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        (EMPTY + EMPTY, "`up` is defined twice", 3),
        (EMPTY + "def down(): pass", "`down` must take one argument", 3),
        ("\ndef up(client):\n    yield 1", "`up` is a generator", 2),
        ("TRANSACTION = 'each'\n" + EMPTY, "TRANSACTION has a value", 1),
        ("TRANSACTION = 'per' + '-call'\n" + EMPTY, "TRANSACTION has a value", 1),
        ("RERUNNABLE = 1\n" + EMPTY, "RERUNNABLE has a value", 1),
        ("RERUNNABLE = 0\n" + EMPTY, "RERUNNABLE has a value", 1),
        ("RERUNNABLE: bool = 'yes'\n" + EMPTY, "RERUNNABLE has a value", 1),
        (
            "TRANSACTION = 'single'\nfrom pyneo4j_ogm import Pyneo4jClient\n" + EMPTY,
            "does not go with pyneo4j_ogm",
            2,
        ),
    ],
)
def test_file_that_cannot_mean_what_it_says_is_an_error(text, what, line):
    error = refused(text)

    assert what in error.what
    assert error.where.line == line
    assert error.where.text == text.split("\n")[line - 1]


def test_yield_in_a_function_inside_is_fine():
    parse("def up(client):\n    def rows():\n        yield 1\n    list(rows())")


@pytest.mark.parametrize(
    ("line", "per_call", "rerunnable"),
    [
        ("TRANSACTION = 'per-call'", True, False),
        ('TRANSACTION: str = "single"', False, False),
        ("RERUNNABLE = True", False, True),
        ("RERUNNABLE = False", False, False),
        ("from pyneo4j_ogm import Pyneo4jClient", True, False),
        ("import pyneo4j_ogm.core.client as x", True, False),
        ("if True:\n    import os, pyneo4j_ogm", True, False),
        ("import pyneo4j_ogmx; from . import pyneo4j_ogm", False, False),
    ],
)
def test_constants_and_imports_are_read(line, per_call, rerunnable):
    migration = parse(f"{line}\n{EMPTY}")

    assert (migration.per_call, migration.rerunnable) == (per_call, rerunnable)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("def up(client)\n    pass", 1, 15), ("x = 1\r\n\r\n  y = 2", 3, None)],
)
def test_syntax_error_has_its_place(text, line, column):
    error = refused(text)

    assert "is not valid Python" in error.what
    assert error.where.line == line
    assert column in (None, error.where.column)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "x = " + "-" * 100_000 + "1", "a\0b", "x = '\ud800'"]
)
def test_absurd_text_is_an_error(text):
    refused(text)


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ('"""\n\n  Words.\n"""\n' + EMPTY, "Words."),
        ("#!/bin/python\n# -*- coding: utf-8 -*-\n#\n# Words.\n" + EMPTY, "Words."),
        (EMPTY + "# Words.\n", ""),
        ("'' 'Words.'\n# Other.\n" + EMPTY, "Words."),
    ],
)
def test_description(text, description):
    assert parse(text).description == description


def test_checksum_is_over_statements_without_docstring_and_down():
    whole = parse(PEOPLE).checksum

    same = [
        PEOPLE.replace('"""Create the people.', '"""Make them.'),
        PEOPLE.replace("# between", "# among\n\n"),
        PEOPLE.replace("  # behind", ""),
        PEOPLE.replace("    # the end\n", ""),
        PEOPLE.replace("DELETE n", "DETACH DELETE n"),
        PEOPLE.partition("def down")[0],
        PEOPLE.replace("\n", "\r\n"),
        PEOPLE.replace("\n", "\r"),
        "\ufeff" + PEOPLE,
    ]
    assert [parse(text).checksum for text in same] == [whole] * len(same)

    other = [
        PEOPLE.replace("# inside", "# within"),
        PEOPLE.replace('@twice("ü")', '@twice("u")'),
        PEOPLE.replace("@decorated\n", ""),
        PEOPLE.replace("COUNT = 2", "COUNT = 3"),
        PEOPLE.replace("Not executed", "Executed"),
        PEOPLE.replace("import asyncio\n", ""),
    ]
    assert whole not in [parse(text).checksum for text in other]


@given(
    st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=20),
    st.sampled_from(["\n", "\r\n"]),
)
def test_comments_between_statements_do_not_change_a_checksum(words, end):
    text = f"#{words}\nX = 'é'; Y = 2 #{words}\n#{words}\n{EMPTY}#{words}"

    plain = parse("X = 'é'\nY = 2\n" + EMPTY).checksum
    assert parse(text.replace("\n", end)).checksum == plain


def test_checksum_is_the_same_in_every_python():
    """These values are in people's databases: they may never change."""
    texts = {"people": PEOPLE, "empty": EMPTY, "crlf": PEOPLE.replace("\n", "\r\n")}

    assert {name: parse(text).checksum for name, text in texts.items()} == GOLDEN


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_checksum_under_other_interpreters(version):
    python = _interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    code = (
        "import json, sys\n"
        "from neo4j_migrate_magic.files import parse_python\n"
        "texts = json.load(sys.stdin)\n"
        "print(json.dumps({n: parse_python(t, '1', 'n').checksum"
        " for n, t in texts.items()}))"
    )
    texts = {"people": PEOPLE, "empty": EMPTY, "crlf": PEOPLE.replace("\n", "\r\n")}

    done = subprocess.run(
        [python, "-c", code],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )

    assert json.loads(done.stdout) == GOLDEN


def _interpreter(version: str) -> str | None:
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return str(found[-1]) if found else None
