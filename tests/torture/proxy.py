"""A proxy in front of a server that counts Bolt's messages, and strikes at one of them.

It reads just enough of the protocol: the handshake, chunks, and each message's tag.
Messages of both directions and of all connections are counted as they arrive.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Any


class Action(Enum):
    """What is done to the message at the boundary."""

    CUT = "cut"  # it does not arrive: both sockets are closed
    DROP = "drop"  # it and all that follows on its connection vanish; sockets stay
    DELAY = "delay"  # it arrives late
    UNPLUG = "unplug"  # it vanishes, and all that any connection says from then on


_REQUESTS = {
    0x01: "HELLO",
    0x02: "GOODBYE",
    0x0F: "RESET",
    0x10: "RUN",
    0x11: "BEGIN",
    0x12: "COMMIT",
    0x13: "ROLLBACK",
    0x2F: "DISCARD",
    0x3F: "PULL",
    0x54: "TELEMETRY",
    0x66: "ROUTE",
    0x6A: "LOGON",
    0x6B: "LOGOFF",
}
_ANSWERS = {0x70: "SUCCESS", 0x71: "RECORD", 0x7E: "IGNORED", 0x7F: "FAILURE"}
_MANIFEST = b"\x00\x00\x01\xff"  # the newer handshake, of three parts


@dataclass(frozen=True)
class Message:
    """One message as it arrived: who sent it, what it is, what it answers."""

    number: int
    connection: int
    requested: bool  # from the driver; else from the server
    name: str
    answers: str = ""  # the request that an answer belongs to
    size: int = 0

    def __str__(self) -> str:
        arrow = f"-> {self.name}" if self.requested else f"<- {self.name}"
        return f"{arrow} to {self.answers}" if self.answers else arrow

    @property
    def of_commit(self) -> bool:
        """Whether it is a COMMIT or the answer to one."""
        return "COMMIT" in (self.name, self.answers)


class StruckError(Exception):
    """The connection ends here."""


@dataclass
class Line:
    """One connection through the proxy."""

    number: int
    driver: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    server: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    waiting: list[str] = field(default_factory=list)  # requests without their answer
    silent: bool = False

    def close(self) -> None:
        for _, writer in (self.driver, self.server):
            writer.close()


class Proxy:
    """Listens on a free port of this machine, in a thread with a loop of its own.

    Args:
        server: The port of the server on this machine.
        delay: The seconds that a delayed message is held.
    """

    def __init__(self, server: int, *, delay: float = 2.0) -> None:
        self._server = server
        self.delay = delay
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._lines: list[Line] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._blocked = False
        self.port = 0
        self.seen: list[Message] = []
        self.hit: Message | None = None
        self.action: Action | None = None
        self._wanted: Callable[[Message], bool] = lambda _: False

    @property
    def uri(self) -> str:
        """Where a driver connects to."""
        return f"bolt://127.0.0.1:{self.port}"

    def __enter__(self) -> Proxy:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def arm(self, action: Action | None, at: int = 0) -> None:
        """Begin to count anew, and strike at a number.

        The lines of before are closed.
        """
        self.arm_for(action, lambda message: message.number == at)

    def arm_for(self, action: Action | None, wanted: Callable[[Message], bool]) -> None:
        """Begin to count anew, and strike at the first message that is wanted."""

        async def begin() -> None:
            await self._hang_up()
            self.seen, self.hit = [], None
            self.action, self._wanted, self._blocked = action, wanted, False

        self._call(begin())

    def hang_up(self) -> None:
        """Close every connection: the server notices that its clients are gone."""
        self._call(self._hang_up())

    def unplug(self) -> None:
        """Silence every connection, and let no new one get an answer."""

        async def silence() -> None:
            self._silence()

        self._call(silence())

    def _silence(self) -> None:
        self._blocked = True
        for line in self._lines:
            line.silent = True

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(15)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        if self._listener is not None:
            self._listener.close()
        await self._hang_up()

    async def _hang_up(self) -> None:
        for line in self._lines:
            line.close()
        self._lines.clear()
        tasks, self._tasks = list(self._tasks), set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            server = await asyncio.open_connection("127.0.0.1", self._server)
        except OSError:
            writer.transport.abort()
            return
        line = Line(len(self._lines) + 1, (reader, writer), server)
        line.silent = self._blocked
        self._lines.append(line)
        ways = [
            self._loop.create_task(self._requests(line)),
            self._loop.create_task(self._answers(line)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            line.close()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    # The driver's side

    async def _requests(self, line: Line) -> None:
        reader = line.driver[0]
        hello = await reader.readexactly(20)
        await self._pass(line, hello, "HANDSHAKE", requested=True)
        line.waiting.append("HANDSHAKE")
        if _MANIFEST in hello:
            chosen = await reader.readexactly(4)
            chosen += await _varint(reader)
            await self._pass(line, chosen, "CHOICE", requested=True)
        while True:
            raw, tag = await self._message(line, reader)
            name = _REQUESTS.get(tag, hex(tag))
            if name != "GOODBYE":
                line.waiting.append(name)
            await self._pass(line, raw, name, requested=True)

    # The server's side

    async def _answers(self, line: Line) -> None:
        reader = line.server[0]
        hello = await reader.readexactly(4)
        if hello == _MANIFEST:
            count = await _varint(reader)
            hello += count + await reader.readexactly(4 * count[0])
            hello += await _varint(reader)
        await self._pass(line, hello, "HANDSHAKE", requested=False)
        line.waiting.clear()
        while True:
            raw, tag = await self._message(line, reader)
            name = _ANSWERS.get(tag, hex(tag))
            await self._pass(line, raw, name, requested=False)

    def _struck(
        self, line: Line, name: str, size: int, *, requested: bool
    ) -> Action | None:
        """Count a message; tell what is to be done to it."""
        answers = ""
        if not requested and line.waiting and name != "HANDSHAKE":
            answers = line.waiting[0]
            if name != "RECORD":
                line.waiting.pop(0)
        if line.silent:
            return None
        message = Message(
            len(self.seen) + 1, line.number, requested, name, answers, size
        )
        self.seen.append(message)
        if self.hit is not None or self.action is None or not self._wanted(message):
            return None
        self.hit = message
        return self.action

    async def _message(
        self, line: Line, reader: asyncio.StreamReader
    ) -> tuple[bytes, int]:
        """Read one whole message, with the empty chunks before it; give its tag."""
        raw, body = b"", b""
        try:
            while True:
                head = await reader.readexactly(2)
                raw += head
                size = int.from_bytes(head, "big")
                if size:
                    chunk = await reader.readexactly(size)
                    raw, body = raw + chunk, body + chunk
                elif body:
                    return raw, body[1]
        except (asyncio.IncompleteReadError, OSError):
            if line.silent:  # a broken cable tells neither side that one has gone
                await asyncio.Event().wait()
            raise

    async def _pass(
        self, line: Line, raw: bytes, name: str, *, requested: bool
    ) -> None:
        """Pass a message on, unless this is where it is struck."""
        action = self._struck(line, name, len(raw), requested=requested)
        if action is Action.CUT:
            raise StruckError
        if action is Action.DROP:
            line.silent = True
        if action is Action.UNPLUG:
            self._silence()
        if action is Action.DELAY:
            await asyncio.sleep(self.delay)
        if line.silent:
            return
        writer = (line.server if requested else line.driver)[1]
        writer.write(raw)
        await writer.drain()


async def _varint(reader: asyncio.StreamReader) -> bytes:
    raw = b""
    while not raw or raw[-1] & 0x80:
        raw += await reader.readexactly(1)
    return raw
