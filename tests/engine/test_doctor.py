"""What a user may do, by the names of privileges that Enterprise gives.

A server to ask them of needs a licence. The names are those of the operations manual:
`SHOW PRIVILEGES` lists a privilege as its action, `NAME MANAGEMENT` as ``token``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.config import Settings
from neo4j_migrate_magic.database.facts import granted
from neo4j_migrate_magic.engine import doctor
from neo4j_migrate_magic.engine.doctor import diagnose, rights_check
from neo4j_migrate_magic.model import QueryResult, Verdict
from tests.engine.plans import SERVER, history

READER = {"access", "match", "execute"}
PUBLISHER = {*READER, "write", "token"}
ARCHITECT = {*PUBLISHER, "index", "constraint"}


@pytest.mark.parametrize(
    ("actions", "missing"),
    [
        (ARCHITECT, ""),
        ({"graph_actions", "database_actions"}, ""),
        ({"match", "write", "create_index", "create_constraint", "create_label"}, ""),
        (PUBLISHER, "constraints, indexes"),
        (READER, "writing, constraints, indexes, new labels and types"),
        ({*ARCHITECT} - {"token"}, "new labels and types"),
        (set(), "reading, writing, constraints, indexes, new labels and types"),
    ],
)
def test_a_user_needs_what_runs_do(actions: set[str], missing: str) -> None:
    """One privilege or a wider one that has it; what is not seen is a warning."""
    check = rights_check(actions)

    if missing:
        assert check.verdict is Verdict.WARN
        assert check.what == f"not seen among the user's privileges: {missing}"
        assert check.next
        assert "SHOW USER PRIVILEGES" in check.next.command
    else:
        assert (check.verdict, check.next) == (Verdict.OK, None)


class Answering:
    """A database that gives certain rows."""

    def __init__(self, *rows: list[Any]) -> None:
        self._rows = list(rows)

    async def read(self, *_: Any) -> QueryResult:
        return QueryResult(rows=self._rows, keys=["access", "action"])


async def test_what_is_denied_anywhere_is_not_counted_on() -> None:
    """A DENY is stronger than a GRANT; on what it is, is for a person to see."""
    database: Any = Answering(
        ["GRANTED", "match"], ["GRANTED", "write"], ["DENIED", "write"]
    )
    assert await granted(database) == {"match"}


async def test_an_enterprise_server_is_asked_for_privileges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def enterprise(_: Any) -> str:
        return "enterprise"

    async def known(*_: Any) -> Any:
        return history()

    monkeypatch.setattr(doctor, "edition", enterprise)
    monkeypatch.setattr(doctor, "read_history", known)
    database: Any = Answering(["GRANTED", "match"])
    database.server = SERVER
    settings = Settings(migration_dir=Path("migrations"), root=Path())

    (check,) = (await diagnose(settings, database, ["rights"])).checks

    assert (check.verdict, check.area) == (Verdict.WARN, "rights")
    assert "writing" in check.what
