"""A folder of many files: the work grows as the folder does, counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.engine.checks import Folder
from neo4j_migrate_magic.engine.planner import plan_up
from neo4j_migrate_magic.engine.rollback import rollback_order
from neo4j_migrate_magic.engine.survey import Survey, status_of
from neo4j_migrate_magic.engine.verify import verify
from neo4j_migrate_magic.files import create, find, parse_cypher, read_all
from tests.engine.plans import history, record

FEW, MANY = 100, 1000
GROWTH = MANY / FEW * 1.1


def calls(work: Callable[[], Any]) -> int:
    """How many functions a piece of work calls, of Python and of C."""
    count = 0

    def on_event(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(on_event)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def version(number: int) -> str:
    return str(20260101000000 + number)


def filled(folder: Path, count: int) -> Path:
    """A folder with so many files, in twenty folders."""
    for number in range(count):
        path = folder / f"part{number % 20}" / f"{version(number)}-m{number}.cypher"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"// @up\nCREATE (:N {{n: {number}}});\n// @down\nRETURN 1;\n")
    return folder


@pytest.mark.parametrize(
    "work",
    [find, read_all, lambda folder: create(folder, "one more")],
    ids=["find", "read", "create"],
)
def test_a_folder_of_ten_times_the_files_is_ten_times_the_work(
    tmp_path: Path, work: Callable[[Path], Any]
) -> None:
    few = filled(tmp_path / "few", FEW)
    many = filled(tmp_path / "many", MANY)
    work(filled(tmp_path / "warm", 1))

    small, large = (calls(lambda: work(few)), calls(lambda: work(many)))

    assert large <= GROWTH * small


def surveyed(count: int) -> Survey:
    """Half of the files applied, one in ten of those late, nothing edited."""
    files = [
        parse_cypher("CREATE (:N);", version(number), "m") for number in range(count)
    ]
    applied = [f for n, f in enumerate(files[: count // 2]) if n % 10]
    return Survey(
        folder=Folder(migrations=files),
        history=history(*(record(file) for file in applied)),
        details={},
    )


@pytest.mark.parametrize(
    "work",
    [
        status_of,
        verify,
        lambda s: plan_up(s.folder, s.history, {}, allow_late=None),
        lambda s: plan_up(
            s.folder, s.history, {}, allow_late=frozenset({version(0)}), to=version(0)
        ),
        lambda s: rollback_order(
            s.history, to="zero", files=s.folder.by_version.keys()
        ),
        lambda s: status_of(s).only(("late",)).verdict,
    ],
    ids=["status", "verify", "up", "up to", "down", "filter"],
)
def test_ten_times_the_migrations_are_ten_times_the_work(
    work: Callable[[Survey], Any],
) -> None:
    few, many = surveyed(FEW), surveyed(MANY)
    work(surveyed(10))

    small, large = (calls(lambda: work(few)), calls(lambda: work(many)))

    assert large <= GROWTH * small
