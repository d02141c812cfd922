"""Find one migration, and its text, whether or not the files can be used."""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING

from neo4j_migrate_magic import files
from neo4j_migrate_magic.engine.versions import current_version, find_version
from neo4j_migrate_magic.errors import InvalidConfigError, MissingError
from neo4j_migrate_magic.history.log import known_version
from neo4j_migrate_magic.history.reading import read_details

if TYPE_CHECKING:
    from neo4j_migrate_magic.engine.project import Project
    from neo4j_migrate_magic.files import MigrationFile
    from neo4j_migrate_magic.model import History


async def source_of(project: Project, word: str) -> str:
    """Give the text that was applied, else the one that its file has.

    A shell that is to write it into a file empties that before we start, so no file
    is looked into while the history has the text.

    Raises:
        UnknownVersionError, AmbiguousVersionError: None has the version, or several do.
        MissingError: Neither history nor folder has a text.
        FileError: It is in a file alone, which cannot be read.
    """
    history, there = await project.history(), await _files(project)
    version = _version(word, history, there)
    record = next((r for r in history.records if r.version == version), None)
    if record is not None:
        details = await read_details(project.database, project.name, [record])
        if version in details and details[version].source:
            return details[version].source
    text = await asyncio.to_thread(_read, version, there)
    if record is not None and not text.strip():
        raise MissingError(
            f"{record.title}: its text was not kept",
            why="the history keeps no text of more than 1 MiB, and the file is gone",
            next=[
                ("git log --diff-filter=D --name-only", "find the file"),
                (f"neo4j-migrate log {shlex.quote(version)}", "see who applied it"),
            ],
        )
    return text


async def logged_version(project: Project, word: str) -> str:
    """Give the version that a word names, of those that the log knows.

    Raises:
        UnknownVersionError, AmbiguousVersionError: None has it, or several do.
    """
    if word in ("latest", "current"):
        return _version(word, await project.history(), await _files(project))
    return await known_version(project.database, project.name, word)


def _version(word: str, history: History, there: list[MigrationFile]) -> str:
    names = {file.version for file in there}
    return find_version(
        word,
        names | {record.version for record in history.records},
        current=current_version(history),
        latest=max(names, default=None),
    )


async def _files(project: Project) -> list[MigrationFile]:
    """List the files by their names; a folder that is gone has none."""
    try:
        return await asyncio.to_thread(files.scan, project.folder)
    except InvalidConfigError:
        return []


def _read(version: str, there: list[MigrationFile]) -> str:
    """Give the text of the file of a version, parsed or not; empty where none is."""
    found = [file for file in there if file.version == version]
    return files.read_text(found[0])[1] if found else ""
