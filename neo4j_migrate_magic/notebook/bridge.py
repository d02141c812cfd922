"""The way from a cell to the core: work runs on a loop of its own, the caller waits.

A cell with a top-level `await` blocks the kernel's own loop, so a magic cannot use
that one; and what is merely abandoned at an interrupt would go on and commit. Here an
interrupt cancels the work and then waits until it has cleaned up (handbook: notebook, 5).
"""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator
    from concurrent.futures import Future

T = TypeVar("T")

_PULSE = 0.2  # seconds; without a limit Windows hears no Ctrl-C


class NotWaitedForError(KeyboardInterrupt):
    """A second interrupt came: the caller goes on, and so does the clean-up."""


class Bridge:
    """A thread with an event loop, made when it is first needed."""

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._process = 0

    def loop(self) -> asyncio.AbstractEventLoop:
        """Give the loop; after a fork it is a new one, since threads stay behind."""
        with self._making:
            alive = self._thread is not None and self._thread.is_alive()
            if self._loop is None or not alive or self._process != os.getpid():
                self._loop = asyncio.new_event_loop()
                self._process = os.getpid()
                self._thread = threading.Thread(
                    target=_forever,
                    args=(self._loop,),
                    name="neo4j-migrate",
                    daemon=True,
                )
                self._thread.start()
            return self._loop

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work and return at once; its future can be cancelled."""
        return asyncio.run_coroutine_threadsafe(work, self.loop())

    def run(
        self,
        work: Callable[[Callable[[Any], None]], Awaitable[T]],
        on_event: Callable[[Any], None],
        on_pulse: Callable[[], None],
    ) -> T:
        """Do work on the loop, and wait for its end in this thread.

        The first interrupt cancels the work, and its clean-up is waited for; a second
        one gives the prompt back at once, and the clean-up goes on by itself.

        Args:
            work: Gets a function that takes events, callable on any thread.
            on_event: Hears them, in the thread of the caller: there alone output is
                sure to have the right cell.
            on_pulse: Called now and then while nothing happens.

        Raises:
            KeyboardInterrupt: It was interrupted; what was done all the same was told.
            NotWaitedForError: It was so twice.
        """
        running = _Running(self.loop(), work)
        with _interrupts(running.interrupt):
            running.start()
            for event in running.events():
                running.listen(on_event if event is not None else on_pulse, event)
        return running.result()  # type: ignore[no-any-return] # by construction

    def close(self) -> None:
        """End the loop; work that is still on it is cancelled and waited for."""
        with self._making:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None or self._process != os.getpid():
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10.0)


class _Running:
    """One piece of work on the loop, and who waits for it."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        work: Callable[[Callable[[Any], None]], Awaitable[Any]],
    ) -> None:
        self._loop = loop
        self._work = work
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._over = object()
        self._task: asyncio.Task[Any] | None = None
        self._failure: Exception | None = None
        self._presses = 0

    def start(self) -> None:
        """Let the loop begin."""
        self._loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        self._task = self._loop.create_task(self._supervised())
        # not a `finally` in the work: a task that is cancelled before its first step
        # never runs one, and the caller would wait for ever
        self._task.add_done_callback(lambda _: self._queue.put(self._over))

    async def _supervised(self) -> Any:
        return await self._work(self._queue.put)

    def interrupt(self, *_: Any) -> None:
        """Take an interrupt.

        Raises:
            NotWaitedForError: It is not the first: a second cancel would cut the
                clean-up, so the caller merely stops waiting.
        """
        self._presses += 1
        if self._presses > 1:
            raise NotWaitedForError
        self._cancel()

    def _cancel(self) -> None:
        self._loop.call_soon_threadsafe(
            lambda: self._task.cancel() if self._task else None
        )

    def events(self) -> Iterator[Any]:
        """Give events until the work is over; None where none came for a while."""
        while True:
            try:
                event = self._queue.get(timeout=_PULSE)
            except queue.Empty:
                yield None
                continue
            if event is self._over:
                return
            yield event

    def listen(self, listener: Callable[..., None], event: Any) -> None:
        """Let a listener hear; one that fails ends the work, which is waited for."""
        if self._failure is not None:
            return
        try:
            listener(*(() if event is None else (event,)))
        except Exception as error:  # noqa: BLE001 (raised when the work has ended)
            self._failure = error
            self._cancel()

    def result(self) -> Any:
        """Give what the work gave, or raise what it raised."""
        if self._failure is not None:
            raise self._failure
        task = self._task
        if task is None:
            raise AssertionError("the work is over, so it had begun")
        # who interrupts wants the notebook to stop, also where the work was over first
        if task.cancelled() or (self._presses and task.exception() is None):
            raise KeyboardInterrupt
        return task.result()


def _forever(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=5.0))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


@contextmanager
def _interrupts(handler: Callable[..., None]) -> Iterator[None]:
    """Have SIGINT for a while, where it arrives: in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
