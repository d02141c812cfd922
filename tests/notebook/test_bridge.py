"""The bridge by itself: who waits, who is cancelled, and what is raised."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from neo4j_migrate_magic.notebook.bridge import Bridge, NotWaitedForError

Emit = Callable[[Any], None]


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


def nothing(*_: object) -> None:
    """Hear of it, and do nothing."""


def run(
    bridge: Bridge,
    work: Callable[[Emit], Awaitable[Any]],
    on_event: Callable[[Any], None] = nothing,
) -> Any:
    return bridge.run(work, on_event, nothing)


def interrupts(*after: float) -> None:
    """Send SIGINT to this process so many seconds from now, each in its time."""

    def send() -> None:
        for pause in after:
            time.sleep(pause)
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=send, daemon=True).start()


def test_events_are_heard_in_order_in_the_caller_s_thread(bridge: Bridge) -> None:
    heard: list[tuple[int, str]] = []

    async def work(emit: Emit) -> str:
        assert threading.current_thread() is not threading.main_thread()
        for number in range(3):
            emit(number)
        return "done"

    def hear(event: int) -> None:
        heard.append((event, threading.current_thread().name))

    assert run(bridge, work, hear) == "done"
    assert heard == [(n, threading.main_thread().name) for n in range(3)]


def test_what_the_work_raises_is_raised(bridge: Bridge) -> None:
    async def work(_: Emit) -> None:
        raise LookupError("it")

    with pytest.raises(LookupError, match="it"):
        run(bridge, work)


def test_it_works_while_a_loop_runs_in_this_thread(bridge: Bridge) -> None:
    """A cell with a top-level `await` blocks the kernel's own loop."""

    async def work(_: Emit) -> int:
        await asyncio.sleep(0.01)
        return 1

    async def cell() -> int:
        return int(run(bridge, work))

    assert asyncio.run(cell()) == 1


def test_an_interrupt_cancels_and_waits_for_the_clean_up(bridge: Bridge) -> None:
    cleaned: list[bool] = []
    before = signal.getsignal(signal.SIGINT)

    async def work(_: Emit) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.3)
            cleaned.append(True)

    interrupts(0.2)
    with pytest.raises(KeyboardInterrupt):
        run(bridge, work)
    assert cleaned == [True]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_one_waits_no_longer_and_cuts_no_clean_up(bridge: Bridge) -> None:
    cleaned = threading.Event()

    async def work(_: Emit) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(1.5)
            cleaned.set()

    interrupts(0.2, 0.3)
    began = time.monotonic()
    with pytest.raises(NotWaitedForError):
        run(bridge, work)
    assert time.monotonic() - began < 1.5
    assert not cleaned.is_set()
    assert cleaned.wait(10)


def test_work_that_ends_all_the_same_has_its_result_told_as_cut(
    bridge: Bridge,
) -> None:
    """Whoever pressed wants the notebook to stop; what was done is in the report."""

    async def work(_: Emit) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "committed"
        return "never"

    interrupts(0.2)
    with pytest.raises(KeyboardInterrupt):
        run(bridge, work)


def test_an_error_of_the_clean_up_is_the_error(bridge: Bridge) -> None:
    async def work(_: Emit) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise LookupError("lost") from None

    interrupts(0.2)
    with pytest.raises(LookupError, match="lost"):
        run(bridge, work)


def test_a_listener_that_fails_ends_the_work_first(bridge: Bridge) -> None:
    cleaned: list[bool] = []

    async def work(emit: Emit) -> None:
        emit(1)
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.append(True)

    def hear(_: Any) -> None:
        raise ValueError("cannot draw")

    with pytest.raises(ValueError, match="cannot draw"):
        run(bridge, work, hear)
    assert cleaned == [True]


def test_it_works_off_the_main_thread(bridge: Bridge) -> None:
    found: list[int] = []

    async def work(_: Emit) -> int:
        return 1

    thread = threading.Thread(target=lambda: found.append(run(bridge, work)))
    thread.start()
    thread.join(10)
    assert found == [1]


def test_closed_it_begins_anew(bridge: Bridge) -> None:
    async def work(_: Emit) -> str:
        return threading.current_thread().name

    assert run(bridge, work) == "neo4j-migrate"
    bridge.close()
    bridge.close()
    assert run(bridge, work) == "neo4j-migrate"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_it_has_a_loop_of_its_own(bridge: Bridge) -> None:
    async def work(_: Emit) -> int:
        return 7

    assert run(bridge, work) == 7
    child = os.fork()
    if child == 0:
        os._exit(int(run(bridge, work)))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
