"""What writing a migration file from a text, or from a template, came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model.shown import Shown

if TYPE_CHECKING:
    from pathlib import Path

    from neo4j_migrate_magic.model.migration import MigrationKind, Step
    from neo4j_migrate_magic.model.results import Report


class CellAction(str, Enum):
    """What became of the file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    APPLIED = "already applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMigration(Shown):
    """A migration's file and what was done to it.

    `steps` are those of ``up``; a template has none. `diff` is from the old text to
    the new one, where the file was updated. `notes` say what could not be looked at.
    `report` tells of the run that followed, if one was asked for.
    """

    path: Path
    version: str
    name: str
    kind: MigrationKind
    action: CellAction
    steps: tuple[Step, ...] = ()
    diff: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    report: Report | None = None

    @property
    def title(self) -> str:
        """The identifier people see: ``<version>-<name>``."""
        return f"{self.version}-{self.name}"
