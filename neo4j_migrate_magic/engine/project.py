"""One project on one database: read files and history, and plan on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neo4j_migrate_magic import files
from neo4j_migrate_magic.engine.planner import plan_up
from neo4j_migrate_magic.engine.rollback import plan_down, rollback_order
from neo4j_migrate_magic.engine.survey import (
    kept_migration,
    refuse_newer,
    resolve_calls,
    settle_all,
    survey,
)
from neo4j_migrate_magic.engine.versions import current_version, find_version
from neo4j_migrate_magic.errors import UnsupportedError
from neo4j_migrate_magic.history.reading import read_details, read_history
from neo4j_migrate_magic.model import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.model import History, Migration, Plan

_OLDEST = 5  # major version of the oldest server that is not refused


@dataclass(frozen=True, kw_only=True)
class Project:
    """Where a project's files and its history are.

    Args:
        database: The database of the history.
        name: The project's name in it.
        folder: The folder of the files.
        order: ``strict`` or ``allow-late``.
    """

    database: Database
    name: str
    folder: Path
    order: str = "strict"

    async def survey(self) -> Survey:
        """Read files and history; nothing is written.

        Raises:
            FileError: A file cannot be used.
            UnsupportedError: The server is too old.
        """
        return await self._survey(files.read_all(self.folder))

    async def survey_usable(self) -> Survey:
        """Read the history and those files that can be used; nothing is written.

        Raises:
            UnsupportedError: The server is too old.
        """
        migrations, unusable = files.read_usable(self.folder)
        return replace(await self._survey(migrations), unusable=unusable)

    async def _survey(self, migrations: Sequence[Migration]) -> Survey:
        found = await survey(self.database, self.name, migrations, self.folder)
        _refuse_old(found.history.server.version, self.database.address)
        return replace(found, strict=self.order == "strict")

    async def history(self) -> History:
        """Read the history alone, whatever the files are.

        Raises:
            UnsupportedError: The server is too old.
        """
        found = await read_history(self.database, self.name)
        _refuse_old(found.server.version, self.database.address)
        return found

    async def one(self, word: str) -> tuple[str, Survey]:
        """Read all that there is about one migration, and its whole version.

        Raises:
            UnknownVersionError, AmbiguousVersionError: None has it, or several do.
        """
        found = await self.survey()
        version = self.version(word, found)
        return version, await self.with_details(version, found)

    async def with_details(self, version: str, found: Survey) -> Survey:
        """Add the details of one record, and what procedure calls of its file do.

        Args:
            version: The whole version.
            found: What was read.
        """
        record = next((r for r in found.history.records if r.version == version), None)
        details = dict(found.details)
        if record is not None and version not in details:
            details |= await read_details(self.database, self.name, [record])
        file = found.folder.by_version.get(version)
        folder = found.folder
        if file is not None:
            direction = record.direction if record else Direction.UP
            asked = await resolve_calls(self.database, [file], direction)
            folder = folder.replaced(asked)
        return replace(found, details=details, folder=folder)

    def version(self, word: str, found: Survey) -> str:
        """Give the version of a file or record that a word names.

        Raises:
            UnknownVersionError, AmbiguousVersionError: None, or several.
        """
        known = {record.version for record in found.history.records}
        known |= found.folder.by_version.keys()
        return find_version(
            word,
            known,
            current=current_version(found.history),
            latest=max(found.folder.by_version, default=None),
        )

    async def plan_up(
        self,
        count: int | None,
        *,
        to: str | None = None,
        allow_missing: bool = False,
        allow_late: frozenset[str] = frozenset(),
    ) -> Plan:
        """Plan what `up` does; see `engine.planner`."""
        found = await settle_all(self.database, await self.survey())
        refuse_newer(found.history)
        known = {record.version: record for record in found.history.records}
        pending = [
            migration
            for migration in found.folder.migrations
            if (r := known.get(migration.version)) is None or r.part_way
        ]
        asked = await resolve_calls(self.database, pending, Direction.UP)
        return plan_up(
            found.folder.replaced(asked),
            found.history,
            found.details,
            count=count,
            to=to,
            allow_missing=allow_missing,
            allow_late=None if self.order == "allow-late" else allow_late,
        )

    async def plan_down(
        self,
        count: int | None,
        *,
        to: str | None = None,
        allow_part_way: bool = False,
    ) -> Plan:
        """Plan what `down` does; see `engine.rollback`."""
        found = await settle_all(self.database, await self.survey())
        refuse_newer(found.history)
        files = found.folder.by_version.keys()
        chosen = rollback_order(found.history, count=count, to=to, files=files)
        rest = [r for r in chosen if r.version not in found.details]
        more = await read_details(self.database, self.name, rest)
        known: dict[str, Migration] = {}

        def planned() -> Plan:
            return plan_down(
                chosen,
                found.folder.replaced(known),
                found.history,
                {**more, **found.details},
                lambda d: known.get(d.record.version) or kept_migration(d),
                allow_part_way=allow_part_way,
            )

        plan = planned()
        migrations = [p.migration for p in plan.migrations]
        known = await resolve_calls(self.database, migrations, Direction.DOWN)
        return planned() if known else plan


def _refuse_old(version: str, address: str) -> None:
    """Refuse servers before 5.0: they do not know the Cypher that the tool speaks."""
    major = version.split(".", 1)[0]
    if major.isdigit() and int(major) < _OLDEST:
        raise UnsupportedError(
            f"{address} is Neo4j {version}; this tool needs 5.26 or newer",
            why="servers before 5.0 do not know the Cypher that it speaks",
            next=[("neo4j-migrate sandbox start", "a local one to try")],
        )
