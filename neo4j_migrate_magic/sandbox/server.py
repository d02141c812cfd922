"""Start one server process in a folder, and wait until it answers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.sandbox import guard
from neo4j_migrate_magic.sandbox.bolt import answers
from neo4j_migrate_magic.sandbox.processes import alive, home_option, stop
from neo4j_migrate_magic.sandbox.reasons import DISK_FULL, PORT_TAKEN, not_started

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neo4j_migrate_magic.sandbox.java import Java

_FOLDERS = ("data", "logs", "run", "plugins", "import", "conf")
"""Where a server puts things in its home, unless its configuration names others: ours
does not, because a letter beyond ASCII would not be read there as it was written."""

# Measured: these settings, more than Java's own, make a start and a stop fast
# (handbook: sandbox, 0 and 2).
_CONF = {
    "server.default_listen_address": "127.0.0.1",
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "server.memory.pagecache.size": "64m",
    "dbms.security.auth_enabled": "false",
    "dbms.usage_report.enabled": "false",
    "db.tx_log.preallocate": "false",
    "db.store.files.preallocate": "false",
    "db.memory.pagecache.warmup.enable": "false",
    "db.tx_log.rotation.retention_policy": "keep_none",
    "server.config.strict_validation.enabled": "false",  # one file serves both lines
    "internal.server.bolt.thread_pool_shutdown_wait_time": "0s",
    "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",  # 5.26
    "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",  # 2026
    "dbms.fleet_manager.enabled": "false",
}
_OPENS = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
_JVM = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Xms128m",
    "-Xmn80m",
    "--enable-native-access=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENS),
)
_MAINS = ("org.neo4j.server.Neo4jCommunity", "org.neo4j.server.CommunityEntryPoint")
_ADDRESS = "server.bolt.listen_address"
_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Launch:
    """All that a start needs: version, Java, class path, folder, options."""

    version: str
    java: Java
    class_path: Sequence[str]
    home: Path
    port: int | None = None  # None: any that is free
    jvm: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    guarded: bool = False  # ends with this process, however that ends
    remove: bool = False  # and its folder with it

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.home / "logs" / "console.log"


@dataclass
class Running:
    """A server that answers; `guard` is the process that ends an ephemeral one."""

    pid: int
    port: int
    guard: subprocess.Popen[str] | None = None

    def end_guard(self, *, keep: bool = False) -> None:
        """Let the guard stop the server and remove its folder, unless that is kept."""
        if self.guard is None:
            return
        process, self.guard = self.guard, None
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both are pipes")
        with suppress(OSError):  # the guard may have been killed
            if keep:
                process.stdin.write("keep\n")
            process.stdin.close()
        process.stdout.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start(launch: Launch, timeout: float) -> Running:
    """Start a server and wait until it answers.

    Without a fixed port another free one is tried when somebody takes it between our
    look and the server's.

    Raises:
        SandboxStartError: It did not; the reason is in words, the log's lines below.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        _write_conf(launch, launch.port or _free_port())
        running = _spawn(launch)
        ready = late = False
        try:
            ready = _wait(running, launch, timeout)
            late = not ready and alive(running.pid)
        finally:
            if not ready and running.pid:
                stop(running.pid, 5.0)
        if ready:
            return running
        told = launch.log.read_text("utf-8", errors="replace")
        again = not launch.port and PORT_TAKEN in told and attempt < _ATTEMPTS
        running.end_guard(keep=again)
        if not again:
            raise not_started(
                launch.version,
                told,
                port=running.port,
                waited=timeout if late else None,
                log="" if launch.remove else str(launch.log),
            )
    raise AssertionError("unreachable")


def port_of(home: Path) -> int | None:
    """Give the port in a server folder's configuration."""
    try:
        lines = (home / "conf" / "neo4j.conf").read_text("utf-8").splitlines()
        values = dict(line.split("=", 1) for line in lines)
        return int(values[_ADDRESS].rsplit(":", 1)[1])
    except (OSError, ValueError, KeyError, IndexError):
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write_conf(launch: Launch, port: int) -> None:
    conf = {
        **_CONF,
        **launch.settings,
        _ADDRESS: f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
    }
    text = "".join(f"{key}={value}\n" for key, value in conf.items())
    for folder in _FOLDERS:
        (launch.home / folder).mkdir(parents=True, exist_ok=True)
    (launch.home / "conf" / "neo4j.conf").write_text(text, "utf-8")
    launch.log.write_bytes(b"")


def _main_class(launch: Launch) -> str:
    """Find the class that starts the server; the first of a name in the class path."""
    for jar in launch.class_path:
        if jar.endswith(f"neo4j-{launch.version}.jar"):
            with zipfile.ZipFile(jar) as names:
                inside = set(names.namelist())
            for name in _MAINS:
                if f"{name.replace('.', '/')}.class" in inside:
                    return name
    return _MAINS[0]


def _command(launch: Launch) -> list[str]:
    heap = os.environ.get("NEO4J_MIGRATE_SANDBOX_HEAP", "512m")
    return [
        launch.java.path,
        *_JVM,
        f"-Xmx{heap}",
        *launch.jvm,
        "-cp",
        os.pathsep.join(launch.class_path),
        _main_class(launch),
        home_option(launch.home),
        f"--config-dir={launch.home / 'conf'}",
        "--console-mode",
    ]


def _spawn(launch: Launch) -> Running:
    detached: dict[str, Any] = (
        {"creationflags": 0x208} if os.name == "nt" else {"start_new_session": True}
    )  # a Ctrl-C in the terminal is not for the server
    # A server that goes on for days has no use for our passwords. And without UTF-8
    # Java reads no path that has a letter beyond ASCII where the locale is C.
    kept = {k: v for k, v in os.environ.items() if "PASSWORD" not in k.upper()}
    detached["env"] = {**kept, "LC_ALL": "C.UTF-8"}
    command = _command(launch)
    port = port_of(launch.home) or 0
    with launch.log.open("ab") as log:
        if not launch.guarded:
            process = subprocess.Popen(  # noqa: S603 (our own command)
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **detached,
            )
            process.returncode = 0  # it outlives us: nobody waits for it
            return Running(process.pid, port)
        process_guard = subprocess.Popen(  # noqa: S603 (our own file)
            [sys.executable, "-I", str(guard.__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            **detached,
        )
    job = {
        "command": command,
        "log": str(launch.log),
        "home": str(launch.home) if launch.remove else "",
        "owner": os.getpid(),
    }
    if process_guard.stdin is None or process_guard.stdout is None:
        raise AssertionError("both are pipes")
    with suppress(OSError):  # it ended at once: its reason is in the log
        process_guard.stdin.write(json.dumps(job) + "\n")
        process_guard.stdin.flush()
    pid = int(process_guard.stdout.readline() or 0)
    return Running(pid, port, process_guard)


def _wait(running: Running, launch: Launch, timeout: float) -> bool:
    """Wait for a handshake and for our own log to say so: no stranger fools us."""
    limit = time.monotonic() + timeout
    while running.pid and alive(running.pid) and time.monotonic() < limit:
        told = launch.log.read_bytes()
        if b"Started." in told and answers(running.port):
            return True
        if DISK_FULL in told.decode("utf-8", errors="replace"):
            return False  # it may hang for ever
        time.sleep(0.05)
    return False
