"""What `init` does: a configuration file and a folder, and no contact to a server."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.config import sources, values
from neo4j_migrate_magic.config.settings import Settings, load
from neo4j_migrate_magic.errors import InvalidConfigError, Next, Place
from neo4j_migrate_magic.model.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable

_FILE = """\
# Settings of neo4j-migrate. What an option or a variable says is stronger.

# Where the migrations are, relative to this file.
migration_dir = {migration_dir}

# The server: a neo4j:// or bolt:// URI, or "sandbox" for a local Neo4j that is
# kept in .neo4j-sandbox/. NEO4J_URI or --uri name another one.
{uri}

# Who logs in. A password does not belong in this file: NEO4J_USERNAME and
# NEO4J_PASSWORD are read anyway; any other variable is named like this.
# username = "neo4j"
# password = "env:NEO4J_PASSWORD"

# The database; without this line the server's home database.
# database = "neo4j"

# Each project has a history and a lock of its own in the database.
# project = "default"

# A migration older than the newest applied one: "strict" stops, "allow-late" runs it.
# order = "strict"

# How long a run waits for another one, and for the server to answer.
# lock_timeout = "60s"
# connect_timeout = "2.2s"

# Another target, for --env prod; what it does not say is taken from above. A password
# may also come from a file:PATH, or from a command: "cmd:pass show neo4j/prod". What is
# protected is changed only by who names it and its database.
# [env.prod]
# uri = "env:PROD_NEO4J_URI"
# username = "migrator"
# password = "env:PROD_NEO4J_PASSWORD"
# protected = true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitResult(Shown):
    """What `init` found or made."""

    config_path: Path
    folder: Path
    created_config: bool
    created_folder: bool
    warnings: tuple[str, ...] = ()


def init(
    cwd: Path,
    *,
    migration_dir: str | os.PathLike[str] | None = None,
    uri: str | None = None,
    sandbox: bool = False,
) -> InitResult:
    """Write the configuration file and make the folder, as far as they are missing.

    A file that exists is checked and decides; the arguments are for a new one.
    """
    cwd = Path(os.path.abspath(cwd))
    if uri is not None and sandbox:
        raise _refused("uri", "it excludes the sandbox; name one of them")
    target = values.SANDBOX if sandbox else uri
    if target is not None:
        target = _argument("uri", values.uri, target)
    wanted = None if migration_dir is None else os.fspath(migration_dir)
    chosen = _argument(
        "migration_dir", values.text, "migrations" if wanted is None else wanted
    )

    existing = [path for path in sources.search(cwd) if path.parent == cwd]
    if existing:
        return _keep(cwd, target, wanted)

    # The folder first: should it fail, no file is left that names it.
    folder = Path(os.path.abspath(cwd / chosen))
    created_folder = _make_folder(folder)
    path = cwd / sources.TOML
    if not _write_new(path, _text(chosen, target)):
        return _keep(cwd, target, chosen)  # another process was faster
    return InitResult(
        config_path=path,
        folder=folder,
        created_config=True,
        created_folder=created_folder,
        warnings=_shadowed(cwd),
    )


def _keep(cwd: Path, target: str | None, migration_dir: str | None) -> InitResult:
    settings = load({}, {}, cwd)
    path = settings.path or cwd / sources.TOML
    return InitResult(
        config_path=path,
        folder=settings.migration_dir,
        created_config=False,
        created_folder=_make_folder(settings.migration_dir),
        warnings=(
            *settings.warnings,
            *_contradicted(settings, cwd, target, migration_dir),
        ),
    )


def _contradicted(
    settings: Settings, cwd: Path, target: str | None, migration_dir: str | None
) -> list[str]:
    wanted: list[tuple[str, object, object]] = []
    if target is not None:
        wanted.append(("uri", target, settings.uri))
    if migration_dir is not None:
        folder = Path(os.path.abspath(cwd / migration_dir))
        wanted.append(("migration_dir", folder, settings.migration_dir))
    file = settings.path.name if settings.path else sources.TOML
    return [
        f"{file} is there already and is left as it is; its `{key}` is not {new}"
        for key, new, old in wanted
        if new != old
    ]


def _shadowed(cwd: Path) -> tuple[str, ...]:
    above = sources.search(cwd.parent) if cwd.parent != cwd else []
    return tuple(f"{path} no longer counts in this folder" for path in above[:1])


def _text(migration_dir: str, target: str | None) -> str:
    uri = f"uri = {_quoted(target)}" if target else '# uri = "neo4j://localhost:7687"'
    return _FILE.format(migration_dir=_quoted(migration_dir), uri=uri)


def _quoted(text: str) -> str:
    """Write a TOML string: JSON's escapes are TOML's too."""
    return json.dumps(text, ensure_ascii=False)


def _make_folder(folder: Path) -> bool:
    if folder.is_dir():
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # git keeps no empty folder, and a fresh clone would have none.
        (folder / ".gitkeep").touch()
    except OSError as error:
        raise _unwritable(
            folder, "the migration folder cannot be made", error
        ) from error
    return True


def _write_new(path: Path, text: str) -> bool:
    try:
        with path.open("xb") as file:
            file.write(text.encode())
    except FileExistsError:
        return False
    except OSError as error:
        raise _unwritable(path, f"{path.name} cannot be written", error) from error
    return True


def _unwritable(path: Path, what: str, error: OSError) -> InvalidConfigError:
    return InvalidConfigError(
        what,
        why=error.strerror or str(error),
        where=Place(str(path)),
        next=[Next("neo4j-migrate init --migration-dir DIR", "with another folder")],
    )


def _argument(key: str, check: Callable[[str], str], raw: str) -> str:
    try:
        return check(raw)
    except ValueError as error:
        raise _refused(key, str(error)) from None


def _refused(key: str, why: str) -> InvalidConfigError:
    option = key.replace("_", "-")
    return InvalidConfigError(
        f"the option --{option} cannot be used",
        why=why,
        next=[Next("neo4j-migrate init --help", "lists the options")],
    )
