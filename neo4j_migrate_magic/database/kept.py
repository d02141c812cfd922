"""Connections that outlive a command, so that the next one need not connect again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import neo4j

from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.database.errors import translated

if TYPE_CHECKING:
    from neo4j_migrate_magic.database.target import Target

_IDLE = 2.0  # seconds after which a connection is asked whether it still lives


class KeptConnections:
    """Open drivers, one for each server and login, all used on one event loop."""

    def __init__(self) -> None:
        self._drivers: dict[Target, neo4j.AsyncDriver] = {}

    def __call__(self, target: Target) -> Database:
        """Give a database whose `close` leaves the driver open."""
        key = replace(target, database=None, env=None, read_timeout=0.0)
        if key not in self._drivers:
            with translated(target.address):
                self._drivers[key] = neo4j.AsyncGraphDatabase.driver(
                    target.uri,
                    liveness_check_timeout=_IDLE,
                    **target.driver_options(),
                )
        return _Shared(self._drivers[key], target)

    async def close(self) -> None:
        """Close all drivers."""
        drivers, self._drivers = self._drivers, {}
        for driver in drivers.values():
            await driver.close()


class _Shared(Database):
    """A database on a driver that others use, too."""

    async def close(self) -> None:
        """Leave the driver open: who keeps it closes it."""
