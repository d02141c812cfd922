"""Values that a command gives, `cmd:COMMAND`: run when they are needed, never shown."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 30.0
"""Seconds that a command may take: it may ask its user to unlock something."""


def words(text: str) -> list[str]:
    """Cut a command into its words, as a shell would; there is no shell.

    Raises:
        ValueError: It cannot be cut, or there is none.
    """
    try:
        found = shlex.split(text)
    except ValueError as error:
        raise ValueError(
            f"the command after `cmd:` cannot be cut into words: {error}"
        ) from None
    if not found:
        raise ValueError("there is no command after `cmd:`")
    return found


def output(text: str, folder: Path) -> str:
    """Run a command and give the only line that it writes.

    Nothing that it writes, and no argument of it, is in a message.

    Raises:
        ValueError: It failed, took too long, or wrote something else than a line.
    """
    import subprocess

    program, *arguments = words(text)
    name = f"the command {program!r}"
    try:
        done = subprocess.run(  # noqa: S603 (a command of the user's own file)
            [program, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"{name} did not end within {LIMIT:.0f}s") from None
    except OSError as error:
        raise ValueError(f"{name} cannot be run: {error.strerror}") from None
    if done.returncode < 0:
        raise ValueError(f"{name} was ended by signal {-done.returncode}")
    if done.returncode:
        raise ValueError(f"{name} ended with exit code {done.returncode}")
    return _only_line(name, done.stdout)


def _only_line(name: str, written: bytes) -> str:
    try:
        text = written.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if not text or len(text.splitlines()) != 1:
        raise ValueError(f"{name} must write one line of UTF-8 text, the value")
    return text
