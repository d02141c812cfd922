"""Completion in a shell: verbs, options, environments and versions, without a driver."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neo4j_migrate_magic.errors import MigrateError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from neo4j_migrate_magic.config.glance import Glance

    _ParamType = click.ParamType[str]
else:
    _ParamType = click.ParamType  # before click 8.4 it takes no type

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_NEO4J_MIGRATE_COMPLETE"
"""What the shell's function sets when it asks for completions."""


class Environment(_ParamType):
    """The name of an environment of the configuration file."""

    name = "NAME"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        """Offer those that the file names."""
        found = _glance(ctx)
        return _items(found.environments if found else (), incomplete)


class Version(_ParamType):
    """The version of a migration, shortened or not, or a word for one.

    Args:
        words: The words that are offered beside versions.
    """

    name = "VERSION"

    def __init__(self, *words: str) -> None:
        self._words = words or ("latest", "current")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        """Offer the words and the versions of the files; zsh and fish show their names."""
        from neo4j_migrate_magic.files.folder import names

        found, known = _glance(ctx), {}
        with suppress(MigrateError, OSError):
            known = names(found.folder) if found else {}
        return [
            *_items(self._words, incomplete),
            *_items(known, incomplete, known),
        ]


def completions(root: click.Command, app: Any, program: str) -> str | None:
    """Give what a shell that asks for completions is to be told; None: none asks.

    Args:
        root: The command tree.
        app: The host, which keeps the options typed so far.
        program: The program's name.
    """
    asked = os.environ.get(VARIABLE, "")
    if not asked:
        return None
    shell, _, what = asked.partition("_")
    if shell not in SHELLS or what not in ("source", "complete"):
        return ""
    if what == "source":
        return script(shell, root, program)
    return _answer(shell, root, app, program)


def script(shell: str, root: click.Command, program: str) -> str:
    """Give the script that a shell reads at its start."""
    from click.shell_completion import ShellComplete, get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise AssertionError("click knows these shells")
    # Not that of the subclass: it starts a bash to ask for its version.
    return ShellComplete.source(kind(root, {}, program, VARIABLE))


def _answer(shell: str, root: click.Command, app: Any, program: str) -> str:
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise AssertionError("click knows these shells")
    with suppress(MigrateError, click.ClickException):
        return kind(root, {"obj": app}, program, VARIABLE).complete()
    return ""


def _glance(ctx: click.Context) -> Glance | None:
    from neo4j_migrate_magic.config.glance import glance

    with suppress(MigrateError, OSError):
        return glance(ctx.obj.options, os.environ, Path.cwd())
    return None


def _items(
    words: Any, incomplete: str, help: dict[str, str] | None = None
) -> list[CompletionItem[Any]]:
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(word, help=(help or {}).get(word))
        for word in words
        if word.startswith(incomplete)
    ]
