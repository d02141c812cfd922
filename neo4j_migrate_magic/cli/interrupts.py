"""Run a coroutine so that Ctrl-C and SIGTERM end it in an orderly way."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from neo4j_migrate_magic.cli.signals import NUMBERS, PATIENCE, Interrupt

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from neo4j_migrate_magic.cli.signals import Handler

T = TypeVar("T")


class InterruptedRunError(Exception):
    """The work was cancelled and has cleaned up; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.number = number


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; a signal cancels it, and the clean-up is waited for.

    Handlers of the `signal` module, not of the loop: they also run while a migration
    blocks the loop, and on Windows.

    Raises:
        InterruptedRunError: A signal came, or somebody else cancelled the work.
        KeyboardInterrupt: A second one came, and the clean-up had had its time.
    """
    task: asyncio.Task[T] | None = None
    came: list[tuple[int, float]] = []

    def on_signal(number: int, _: Any) -> None:
        if not came:
            came.append((number, time.monotonic()))
            if task is not None:
                task.get_loop().call_soon_threadsafe(task.cancel)
        elif time.monotonic() - came[0][1] > PATIENCE:
            raise Interrupt(number)

    cut = True
    with handled(on_signal):
        loop = asyncio.new_event_loop()
        try:
            task = loop.create_task(work)
            if came:  # before there was anything to cancel
                task.cancel()
            result = loop.run_until_complete(task)
            cut = False
        except asyncio.CancelledError:
            number = came[0][0] if came else signal.SIGINT
            raise InterruptedRunError(number) from None
        except Exception:
            cut = False
            raise
        finally:
            _close(loop, cut=cut)
    if came:  # when the work was over: what it did has been told, its result was not
        raise InterruptedRunError(came[0][0])
    return result


@contextmanager
def handled(on_signal: Handler) -> Iterator[None]:
    """Let a function have SIGINT and SIGTERM, in the main thread, for a while."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals do not arrive here
        return
    before = {number: signal.signal(number, on_signal) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _close(loop: asyncio.AbstractEventLoop, *, cut: bool) -> None:
    """End what is left on the loop.

    A thread that works for a cancelled task, such as a sandbox's first download, is
    not waited for: who interrupts wants the prompt back.
    """
    try:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=PATIENCE))
        loop.run_until_complete(loop.shutdown_asyncgens())
        if not cut:
            loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
