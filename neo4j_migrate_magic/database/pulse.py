"""A blocking connection of its own, for the heartbeat's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import neo4j

from neo4j_migrate_magic.database.errors import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import LiteralString

    from neo4j_migrate_magic.database.target import Target


class Pulse:
    """One synchronous driver; made where it is used, on the thread that uses it."""

    def __init__(self, target: Target, database: str | None) -> None:
        self._address = target.address
        self._database = database
        with translated(self._address):
            self._driver = neo4j.GraphDatabase.driver(
                target.uri, **target.driver_options()
            )

    def write(
        self, text: LiteralString, parameters: Mapping[str, Any]
    ) -> list[list[Any]]:
        """Write with one statement of ours in a short transaction; give its rows."""
        with (
            translated(self._address),
            self._driver.session(
                database=self._database,
                notifications_disabled_classifications=["UNRECOGNIZED"],
            ) as session,
            session.begin_transaction(timeout=5.0) as tx,
        ):
            rows = [record.values() for record in tx.run(text, dict(parameters))]
            tx.commit()
            return rows

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()
