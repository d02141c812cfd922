"""One call of the command tree, for the shell and for whoever embeds it."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import click

from neo4j_migrate_magic.cli import commands, notebooks, operations, sandbox
from neo4j_migrate_magic.cli.tree import PROGRAM, tree
from neo4j_migrate_magic.cli.usage import usage_error, without_user
from neo4j_migrate_magic.errors import LockHeldError, MigrateError, Next

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.cli.host import App

# Importing them puts their commands into the tree.
MODULES = (commands, operations, sandbox, notebooks)


def call(args: Sequence[str], app: App, program: str = PROGRAM) -> Any:
    """Run one command and give what it returns; None after ``--help``.

    `make_context` and `invoke`, because click's `main` gives an exit code in place
    of a result (handbook: notebook, 3).

    Args:
        args: The words after the program's name.
        app: The host, which commands get as `ctx.obj`.
        program: The program's name in help and messages.

    Raises:
        MigrateError: The command was not understood, or failed.
    """
    app.typed = without_user(shlex.join([program, *args]))
    try:
        _take_variables(app)
        with tree.make_context(program, list(args), obj=app) as context:
            return _led(tree.invoke(context), app)
    except MigrateError as error:
        if isinstance(error, LockHeldError) and error.waited:
            error.next = (_longer(args), *error.next)
        _complete(error, args, app)
        raise
    except click.exceptions.Exit:
        return None
    except click.UsageError as error:
        refused = usage_error(error)
        _complete(refused, args, app)
        raise refused from None


def _complete(error: MigrateError, args: Sequence[str], app: App) -> None:
    """Complete the commands that an error names."""
    from neo4j_migrate_magic.cli.ways import typed

    app.chosen = {**typed(args), **app.chosen}
    if error.report is not None:
        app.progress.report = error.report
    error.next = tuple(map(app.leading, error.next))


def _led(result: Any, app: App) -> Any:
    """Complete the commands that a result names."""
    if result is None or isinstance(result, str):
        return result
    from neo4j_migrate_magic.cli.ways import led

    return led(result, app.leading)


def _longer(args: Sequence[str]) -> Next:
    """Give the command as it was typed, with all its options, and more time to wait."""
    option = "--lock-timeout"
    end = list(args).index("--") if "--" in args else len(args)
    kept = [
        word
        for before, word in zip(["", *args], args[:end], strict=False)
        if option not in (before, word) and not word.startswith(f"{option}=")
    ]
    words = [PROGRAM, *kept, option, "10m", *args[end:]]
    return Next(without_user(shlex.join(words)), "waits longer")


def _take_variables(app: App) -> None:
    """Let variables speak before options do; without one, nothing is imported for it."""
    if any(name.startswith("NEO4J_MIGRATE_") for name in os.environ):
        from neo4j_migrate_magic.cli.variables import take_variables

        take_variables(app, os.environ)
