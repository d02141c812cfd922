"""Where the words of a command go, and who answers its questions, in IPython."""

from __future__ import annotations

import builtins
import getpass
import sys
from typing import TYPE_CHECKING, TextIO

from IPython.core.error import StdinNotImplementedError

from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.errors import Next, NoInputError
from neo4j_migrate_magic.render.words import in_notebook

if TYPE_CHECKING:
    from collections.abc import Callable


class CellTerminal(Terminal):
    """A terminal whose messages are part of a cell's output.

    Args:
        kernel: Whether a front end shows them: there stderr looks like a failure.
    """

    def __init__(self, *, kernel: bool) -> None:
        super().__init__()
        self._kernel = kernel

    @property
    def answers(self) -> bool:
        """Whether somebody may be asked; a front end that cannot says so then."""
        return self._kernel or super().answers

    def ask(self, question: str) -> str:
        """Ask where the front end asks, and give the answer.

        Raises:
            NoInputError: Nobody can answer here.
        """
        self.settle()
        try:
            # looked up at the call: a kernel puts its own there
            return _asked(builtins.input, question).strip()
        except EOFError:
            return ""

    def secret(self, prompt: str) -> str:
        """Ask for what must not be seen.

        Raises:
            NoInputError: Nobody can answer here.
        """
        self.settle()
        try:
            return _asked(getpass.getpass, prompt)
        except EOFError:
            return ""

    def _messages(self) -> TextIO | None:
        return sys.stdout if self._kernel else sys.stderr

    def _worded(self, text: str) -> str:
        return in_notebook(text)


def _asked(ask: Callable[[str], str], question: str) -> str:
    try:
        return ask(question)
    except StdinNotImplementedError:
        raise NoInputError(
            f"nobody can answer here: {question.strip()}",
            why="this front end runs notebooks without a person",
            kept="nothing was changed",
            next=[Next("%migrate up --yes", "answers a question for the command")],
        ) from None
