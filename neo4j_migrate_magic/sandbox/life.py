"""The life of a sandbox: start, find again, stop, reset."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import Next, SandboxError
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox import server
from neo4j_migrate_magic.sandbox.bolt import answers
from neo4j_migrate_magic.sandbox.cache import (
    OTHER_TEMP,
    disk_in_words,
    locked,
    require_room,
)
from neo4j_migrate_magic.sandbox.extra import require
from neo4j_migrate_magic.sandbox.homes import sweep, temporary_home
from neo4j_migrate_magic.sandbox.jars import jars
from neo4j_migrate_magic.sandbox.java import find_java
from neo4j_migrate_magic.sandbox.prepare import prepare
from neo4j_migrate_magic.sandbox.processes import servers, serves, stop
from neo4j_migrate_magic.sandbox.versions import resolve_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType

_MARK = "server-version"  # a file that tells a sandbox's folder from any other
_LOCK = ".lock"
_IGNORE = ".gitignore"
_STATE = "sandbox.json"
_ROOM = 200_000_000  # bytes free that a server needs to work
_EPHEMERAL = Next(
    "neo4j-migrate sandbox start --ephemeral", "one in the temporary folder"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxState:
    """A running server."""

    uri: str
    port: int
    pid: int
    version: str
    home: str


class Sandbox:
    """A real local Neo4j Community server.

    A persistent one lives in `home`, keeps its data, and runs on until it is
    stopped. An ephemeral one lives in a temporary folder and is gone, folder and
    process, when it is stopped or its program ends, however that ends. Security is
    off; the server listens on this machine's loopback address alone.

    Args:
        home: The folder of a persistent one; None makes an ephemeral one.
        version: A version, ``lts`` or ``latest``; None means what `home` was made
            with, else the long-term line's newest.
        port: A fixed port; None means any that is free.
        on_progress: Hears what takes its time.
        settings: More lines for the server's configuration.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        version: str | None = None,
        port: int | None = None,
        on_progress: Callable[[SandboxProgress], None] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.ephemeral = home is None
        # one folder, one name: by it the server is found again
        self._home = home.resolve() if home else None
        self._version = resolve_version(version) if version else None
        self._port = port
        self._on_progress = on_progress or _silent
        self._settings = dict(settings or {})
        self._running: server.Running | None = None

    @property
    def home(self) -> Path:
        """The server's folder."""
        if self._home is None:
            self._home = temporary_home()
        return self._home

    def start(self, timeout: float = 180) -> SandboxState:
        """Start the server, or find the one that runs.

        Raises:
            SandboxError: It could not be had; the reason is in words.
        """
        require("psutil")
        with disk_in_words():
            if self.ephemeral:
                return self._start_ephemeral(timeout)
            self._make_home()
            with self._locked("its start"):
                state = self._answering(timeout) or self._start(timeout)
                part = self.home / f"{_STATE}.part"
                part.write_text(json.dumps(asdict(state)), "utf-8")
                os.replace(part, self.home / _STATE)
                return state

    def _start_ephemeral(self, timeout: float) -> SandboxState:
        found = self._found()
        if found is not None:
            return found
        self._stop(0)  # what is left of one that ended by itself
        sweep()
        try:
            return self._start(timeout)
        except BaseException:
            self._discard()
            raise

    def _answering(self, timeout: float) -> SandboxState | None:
        """Give the server that runs here; one that is just starting is waited for."""
        limit = time.monotonic() + timeout
        while (found := self._found()) and not answers(found.port):
            if time.monotonic() > limit:
                raise SandboxError(
                    f"the sandbox runs as process {found.pid} and does not answer",
                    why=f"within {timeout:.0f} s, at {found.uri}",
                    next=[("neo4j-migrate sandbox stop", "end it; its data stays")],
                )
            time.sleep(0.1)
        if found:
            self._refuse_other(found.version)
        return found

    def _start(self, timeout: float) -> SandboxState:
        version = self._version or self._made_with() or resolve_version(None)
        self._refuse_other(version)
        java = find_java(version)
        class_path = jars(version, self._on_progress)
        ready = prepare(version, java, class_path, self._on_progress)
        require_room(self.home, _ROOM, OTHER_TEMP if self.ephemeral else _EPHEMERAL)
        self._fill(version, ready.store)
        self._on_progress(SandboxProgress(f"starting Neo4j {version}"))
        launch = server.Launch(
            version=version,
            java=java,
            class_path=class_path,
            home=self.home,
            port=self._port,
            jvm=ready.jvm,
            settings=self._settings,
            guarded=self.ephemeral,
            remove=self.ephemeral,
        )
        self._running = server.start(launch, timeout)
        return self._state(self._running.pid, self._running.port)

    def _fill(self, version: str, store: Path) -> None:
        """Put the prepared store into a new folder, all of it or nothing."""
        (self.home / _MARK).write_text(f"{version}\n")
        if not (self.home / "data").exists():
            part = self.home / "data.part"
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(store, part)
            os.replace(part, self.home / "data")

    def _state(self, pid: int, port: int) -> SandboxState:
        return SandboxState(
            uri=f"bolt://127.0.0.1:{port}",
            port=port,
            pid=pid,
            version=self._made_with() or "",
            home=str(self.home),
        )

    def status(self) -> SandboxState | None:
        """Give the running server, if it is ours and answers."""
        require("psutil")
        found = self._found()
        return found if found and answers(found.port) else None

    def runs(self) -> bool:
        """Whether its process is there; unlike `status`, nothing is sent."""
        require("psutil")
        return self._found() is not None

    def _found(self) -> SandboxState | None:
        """Give the server that works in this folder, whether or not it answers."""
        if self._home is None:
            return None
        running = self._running
        if running is not None and serves(running.pid, self._home):
            return self._state(running.pid, running.port)
        if self.ephemeral or not self._home.exists():
            return None
        try:
            told = (self._home / _STATE).read_text("utf-8")
            state = SandboxState(**json.loads(told))
        except (OSError, ValueError, TypeError):
            pass
        else:
            if serves(state.pid, self._home):
                return state
        # who started it may have been killed before it could be written down
        pid = servers().get(str(self._home))
        port = server.port_of(self._home)
        return self._state(pid, port) if pid and port else None

    def stop(self, grace: float = 15) -> bool:
        """Stop the server; False when none ran. An ephemeral one's folder goes."""
        require("psutil")
        if self._home is None or not self._home.exists():
            return False
        if self.ephemeral:
            return self._stop(grace)
        with disk_in_words(), self._locked("its start or stop"):
            return self._stop(grace)

    def _stop(self, grace: float) -> bool:
        found = self._found()
        if self._running is not None:
            self._running.end_guard()
            self._running = None
        if found is not None and serves(found.pid, self.home):
            stop(found.pid, grace)
        if self.ephemeral:
            self._discard()
        else:
            (self.home / _STATE).unlink(missing_ok=True)
        return found is not None

    def reset(self) -> None:
        """Stop the server and delete its data; the next start is an empty one.

        Raises:
            SandboxError: The folder is not one that a sandbox made.
        """
        require("psutil")
        if self._home is None or not self._home.exists():
            return
        if self.ephemeral:
            self._stop(15)
            return
        if not (self._home / _MARK).exists() and self._content():
            raise SandboxError(
                f"{self._home} is not a sandbox's folder",
                why=f"it has no file {_MARK}; nothing was deleted",
                next=[("neo4j-migrate sandbox status", "see which folder it is")],
            )
        with disk_in_words(), self._locked("its start or stop"):
            self._stop(15)
            for path in sorted(self._content(), key=lambda path: path.name == _MARK):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()

    def _content(self) -> list[Path]:
        """List what is in the folder, without what keeps others out of it."""
        return [p for p in self.home.iterdir() if p.name not in (_LOCK, _IGNORE)]

    def _locked(self, what: str) -> AbstractContextManager[None]:
        return locked(self.home / _LOCK, self._on_progress, what)

    def _make_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        ignore = self.home / _IGNORE
        if not ignore.exists():
            ignore.write_text("*\n")

    def _made_with(self) -> str | None:
        """Give the version that made the data; None while there is none."""
        mark = self.home / _MARK
        if not mark.exists() or not (self.home / "data").exists():
            return None
        return mark.read_text().strip() or None

    def _refuse_other(self, version: str) -> None:
        """A server does not open the store of another version as it is."""
        made = self._made_with()
        wanted = self._version or version
        if made and made != wanted:
            raise SandboxError(
                f"this sandbox is Neo4j {made}, not {wanted}",
                why=f"its data is in {self.home}",
                next=[
                    ("neo4j-migrate sandbox start", f"start it as {made}"),
                    ("neo4j-migrate sandbox reset", "delete its data, then start"),
                ],
            )

    def _discard(self) -> None:
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
        self._home = None

    def __enter__(self) -> str:
        return self.start().uri

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.ephemeral:
            self.stop()

    async def __aenter__(self) -> str:
        cut = threading.Event()

        def start() -> str:
            state = self.start()
            if cut.is_set() and self.ephemeral:
                self.stop()
            return state.uri

        try:
            return await asyncio.to_thread(start)
        except asyncio.CancelledError:
            cut.set()  # the thread goes on; nobody will leave what it enters
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.ephemeral:
            await asyncio.to_thread(self.stop)


def _silent(progress: SandboxProgress) -> None:
    """Hear of nothing."""
