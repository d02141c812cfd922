"""The error block, as interface.md section 4 shows it."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.errors import (
    BadOptionError,
    MigrateError,
    Place,
    StatementFailedError,
)
from neo4j_migrate_magic.render.error import error_block

SPLIT = StatementFailedError(
    "20261122091400-split_name failed at step 3 of 5",
    direction="up",
    why="an index person_last exists with another definition: TEXT Person(last)\n"
    "[Neo.ClientError.Schema.IndexWithNameAlreadyExists]",
    where=Place(
        "/proj/migrations/20261122091400-split_name.cypher",
        9,
        14,
        "CREATE INDEX person_last FOR (p:Person) ON (p.last);",
    ),
    kept="steps 1-2 are applied and recorded; nothing else changed",
    next=[
        ("neo4j-migrate drift --only person_last", "see what exists"),
        ("neo4j-migrate up", "after editing step 3 or later"),
    ],
)

WHOLE = """\
error UP.STATEMENT_FAILED  20261122091400-split_name failed at step 3 of 5                         exit 8
  why    an index person_last exists with another definition: TEXT Person(last)
         [Neo.ClientError.Schema.IndexWithNameAlreadyExists]
  where  migrations/20261122091400-split_name.cypher:9:14
       9 | CREATE INDEX person_last FOR (p:Person) ON (p.last);
         |              ^
  kept   steps 1-2 are applied and recorded; nothing else changed
  next   neo4j-migrate drift --only person_last    see what exists
         neo4j-migrate up                          after editing step 3 or later"""

NARROW = """\
error UP.STATEMENT_FAILED
         20261122091400-split_name
         failed at step 3 of 5    exit 8
  why    an index person_last exists
         with another definition: TEXT
         Person(last)
         [Neo.ClientError.Schema.IndexWi
         thNameAlreadyExists]
  where  /proj/migrations/20261122091400-split_name.cypher:9:14
       9 | CREATE INDEX person_last F...
         |              ^
  kept   steps 1-2 are applied and
         recorded; nothing else changed
  next   neo4j-migrate drift --only person_last
             see what exists
         neo4j-migrate up
             after editing step 3 or
             later"""


def test_whole_block() -> None:
    """Every part has its place; paths inside the working directory are relative."""
    assert error_block(SPLIT, folder="/proj") == WHOLE


def test_narrow_terminal() -> None:
    """Prose is wrapped, commands and paths never are."""
    assert error_block(SPLIT, columns=40) == NARROW


def test_only_the_word_error_is_coloured() -> None:
    """Nothing else has an escape in it, so that the rest can be copied."""
    block = error_block(SPLIT, colour=True, folder="/proj")

    assert block == WHOLE.replace("error", "\x1b[31merror\x1b[0m", 1)


def test_bare_error_is_one_line() -> None:
    """Parts that an error does not have leave no line."""
    assert error_block(BadOptionError("no"), columns=40) == (
        "error USAGE.BAD_OPTION  no        exit 2"
    )


@pytest.mark.parametrize(
    ("text", "column", "shown", "caret"),
    [
        ("\tRETURN x", 2, " RETURN x", 1),
        ("RETURN '日本' + x", 15, "RETURN '日本' + x", 16),
        ("RETURN x", 99, "RETURN x", 8),
        ("RETURN \x1b[31m", 1, "RETURN \\x1b[31m", 0),
        (
            "a" * 300 + "!" + "b" * 300,
            301,
            "..." + "a" * 44 + "!" + "b" * 43 + "...",
            47,
        ),
    ],
    ids=["tab", "wide", "behind the end", "escape", "long line"],
)
def test_caret_stands_below_its_column(
    text: str, column: int, shown: str, caret: int
) -> None:
    """Tabs, wide characters and long lines do not move the caret away."""
    error = MigrateError("x", where=Place("f.cypher", 1, column, text))

    _, _, source, below = error_block(error).splitlines()
    assert source == f"       1 | {shown}"
    assert below == f"         | {' ' * caret}^"


def test_line_without_column_has_no_caret() -> None:
    """What is not known is not pointed at."""
    error = MigrateError("x", where=Place("f.cypher", 7, None, "RETURN 1"))

    assert error_block(error).splitlines()[1:] == [
        "  where  f.cypher:7",
        "       7 | RETURN 1",
    ]


def test_a_servers_own_caret_is_kept() -> None:
    """Lines of a server's message that fit stay as they are."""
    error = MigrateError("x", why='Invalid input\n"RETRUN 1"\n ^')

    assert error_block(error).splitlines()[1:] == [
        "  why    Invalid input",
        '         "RETRUN 1"',
        "          ^",
    ]


def test_control_characters_are_shown_not_sent() -> None:
    """A file's name cannot drive the terminal."""
    error = MigrateError("bad \x1b[2J name\n", where=Place("a\x07.cypher"))

    assert "\x1b" not in error_block(error)
    assert "\x07" not in error_block(error)


def test_root_as_working_directory_shortens_nothing() -> None:
    """Below `/` everything is inside; a path without its first slash is wrong."""
    error = MigrateError("x", where=Place("/etc/x.cypher"))

    assert "  where  /etc/x.cypher" in error_block(error, folder="/")
