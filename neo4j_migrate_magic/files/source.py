"""The text of one migration while it is being read: places and errors in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from neo4j_migrate_magic.errors import Next, NoUpError, ParseError, Place
from neo4j_migrate_magic.model import MigrationKind

BOM = "\ufeff"
LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for Cypher's lexer, and for Python's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A migration's text and whose it is; text from the history has no path."""

    text: str = field(repr=False)
    version: str
    name: str
    kind: MigrationKind
    path: Path | None = None

    @property
    def label(self) -> str:
        """What stands before the line in a message."""
        return str(self.path or self.file_name)

    @property
    def file_name(self) -> str:
        """The name of the file, also of one that is gone."""
        return f"{self.version}-{self.name}.{self.kind.suffix}"

    @property
    def next(self) -> tuple[Next, ...]:
        """What to type once the text is as it should be."""
        return (Next("neo4j-migrate status", "after correcting the file"),)

    def place(self, line: int | None = None, column: int | None = None) -> Place:
        """Point into the text."""
        if line is None:
            return Place(self.label)
        lines = LINE_END.split(self.text)
        text = lines[line - 1] if 0 < line <= len(lines) else None
        return Place(self.label, line, column, text)

    def error(
        self,
        what: str,
        why: str = "",
        line: int | None = None,
        column: int | None = None,
    ) -> ParseError:
        """Make the error of a text that is not what it should be."""
        return ParseError(
            f"{self.file_name}: {what}",
            why=why,
            where=self.place(line, column),
            next=self.next,
        )

    def check(self) -> None:
        """Refuse text that no file can hold: half of a surrogate pair."""
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            line = len(LINE_END.findall(self.text[: error.start])) + 1
            raise ParseError(
                f"{self.file_name}: has a character that UTF-8 cannot hold",
                why=f"{self.text[error.start]!r} is half of a surrogate pair",
                where=Place(self.label, line),
                next=self.next,
            ) from None

    def nothing_to_apply(self, why: str, line: int | None = None) -> NoUpError:
        """Make the error of a migration that would do nothing."""
        return NoUpError(
            f"{self.file_name} has nothing to apply",
            why=why,
            where=self.place(line),
            next=[Next("neo4j-migrate up", "after writing it")],
        )
