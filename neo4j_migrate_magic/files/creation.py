"""New migration files: a name that is safe, a version that is the newest."""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import BadNameError, InvalidConfigError, Next, Place
from neo4j_migrate_magic.files import templates
from neo4j_migrate_magic.files.folder import versions, way_to_make
from neo4j_migrate_magic.model import MigrationKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neo4j_migrate_magic.model import Migration

_STAMP = "%Y%m%d%H%M%S"
_LONGEST = 100


def create(
    folder: Path,
    name: str,
    *,
    python: bool = False,
    seed: bool = False,
    text: str | None = None,
    now: datetime | None = None,
    newest: str | None = None,
) -> Path:
    """Write a new migration file, later than every one there is, and give its path.

    Args:
        folder: The migration folder, which must exist.
        name: What it is called; `safe_name` says what becomes of it.
        python: Whether it is a Python file.
        seed: Whether the project is one of pyneo4j-ogm: Python, and its template.
        text: What the file says, in place of the template.
        now: The time that makes the version.
        newest: The newest version in the history, if that is known.
    """
    kind = MigrationKind.PYTHON if python or seed else MigrationKind.CYPHER
    safe = safe_name(name)
    after = newest or ""
    while True:
        version = after = _next(folder, after, now)
        file_name = f"{version}-{safe}.{kind.suffix}"
        path = folder / file_name
        data = _content(file_name, safe, kind, seed=seed, text=text)
        if _claim(folder, version, path, partial(_publish, path), data):
            return path


def renumber(
    folder: Path,
    file: Migration,
    *,
    newest: str,
    now: datetime | None = None,
) -> Path:
    """Rename a file so that it is later than every one there is; give its new path.

    It is never put over another file, and nothing but the name changes.

    Args:
        folder: The migration folder.
        file: The migration; its file stays in the folder that it is in.
        newest: The newest version in the history.
        now: The time that makes the version.
    """
    if file.path is None:
        raise AssertionError("only a file has a name to change")
    after = newest
    while True:
        version = after = _next(folder, after, now)
        path = file.path.with_name(f"{version}-{file.name}.{file.kind.suffix}")
        if _claim(folder, version, path, partial(_rename, file.path, path)):
            return path


def _next(folder: Path, after: str, now: datetime | None) -> str:
    """Give a version that is later than `after` and than every file's."""
    newest = max(versions(folder), default="")
    return next_version(now or datetime.now(timezone.utc), max(after, newest))


def safe_name(name: str) -> str:
    """Make a file name's words of what was typed: ``a-z``, ``0-9``, ``_``.

    A change of case begins a word, accents are dropped (``Größe`` → ``grosse``),
    a run of anything else is one ``_``.
    """
    # Letter by letter what only casefold knows (ß → ss); of the others the case
    # still tells where a word begins.
    plain = "".join(
        c if c.isascii() else unicodedata.normalize("NFKD", c.casefold())
        for c in unicodedata.normalize("NFKD", name)
        if not unicodedata.combining(c)
    )
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", plain)
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words)
    safe = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    safe = safe[:_LONGEST].rstrip("_")
    if not safe:
        raise BadNameError(
            f"{name[:_LONGEST]!r} cannot be the name of a migration",
            why="a name needs at least one of the letters a-z or a digit",
            next=[Next("neo4j-migrate create add_person_index", "for instance")],
        )
    return safe


def next_version(now: datetime, newest: str) -> str:
    """Give the time as a version, or the second after the newest one if that is later."""
    stamp = now.astimezone(timezone.utc).strftime(_STAMP)
    if stamp > newest:
        return stamp
    try:
        moment = datetime.strptime(newest, _STAMP).replace(tzinfo=timezone.utc)
        return (moment + timedelta(seconds=1)).strftime(_STAMP)
    except (ValueError, OverflowError):
        # 14 digits that are no time are still a version, and have a next one.
        version = str(int(newest) + 1)
    if len(version) > len(stamp):
        raise BadNameError(
            "no version is left",
            why=f"the newest one is {newest}",
            next=[Next("neo4j-migrate status", "shows the files")],
        )
    return version


def _content(
    file_name: str, name: str, kind: MigrationKind, *, seed: bool, text: str | None
) -> bytes:
    if text is None:
        if seed:
            text = templates.seed_template(file_name)
        elif kind is MigrationKind.PYTHON:
            text = templates.python_template(name)
        else:
            text = templates.cypher_template(name)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadNameError(
            f"the text for {file_name} cannot be written as UTF-8",
            why=f"character {error.start + 1} is half of a pair: {error.reason}",
            next=[Next(f"neo4j-migrate create {name}", "writes the template")],
        ) from None


def _claim(
    folder: Path,
    version: str,
    path: Path,
    publish: Callable[[Path], None],
    data: bytes = b"",
) -> bool:
    """Make the file unless its version is taken; False means it is.

    The claim is a hidden file that only one process can make, so two that begin
    in the same second do not end with one version. It holds the whole text and is
    then linked: nobody sees half a file. A claim left by a crash costs a second.
    """
    claim = folder / f".{version}.new"
    try:
        file = claim.open("xb")
    except FileExistsError:
        return False
    except OSError as error:
        raise unwritable(path, error) from error

    try:
        with file:
            file.write(data)
        if version in versions(folder):
            return False
        publish(claim)
    except FileExistsError:
        return False
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        claim.unlink(missing_ok=True)
    return True


def _rename(old: Path, path: Path, claim: Path) -> None:
    """Give a file the name that is claimed; a link stays a link."""
    if os.path.lexists(path):
        raise FileExistsError
    old.rename(path)


def _publish(path: Path, claim: Path) -> None:
    try:
        os.link(claim, path)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no links. The claim is ours, so nobody else
        # of us writes this version.
        if path.exists():
            raise FileExistsError from None
        claim.rename(path)


def unwritable(path: Path, error: OSError) -> InvalidConfigError:
    """Make the error of a file that the system does not let us write."""
    return InvalidConfigError(
        f"{path.name} cannot be written",
        why=error.strerror or str(error),
        where=Place(str(path)),
        next=[
            way_to_make(path.parent)._replace(
                label="makes the folder, if it is missing"
            )
        ],
    )
