"""The migration folder: which files in it are migrations, by their names alone."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import (
    DuplicateVersionError,
    InvalidConfigError,
    Next,
    Place,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from neo4j_migrate_magic.model import MigrationKind

_NAME = re.compile(r"([0-9]{14})-(.+)\.(cypher|py)", re.DOTALL)
_ALMOST = re.compile(r".+\.cypher|[0-9].*\.py", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationFile:
    """A file whose name says that it is a migration; nobody has read it yet."""

    version: str
    name: str
    kind: MigrationKind
    path: Path

    @property
    def title(self) -> str:
        """The identifier people see: ``<version>-<name>``."""
        return f"{self.version}-{self.name}"


def find(folder: Path) -> list[MigrationFile]:
    """List the migrations of a folder and the folders in it, in order of version."""
    files = scan(folder)
    shared = [group for group in by_version(files) if len(group) > 1]
    if shared:
        raise duplicates(shared)
    return files


def by_version(files: Iterable[MigrationFile]) -> Iterator[list[MigrationFile]]:
    """Group files, which are in order of version: more than one are duplicates."""
    for _, group in groupby(files, key=attrgetter("version")):
        yield list(group)


def scan(folder: Path) -> list[MigrationFile]:
    """List the migrations as `find` does, whether or not their versions differ."""
    from neo4j_migrate_magic.model import MigrationKind  # a completion needs none

    kinds = {kind.suffix: kind for kind in MigrationKind}
    found = []
    # by their texts: ten thousand paths take long to compare
    for path, match in sorted(_named(folder), key=lambda one: (one[1][1], one[0])):
        version, name, suffix = match.groups()
        file = MigrationFile(
            version=version, name=name, kind=kinds[suffix], path=Path(path)
        )
        found.append(file)
    return found


def names(folder: Path) -> dict[str, str]:
    """Give the name of each version that has a file, in order of version."""
    return dict(sorted((match[1], match[2]) for _, match in _named(folder)))


def versions(folder: Path) -> set[str]:
    """List the versions that have a file, without looking at any of them."""
    return {match[1] for _, match in _named(folder)}


def _named(folder: Path) -> Iterator[tuple[str, re.Match[str]]]:
    """Give the path of each migration, and its name taken apart."""
    for entry in _walk(folder):
        match = _NAME.fullmatch(entry.name)
        if match:
            yield entry.path, match


def ignored(folder: Path) -> list[Path]:
    """List the files that look like migrations but are not named so.

    Those are all other ``.cypher`` files, and ``.py`` files that begin with a digit.
    """
    return sorted(
        Path(entry.path)
        for entry in _walk(folder)
        if _ALMOST.fullmatch(entry.name) and not _NAME.fullmatch(entry.name)
    )


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Give every entry that is not a folder, each folder looked into once.

    Links to folders are followed; remembering a folder's identity keeps a loop
    of them from going on for ever.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [os.fspath(folder)]
    while waiting:
        here = waiting.pop()
        try:
            status = os.stat(here)
            identity = (status.st_dev, status.st_ino)
            if identity in seen:
                continue
            seen.add(identity)
            folders, files = _sorted_out(here)
        except OSError as error:
            raise _unreadable(Path(here), error, top=here == str(folder)) from error

        # Links last: what is inside the folder keeps its own path.
        folders.sort(key=lambda e: (e.is_symlink(), e.name), reverse=True)
        links = [e.path for e in folders if e.is_symlink()]
        waiting[:0] = links
        waiting += [e.path for e in folders if not e.is_symlink()]
        # Anything else counts, also a link to nothing: reading it says what is wrong.
        yield from files


def _sorted_out(
    folder: str,
) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """Give the folders that count in a folder, and all else that is not hidden."""
    folders, files = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not _is_folder(entry):
                files.append(entry)
            elif entry.name != "__pycache__":
                folders.append(entry)
    return folders, files


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link to itself, for one


def way_to_make(folder: Path) -> Next:
    """Give the command that makes a folder.

    `init` would not: it makes what the file in the working directory names, and writes
    one where there is none, which then hides the one that was meant.
    """
    program = "mkdir" if os.name == "nt" else "mkdir -p"
    return Next(f"{program} {shlex.quote(str(folder))}", "makes it")


def _unreadable(folder: Path, error: OSError, *, top: bool) -> InvalidConfigError:
    if top and isinstance(error, FileNotFoundError):
        return InvalidConfigError(
            "the migration folder does not exist",
            why="migrations are read from it and created in it",
            where=Place(str(folder)),
            next=[
                way_to_make(folder),
                Next("neo4j-migrate status --migration-dir DIR", "names another"),
            ],
        )
    if top and isinstance(error, NotADirectoryError):
        return InvalidConfigError(
            "the migration folder is a file",
            why="migrations are read from a folder and created in it",
            where=Place(str(folder)),
            next=[Next("neo4j-migrate status --migration-dir DIR", "names another")],
        )
    return InvalidConfigError(
        f"the folder {folder.name} cannot be read",
        why=error.strerror or str(error),
        where=Place(str(folder)),
        next=[Next("neo4j-migrate status", "once its rights allow it")],
    )


def duplicates(groups: list[list[MigrationFile]]) -> DuplicateVersionError:
    """Make the error of versions that several files have, a list of those for each."""
    first = groups[0]
    counts = f"{len(groups)} versions have" if len(groups) > 1 else "one version has"
    return DuplicateVersionError(
        f"{counts} more than one file",
        why="; ".join(" and ".join(str(file.path) for file in g) for g in groups),
        where=Place(str(first[-1].path)),
        next=[
            Next(
                "neo4j-migrate status", "after giving one of them a version of its own"
            ),
            Next(
                f"neo4j-migrate create {shlex.quote(first[-1].name)}",
                "makes a file with a new one",
            ),
        ],
    )
