"""New migration files: a name that is safe, a version that is the newest."""

from __future__ import annotations

import os
import re
import unicodedata
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import BadNameError, InvalidConfigError, Next, Place
from neo4j_migrate_magic.files import templates
from neo4j_migrate_magic.files.folder import scan
from neo4j_migrate_magic.model import MigrationKind

if TYPE_CHECKING:
    from pathlib import Path

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
        known = scan(folder)
        after = max(after, known[-1].version if known else "")
        version = next_version(now or datetime.now(timezone.utc), after)
        file_name = f"{version}-{safe}.{kind.suffix}"
        data = _content(file_name, safe, kind, seed=seed, text=text)
        if _claim(folder, version, file_name, data):
            return folder / file_name
        after = version


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


def _claim(folder: Path, version: str, file_name: str, data: bytes) -> bool:
    """Write the file unless its version is taken; False means it is.

    The claim is a hidden file that only one process can make, so two that begin
    in the same second do not end with one version. It holds the whole text and is
    then linked: nobody sees half a file. A claim left by a crash costs a second.
    """
    claim, path = folder / f".{version}.new", folder / file_name
    try:
        file = claim.open("xb")
    except FileExistsError:
        return False
    except OSError as error:
        raise _unwritable(path, error) from error

    try:
        with file:
            file.write(data)
        if any(other.version == version for other in scan(folder)):
            return False
        _publish(claim, path)
    except FileExistsError:
        return False
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        claim.unlink(missing_ok=True)
    return True


def _publish(claim: Path, path: Path) -> None:
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


def _unwritable(path: Path, error: OSError) -> InvalidConfigError:
    return InvalidConfigError(
        f"{path.name} cannot be written",
        why=error.strerror or str(error),
        where=Place(str(path)),
        next=[Next("neo4j-migrate init", "makes the folder, if that is missing")],
    )
