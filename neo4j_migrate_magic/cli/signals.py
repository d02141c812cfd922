"""The signals of a process that is ours, from its first moment to its last."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[int, Any], None]

NUMBERS = (signal.SIGINT, signal.SIGTERM)
"""The signals that ask for an end."""

PATIENCE = 5.0
"""Seconds during which further signals do not disturb the clean-up."""


class Interrupt(KeyboardInterrupt):
    """A signal asks for an end; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.number = number


class Signals:
    """What SIGINT and SIGTERM do outside of the event loop.

    The first is raised, so that one line can say where it stands; while that is said
    further ones wait, but not for ever. Once the result is printed the process is at
    its end, and a signal makes it the sooner.

    Until `take` nothing is changed: a host's handlers are its own.
    """

    def __init__(self) -> None:
        self._code: int | None = None
        self._came: tuple[int, float] | None = None

    def take(self) -> None:
        """Answer the signals that are not ignored: by `nohup`, or in the background."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in NUMBERS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        atexit.register(_ignore)  # runs last: Python would give them their defaults

    def answering(self, number: int) -> None:
        """Let further signals wait: one is being answered."""
        self._came = self._came or (number, time.monotonic())

    def over(self, code: int) -> None:
        """Let a signal only end the process at once: all is said."""
        self._code = code

    def _on_signal(self, number: int, _: Any) -> None:
        if self._code is not None:
            os._exit(self._code)
        if self._came is None:
            self.answering(number)
            raise Interrupt(number)
        first, since = self._came
        if time.monotonic() - since > PATIENCE:
            os._exit(128 + first)


def exit_code(error: KeyboardInterrupt) -> int:
    """Give the exit code of what a signal ended; Python's own is of Ctrl-C."""
    return 128 + (error.number if isinstance(error, Interrupt) else signal.SIGINT)


def _ignore() -> None:
    for number in NUMBERS:
        signal.signal(number, signal.SIG_IGN)
