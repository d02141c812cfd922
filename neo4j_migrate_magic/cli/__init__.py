"""The command line: commands parse, call and return; `main` prints and exits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from neo4j_migrate_magic.cli.signals import Signals, exit_code

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and give the exit code."""
    signals = Signals()
    try:
        if args is None:  # the process is ours, and ends with the command
            signals.take()
        from neo4j_migrate_magic.cli import shell
    except KeyboardInterrupt as error:  # while Python reads what it is to run
        sys.stderr.write("interrupted: nothing was changed\n")
        return exit_code(error)
    return shell.main(args, signals)
