"""Look at settings, server, history, lock and schema; each finding with its cure."""

from __future__ import annotations

import asyncio
import shlex
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from neo4j_migrate_magic import config, files
from neo4j_migrate_magic.cypher import quote
from neo4j_migrate_magic.database.facts import edition, granted, writable
from neo4j_migrate_magic.engine.origins import origin_checks, settings_checks
from neo4j_migrate_magic.engine.project import Project
from neo4j_migrate_magic.engine.verify import verify
from neo4j_migrate_magic.errors import (
    BadOptionError,
    ConfigError,
    HistoryCorruptError,
    MigrateError,
    Next,
)
from neo4j_migrate_magic.history.lock import CONSTRAINTS, FORMAT, constraints_present
from neo4j_migrate_magic.history.reading import read_history, read_projects
from neo4j_migrate_magic.model import (
    Check,
    Diagnosis,
    LockView,
    ProblemKind,
    Verdict,
)
from neo4j_migrate_magic.schema.catalogue import read_builds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from neo4j_migrate_magic.database.connection import Database
    from neo4j_migrate_magic.model import History

AT_HOME = ("config", "files")
"""What can be looked at without a server."""

AREAS = (*AT_HOME, "server", "rights", "clock", "history", "lock", "schema")
"""What there is to look at, in the order of looking."""

_SKEW = 60.0  # seconds between our clock and the server's
_LTS = (5, 26)

# What a run does, and the actions of SHOW USER PRIVILEGES of which one allows it.
_NEEDED = {
    "reading": {"match", "graph_actions", "admin"},
    "writing": {"write", "graph_actions", "admin"},
    "constraints": {"create_constraint", "constraint", "database_actions", "admin"},
    "indexes": {"create_index", "index", "database_actions", "admin"},
    "new labels and types": {"create_label", "token", "database_actions", "admin"},
}


async def diagnose(
    settings: config.Settings, database: Database | None, areas: Collection[str]
) -> Diagnosis:
    """Look at what was asked for, or at everything; nothing is written.

    Args:
        settings: The settings in force.
        database: Where to look; None is enough for the areas `AT_HOME`.
        areas: Which; none means all.

    Raises:
        BadOptionError: There is no such area.
    """
    unknown = sorted(set(areas) - set(AREAS))
    if unknown:
        raise BadOptionError(
            f"there is no area {unknown[0]!r}",
            why=f"the areas are {', '.join(AREAS)}",
            next=[("neo4j-migrate doctor", "looks at all of them")],
        )
    doctor = _Doctor(settings, database)
    wanted = [area for area in AREAS if not areas or area in areas]
    checks: list[Check] = []
    for area in wanted:
        checks += await doctor.look(area)
        if doctor.unreachable:
            break
    if areas and set(areas) == {"config"}:
        checks += origin_checks(settings)
    server = database.server if database else None
    return Diagnosis(checks=tuple(checks), server=server)


class _Doctor:
    """Looks at one area after the other; without a server it ends early."""

    def __init__(self, settings: config.Settings, database: Database | None) -> None:
        self._settings = settings
        self._connected = database
        self._history: History | None = None
        self.unreachable = False
        self._looks: dict[str, Callable[[], Awaitable[list[Check]]]] = {
            "config": self._config,
            "files": self._files,
            "server": self._server,
            "rights": self._rights,
            "clock": self._clock,
            "history": self._records,
            "lock": self._lock,
            "schema": self._schema,
        }

    @property
    def _database(self) -> Database:
        if self._connected is None:
            raise RuntimeError("enter the migrator first: async with Migrator.open()")
        return self._connected

    async def look(self, area: str) -> list[Check]:
        try:
            return await self._looks[area]()
        except HistoryCorruptError as error:
            if area == "history":
                way = Next("neo4j-migrate status", "names the ways out")
                return [_fail(area, _told(error), way, exit_code=error.exit_code)]
            why = Next("neo4j-migrate doctor --only history", "says why")
            return [_warn(area, "not looked at: the history cannot be read", why)]
        except MigrateError as error:
            self.unreachable = error.exit_code == 10
            return [_failed("server" if self.unreachable else area, error)]

    async def _known(self) -> History:
        """Read the history once; the first read is the first contact."""
        if self._history is None:
            self._history = await read_history(self._database, self._settings.project)
        return self._history

    async def _contact(self) -> None:
        """See that the server answers, whatever its history says."""
        with suppress(HistoryCorruptError):  # told where the history is looked at
            await self._known()

    async def _config(self) -> list[Check]:
        return settings_checks(self._settings)

    async def _files(self) -> list[Check]:
        folder = self._settings.migration_dir
        migrations, unusable = await asyncio.to_thread(files.read_usable, folder)
        count = f"{len(migrations)} migration{'' if len(migrations) == 1 else 's'}"
        found = [_failed("files", one.error) for one in unusable]
        if not unusable:
            found = [_ok("files", f"{count} in {folder}")]
        ignored = files.ignored(folder)
        if ignored:
            names = ", ".join(path.name for path in ignored[:5])
            found.append(
                _warn(
                    "files",
                    f"not read, their names are no <version>-<name>: {names}",
                    Next("neo4j-migrate create NAME", "makes a file with a good name"),
                )
            )
        return found

    async def _server(self) -> list[Check]:
        await self._contact()
        kind = await edition(self._database)
        version, name = self._database.server_version, self._database.name
        what = f"Neo4j {version} {kind}, database {name} at {self._database.address}"
        numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
        if not await writable(self._database):
            see = Next('cypher-shell "SHOW DATABASES"', "see its access")
            return [_fail("server", f"{what}: it is read-only, so nothing runs", see)]
        if tuple(numbers) < _LTS:
            return [_warn("server", f"{what}: older than 5.26, and not tested")]
        return [_ok("server", what)]

    async def _rights(self) -> list[Check]:
        await self._contact()
        if await edition(self._database) == "community":
            return [_ok("rights", "Community: whoever logs in may do everything")]
        return [rights_check(await granted(self._database))]

    async def _clock(self) -> list[Check]:
        history = await self._known()
        skew = (datetime.now(timezone.utc) - history.now).total_seconds()
        if abs(skew) <= _SKEW:
            return [_ok("clock", "this machine and the server agree within a minute")]
        ahead = "ahead of" if skew > 0 else "behind"
        return [
            _warn(
                "clock",
                f"this machine is {abs(skew):.0f}s {ahead} the server: runs and locks go"
                " by the server's clock, but `create` names files by this one",
                Next("timedatectl status", "see whether this clock is kept"),
            )
        ]

    async def _records(self) -> list[Check]:
        history = await self._known()
        others = await self._other_projects()
        if history.lock is None and not history.records:
            name = self._settings.project
            return [_ok("history", f"project {name} has none yet"), *others]
        found = [*await self._bookkeeping(history), *_part_way(history)]
        if history.lock is None or history.lock.format <= FORMAT:
            found += await self._compared()
        if not found:
            applied = sum(record.applied for record in history.records)
            found.append(_ok("history", f"{applied} applied, all as their files say"))
        return found + others

    async def _compared(self) -> list[Check]:
        """Compare files and records, as far as the files can be read."""
        project = Project(
            database=self._database,
            name=self._settings.project,
            folder=self._settings.migration_dir,
        )
        look = Next("neo4j-migrate doctor --only files", "says which")
        try:
            problems = verify(await project.survey_usable()).problems
        except ConfigError:
            what = "not compared with the files: their folder cannot be read"
            return [_warn("history", what, look)]
        found = []
        if any(problem.kind is ProblemKind.UNUSABLE for problem in problems):
            what = "not compared with the files that cannot be used"
            found.append(_warn("history", what, look))
        number = sum(one.kind is not ProblemKind.UNUSABLE for one in problems)
        if number:
            found.append(
                _fail(
                    "history",
                    f"{number} problem{'' if number == 1 else 's'}: files and history"
                    " disagree",
                    Next("neo4j-migrate verify", "shows each, with its ways out"),
                    exit_code=7,
                )
            )
        return found

    async def _other_projects(self) -> list[Check]:
        others = await read_projects(self._database)
        others.discard(self._settings.project)
        names = ", ".join(sorted(others))
        what = f"this database also has the projects {names}"
        return [_ok("history", what)] if others else []

    async def _bookkeeping(self, history: History) -> list[Check]:
        """Look at what the tool itself keeps: its constraints, its format."""
        found = []
        present = await constraints_present(self._database)
        if len(present) < len(CONSTRAINTS):
            found.append(
                _fail(
                    "history",
                    "a constraint of ours is missing: two runs could collide",
                    Next("neo4j-migrate repair history", "makes it again"),
                    exit_code=7,
                )
            )
        written = history.lock.format if history.lock else FORMAT
        if written > FORMAT:
            found.append(
                _fail(
                    "history",
                    f"it has format {written}, this tool writes format {FORMAT}",
                    Next("pip install --upgrade neo4j-migrate-magic", ""),
                    exit_code=7,
                )
            )
        return found

    async def _lock(self) -> list[Check]:
        history = await self._known()
        view = LockView(lock=history.lock, now=history.now, server=history.server)
        if not view.held or view.lock is None:
            return [_ok("lock", "free")]
        if view.live:
            return [_ok("lock", f"held by {view.lock.owner}, which is at work")]
        return [
            _warn(
                "lock",
                f"its holder {view.lock.owner} is gone; the next run takes it over",
                Next("neo4j-migrate unlock", "releases it now"),
            )
        ]

    async def _schema(self) -> list[Check]:
        await self._contact()
        found = []
        for build in await read_builds(self._database):
            statement = shlex.quote(f"DROP INDEX {quote(build.name)}")
            drop = Next(f"cypher-shell {statement}", "removes it")
            if build.failure:
                what = f"index {build.name} failed to build: {build.failure}"
                found.append(_fail("schema", what, drop))
            elif build.orphan:
                found.append(
                    _fail(
                        "schema",
                        f"index {build.name} is half-built for ever: a crash of the"
                        " server left it while it made a constraint",
                        drop,
                    )
                )
            else:
                what = f"index {build.name} is being built: {build.percent:.0f} %"
                found.append(_warn("schema", what))
        return found or [_ok("schema", "every index is online")]


def _part_way(history: History) -> list[Check]:
    """List what is begun and not at its end, where no run is at work on it."""
    return [
        _warn(
            "history",
            f"{record.title} is part-way {record.direction.value}, at step"
            f" {record.step} of {record.steps}",
            Next(f"neo4j-migrate show {record.version}", "says why"),
        )
        for record in history.records
        if record.part_way and record.run_id != history.running
    ]


def rights_check(granted: Collection[str]) -> Check:
    """Compare the actions that a user is granted with those that runs need.

    Enterprise alone has privileges; the names are documented, not measured.
    """
    missing = [what for what, any_of in _NEEDED.items() if not any_of & set(granted)]
    if not missing:
        return _ok("rights", "the user may do all that runs need")
    return _warn(
        "rights",
        f"not seen among the user's privileges: {', '.join(missing)}",
        Next('cypher-shell "SHOW USER PRIVILEGES"', "see what it may do"),
    )


def _failed(area: str, error: MigrateError) -> Check:
    way = error.next[0] if error.next else None
    return _fail(area, _told(error), way, exit_code=error.exit_code)


def _told(error: MigrateError) -> str:
    return f"{error.what}: {error.why}" if error.why else error.what


def _ok(area: str, what: str) -> Check:
    return Check(verdict=Verdict.OK, area=area, what=what)


def _warn(area: str, what: str, next: Next | None = None) -> Check:
    return Check(verdict=Verdict.WARN, area=area, what=what, next=next)


def _fail(area: str, what: str, next: Next | None, *, exit_code: int = 2) -> Check:
    return Check(
        verdict=Verdict.FAIL, area=area, what=what, next=next, exit_code=exit_code
    )
