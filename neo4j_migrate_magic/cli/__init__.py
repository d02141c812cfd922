"""The command line: commands parse, call and return; `main` prints and exits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and give the exit code."""
    from neo4j_migrate_magic.cli import shell

    return shell.main(args)
