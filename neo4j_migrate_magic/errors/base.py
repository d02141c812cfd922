"""What every error is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.model import Report


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; line and column count from 1."""

    path: str
    line: int | None = None
    column: int | None = None
    text: str | None = None  # the source line itself

    def __str__(self) -> str:
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class Next(NamedTuple):
    """One way on: a command to copy, and what it does."""

    command: str
    label: str = ""


class MigrateError(Exception):
    """What went wrong, why, where, what was kept, and what to type next.

    Args:
        what: The fact in one line.
        why: The cause; a server's own words and code last.
        where: The place in a file, if it has one.
        kept: What is in the database and what is not, after a failed run.
        next: Commands to type, the most likely one first; without any, the
            class's `ways`.
    """

    code: ClassVar[str] = "BUG.UNEXPECTED"
    exit_code: int = 1
    ways: ClassVar[tuple[Next, ...]] = ()
    """What to type where nobody knows anything better."""
    report: Report | None = None
    """What a run did before it stopped; set by the runner."""
    noted: str = ""
    """What the history keeps of `why`, where that may have values of the user's."""

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        where: Place | None = None,
        kept: str = "",
        next: Sequence[Next | tuple[str, str]] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.where = where
        self.kept = kept
        self.next = tuple(Next(*way) for way in next or self.ways)

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        why = f": {self.why}" if self.why else ""
        return f"{where}{self.what}{why}"
