"""Where output goes: data to stdout, everything else to stderr, as each can take it."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from neo4j_migrate_magic.errors import BadOptionError, Next, ParseError, Place
from neo4j_migrate_magic.render.error import WIDTH
from neo4j_migrate_magic.render.table import BOX
from neo4j_migrate_magic.render.words import fitting, width

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
        self._file: TextIO | None = None
        self._later = ""  # the path of a file that the first data open
        self._failed: BadOptionError | None = None
        self._writing = threading.RLock()  # a step's clock writes, too
        self.plain = False
        """Whether the user asked for no colour."""
        self.muted = False
        """Whether messages go nowhere: who reads the data wants nothing beside it."""

    @property
    def colour(self) -> bool:
        """Whether the word `error` may be red."""
        environ = self._environ
        if self.plain or environ.get("NO_COLOR"):
            return False
        forced = (environ.get("FORCE_COLOR"), environ.get("CLICOLOR_FORCE"))
        if any(value and value != "0" for value in forced):
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
        """Whether the data's place can encode box characters."""
        if self._later:
            return True
        stream = self._file or sys.stdout
        try:
            BOX.encode(stream.encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    @property
    def table_columns(self) -> int | None:
        """The width for tables; None where nobody looks at it, so any will do."""
        stream = None if self._later else self._file or sys.stdout
        return _columns() if _is_terminal(stream) else None

    @property
    def columns(self) -> int | None:
        """The width for messages; None where nobody looks at them."""
        return _columns() if _is_terminal(sys.stderr) else None

    def write_to(self, path: str) -> None:
        """Let data go to a file; it stays as it is until there are some.

        Else a command that fails would leave an empty one, which in the folder of
        migrations is one that cannot be used.

        Raises:
            BadOptionError: It cannot be written.
        """
        self.close()
        try:
            if os.path.exists(path) and not os.path.isfile(path):
                self._file = _opened(path)  # a pipe may be opened once
            else:
                _try_out(path)
                self._later = path
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise BadOptionError(
                f"the file {path} cannot be written",
                why=why,
                kept="nothing was done",
                next=[Next("neo4j-migrate status --output FILE", "names another")],
            ) from None

    def close(self) -> None:
        """Close the file that data go to, if they do."""
        file, self._file, self._later = self._file, None, ""
        if file is not None:
            with suppress(OSError):  # each line was flushed
                file.close()

    def out(self, text: str) -> None:
        """Write data, which may find the reader gone: that is no failure.

        Raises:
            BadOptionError: It cannot be written, or could not at an earlier time.
        """
        self._put(f"{text}\n")

    def whole(self) -> None:
        """Let a file of no data be an empty one: the command has no more.

        Raises:
            BadOptionError: It cannot be written.
        """
        if self._later:
            self._put("")

    def _put(self, text: str) -> None:
        if self._failed is not None:
            raise self._failed
        path = self._later or (self._file.name if self._file else "")
        try:
            with self._writing:
                self.settle()
                stream = self._data()
                _write(stream, text)
                stream.flush()
        except BrokenPipeError:
            _discard_output()
        except OSError as error:
            what = f"the file {path}" if path else "stdout"
            if not path:
                _discard_output()
            self._failed = BadOptionError(
                f"{what} cannot be written",
                why=error.strerror or str(error),
                kept="what the command did stays done",
                next=[Next("neo4j-migrate status", "see what that is")],
            )
            raise self._failed from error

    def _data(self) -> TextIO:
        """Give the place for data."""
        if self._later:
            self._file, self._later = _opened(self._later), ""
        return self._file or sys.stdout

    def err(self, text: str) -> None:
        """Write a message; one that cannot be written must not end the work."""
        with self._writing:
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
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):  # an end of input ends no line on the screen
            self._tell("\n")
        return answer.strip()

    def read(self) -> str:
        """Give all that stdin has, which is UTF-8; line ends stay as they are.

        Raises:
            ParseError: It is not UTF-8.
            BadOptionError: There is no stdin.
        """
        stream = sys.stdin
        if _is_terminal(stream):
            self.err("reading from the terminal; Ctrl-D on a line of its own ends it")
        try:
            data = stream.buffer.read()
        except (AttributeError, ValueError, OSError):  # none, or it is closed
            raise BadOptionError(
                "there is no stdin to read",
                why="it is closed",
                kept="nothing was done",
                next=[Next("neo4j-migrate create NAME", "makes a file to edit")],
            ) from None
        try:
            return str(data, "utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise ParseError(
                "stdin is not UTF-8",
                why=f"line {line} has the byte 0x{error.object[error.start]:02x}",
                where=Place("stdin", line),
                kept="nothing was done",
                next=[
                    Next("neo4j-migrate create NAME --from-stdin", "once it is UTF-8")
                ],
            ) from None

    def live(self, text: str) -> None:
        """Show a line that the next one replaces, where stderr can do that."""
        if not self.animated:
            return
        text = text[: fitting(text, _columns() - 1)]
        with self._writing:
            self._tell(f"\r{text}{' ' * (self._live - width(text))}")
            self._live = width(text)

    def settle(self) -> None:
        """Remove the line that changes, if there is one."""
        with self._writing:
            if self._live:
                self._tell(f"\r{' ' * self._live}\r")
                self._live = 0

    def _tell(self, text: str) -> None:
        stream = self._messages()
        if self.muted or stream is None:
            return
        with suppress(OSError, ValueError):
            _write(stream, self._worded(text))
            stream.flush()

    def _messages(self) -> TextIO | None:
        """Give the place for messages."""
        return sys.stderr

    def _worded(self, text: str) -> str:
        """Write a message as it is said here."""
        return text


def _opened(path: str) -> TextIO:
    return open(path, "w", encoding="utf-8", newline="")  # it stays open


def _try_out(path: str) -> None:
    """Open a file for writing, and leave it as it was."""
    new = not os.path.exists(path)
    with open(path, "ab"):
        pass
    if new:
        os.unlink(os.path.realpath(path))


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
