"""A migration file that a cell wrote: its body, its mark, and writing it again."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import CellConflictError, Place
from neo4j_migrate_magic.files.creation import unwritable
from neo4j_migrate_magic.files.reading import read_text
from neo4j_migrate_magic.files.source import BOM
from neo4j_migrate_magic.model import MigrationKind

if TYPE_CHECKING:
    from neo4j_migrate_magic.files.folder import MigrationFile

# The last line of a file, not the first: that is the description. It has no time and
# no cell in it, so the same body gives the same bytes.
_MARK = re.compile(
    r"(?:\A|(?<=\n))(?://|\#)[ ]%%migration[ ]body-sha256=([0-9a-f]{64})\s*\Z",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFile:
    """A file that a cell may write again, as it was when it was read."""

    file: MigrationFile
    data: bytes
    body: str
    as_left: bool
    """Whether nobody changed it since a cell wrote it."""

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.file.path


def normalised(text: str) -> str:
    """Give a text as a file has it: lines end in LF, and the last one does.

    Nothing within a line is touched: it may be within a string. Nor is a line cut
    where only `str.splitlines` cuts one.
    """
    return _unix(text).lstrip("\n").rstrip() + "\n"


def as_typed(text: str) -> str:
    """Give a text with LF and without the byte order marks it begins with.

    Its lines keep their numbers.
    """
    unix = _unix(text)
    rest = unix.lstrip(f"{BOM}\r\n")
    return unix[: len(unix) - len(rest)].replace(BOM, "") + rest


def body_of(text: str) -> str:
    """Give the body of a file's text: normalised, without the mark of a cell."""
    return normalised(unmarked(text))


def unmarked(text: str) -> str:
    """Give a file's text without byte order mark and the mark of a cell."""
    return _MARK.sub("", as_typed(text))


def is_blank(body: str) -> bool:
    """Whether a normalised body has nothing in it."""
    return body == "\n"


def text_of(body: str, kind: MigrationKind) -> str:
    """Give the whole text of the file of a normalised body."""
    comment = "#" if kind is MigrationKind.PYTHON else "//"
    return f"{body}{comment} %%migration body-sha256={_hash(body)}\n"


def is_as_left(text: str) -> bool:
    """Whether a file's text is as a cell wrote it, by its mark."""
    mark = _MARK.search(as_typed(text))
    return mark is not None and mark[1] == _hash(body_of(text))


def read_cell_file(file: MigrationFile) -> CellFile:
    """Read a file that a cell may write again.

    Raises:
        ParseError: It is no text, or cannot be read.
    """
    data, text = read_text(file)
    return CellFile(file=file, data=data, body=body_of(text), as_left=is_as_left(text))


def body_diff(file: CellFile, body: str, label: str) -> tuple[str, ...]:
    """Give the unified diff from a file's body to another one.

    Args:
        file: The file.
        body: A normalised body.
        label: What the other one is called.
    """
    old, new = file.body.split("\n")[:-1], body.split("\n")[:-1]
    return tuple(difflib.unified_diff(old, new, file.path.name, label, lineterm=""))


def update(file: CellFile, body: str) -> None:
    """Write a file again, whole or not at all, unless somebody else did meanwhile.

    Args:
        file: The file as it was read.
        body: The normalised body that it gets.

    Raises:
        CellConflictError: It is no longer what was read.
        InvalidConfigError: It cannot be written.
    """
    real = Path(os.path.realpath(file.path))  # a link stays a link
    data = text_of(body, file.file.kind).encode()
    temporary = None
    try:
        temporary = _written(real, file.file.version, data)
        shutil.copymode(real, temporary)  # a temporary file is for its owner alone
        if real.read_bytes() != file.data:
            raise _changed(file)
        os.replace(temporary, real)
    except FileNotFoundError:
        raise _changed(file) from None
    except OSError as error:
        raise unwritable(file.path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _written(real: Path, version: str, data: bytes) -> Path:
    """Write a hidden file beside a file: no folder of migrations lists it."""
    handle, name = tempfile.mkstemp(
        prefix=f".{version}.", suffix=".new", dir=real.parent
    )
    temporary = Path(name)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _changed(file: CellFile) -> CellConflictError:
    return CellConflictError(
        f"{file.path.name} was changed by somebody else just now",
        why="it is no longer what was read a moment ago",
        where=Place(str(file.path)),
        kept="the file is as they left it",
        next=[("neo4j-migrate status", "once they are done, write it again")],
    )


def _unix(text: str) -> str:
    # also what writing CRLF in text mode makes of it: done twice it is the same
    return re.sub(r"\r+\n", "\n", text)


def _hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
