"""Start one server process in a folder, and say in words why it did not start."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import SandboxStartError
from neo4j_migrate_magic.sandbox import guard
from neo4j_migrate_magic.sandbox.bolt import answers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neo4j_migrate_magic.sandbox.java import Java

_FOLDERS = ("data", "logs", "run", "plugins", "import")

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
_TELLING = re.compile(
    r"ERROR|Caused by|Exception|already in use|No space|locked by|Unsupported"
    r"|Could not|rror: |Invalid"
)
_REASONS = {
    "already in use": "the port is taken by another program",
    "No space left": "the disk is full",
    "locked by another process": "another server works on this data",
    "FileLockException": "another server works on this data",
    "heap": "this machine does not give Java the memory it asks for;"
    " NEO4J_MIGRATE_SANDBOX_HEAP sets it",
}


@dataclass(frozen=True, kw_only=True)
class Launch:
    """All that a start needs: version, Java, class path, folder, options."""

    version: str
    java: Java
    class_path: Sequence[str]
    home: Path
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

    @property
    def uri(self) -> str:
        """Where drivers connect to."""
        return f"bolt://127.0.0.1:{self.port}"

    def end_guard(self) -> None:
        """Let the guard stop the server and remove its folder."""
        if self.guard is None:
            return
        for stream in (self.guard.stdin, self.guard.stdout):
            if stream is not None:
                stream.close()
        self.guard.wait(30)
        self.guard = None


def start(launch: Launch, timeout: float) -> Running:
    """Start a server on a free port and wait until it answers.

    Raises:
        SandboxStartError: It did not; the reason is in words, the log's lines below.
    """
    for attempt in range(3):
        port = int(launch.settings.get("port", 0)) or _free_port()
        if attempt:  # somebody took the port between our look and the server's
            port = _free_port()
        _write_conf(launch, port)
        running = _spawn(launch, port)
        if _wait(running, launch, timeout):
            return running
        told = launch.log.read_text(errors="replace")
        stop(running.pid, 5.0)
        running.end_guard()
        if "already in use" not in told or attempt == 2:
            raise _failed(launch, told, timeout)
    raise AssertionError("unreachable")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write_conf(launch: Launch, port: int) -> None:
    conf = {
        **_CONF,
        **{
            f"server.directories.{name}": (launch.home / name).as_posix()
            for name in _FOLDERS
        },
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        **{k: v for k, v in launch.settings.items() if k != "port"},
    }
    text = "".join(f"{key}={value}\n" for key, value in conf.items())
    for folder in (*_FOLDERS, "conf"):
        (launch.home / folder).mkdir(parents=True, exist_ok=True)
    (launch.home / "conf" / "neo4j.conf").write_text(text)
    launch.log.write_bytes(b"")


def _command(launch: Launch) -> list[str]:
    five = launch.version.startswith("5.")
    main = "CommunityEntryPoint" if five else "Neo4jCommunity"
    heap = os.environ.get("NEO4J_MIGRATE_SANDBOX_HEAP", "512m")
    return [
        launch.java.path,
        *_JVM,
        f"-Xmx{heap}",
        *launch.jvm,
        "-cp",
        os.pathsep.join(launch.class_path),
        f"org.neo4j.server.{main}",
        f"--home-dir={launch.home}",
        f"--config-dir={launch.home / 'conf'}",
        "--console-mode",
    ]


def _spawn(launch: Launch, port: int) -> Running:
    detached: dict[str, Any] = (
        {"creationflags": 0x208} if os.name == "nt" else {"start_new_session": True}
    )  # a Ctrl-C in the terminal is not for the server
    command = _command(launch)
    if not launch.guarded:
        with launch.log.open("ab") as log:
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
        text=True,
        **detached,
    )
    job = {"command": command, "log": str(launch.log), "home": ""}
    if launch.remove:
        job["home"] = str(launch.home)
    if process_guard.stdin is None or process_guard.stdout is None:
        raise AssertionError("both are pipes")
    process_guard.stdin.write(json.dumps(job) + "\n")
    process_guard.stdin.flush()
    pid = int(process_guard.stdout.readline() or 0)
    return Running(pid, port, process_guard)


def _wait(running: Running, launch: Launch, timeout: float) -> bool:
    """Wait for a handshake and for our own log to say so: no stranger fools us."""
    limit = time.monotonic() + timeout
    while alive(running.pid) and time.monotonic() < limit:
        if b"Started." in launch.log.read_bytes() and answers(running.port):
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def stop(pid: int, grace: float) -> None:
    """End a server; one that takes longer than `grace` seconds is killed."""
    import psutil

    try:
        process = psutil.Process(pid)
        process.terminate()
        process.wait(grace)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(5)
    except psutil.NoSuchProcess:
        return


def _failed(launch: Launch, told: str, timeout: float) -> SandboxStartError:
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    hits = [line for line in lines if _TELLING.search(line)] or lines[-6:]
    shown = hits if len(hits) <= 6 else [*hits[:3], *hits[-3:]]
    reason = next((words for key, words in _REASONS.items() if key in told), "")
    if not reason and "Started." not in told and not shown:
        reason = f"it did not answer within {timeout:.0f}s"
    log = "" if launch.remove else f"; the whole log is {launch.log}"
    return SandboxStartError(
        f"Neo4j {launch.version} did not start",
        why="; ".join(filter(None, [reason, " | ".join(shown)[:1500]])) + log,
        next=[
            ("neo4j-migrate sandbox start", "try once more"),
            ("neo4j-migrate sandbox reset", "begin with an empty one"),
        ],
    )
