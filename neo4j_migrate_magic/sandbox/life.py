"""The life of a sandbox: start, find again, stop, reset."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import SandboxError
from neo4j_migrate_magic.model import SandboxProgress
from neo4j_migrate_magic.sandbox import server
from neo4j_migrate_magic.sandbox.bolt import answers
from neo4j_migrate_magic.sandbox.jars import jars, locked, not_installed, require_room
from neo4j_migrate_magic.sandbox.java import find_java
from neo4j_migrate_magic.sandbox.prepare import prepare
from neo4j_migrate_magic.sandbox.versions import resolve_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

_PREFIX = "neo4j-sandbox-"
_MARK = "server-version"  # a file that tells a sandbox's folder from any other
_ROOM = 200_000_000  # bytes free that a server needs to work


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxState:
    """A running server."""

    uri: str
    port: int
    pid: int
    version: str
    home: str
    born: float  # the process's start: another one may get its number


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
        ephemeral: None means: when there is no `home`.
        on_progress: Hears what takes its time.
        settings: More lines for the server's configuration.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        version: str | None = None,
        ephemeral: bool | None = None,
        on_progress: Callable[[SandboxProgress], None] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.ephemeral = home is None if ephemeral is None else ephemeral
        self._named = home.absolute() if home else None
        self._home = self._named
        self._version = resolve_version(version) if version else None
        self._on_progress = on_progress or _silent
        self._settings = dict(settings or {})
        self._running: server.Running | None = None

    @property
    def home(self) -> Path:
        """The server's folder."""
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix=_PREFIX))
        return self._home

    def start(self, timeout: float = 180) -> SandboxState:
        """Start the server, or find the one that runs.

        Raises:
            SandboxError: It could not be had; the reason is in words.
        """
        _require_psutil()
        if self.ephemeral:
            if self._running is not None:
                return self._state(self._running)
            _sweep()
            return self._start(timeout)
        self._make_home()
        with locked(self.home / ".lock", self._on_progress, "its start"):
            running = self.status()
            if running is not None:
                self._refuse_other(running.version)
                return running
            state = self._start(timeout)
            part = self.home / f"sandbox.{os.getpid()}"
            part.write_text(json.dumps(asdict(state)))
            os.replace(part, self.home / "sandbox.json")
            return state

    def _start(self, timeout: float) -> SandboxState:
        version = self._version or self._made_with() or resolve_version(None)
        self._refuse_other(version)
        java = find_java(version)
        class_path = jars(version, self._on_progress)
        ready = prepare(version, java, class_path, self._on_progress)
        require_room(self.home, _ROOM)
        if ready.store is not None and not (self.home / "data").exists():
            shutil.copytree(ready.store, self.home / "data")
        (self.home / _MARK).write_text(f"{version}\n")
        self._on_progress(SandboxProgress(f"starting Neo4j {version}"))
        launch = server.Launch(
            version=version,
            java=java,
            class_path=class_path,
            home=self.home,
            jvm=ready.jvm,
            settings=self._settings,
            guarded=self.ephemeral,
            remove=self.ephemeral,
        )
        try:
            running = server.start(launch, timeout)
        except BaseException:
            if self.ephemeral:
                self._discard()
            raise
        self._running = running
        return self._state(running)

    def _state(self, running: server.Running) -> SandboxState:
        import psutil

        return SandboxState(
            uri=running.uri,
            port=running.port,
            pid=running.pid,
            version=self._made_with() or "",
            home=str(self.home),
            born=psutil.Process(running.pid).create_time(),
        )

    def status(self) -> SandboxState | None:
        """Give the running server, if it is ours and answers."""
        if self._running is not None and server.alive(self._running.pid):
            return self._state(self._running)
        if self._home is None:
            return None
        _require_psutil()
        import psutil

        try:
            state = SandboxState(**json.loads((self.home / "sandbox.json").read_text()))
            same = abs(psutil.Process(state.pid).create_time() - state.born) < 1
        except (OSError, ValueError, TypeError, psutil.Error):
            return None
        return state if same and answers(state.port) else None

    def stop(self, grace: float = 15) -> bool:
        """Stop the server; False when none ran. An ephemeral one's folder goes."""
        state = self.status()
        if self._running is not None and self._running.guard is not None:
            self._running.end_guard()
        elif state is not None:
            server.stop(state.pid, grace)
        self._running = None
        if self.ephemeral:
            self._discard()
        elif self._home is not None:
            (self.home / "sandbox.json").unlink(missing_ok=True)
        return state is not None

    def reset(self) -> None:
        """Stop the server and delete its data; the next start is an empty one.

        Raises:
            SandboxError: The folder is not one that a sandbox made.
        """
        self.stop()
        if self._home is None or not self.home.exists():
            return
        if not (self.home / _MARK).exists():
            raise SandboxError(
                f"{self.home} is not a sandbox's folder",
                why=f"it has no file {_MARK}; nothing was deleted",
            )
        shutil.rmtree(self.home)

    def _make_home(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        ignore = self.home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")

    def _made_with(self) -> str | None:
        mark = self.home / _MARK
        return mark.read_text().strip() if mark.exists() else None

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
        self._home = self._named

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
        return (await asyncio.to_thread(self.start)).uri

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.ephemeral:
            await asyncio.to_thread(self.stop)


def _sweep() -> None:
    """Remove folders of ephemeral servers whose guard was killed with its owner."""
    import psutil

    homes = {
        argument.split("=", 1)[1]
        for process in psutil.process_iter(["cmdline"])
        for argument in process.info["cmdline"] or ()
        if argument.startswith("--home-dir=")
    }
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        mark = folder / _MARK
        if mark.exists() and str(folder) not in homes and _old(mark):
            shutil.rmtree(folder, ignore_errors=True)


def _old(mark: Path) -> bool:
    """Whether a folder is no longer being prepared for its server's start."""
    return time.time() - mark.stat().st_mtime > 60


def _require_psutil() -> None:
    if importlib.util.find_spec("psutil") is None:
        raise not_installed("psutil")


def _silent(progress: SandboxProgress) -> None:
    """Hear of nothing."""
