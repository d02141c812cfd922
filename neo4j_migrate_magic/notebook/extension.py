"""Put the magics into an IPython, and take them out again without a trace."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.cli.embed import help_text
from neo4j_migrate_magic.notebook.completion import matcher_for
from neo4j_migrate_magic.notebook.magics import MigrateMagic
from neo4j_migrate_magic.notebook.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

_ATTRIBUTE = "_neo4j_migrate_magic"
"""Where a shell keeps its extension: the module may be imported anew by a reload."""


class Extension:
    """The extension as it is loaded into one shell.

    Args:
        shell: The IPython.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._session = Session(shell)
        self._magics = MigrateMagic(shell, self._session)
        self._matcher = matcher_for(self._session)
        self._before: dict[tuple[str, str], Any] = {}

    def load(self) -> None:
        """Register magics and completion; nothing is connected to, nothing written."""
        line, cell = self._ours()
        _document(line, help_text())
        for kind, name, magic in (
            ("line", "migrate", line),
            ("line", "neo4j_migrate", line),
            ("cell", "migration", cell),
            ("cell", "neo4j_migration", cell),
        ):
            self._register(kind, name, magic)
        self._shell.Completer.custom_matchers.append(self._matcher)

    def _ours(self) -> tuple[Any, Any]:
        magics: Any = self._magics  # the decorators hide what kind of method it is
        return magics.migrate, magics.migration

    def _register(self, kind: str, name: str, magic: Any) -> None:
        known = self._shell.magics_manager.magics[kind]
        before = known.get(name)
        self._before[kind, name] = before
        known[name] = magic
        if before is not None:
            sign = "%" if kind == "line" else "%%"
            whose = getattr(before, "__module__", "") or "another extension"
            warnings.warn(
                f"{sign}{name} was {whose}'s; it is neo4j-migrate-magic's now, and"
                f" {sign}neo4j_{name} always is. %unload_ext gives it back.",
                stacklevel=2,
            )

    def unload(self) -> None:
        """Give each name back that is still ours, close connections, end the loop."""
        ours = self._ours()
        for (kind, name), before in self._before.items():
            known = self._shell.magics_manager.magics[kind]
            if known.get(name) not in ours:
                continue  # somebody came after us
            if before is None:
                del known[name]
            else:
                known[name] = before
        matchers: list[Any] = self._shell.Completer.custom_matchers
        with suppress(ValueError):
            matchers.remove(self._matcher)
        configurables: list[Any] = self._shell.configurables
        with suppress(ValueError):
            configurables.remove(self._magics)
        self._session.close()


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Load the extension: ``%load_ext neo4j_migrate_magic``."""
    unload_ipython_extension(shell)
    extension = Extension(shell)
    extension.load()
    setattr(shell, _ATTRIBUTE, extension)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Unload it: ``%unload_ext neo4j_migrate_magic``."""
    extension = shell.__dict__.pop(_ATTRIBUTE, None)
    if extension is not None:
        extension.unload()


def _document(magic: Callable[..., Any], text: str) -> None:
    """Let `%migrate?` show the help of the tree."""
    getattr(magic, "__func__", magic).__doc__ = text
