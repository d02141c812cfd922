"""Make a new migration file in a project; no database, and so no driver, is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic import files

if TYPE_CHECKING:
    from pathlib import Path

    from neo4j_migrate_magic.config import Settings


def create(
    settings: Settings,
    name: str,
    *,
    python: bool | None = None,
    text: str | None = None,
) -> Path:
    """Make a new migration file; it never overwrites one.

    Args:
        settings: Those of the project.
        name: What the migration does, in a few words.
        python: Whether it is a Python file; None means the project's custom.
        text: The file's content; None means a template.

    Raises:
        BadNameError: The name has no letter or digit.
    """
    return files.create(
        settings.migration_dir,
        name,
        python=settings.legacy if python is None else python,
        text=text,
        seed=settings.legacy,
    )
