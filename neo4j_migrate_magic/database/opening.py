"""Open a connection as the settings say; wait for a server that is not there yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from neo4j_migrate_magic import config
from neo4j_migrate_magic.database.target import Target
from neo4j_migrate_magic.errors import MigrateError, NoDatabaseError, UnreachableError
from neo4j_migrate_magic.model import ServerWaiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from neo4j_migrate_magic.config import Settings
    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.model import Listener

PAUSE = 0.5
"""Seconds between two attempts."""

_TOLD = 5.0  # seconds between two events


def target_of(settings: Settings, uri: str, *, login: bool = False) -> Target:
    """Give the target at an address, as patient as the settings say.

    Args:
        settings: The settings in force.
        uri: The address.
        login: Whether user and password are for this address.
    """
    return Target(
        uri=uri,
        username=settings.username if login else None,
        password=settings.password if login else None,
        database=settings.database,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.timeout,
        env=settings.env,
    )


async def with_target(settings: Settings) -> Settings:
    """Give the settings with a server to connect to; see `config.with_target`."""
    if settings.commands:  # they take a while
        return await asyncio.to_thread(config.with_target, settings)
    return config.with_target(settings)


async def opened(
    settings: Settings, connect: Callable[[Target], Database], on_event: Listener
) -> Database:
    """Connect to the server that the settings name.

    Nothing is sent, unless it is to be waited for.

    Args:
        settings: The settings, with their target.
        connect: Makes the connection.
        on_event: Hears what is waited for.

    Raises:
        UnreachableError: It was waited for, and did not answer in time.
    """
    target = target_of(settings, settings.uri or "", login=True)
    database = connect(target)
    if settings.wait:
        try:
            await until_it_answers(database, settings.wait, on_event)
        except BaseException:
            await database.close()
            raise
    return database


async def until_it_answers(
    database: Database, limit: float, on_event: Listener
) -> None:
    """Ask again and again until the server answers; what it answers does not matter.

    A database that is just being started counts as no answer yet.

    Args:
        database: Where to ask.
        limit: How long to wait, in seconds.
        on_event: Hears what is waited for.

    Raises:
        UnreachableError: It did not answer in time.
    """
    now = asyncio.get_running_loop().time
    began, told = now(), -_TOLD
    while True:
        try:
            await database.read("CYPHER 5 RETURN 1", timeout=5.0)
        except (UnreachableError, NoDatabaseError) as error:
            if not _may_come(error):
                raise
            cause = error
        else:
            return
        waited = now() - began
        if waited + PAUSE > limit:
            raise _too_late(database, cause, waited) from cause
        if waited - told >= _TOLD:
            told = waited
            why = cause.why or cause.what
            on_event(ServerWaiting(database.address, why, waited, limit - waited))
        await asyncio.sleep(PAUSE)


def _may_come(error: UnreachableError | NoDatabaseError) -> bool:
    code = error.server_code or ""
    return isinstance(error, UnreachableError) or code.startswith("Neo.TransientError")


def _too_late(database: Database, cause: MigrateError, waited: float) -> MigrateError:
    return UnreachableError(
        f"no Neo4j answers at {database.address}",
        why=f"waited {waited:.0f}s: {cause.why or cause.what}",
        next=[*cause.next, ("neo4j-migrate status --wait 5m", "waits longer")],
    )
