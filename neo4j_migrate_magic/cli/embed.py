"""The command tree inside another program: lines as they are typed in a notebook."""

from __future__ import annotations

import io
import os
import shlex
from contextlib import redirect_stdout, suppress
from typing import TYPE_CHECKING, Any

import click

from neo4j_migrate_magic.cli.call import call
from neo4j_migrate_magic.cli.tree import tree
from neo4j_migrate_magic.errors import BadOptionError, MigrateError, Next
from neo4j_migrate_magic.render.words import in_notebook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.cli.host import App

PROGRAM = "%migrate"
"""What the tree is called there."""

_HELP = ("-h", "--help")


def call_line(line: str, app: App, *, first: Sequence[str] = ()) -> Any:
    """Run a line as it was typed, and give what its command returns.

    Args:
        line: What stands behind the name of the magic.
        app: The host.
        first: Words that go before it.

    Raises:
        MigrateError: The line was not understood, or the command failed.
    """
    args = [*first, *words(line)]
    if args and not any(word in _HELP for word in args):
        return call(args, app, PROGRAM)
    text = io.StringIO()
    with redirect_stdout(text):  # click prints help by itself
        call(args, app, PROGRAM)
    app.terminal.out(in_notebook(text.getvalue()).rstrip())
    return None


def words(line: str) -> list[str]:
    """Take a line apart as a shell would; a last ``?`` asks for help.

    A ``;`` at the end belongs to the notebook, and what follows a lone ``#`` is a
    comment.

    Raises:
        BadOptionError: A quotation mark has no partner.
    """
    lexer = shlex.shlex(line.rstrip().rstrip(";"), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""  # else `a#b` would end at `a`
    if os.name == "nt":
        lexer.escape = ""  # C:\data is a path
    try:
        found = list(lexer)
    except ValueError as error:
        raise BadOptionError(
            "the line cannot be taken apart",
            why=f"{error}: a quotation mark needs a partner".lower(),
            next=[Next(f"{PROGRAM} --help", "lists commands and options")],
        ) from None
    for number, word in enumerate(found):
        if word.startswith("#"):
            found = found[:number]
            break
    if found and found[-1].endswith("?"):
        last = found.pop().rstrip("?")
        found += [last, "--help"] if last else ["--help"]
    return found


def completions(
    line: str, app: App, *, first: Sequence[str] = ()
) -> tuple[str, list[tuple[str, str]]]:
    """Complete the last word of a line: verbs, options, environments, versions.

    Args:
        line: What stands behind the name of the magic, up to the cursor.
        app: A host, which keeps the options typed so far.
        first: Words that go before it.

    Returns:
        The word so far, and what it may become, each with a word of help.
    """
    from click.shell_completion import ShellComplete

    *done, word = line.split(" ")
    asked = ShellComplete(tree, {"obj": app}, PROGRAM, "_NEO4J_MIGRATE_CELL")
    with suppress(MigrateError, click.ClickException):
        found = asked.get_completions([*first, *filter(None, done)], word)
        return word, [(item.value, item.help or "") for item in found]
    return word, []


def help_text() -> str:
    """Give the help of the tree, as the magic's documentation."""
    with tree.make_context(PROGRAM, [], resilient_parsing=True) as context:
        return str(in_notebook(tree.get_help(context)))
