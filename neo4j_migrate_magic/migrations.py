"""The five verbs as functions, with the arguments and results of pyneo4j-ogm's.

In a script ``asyncio.run(up())``, in a notebook ``await up()``. `Migrator` does the
same with more to choose from, and keeps its connection from one call to the next.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic import config
from neo4j_migrate_magic.model import Direction, State

if TYPE_CHECKING:
    from collections.abc import Collection

    from neo4j_migrate_magic.model import Report, StatusRow

__all__ = ["create", "down", "init", "status", "up"]

_APPLIED = (State.APPLIED, State.BASELINE, State.EDITED, State.MISSING)


def init(
    migration_dir: str | os.PathLike[str] | None = None,
    uri: str | None = None,
    sandbox: bool = False,
) -> None:
    """Write a configuration file into the working directory, and make the folder.

    What is there already stays as it is; no database is contacted.

    Args:
        migration_dir: The folder; None means ``migrations``.
        uri: The server; None leaves it open.
        sandbox: Whether the server is the local one that the tool starts.
    """
    config.init(Path.cwd(), migration_dir=migration_dir, uri=uri, sandbox=sandbox)


def create(
    name: str,
    config_path: str | os.PathLike[str] | None = None,
    *,
    py: bool | None = None,
) -> dict[str, str]:
    """Make a new migration file; give its ``name`` and its full ``path``.

    Args:
        name: What the migration does, in a few words.
        config_path: The configuration file, when it is not the nearest one.
        py: Whether it is a Python file; None means the project's custom.
    """
    from neo4j_migrate_magic.engine import creation

    options = {"config": None if config_path is None else os.fspath(config_path)}
    settings = config.load(options, os.environ, Path.cwd())
    path = creation.create(settings, name, python=py)
    return {"name": path.name, "path": str(path)}


async def up(
    up_count: int | str = "all",
    config_path: str | os.PathLike[str] | None = None,
    *,
    to: str | None = None,
    allow_missing: bool = False,
    allow_late: Collection[str] = (),
    **options: Any,
) -> Report:
    """Apply pending migrations, oldest first.

    Args:
        up_count: How many at most, or ``"all"``.
        config_path: The configuration file, when it is not the nearest one.
        to: The last version, inclusive.
        allow_missing: Go on though applied migrations have no file any more.
        allow_late: Versions to apply though newer ones are applied.
        options: Settings, as for `Migrator`: ``uri``, ``database``, ….

    Raises:
        MigrateError: It did not come to its end; `report` tells what was done.
    """
    from neo4j_migrate_magic.migrator import Migrator

    async with Migrator(config=config_path, **options) as migrator:
        return await migrator.up(
            up_count, to=to, allow_missing=allow_missing, allow_late=allow_late
        )


async def down(
    down_count: int | str = 1,
    config_path: str | os.PathLike[str] | None = None,
    *,
    to: str | None = None,
    allow_part_way: bool = False,
    **options: Any,
) -> Report:
    """Roll back applied migrations, the last applied first; one by default.

    Args:
        down_count: How many, or ``"all"``.
        config_path: The configuration file, when it is not the nearest one.
        to: The version that is the newest applied one afterwards; ``zero``: none.
        allow_part_way: Run the `down` of a migration whose `up` did not finish.
        options: Settings, as for `Migrator`: ``uri``, ``database``, ….

    Raises:
        MigrateError: It did not come to its end; `report` tells what was done.
    """
    from neo4j_migrate_magic.migrator import Migrator

    async with Migrator(config=config_path, **options) as migrator:
        return await migrator.down(down_count, to=to, allow_part_way=allow_part_way)


async def status(
    config_path: str | os.PathLike[str] | None = None, **options: Any
) -> list[dict[str, Any]]:
    """Tell what is applied, by time, and then what is pending, by name.

    Each entry has ``name`` (``<version>-<name>``), ``applied_at`` (POSIX seconds, or
    None) and ``status`` (``"APPLIED"`` or ``"PENDING"``). `Migrator.status` tells more.

    Args:
        config_path: The configuration file, when it is not the nearest one.
        options: Settings, as for `Migrator`: ``uri``, ``database``, ….
    """
    from neo4j_migrate_magic.migrator import Migrator

    async with Migrator(config=config_path, **options) as migrator:
        rows = (await migrator.status()).rows
    applied = sorted(map(_entry, filter(_applied, rows)), key=_moment)
    pending = sorted(row.title for row in rows if not _applied(row))
    return [
        *applied,
        *({"name": n, "applied_at": None, "status": "PENDING"} for n in pending),
    ]


def _applied(row: StatusRow) -> bool:
    """Whether a migration is in the database; one that is going down still is."""
    begun = row.state in (State.RUNNING, State.INTERRUPTED, State.FAILED)
    return row.state in _APPLIED or (begun and row.direction is Direction.DOWN)


def _entry(row: StatusRow) -> dict[str, Any]:
    when = row.applied_at.timestamp() if row.applied_at else None
    return {"name": row.title, "applied_at": when, "status": "APPLIED"}


def _moment(entry: dict[str, Any]) -> float:
    return entry["applied_at"] or 0.0
