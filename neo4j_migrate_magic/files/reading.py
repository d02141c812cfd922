"""From bytes to a `Migration`: one file, or all of a folder."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import FileError, ParseError, Place
from neo4j_migrate_magic.files.cypher_file import parse_cypher
from neo4j_migrate_magic.files.folder import (
    MigrationFile,
    by_version,
    duplicates,
    find,
    scan,
)
from neo4j_migrate_magic.files.python_file import parse_python
from neo4j_migrate_magic.files.source import Source
from neo4j_migrate_magic.model import MigrationKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from neo4j_migrate_magic.model import Migration


def read(file: MigrationFile) -> Migration:
    """Read one migration."""
    _, text = read_text(file)
    return _parsed(text, file.version, file.name, file.kind, file.path)


@lru_cache(maxsize=4096)  # `up` reads twice, a notebook with each cell
def _parsed(
    text: str, version: str, name: str, kind: MigrationKind, path: Path
) -> Migration:
    return parse(text, version=version, name=name, kind=kind, path=path)


def read_text(file: MigrationFile) -> tuple[bytes, str]:
    """Read the bytes of a file, and the text that they are.

    Raises:
        ParseError: It is no text, or cannot be read.
    """
    source = Source(
        text="", version=file.version, name=file.name, kind=file.kind, path=file.path
    )
    data = _bytes(file.path, source)
    return data, _decoded(data, source)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that cannot be used, and why; of those with one version, the first."""

    file: MigrationFile
    error: FileError


def read_all(folder: Path) -> tuple[Migration, ...]:
    """Read every migration of a folder; an error tells of all broken files."""
    migrations, unusable = _read_each(find(folder))
    if unusable:
        raise _together(unusable)
    return migrations


def read_usable(
    folder: Path,
) -> tuple[tuple[Migration, ...], tuple[Unusable, ...]]:
    """Read the migrations of a folder that can be used, and tell of the others."""
    alone, unusable = [], []
    for group in by_version(scan(folder)):
        if len(group) == 1:
            alone += group
        else:
            unusable.append(Unusable(group[0], duplicates([group])))
    migrations, unreadable = _read_each(alone)
    return migrations, (*unusable, *unreadable)


def _read_each(
    files: Iterable[MigrationFile],
) -> tuple[tuple[Migration, ...], tuple[Unusable, ...]]:
    migrations, unusable = [], []
    for file in files:
        try:
            migrations.append(read(file))
        except FileError as error:
            unusable.append(Unusable(file, error))
    return tuple(migrations), tuple(unusable)


def parse(
    text: str,
    *,
    version: str,
    name: str,
    kind: MigrationKind,
    path: Path | None = None,
) -> Migration:
    """Read a migration's text; without a path, it is one kept in the history."""
    if kind is MigrationKind.CYPHER:
        return parse_cypher(text, version, name, path)
    return parse_python(text, version, name, path)


def _bytes(path: Path, source: Source) -> bytes:
    try:
        # A pipe of that name would wait for a writer that never comes.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise source.error("is not a regular file")
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise source.error("cannot be read", why) from error


def _decoded(data: bytes, source: Source) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise source.error("is UTF-16", "save it as UTF-8", 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The offset counts from behind a byte order mark, as `object` does.
        raise _not_utf8(error, data, source) from None
    if "\0" in text:
        offset = text.index("\0")
        line = text.count("\n", 0, offset) + 1
        why = (
            "it may be UTF-16 without a mark; in Cypher write the character as \\u0000"
        )
        raise source.error("has a NUL character in it", why, line)
    return text


def _not_utf8(error: UnicodeDecodeError, data: bytes, source: Source) -> ParseError:
    offset = error.start + len(data) - len(error.object)
    start = data.rfind(b"\n", 0, offset) + 1
    end = data.find(b"\n", offset)
    line = data[start : None if end < 0 else end].rstrip(b"\r")
    number = data.count(b"\n", 0, offset) + 1
    refused = source.error(
        "is not UTF-8",
        f"line {number}, byte 0x{data[offset]:02x} at offset {offset};"
        " save the file as UTF-8",
    )
    refused.where = Place(
        source.label,
        number,
        len(data[start:offset].decode()) + 1,
        line.decode(errors="backslashreplace"),
    )
    return refused


def _together(unusable: Iterable[Unusable]) -> FileError:
    """Make one error of several; the first gives its class, place and way on."""
    errors = [one.error for one in unusable]
    first, *others = errors
    if not others:
        return first
    return type(first)(
        f"{len(errors)} files cannot be used; the first: {first.what}",
        why="; ".join(
            [first.why, *map(str, others)] if first.why else map(str, others)
        ),
        where=first.where,
        next=first.next,
    )
