"""The asynchronous face of the tool: connect, then the verbs as methods."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic import config, files
from neo4j_migrate_magic.database.connection import Database, Target
from neo4j_migrate_magic.engine.planner import plan_up
from neo4j_migrate_magic.engine.rollback import plan_down, rollback_order
from neo4j_migrate_magic.engine.run import Run
from neo4j_migrate_magic.engine.survey import (
    kept_migration,
    refuse_newer,
    resolve_calls,
    settle_all,
    status_of,
    survey,
)
from neo4j_migrate_magic.errors import BadOptionError, UnsupportedError
from neo4j_migrate_magic.history.reading import read_details, read_history
from neo4j_migrate_magic.model import Direction, Plan, Report, Status

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from neo4j_migrate_magic.engine.survey import Survey
    from neo4j_migrate_magic.model import Event, Listener, Migration

SANDBOX_FOLDER = ".neo4j-sandbox"
"""Where the target `sandbox` keeps its server, beside the configuration file."""

_OLDEST = 5  # major version of the oldest server that is not refused


class Migrator:
    """Migrations of one project on one database.

    Connects when it is entered, and closes what it opened when it is left::

        async with Migrator.open() as migrator:
            report = await migrator.up(count=3)

    Args:
        driver: An open `neo4j.AsyncDriver` to use; it stays open. Without one the
            settings name the target.
        on_event: Hears of progress; see the events of `model`.
        options: Settings by name, stronger than file and environment: `config`,
            `env`, `migration_dir`, `uri`, `sandbox`, `username`, `password`,
            `database`, `project`, `order`, `lock_timeout`, `connect_timeout`.
    """

    def __init__(
        self, *, driver: Any = None, on_event: Listener | None = None, **options: Any
    ) -> None:
        unknown = sorted(set(options) - config.OPTIONS)
        if unknown:
            raise TypeError(f"Migrator() has no option {unknown[0]!r}")
        self._driver = driver
        self._on_event = on_event or _silent
        self._options = options
        self._settings: config.Settings | None = None
        self._database: Database | None = None

    @classmethod
    def open(cls, config: str | Path | None = None, **options: Any) -> Migrator:
        """Make a migrator for the project in or above the working directory.

        Args:
            config: The configuration file, when it is another one.
            options: As for the class.
        """
        return cls(config=config, **options)

    @property
    def settings(self) -> config.Settings:
        """The settings in force.

        Raises:
            ConfigError: They are missing or wrong.
        """
        if self._settings is None:
            options = {
                name: os.fspath(value) if isinstance(value, Path) else value
                for name, value in self._options.items()
            }
            self._settings = config.load(options, os.environ, Path.cwd())
        return self._settings

    @property
    def database(self) -> Database:
        """The open connection."""
        if self._database is None:
            raise RuntimeError("enter the migrator first: async with Migrator.open()")
        return self._database

    async def __aenter__(self) -> Migrator:
        self._database = await self._connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        database, self._database = self._database, None
        if database is not None:
            await database.close()

    async def _connect(self) -> Database:
        settings = self.settings
        if self._driver is not None:
            target = Target(uri="driver", database=settings.database)
            return Database(self._driver, target, owned=False)
        uri = config.require_target(settings)
        if uri == config.SANDBOX:
            return Database.connect(Target(uri=await self._sandbox()))
        return Database.connect(
            Target(
                uri=uri,
                username=settings.username,
                password=settings.password,
                database=settings.database,
                connect_timeout=settings.connect_timeout,
            )
        )

    async def _sandbox(self) -> str:
        """Start the local Neo4j where it is not running; give its address."""
        from neo4j_migrate_magic.sandbox import Sandbox

        sandbox = Sandbox(
            self.settings.root / SANDBOX_FOLDER, on_progress=self._on_event
        )
        return (await asyncio.to_thread(sandbox.start)).uri

    def create(
        self, name: str, *, python: bool | None = None, text: str | None = None
    ) -> Path:
        """Make a new migration file; it never overwrites one.

        Args:
            name: What the migration does, in a few words.
            python: Whether it is a Python file; None means the project's custom.
            text: The file's content; None means a template.

        Raises:
            BadNameError: The name has no letter or digit.
        """
        settings = self.settings
        return files.create(
            settings.migration_dir,
            name,
            python=settings.legacy if python is None else python,
            text=text,
            seed=settings.legacy,
        )

    async def status(self) -> Status:
        """Tell where the database is; nothing is written and nothing is locked."""
        return status_of(await self._survey())

    async def up(
        self,
        count: int | str | None = None,
        *,
        to: str | None = None,
        allow_missing: bool = False,
        allow_late: Collection[str] = (),
    ) -> Report:
        """Apply pending migrations, in order of version; all by default.

        Args:
            count: How many at most; None or ``"all"`` means all.
            to: The last version, inclusive.
            allow_missing: Go on though applied migrations have no file any more.
            allow_late: Versions to apply though newer ones are applied.

        Raises:
            MigrateError: It did not come to its end; `report` tells what was done.
        """
        limit = _limit(count, to)
        late = frozenset(allow_late)
        return await self._run().carry_out(
            lambda: self._plan_up(
                limit, to=to, allow_missing=allow_missing, allow_late=late
            )
        )

    async def down(
        self,
        count: int | str | None = 1,
        *,
        to: str | None = None,
        allow_part_way: bool = False,
    ) -> Report:
        """Roll back applied migrations, the last applied first; one by default.

        Args:
            count: How many; None or ``"all"`` means all.
            to: The version that is the newest applied one afterwards; ``zero``: none.
            allow_part_way: Run the ``// @down`` of a migration whose `up` did not
                finish, as it is written.

        Raises:
            MigrateError: It did not come to its end; `report` tells what was done.
        """
        limit = _limit(None if to is not None and count == 1 else count, to)
        return await self._run().carry_out(
            lambda: self._plan_down(limit, to=to, allow_part_way=allow_part_way)
        )

    async def repair(self, version: str, *, step: int, mark: str) -> None:
        """Say what became of an autocommit step that was cut.

        The tool does not guess whether it ran, and does not run it a second time
        unless it is marked rerunnable. What was said is kept in the log.

        Args:
            version: The migration, which is part-way.
            step: The step in doubt.
            mark: ``"applied"`` if all of it is in the database, ``"pending"`` if
                none of it is.

        Raises:
            BadOptionError: Nothing is in doubt there.
        """
        if mark not in ("applied", "pending"):
            raise BadOptionError(f"{mark!r} is no mark", why="it is applied or pending")

        async def make_plan() -> Plan:
            history = await read_history(self.database, self.settings.project)
            record = next((r for r in history.records if r.version == version), None)
            if record is not None and record.direction is Direction.DOWN:
                return await self._plan_down(1)
            return await self._plan_up(None, to=version)

        await self._run().mark(make_plan, step=step, applied=mark == "applied")

    async def _plan_up(
        self,
        count: int | None,
        *,
        to: str | None = None,
        allow_missing: bool = False,
        allow_late: frozenset[str] = frozenset(),
    ) -> Plan:
        found = await self._survey(settle=True)
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
            allow_late=None if self.settings.order == "allow-late" else allow_late,
        )

    async def _plan_down(
        self,
        count: int | None,
        *,
        to: str | None = None,
        allow_part_way: bool = False,
    ) -> Plan:
        found = await self._survey(settle=True)
        refuse_newer(found.history)
        chosen = rollback_order(found.history, count=count, to=to)
        rest = [r for r in chosen if r.version not in found.details]
        more = await read_details(self.database, self.settings.project, rest)
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

    def _run(self) -> Run:
        settings = self.settings
        return Run(
            database=self.database,
            project=settings.project,
            root=settings.root,
            lock_timeout=settings.lock_timeout,
            on_event=self._on_event,
        )

    async def _survey(self, *, settle: bool = False) -> Survey:
        migrations: tuple[Migration, ...] = files.read_all(self.settings.migration_dir)
        found = await survey(self.database, self.settings.project, migrations)
        _refuse_old(found.history.server.version, self.database.address)
        return await settle_all(self.database, found) if settle else found


def _silent(event: Event) -> None:
    """Hear of nothing."""


def _limit(count: int | str | None, to: str | None) -> int | None:
    """Check a count: ``"all"`` or a whole number from 1."""
    if count is None or count == "all":
        return None
    if to is not None:
        raise BadOptionError(
            "a count and a version to stop at exclude each other",
            next=[("neo4j-migrate up --to VERSION", "or --up-count N")],
        )
    number = int(count) if str(count).isdecimal() else 0
    if number < 1 or isinstance(count, bool):
        raise BadOptionError(
            f"{count!r} is no count",
            why='a count is a whole number from 1, or "all"',
            next=[("neo4j-migrate up --up-count 1", "")],
        )
    return number


def _refuse_old(version: str, address: str) -> None:
    """Refuse servers before 5.0: they do not know the Cypher that the tool speaks."""
    major = version.split(".", 1)[0]
    if major.isdigit() and int(major) < _OLDEST:
        raise UnsupportedError(
            f"{address} is Neo4j {version}; this tool needs 5.26 or newer",
            next=[("neo4j-migrate sandbox start", "a local one to try")],
        )
