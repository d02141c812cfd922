"""Open a connection as the settings say; wait for a server that is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.config import Settings
from neo4j_migrate_magic.database import connection, opening
from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.database.opening import target_of, until_it_answers
from neo4j_migrate_magic.database.target import Target
from neo4j_migrate_magic.errors import (
    AuthError,
    MigrateError,
    NoDatabaseError,
    QueryError,
    UnreachableError,
)
from neo4j_migrate_magic.model import Event, ServerWaiting

GONE = UnreachableError("no Neo4j answers", why="Connection refused")


def starting(code: str) -> NoDatabaseError:
    """The error of a database that is not to be had."""
    error = NoDatabaseError("not to be had", why=f"try later [{code}]")
    error.server_code = code
    return error


class Door:
    """A database that fails so and so often before it answers."""

    address = "h:1"

    def __init__(self, *failures: MigrateError) -> None:
        self._failures: Iterator[MigrateError] = iter(failures)
        self.reads = 0

    async def read(self, *_: object, **__: object) -> None:
        self.reads += 1
        for failure in self._failures:
            raise failure


async def wait(door: Any, limit: float = 5.0) -> list[Event]:
    told: list[Event] = []
    await until_it_answers(door, limit, told.append)
    return told


@pytest.fixture(autouse=True)
def _short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PAUSE", 0.01)


@pytest.mark.parametrize(
    "failure", [GONE, starting("Neo.TransientError.Database.DatabaseUnavailable")]
)
async def test_it_asks_until_somebody_answers(failure: MigrateError) -> None:
    """A database that is just being started is no answer yet; the wait is told once."""
    door = Door(failure, failure, failure)

    told = await wait(door)

    assert door.reads == 4
    (event,) = told
    assert isinstance(event, ServerWaiting)
    assert (event.address, event.why) == ("h:1", failure.why)
    assert event.waited + event.left == pytest.approx(5.0)


async def test_who_answers_at_once_is_not_waited_for() -> None:
    assert await wait(Door()) == []


@pytest.mark.parametrize(
    "failure",
    [
        AuthError("not accepted", why="wrong"),
        starting("Neo.ClientError.Database.DatabaseNotFound"),
        QueryError("refused", why="no"),
    ],
)
async def test_an_answer_is_an_answer(failure: MigrateError) -> None:
    """A login that is refused does not get better by waiting."""
    door = Door(failure)

    with pytest.raises(type(failure)) as caught:
        await wait(door)

    assert caught.value is failure
    assert door.reads == 1


async def test_after_its_time_it_gives_up_with_the_last_reason() -> None:
    """As unreachable, whatever the reason was, and with a way to wait longer."""
    failure = starting("Neo.TransientError.Database.DatabaseUnavailable")

    with pytest.raises(UnreachableError) as caught:
        await wait(Door(*[failure] * 1000), limit=0.1)

    error = caught.value
    assert error.exit_code == 10
    assert error.why == f"waited 0s: {failure.why}"
    assert error.next[-1].command == "neo4j-migrate status --wait 5m"


def test_a_target_is_as_patient_as_the_settings() -> None:
    """The login goes only where it belongs; the handshake obeys `connect_timeout`."""
    settings = Settings(
        migration_dir=Path("m"),
        root=Path(),
        username="u",
        password="p",
        connect_timeout=7.0,
        timeout=3.0,
        env="prod",
    )

    there, elsewhere = (
        target_of(settings, "bolt://h:1", login=login) for login in (True, False)
    )

    assert (there.auth, elsewhere.auth) == (("u", "p"), None)
    for target in (there, elsewhere):
        assert (target.connect_timeout, target.read_timeout) == (7.0, 3.0)
        assert target.env == "prod"
        assert target.driver_options()["connection_acquisition_timeout"] == 7.0


@pytest.mark.server
async def test_a_read_ends_when_its_time_is_over(lts: str) -> None:
    """The server ends it; the message names the option that gives more."""
    database = Database.connect(Target(uri=lts, read_timeout=0.5))

    try:
        with pytest.raises(QueryError) as caught:
            await database.read("UNWIND range(1, 100000000000) AS n RETURN count(n)")
    finally:
        await database.close()

    assert "took" in caught.value.what
    assert "more than 0.5s" in caught.value.what
    assert "--timeout" in caught.value.next[0].command


async def test_a_read_on_a_silent_line_ends_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its server cannot say that time is over."""
    import asyncio

    class Session:
        async def __aenter__(self) -> Session:
            return self

        async def __aexit__(self, *_: object) -> None: ...

        async def run(self, *_: object) -> None:
            await asyncio.sleep(60)

    class Driver:
        def session(self, **_: object) -> Session:
            return Session()

    monkeypatch.setattr(connection, "_SILENCE", 0.1)
    driver: Any = Driver()
    database = Database(driver, Target(uri="bolt://h:1", read_timeout=0.1))

    with pytest.raises(UnreachableError, match="h:1 did not answer for") as caught:
        await database.read("RETURN 1")

    assert "--timeout" in caught.value.next[0].command
