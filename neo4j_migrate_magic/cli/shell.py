"""The shell's side: run a command, print its result or its error, give the exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING

from neo4j_migrate_magic.cli.call import call
from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.errors import MigrateError

if TYPE_CHECKING:
    from collections.abc import Sequence

_A_PASSWORD = 8  # characters, which Neo4j asks of one at least
_GRACE = 20.0  # seconds; a start takes about ten


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and give the exit code."""
    app = App(Terminal())
    code = run(sys.argv[1:] if args is None else args, app)
    if code > 128 and _threads_left():
        _leave(code, app)
    return code


def run(args: Sequence[str], app: App) -> int:
    """Run one command, print what there is to print, and give the exit code."""
    try:
        _quiet_driver()
        result = call(args, app)
        if result is not None:
            app.show(result)
            app.farewell()
    except MigrateError as error:
        _show_error(error, app)
        return error.exit_code
    except KeyboardInterrupt:
        app.terminal.err(app.progress.interrupted())
        return 128 + signal.SIGINT
    except Exception as error:  # noqa: BLE001 (here everything ends)
        return _ended(error, app)
    return getattr(result, "exit_code", 0)


def _ended(error: Exception, app: App) -> int:
    from neo4j_migrate_magic.cli.interrupts import InterruptedRunError

    if isinstance(error, InterruptedRunError):
        app.terminal.err(app.progress.interrupted())
        app.farewell()
        return 128 + error.number
    from neo4j_migrate_magic.cli.bug import bug_error

    bug = bug_error(error, app.secrets())
    bug.__cause__ = error
    _show_error(bug, app)
    return bug.exit_code


def _show_error(error: MigrateError, app: App) -> None:
    from neo4j_migrate_magic.cli.bug import redacted, without
    from neo4j_migrate_magic.render.error import error_block

    if app.trace:
        text = "".join(traceback.format_exception(error))
        app.terminal.err(redacted(text, app.secrets()).rstrip())
    app.farewell()
    terminal = app.terminal
    block = error_block(
        error,
        columns=terminal.columns,
        colour=terminal.colour,
        folder=_working_directory(),
    )
    # What a migration raises may repeat a password; a short one may be any word.
    terminal.err(without(block, {s for s in app.secrets() if len(s) >= _A_PASSWORD}))


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None


def _threads_left() -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon
    ]


def _leave(code: int, app: App) -> None:
    """End with threads that still work for what was interrupted.

    Python would wait for them for ever. A sandbox that is just starting gets the time
    to write down that it runs: else nobody could stop it.
    """
    app.tell("waiting for the sandbox; Ctrl-C again ends at once")
    limit = time.monotonic() + _GRACE
    with suppress(KeyboardInterrupt):
        while _threads_left() and time.monotonic() < limit:
            time.sleep(0.1)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)


def _quiet_driver() -> None:
    """Keep the driver's log lines off stderr: what matters arrives as an error."""
    import logging

    logging.getLogger("neo4j").addHandler(logging.NullHandler())
