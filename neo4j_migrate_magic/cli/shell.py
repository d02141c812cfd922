"""The shell's side: run a command, print its result or its error, give the exit code."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from neo4j_migrate_magic.cli.answer import asked_for
from neo4j_migrate_magic.cli.call import call
from neo4j_migrate_magic.cli.completion import completions
from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.signals import Signals, exit_code
from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.cli.tree import PROGRAM, tree
from neo4j_migrate_magic.errors import (
    BugError,
    InvalidConfigError,
    MigrateError,
    Next,
    UsageError,
)
from neo4j_migrate_magic.render.words import wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

_GRACE = 20.0  # seconds; a start takes about ten
_BRIEF = 0.5  # within which threads end that have nothing left to do


def main(args: Sequence[str] | None = None, signals: Signals | None = None) -> int:
    """Run one command line and give the exit code.

    Args:
        args: The words after the program's name; None: those of the process, which is
            ours then.
        signals: What answers the process's signals.
    """
    app = App(Terminal())
    app.lean = args is None  # the process ends with the command
    app.signals = signals or Signals()
    try:
        told = completions(tree, app, PROGRAM)
        if told is not None:
            app.terminal.out(told)
            return 0
        code = run(sys.argv[1:] if args is None else args, app)
        app.signals.over(code)
    except KeyboardInterrupt as error:
        return exit_code(error)
    if code > 128 and _threads_left():
        _leave(code, app)
    return code


def run(args: Sequence[str], app: App) -> int:
    """Run one command, print what there is to print, and give the exit code."""
    try:
        return _answered(args, app)
    except KeyboardInterrupt as error:
        return _interrupted(app, exit_code(error))
    finally:
        app.terminal.close()


def _answered(args: Sequence[str], app: App) -> int:
    """Run one command, and print its result or its error."""
    try:
        _quiet_driver()
        _require_folder()
        result = app.result = call(args, app)
        code = getattr(result, "exit_code", 0)
        if result is not None:
            app.finish(result)
        app.signals.over(code)
    except BugError as error:
        return _ended(error, app)
    except MigrateError as error:
        if isinstance(error, UsageError) and not app.answer.wanted:
            app.answer.format = asked_for(args)
        _show_error(error, app)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (here everything ends)
        return _ended(error, app)
    return code


def _interrupted(app: App, code: int) -> int:
    from neo4j_migrate_magic.cli.ways import in_prose

    app.signals.answering(code - 128)
    said = in_prose(_left(app), app.leading)
    columns = app.terminal.columns
    app.terminal.err("\n".join(wrapped(said, columns, indent="  ")))
    app.farewell()
    if app.answer.wanted:
        ways = [Next("neo4j-migrate status", "see what was kept")]
        app.answer.interrupted(said, app.progress.report, code, ways)
    return code


def _left(app: App) -> str:
    """Say what an interrupt left."""
    if app.progress.report is None and (app.writes or app.result is not None):
        from neo4j_migrate_magic.cli.output import done

        what = done(app.result)
        if what:
            return f"interrupted after its end: {what}"
        if app.result is None:
            return "interrupted: neo4j-migrate log and status tell what was done"
    return app.progress.interrupted()


def _ended(error: Exception, app: App) -> int:
    from neo4j_migrate_magic.cli.interrupts import InterruptedRunError

    if isinstance(error, InterruptedRunError):
        return _interrupted(app, 128 + error.number)
    from neo4j_migrate_magic.cli.bug import bug_error

    bug = bug_error(error, app.secrets())
    with suppress(Exception):  # a fault may be anywhere, in this as well
        bug.next = tuple(map(app.leading, bug.next))
    _show_error(bug, app)
    return bug.exit_code


def _show_error(error: MigrateError, app: App) -> None:
    from neo4j_migrate_magic.cli.bug import redacted
    from neo4j_migrate_magic.render.error import error_block

    terminal, answer = app.terminal, app.answer
    terminal.muted = answer.wanted and not app.verbose
    if app.trace:
        import traceback

        text = "".join(traceback.format_exception(error))
        terminal.err(redacted(text, app.secrets()).rstrip())
    app.farewell()
    if answer.wanted and not answer.error(error):
        terminal.muted = False  # the words are all that is left
    block = error_block(
        error,
        columns=terminal.columns,
        colour=terminal.colour,
        folder=_working_directory(),
        explain=app.verbose > 0,
    )
    # what a migration raises may repeat a password
    terminal.err(app.redacted(block))


def _require_folder() -> None:
    if _working_directory() is None:
        raise InvalidConfigError(
            "the working directory does not exist any more",
            why="it was deleted, or moved, since this shell went there",
            kept="nothing was touched",
            next=[Next("cd DIR", "go to the project's folder")],
        )


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
    began, told = time.monotonic(), False
    grace = _GRACE if app.may_start_sandbox else _BRIEF
    with suppress(KeyboardInterrupt):
        while _threads_left() and (waited := time.monotonic() - began) < grace:
            if waited > _BRIEF and not told:
                told = True
                app.tell("waiting for the sandbox; Ctrl-C again ends at once")
            time.sleep(0.02)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)


def _quiet_driver() -> None:
    """Keep the driver's log lines off stderr: what matters arrives as an error."""
    import logging

    logging.getLogger("neo4j").addHandler(logging.NullHandler())
