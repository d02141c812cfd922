"""The asynchronous face of the tool: connect, then the verbs as methods."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic import config
from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.database.facts import home
from neo4j_migrate_magic.database.opening import opened, target_of, with_target
from neo4j_migrate_magic.engine.corrections import baseline, repair, repair_history
from neo4j_migrate_magic.engine.counts import limit_of
from neo4j_migrate_magic.engine.creation import create
from neo4j_migrate_magic.engine.doctor import diagnose
from neo4j_migrate_magic.engine.project import Project
from neo4j_migrate_magic.engine.run import Run
from neo4j_migrate_magic.engine.survey import status_of
from neo4j_migrate_magic.engine.text import logged_version, source_of
from neo4j_migrate_magic.engine.verify import verified
from neo4j_migrate_magic.engine.view import diff, view
from neo4j_migrate_magic.history.intervene import break_lock, look, request_stop
from neo4j_migrate_magic.history.log import read_log
from neo4j_migrate_magic.model import (
    Correction,
    Diagnosis,
    LockView,
    Log,
    MigrationDiff,
    MigrationView,
    Report,
    Status,
    Verification,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime, timedelta
    from types import TracebackType

    from neo4j_migrate_magic.database.target import Target
    from neo4j_migrate_magic.model import Event, Listener

SANDBOX_FOLDER = ".neo4j-sandbox"
"""Where the target `sandbox` keeps its server, beside the configuration file."""


class Migrator:
    """Migrations of one project on one database.

    Connects when it is entered, and closes what it opened when it is left::

        async with Migrator.open() as migrator:
            report = await migrator.up(count=3)

    Args:
        driver: An open `neo4j.AsyncDriver` to use; it stays open. Without one the
            settings name the target.
        on_event: Hears of progress; see the events of `model`.
        confirm: The name of the database, where the environment is protected: without
            it nothing that changes one is done.
        connect: Makes the connection, where none is handed over.
        options: Settings by name, stronger than file and environment: `config`, `env`,
            `env_file`, `migration_dir`, `uri`, `sandbox`, `username`, `password`,
            `database`, `project`, `order`, `lock_timeout`, `connect_timeout`, ….
    """

    def __init__(
        self,
        *,
        driver: Any = None,
        on_event: Listener | None = None,
        confirm: str | None = None,
        connect: Callable[[Target], Database] = Database.connect,
        **options: Any,
    ) -> None:
        unknown = sorted(set(options) - config.OPTIONS)
        if unknown:
            raise TypeError(f"Migrator() has no option {unknown[0]!r}")
        self._driver = driver
        self._on_event = on_event or _silent
        self.confirm = confirm
        self._open = connect
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
            self._settings = config.load(self._options, os.environ, Path.cwd())
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
        if self._driver is not None:
            config.refuse_redirected(self.settings, "database")
            target = target_of(self.settings, "driver")
            return Database(self._driver, target, owned=False)
        self._settings = ready = await with_target(self.settings)
        if ready.uri == config.SANDBOX:
            alone = replace(ready, database=None)
            return self._open(target_of(alone, await self._sandbox()))
        return await opened(ready, self._open, self._on_event)

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
        return create(self.settings, name, python=python, text=text)

    async def database_name(self) -> str:
        """Give the database's name; the server is asked where no setting has it."""
        return await home(self.database)

    async def _permitted(self) -> None:
        """Refuse to change a protected environment that nobody confirmed."""
        if self.settings.protected:
            name = await self.database_name()
            config.refuse_unpermitted(
                self.settings, confirm=self.confirm, database=name
            )

    async def status(self) -> Status:
        """Tell where the database is; nothing is written and nothing is locked."""
        return status_of(await self._project.survey())

    async def show(self, version: str) -> MigrationView:
        """Tell all of one migration: statements, steps with their states, record.

        Args:
            version: Its version, or enough of it.

        Raises:
            UnknownVersionError: No file and no record has it.
        """
        return view(*await self._project.one(version))

    async def compare(self, version: str) -> MigrationDiff:
        """Tell all of one migration, and how its file differs from what was applied.

        Args:
            version: Its version, or enough of it.

        Raises:
            BadOptionError: It was never applied.
            MissingError: One of the two texts is gone.
        """
        return diff(*await self._project.one(version))

    async def source(self, version: str) -> str:
        """Give the text that was applied, else the file's; no file need be usable.

        Raises:
            MissingError: It was not kept, and its file is gone.
        """
        return await source_of(self._project, version)

    async def verify(self) -> Verification:
        """Compare every file with every record; all problems, nothing is written."""
        return await verified(self._project)

    async def log(
        self,
        version: str | None = None,
        *,
        since: datetime | timedelta | None = None,
        limit: int = 100,
    ) -> Log:
        """Tell what happened, newest first; nothing is written.

        Args:
            version: Only what happened to one migration; its version, or enough of it.
            since: Only what happened from this time on, or in so much time until now.
            limit: How many entries at most.
        """
        project = self._project
        whole = None if version is None else await logged_version(project, version)
        return await read_log(
            self.database, project.name, version=whole, since=since, limit=limit
        )

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
        limit = limit_of("up", count, to)
        await self._permitted()
        plan = partial(
            self._project.plan_up,
            limit,
            to=to,
            allow_missing=allow_missing,
            allow_late=frozenset(allow_late),
        )
        return await self._run().carry_out("up", plan)

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
        limit = limit_of("down", None if to is not None and count == 1 else count, to)
        await self._permitted()
        planned = self._project.plan_down
        plan = partial(planned, limit, to=to, allow_part_way=allow_part_way)
        return await self._run().carry_out("down", plan)

    async def repair(
        self,
        version: str,
        *,
        mark: str | None = None,
        step: int | None = None,
        accept_checksum: bool = False,
        renumber: bool = False,
    ) -> Correction:
        """Correct one record, on a person's word; nothing is run.

        Args:
            version: The migration; its version, or enough of it.
            mark: ``"applied"`` if all of it is in the database, ``"pending"`` if none
                of it is: then its record is forgotten.
            step: What `mark` is about, when it is one step of a part-way migration.
            accept_checksum: Take the edited file for what was applied.
            renumber: Rename its file, which is not applied, to be the newest; the
                log tells of it.

        Raises:
            BadOptionError: It has no meaning there.
        """
        await self._permitted()
        return await repair(
            self._project,
            self._run(),
            version,
            mark=mark,
            step=step,
            accept_checksum=accept_checksum,
            renumber=renumber,
        )

    async def repair_history(self) -> Correction:
        """Make the tool's own constraints again, where somebody dropped them."""
        await self._permitted()
        return await repair_history(self._project, self._run())

    async def baseline(self, version: str, *, preview: bool = False) -> Correction:
        """Record the files up to a version as applied, without running them.

        Args:
            version: The last one; its version, or enough of it, or ``latest``.
            preview: Only tell what would be recorded; nothing is written.

        Raises:
            PartWayError: One of them is part-way.
        """
        if not preview:
            await self._permitted()
        return await baseline(self._project, self._run(), version, preview=preview)

    async def stop(self) -> LockView:
        """Ask the run that holds the lock to end as Ctrl-C would there end it.

        It hears of it within ten seconds. The next `up` or `down` goes on.
        """
        return await request_stop(self.database, self._project.name)

    async def lock(self) -> LockView:
        """Tell who holds the lock; nothing is written."""
        return await look(self.database, self._project.name)

    async def unlock(self, holder: str | None = None) -> LockView:
        """Release the lock of a run that is gone.

        Args:
            holder: The owner, whole or its run id; a live one is released only so.

        Raises:
            LockHeldError: A live run holds it, and it is not the one named.
        """
        await self._permitted()
        return await break_lock(self.database, self._project.name, holder=holder)

    async def doctor(self, areas: Collection[str] = ()) -> Diagnosis:
        """Look at settings, server, history, lock and schema; nothing is written.

        Args:
            areas: Only these; ``config`` and ``files`` need no connection. None: all.
        """
        return await diagnose(self.settings, self._database, areas)

    @property
    def _project(self) -> Project:
        settings = self.settings
        return Project(
            database=self.database,
            name=settings.project,
            folder=settings.migration_dir,
            order=settings.order,
        )

    def _run(self) -> Run:
        settings = self.settings
        return Run(
            database=self.database,
            project=settings.project,
            root=settings.root,
            lock_timeout=settings.lock_timeout,
            on_event=self._on_event,
        )


def _silent(event: Event) -> None:
    """Hear of nothing."""
