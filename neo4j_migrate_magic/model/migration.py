"""Statements, migrations and the steps they are cut into."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.model.schema import SchemaChange

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class StatementKind(str, Enum):
    """What a statement does, as far as transactions are concerned."""

    READ = "read"
    WRITE = "write"
    SCHEMA = "schema"
    AUTOCOMMIT = "autocommit"  # CALL { … } IN TRANSACTIONS
    ADMIN = "admin"  # runs in the database `system`
    CALL = "call"  # a procedure call: only the server knows whether it writes


class StepKind(str, Enum):
    """What one transaction, or one autocommit call, is made of."""

    DATA = "data"
    SCHEMA = "schema"
    AUTOCOMMIT = "autocommit"


class MigrationKind(str, Enum):
    """The language a migration is written in."""

    CYPHER = "cypher"
    PYTHON = "python"

    @property
    def suffix(self) -> str:
        """The file's suffix, without the dot."""
        return "py" if self is MigrationKind.PYTHON else "cypher"


class Direction(str, Enum):
    """Which way a migration runs."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One Cypher statement: the text as it stands in the file, and its place.

    `text` has no separator and no outer blanks or comments before its first
    token; it goes to the server as it is. `line` and `column` are those of its
    first token and count from 1; `canonical` is what checksums see: comments
    out, line ends LF, outer blanks off.
    """

    text: str
    canonical: str
    kind: StatementKind
    line: int = 1
    column: int = 1
    language: str | None = None  # "5" or "25" where a CYPHER prefix says so
    change: SchemaChange | None = None  # of schema statements that could be read
    rerunnable: bool = False
    timeout: float | None = None  # seconds; from `// @timeout`
    parameters: Mapping[str, Any] = field(default_factory=dict)  # of computed ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One versioned change to the graph, as its file says it.

    `up` and `down` are the statements of a Cypher file; `down` is None where
    the file has no such section. Of a Python file both are empty, and
    `has_down` tells whether it has the function.
    """

    version: str
    name: str
    kind: MigrationKind
    checksum: str
    source: str
    path: Path | None = None
    description: str = ""
    up: tuple[Statement, ...] = ()
    down: tuple[Statement, ...] | None = None
    has_down: bool = False
    per_call: bool = False  # Python: TRANSACTION = "per-call"
    rerunnable: bool = False  # Python: RERUNNABLE = True

    @property
    def title(self) -> str:
        """The identifier people see: ``<version>-<name>``."""
        return f"{self.version}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What runs in one transaction, or as one autocommit call.

    A Python migration is one step without statements. `index` counts from 1;
    `hash` names the content, so that an edit of a step that has run shows.
    """

    index: int
    kind: StepKind
    hash: str
    statements: tuple[Statement, ...] = ()
    rerunnable: bool = False
