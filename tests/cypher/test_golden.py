"""Every trap of the golden folder, cut and classified without a server."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.cypher import split
from neo4j_migrate_magic.errors import ParseError
from tests.cypher.golden import FOLDER, Case, cases

CASES = cases()
FOR_SERVERS = ("really", "refused")


def found(text: str) -> object:
    """What the file is cut into, in the words of an expectation."""
    try:
        statements = split(text)
    except ParseError as error:
        where = error.where
        return {
            "error": error.code,
            "what": error.what,
            "line": where and where.line,
            "column": where and where.column,
        }
    return [
        {
            "line": statement.line,
            "column": statement.column,
            "kind": statement.kind.value,
            "text": statement.text,
        }
        | ({"language": statement.language} if statement.language else {})
        for statement in statements
    ]


def without_servers(expected: dict[str, object]) -> dict[str, object]:
    return {key: expected[key] for key in expected if key not in FOR_SERVERS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_is_cut_as_expected(case: Case) -> None:
    expected = (
        [without_servers(statement) for statement in case.expected]
        if case.readable
        else without_servers(case.expected)
    )

    assert expected == found(case.text)


def test_the_folder_is_whole() -> None:
    """Each trap has its expectation, each expectation its trap, numbers are unique."""
    traps = {path.stem for path in FOLDER.glob("*.cypher")}
    expectations = {path.stem for path in FOLDER.glob("*.expected")}

    assert traps == expectations
    assert len(traps) >= 150
    assert len({name.split("_")[0] for name in traps}) == len(traps)


def test_bytes_that_matter_are_kept() -> None:
    """Git must not have changed line ends, nor an editor taken the mark away."""
    texts = {case.name.split("_", 1)[1]: case.text for case in CASES}

    assert "\r\n" in texts["crlf_line_ends"]
    assert "\n" not in texts["lone_cr_line_ends"]
    assert texts["byte_order_mark"].startswith("\ufeff")
    assert "\xa0" in texts["no_break_space_is_a_blank"]
