"""A folder of 10,000 files: `create`, and reading all of it; run by hand.

    python -m tests.benchmarks.bench_folder [files]

The goals are P2 of the handbook: `create` in 0.15 s of the processor's time, finding
and reading with checksums in 1.6 s, and ten times the files in at most eleven times the
time. Each is the best of five.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from neo4j_migrate_magic.files import create, find, read_all, reading
from tests.benchmarks.processes import TOOL, cost, load, verdict

TEXT = """\
// Migration {0} of many
// @up
CREATE INDEX n_{0} IF NOT EXISTS FOR (n:N{0}) ON (n.a, n.b);
MATCH (n:N{0}) WHERE n.a > 1 SET n.b = 'text; {0}';
// @down
DROP INDEX n_{0} IF EXISTS;
"""
PYTHON = '''\
"""Migration {0} of many."""


async def up(client):
    await client.cypher("CREATE (:N {{n: $n}})", {{"n": {0}}})


async def down(client):
    await client.cypher("MATCH (n:N {{n: $n}}) DELETE n", {{"n": {0}}})
'''


def filled(folder: Path, count: int) -> Path:
    """A folder with so many files, one in ten of them Python."""
    folder.mkdir()
    for number in range(count):
        name, text = ("py", PYTHON) if number % 10 == 0 else ("cypher", TEXT)
        path = folder / f"{20200101000000 + number}-change_{number}.{name}"
        path.write_text(text.format(number))
    return folder


def read_anew(folder: Path) -> None:
    """Read all of a folder as a process does that has read none of it yet."""
    reading._parsed.cache_clear()
    read_all(folder)


def seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """The least of the processor's time that a piece of work took."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(f"{count:,} files, load before {load()}")  # noqa: T201
    with tempfile.TemporaryDirectory() as root:
        many = filled(Path(root) / "many", count)
        few = filled(Path(root) / "few", count // 10)
        limit = count / 10_000
        verdict("find", seconds(lambda: find(many)), 0.2 * limit)
        read = seconds(lambda: read_anew(many))
        verdict("find and read with checksums (P2)", read, 1.6 * limit)
        growth = read / seconds(lambda: read_anew(few))
        verdict("the same for ten times the files (P7)", growth, 11.0, "x")
        made = seconds(lambda: create(many, "one more"))
        verdict("create, the function", made, 0.15)
        whole = min(
            cost([*TOOL, "create", "x", "-d", str(many)], cwd=root).cpu
            for _ in range(5)
        )
        verdict("create, the process (P2)", whole, 0.15)
    print(f"load after {load()}")  # noqa: T201


if __name__ == "__main__":
    main()
