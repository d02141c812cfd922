"""The command line: commands parse, call and return; `main` prints and exits."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and give the exit code."""
    try:
        from neo4j_migrate_magic.cli import shell
    except KeyboardInterrupt:  # while Python reads what it is to run
        sys.stderr.write("interrupted: nothing was changed\n")
        return 128 + signal.SIGINT
    return shell.main(args)
