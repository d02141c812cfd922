"""How fast a text of 5 MB is cut into statements; run by hand.

    python -m tests.benchmarks.bench_lexer [megabytes]

Writes the best of three runs for each kind of text. The goal is 5 MB in under 1 s.
"""

from __future__ import annotations

import sys
import time

from neo4j_migrate_magic.cypher import split
from neo4j_migrate_magic.errors import ParseError

PIECES = {
    "statements without quotes": "MATCH (p:Person) WHERE p.id = %d SET p.seen = true;\n",
    "statements with strings": (
        "CREATE (:Person {id: %d, name: 'Ann\\'s; name', note: \"a; b\"}); // made\n"
    ),
    "schema": "CREATE INDEX `i;%d` IF NOT EXISTS FOR (n:L) ON (n.a, n.b);\n",
    "batched": "MATCH (n:L%d) CALL (n) { SET n.a = {b: 1}.b } IN TRANSACTIONS;\n",
    "interpolated": "RETURN s'a{%d};{'b;' + s\"{1}\"}';\n",
    "comments alone": "// comment; number %d\n",
    "short comments": "/**/ //\n",
    "separators": ";\n",
    "one list of strings": "'value; number %d',\n",
    "one string": "a; b",
    "one string of escapes": "\\'",
    "one name of backticks": "``",
    "divisions": "1/",
    "backslashes": "\\",
    "braces": "{a: {b: 1}} IN ",
    "words": "SET SET.SET ",
    "lone CRs": "\r",
}
FRAMES = {
    "one list of strings": ("RETURN [", "'']"),
    "one string": ("RETURN '", "'"),
    "one string of escapes": ("RETURN '", "'"),
    "one name of backticks": ("RETURN 1 AS `", "`"),
    "short comments": ("RETURN 1 ", ""),
    "words": ("RETURN ", ""),
}


def text_of(kind: str, size: int) -> str:
    """A text of one kind, of about so many characters."""
    piece = PIECES[kind]
    count = size // len(piece)
    body = (
        "".join(piece % number for number in range(count))
        if "%d" in piece
        else piece * count
    )
    begin, end = FRAMES.get(kind, ("", ""))
    return begin + body + end


def seconds(text: str) -> float:
    """The time that one cut takes."""
    began = time.perf_counter()
    try:
        split(text)
    except ParseError as error:
        raise AssertionError(str(error)[:200]) from error
    return time.perf_counter() - began


def main() -> None:
    size = int(float(sys.argv[1] if len(sys.argv) > 1 else 5) * 1_000_000)
    for kind in PIECES:
        text = text_of(kind, size)
        best = min(seconds(text) for _ in range(3))
        rate = len(text.encode()) / best / 1_000_000
        sys.stdout.write(f"{kind:28} {best:7.3f} s {rate:8.1f} MB/s\n")


if __name__ == "__main__":
    main()
