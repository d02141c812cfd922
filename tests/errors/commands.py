"""Whether a command that a message names can be typed: parsed, and not run."""

from __future__ import annotations

import contextlib
import io
import re
import shlex

import click

from neo4j_migrate_magic.cli.call import MODULES
from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.cli.tree import PROGRAM, tree
from neo4j_migrate_magic.errors import MigrateError

assert MODULES  # importing them puts their commands into the tree

PROGRAMS = frozenset(
    {
        "cd",
        "chmod",
        "cypher-shell",
        "export",
        "git",
        "mkdir",
        "neo4j",
        "pip",
        "timedatectl",
    }
)
"""Other programs that a message may name: a shell's own, or ones people have."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*=.*")


def refused(command: str) -> str | None:
    """Give why a command cannot be typed; None when it can.

    Placeholders such as VERSION, NAME and FILE stand for what a person puts there.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        return f"a shell does not read it: {error}"
    while words and _VARIABLE.fullmatch(words[0]):
        words.pop(0)
    if not words:
        return "it has no program"
    program, *rest = words
    if program != PROGRAM:
        return None if program in PROGRAMS else f"nobody knows the program {program!r}"
    if ">" in rest:
        rest = rest[: rest.index(">")]
    with contextlib.redirect_stdout(io.StringIO()):
        return _unparsed(tree, rest)


def _unparsed(
    command: click.Command, words: list[str], parent: click.Context | None = None
) -> str | None:
    try:
        context = command.make_context(
            command.name, words, parent=parent, obj=App(Terminal({}))
        )
        if not isinstance(command, click.Group):
            return None
        left = [*context._protected_args, *context.args]
        if not left:
            return None
        _, found, rest = command.resolve_command(context, left)
        assert found is not None
        return _unparsed(found, rest, context)
    except click.exceptions.Exit:  # --help
        return None
    except click.UsageError as error:
        return error.format_message()
    except MigrateError as error:
        return str(error)
