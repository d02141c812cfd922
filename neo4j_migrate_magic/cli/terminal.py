"""Where output goes: data to stdout, everything else to stderr, as each can take it."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from neo4j_migrate_magic.errors import BadOptionError, Next
from neo4j_migrate_magic.render.error import WIDTH
from neo4j_migrate_magic.render.table import BOX
from neo4j_migrate_magic.render.words import width

if TYPE_CHECKING:
    from collections.abc import Mapping

# What our messages use beyond ASCII, for consoles that cannot show it.
_PLAIN = str.maketrans({"…": "...", "→": "->"})


class Terminal:
    """The two streams of a command, and what each of them can show.

    The streams are looked up at each call: a test, or a notebook, may exchange them.

    Args:
        environ: The variables that choose colour and animation.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._live = 0  # columns of the line that the next one replaces
        self.plain = False
        """Whether the user asked for no colour."""

    @property
    def colour(self) -> bool:
        """Whether the word `error` may be red."""
        environ = self._environ
        if self.plain or environ.get("NO_COLOR"):
            return False
        if environ.get("FORCE_COLOR") or environ.get("CLICOLOR_FORCE"):
            return True
        return _is_terminal(sys.stderr) and environ.get("TERM") != "dumb"

    @property
    def animated(self) -> bool:
        """Whether stderr may have a line that changes."""
        ci = self._environ.get("CI", "").lower() not in ("", "0", "false")
        dumb = self._environ.get("TERM") == "dumb"
        return _is_terminal(sys.stderr) and not ci and not dumb

    @property
    def boxes(self) -> bool:
        """Whether stdout can encode box characters."""
        try:
            BOX.encode(sys.stdout.encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    @property
    def table_columns(self) -> int | None:
        """The width for tables; None where nobody looks at it, so any will do."""
        return _columns() if _is_terminal(sys.stdout) else None

    @property
    def columns(self) -> int | None:
        """The width for messages; None where nobody looks at them."""
        return _columns() if _is_terminal(sys.stderr) else None

    def out(self, text: str) -> None:
        """Write data, which may find the reader gone: that is no failure."""
        self.settle()
        try:
            _write(sys.stdout, f"{text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            _discard_output()
        except OSError as error:
            _discard_output()
            raise BadOptionError(
                "stdout cannot be written",
                why=error.strerror or str(error),
                kept="what the command did stays done",
                next=[Next("neo4j-migrate status", "see what that is")],
            ) from error

    def err(self, text: str) -> None:
        """Write a message; one that cannot be written must not end the work."""
        self.settle()
        self._tell(f"{text}\n")

    @property
    def answers(self) -> bool:
        """Whether somebody can be asked."""
        ci = self._environ.get("CI", "").lower() not in ("", "0", "false")
        return _is_terminal(sys.stdin) and _is_terminal(sys.stderr) and not ci

    def ask(self, question: str) -> str:
        """Ask, and give the answer; an end of input is an empty one."""
        self.settle()
        self._tell(question)
        return sys.stdin.readline().strip()

    def live(self, text: str) -> None:
        """Show a line that the next one replaces, where stderr can do that."""
        if not self.animated:
            return
        room = _columns() - 1
        text = text if width(text) <= room else text[:room]
        self._tell(f"\r{text}{' ' * (self._live - width(text))}")
        self._live = width(text)

    def settle(self) -> None:
        """Remove the line that changes, if there is one."""
        if self._live:
            self._tell(f"\r{' ' * self._live}\r")
            self._live = 0

    def _tell(self, text: str) -> None:
        with suppress(OSError, ValueError):
            _write(sys.stderr, text)
            sys.stderr.flush()


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_PLAIN)
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    stream.write(text)


def _discard_output() -> None:
    """Let what is still in the buffer go nowhere: else it fails again at exit."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False


def _columns() -> int:
    return max(shutil.get_terminal_size((WIDTH, 24)).columns, 20)
