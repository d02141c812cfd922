"""The whole of what differs between an applied text and its file."""

from __future__ import annotations

from pathlib import Path

from neo4j_migrate_magic.files import parse_cypher, parse_python, unified

HEAD = "// What it is for\n// @up\n"
BODY = "".join(f"CREATE (:N{n});\n" for n in range(1, 13))
DOWN = "// @down\nMATCH (n) DELETE n;\n"
FILE = Path("migrations/20260101000000-m.cypher")


def cypher(old: str, new: str) -> list[str]:
    version, name = "20260101000000", "m"
    kept = parse_cypher(old, version, name)
    return list(unified(kept, parse_cypher(new, version, name, FILE)))


def python(old: str, new: str) -> list[str]:
    version, name = "20260101000000", "m"
    path = FILE.with_suffix(".py")
    kept = parse_python(old, version, name)
    return list(unified(kept, parse_python(new, version, name, path)))


def test_lines_count_from_the_top_of_each_text() -> None:
    """Several hunks, each with three lines around it."""
    edited = BODY.replace("N1)", "A)").replace("N12", "Z")

    assert cypher(HEAD + BODY + DOWN, f"// More\n{HEAD}{edited}{DOWN}") == [
        "--- as applied",
        "+++ migrations/20260101000000-m.cypher",
        "@@ -3,4 +4,4 @@",
        "-CREATE (:N1);",
        "+CREATE (:A);",
        " CREATE (:N2);",
        " CREATE (:N3);",
        " CREATE (:N4);",
        "@@ -11,4 +12,4 @@",
        " CREATE (:N9);",
        " CREATE (:N10);",
        " CREATE (:N11);",
        "-CREATE (:N12);",
        "+CREATE (:Z);",
    ]


def test_the_same_section_is_no_difference() -> None:
    """Whatever stands above it, behind it, around it, and how lines end."""
    changed = f"// Why\n\n{HEAD}\n{BODY}\n\n// @down\nRETURN 1;".replace("\n", "\r\n")

    assert cypher(HEAD + BODY + DOWN, changed) == []
    assert cypher(BODY, HEAD + BODY) == []
    assert cypher(BODY, "\ufeff" + BODY) == []


def test_a_comment_between_statements_shows() -> None:
    """It does not count, and is an edit all the same."""
    lines = cypher("CREATE (:A);\n", "// why\nCREATE (:A);\n")

    assert lines[3:] == ["+// why", " CREATE (:A);"]


def test_sections_may_stand_in_either_order() -> None:
    assert cypher(f"{HEAD}{BODY}{DOWN}", f"{DOWN}// @up\n{BODY}") == []


def test_of_a_python_file_down_is_left_out() -> None:
    up = "import math\n\n\nasync def up(client):\n    await client.cypher('{}')\n"
    down = "\n\n@wraps\ndef down(client):\n    return {}\n"

    assert (
        python(up.format("A") + down.format(1), up.format("A") + down.format(2)) == []
    )
    assert python(up.format("A") + down.format(1), up.format("B"))[-2:] == [
        "-    await client.cypher('A')",
        "+    await client.cypher('B')",
    ]
