"""The asynchronous face of the tool: connect, then the verbs as methods."""

from __future__ import annotations

import asyncio
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic import config, files
from neo4j_migrate_magic.database.connection import Database, Target
from neo4j_migrate_magic.engine.corrections import baseline, repair, repair_history
from neo4j_migrate_magic.engine.doctor import diagnose
from neo4j_migrate_magic.engine.project import Project
from neo4j_migrate_magic.engine.run import Run
from neo4j_migrate_magic.engine.survey import refuse_newer, status_of
from neo4j_migrate_magic.engine.verify import verify
from neo4j_migrate_magic.engine.view import view
from neo4j_migrate_magic.errors import BadOptionError
from neo4j_migrate_magic.history.intervene import break_lock, look, request_stop
from neo4j_migrate_magic.history.log import known_version, read_log
from neo4j_migrate_magic.model import (
    Correction,
    Diagnosis,
    LockView,
    Log,
    MigrationView,
    Report,
    Status,
    Verification,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta
    from types import TracebackType

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
        return status_of(await self._project.survey())

    async def show(self, version: str) -> MigrationView:
        """Tell all of one migration: statements, steps with their states, record.

        Args:
            version: Its version, or enough of it.

        Raises:
            UnknownVersionError: No file and no record has it.
        """
        project = self._project
        found = await project.survey()
        whole = project.version(version, found)
        return view(whole, await project.with_details(whole, found))

    async def verify(self) -> Verification:
        """Compare every file with every record; all problems, nothing is written."""
        found = await self._project.survey()
        refuse_newer(found.history)
        return verify(found)

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
        if version in ("latest", "current"):
            version = project.version(version, await project.survey())
        elif version is not None:
            version = await known_version(self.database, project.name, version)
        return await read_log(
            self.database, project.name, version=version, since=since, limit=limit
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
        limit = _limit("up", count, to)
        late = frozenset(allow_late)
        return await self._run().carry_out(
            lambda: self._project.plan_up(
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
        by_default = to is not None and count == 1
        limit = _limit("down", None if by_default else count, to)
        return await self._run().carry_out(
            lambda: self._project.plan_down(limit, to=to, allow_part_way=allow_part_way)
        )

    async def repair(
        self,
        version: str,
        *,
        mark: str | None = None,
        step: int | None = None,
        accept_checksum: bool = False,
    ) -> Correction:
        """Correct one record, on a person's word; nothing is run.

        Args:
            version: The migration; its version, or enough of it.
            mark: ``"applied"`` if all of it is in the database, ``"pending"`` if none
                of it is: then its record is forgotten.
            step: What `mark` is about, when it is one step of a part-way migration.
            accept_checksum: Take the edited file for what was applied.

        Raises:
            BadOptionError: It has no meaning there.
        """
        return await repair(
            self._project,
            self._run(),
            version,
            mark=mark,
            step=step,
            accept_checksum=accept_checksum,
        )

    async def repair_history(self) -> Correction:
        """Make the tool's own constraints again, where somebody dropped them."""
        return await repair_history(self._project, self._run())

    async def baseline(self, version: str, *, preview: bool = False) -> Correction:
        """Record the files up to a version as applied, without running them.

        Args:
            version: The last one; its version, or enough of it, or ``latest``.
            preview: Only tell what would be recorded; nothing is written.

        Raises:
            PartWayError: One of them is part-way.
        """
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
        return await break_lock(self.database, self._project.name, holder=holder)

    async def doctor(self, areas: Collection[str] = ()) -> Diagnosis:
        """Look at settings, server, history, lock and schema; nothing is written.

        Args:
            areas: Only these; none means all.
        """
        return await diagnose(self.settings, self.database, areas)

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


def _limit(verb: str, count: int | str | None, to: str | None) -> int | None:
    """Check a count: ``"all"`` or a whole number from 1."""
    if count is None or count == "all":
        return None
    if to is not None:
        raise BadOptionError(
            "a count and a version to stop at exclude each other",
            why="each says where to end",
            next=[
                (
                    f"neo4j-migrate {verb} --to {shlex.quote(to)}",
                    f"or --{verb}-count {count}",
                )
            ],
        )
    number = int(count) if str(count).isdecimal() else 0
    if number < 1 or isinstance(count, bool):
        raise BadOptionError(
            f"{count!r} is no count",
            why='a count is a whole number from 1, or "all"',
            next=[(f"neo4j-migrate {verb} --{verb}-count 1", "for instance")],
        )
    return number
