"""A project with ten thousand migrations behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from neo4j_migrate_magic.database.connection import Database
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

MANY = 10_000


def reads_of(work: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the database was asked."""
    asked: list[str] = []
    real = Database.read

    async def read(self: Database, text: Any, *args: Any, **more: Any) -> Any:
        asked.append(text)
        return await real(self, text, *args, **more)

    monkeypatch.setattr(Database, "read", read)
    work()
    return len(asked)


def test_status_is_one_round_trip_however_long_the_history(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed; what is shown is counted whole."""
    site.add("20200101000000-first.cypher", "CREATE (:A);")
    assert site("up").code == 0
    site.graph.rows(
        "MATCH (r:_MigrateRecord) UNWIND range(1, $more) AS i"
        " WITH r {.*, version: toString(20200101000000 + i), sequence: i + 1} AS c"
        " CREATE (n:_MigrateRecord) SET n = c",
        more=MANY - 1,
    )
    for number in range(1, 4):
        site.add(f"{20200101000000 + number}-first.cypher", "CREATE (:A);")
    said: list[Any] = []

    assert reads_of(lambda: said.append(site("status")), monkeypatch) == 1

    assert said[0].code == 0
    assert "10,000 applied (9,996 without file), 0 pending" in said[0].text
