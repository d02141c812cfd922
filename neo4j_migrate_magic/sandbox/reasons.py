"""Why a server did not start, in words, from what it printed."""

from __future__ import annotations

import re
from typing import NamedTuple

from neo4j_migrate_magic.errors import Next, SandboxStartError

PORT_TAKEN = "already in use"
"""What a server prints when another program listens on its port."""

DISK_FULL = "No space left"
"""And when it cannot write any more; it does not always end then."""

_START = "neo4j-migrate sandbox start"
_LOG_ROOM = 600  # characters of the log that are shown


class _Reason(NamedTuple):
    told: re.Pattern[str]
    words: str
    next: Next


_REASONS = (
    _Reason(
        re.compile(PORT_TAKEN),
        "port {port} is taken by another program",
        Next(_START, "once it is free"),
    ),
    _Reason(
        re.compile(f"{DISK_FULL}|Disk quota"),
        "the disk is full",
        Next(_START, "once there is room"),
    ),
    _Reason(
        re.compile("locked by another process|FileLockException"),
        "another server works on this data",
        Next(_START, "once that one has ended"),
    ),
    _Reason(
        re.compile(
            "[Hh]eap size|[Hh]eap space|object heap|insufficient memory"
            "|Could not reserve enough space|Invalid memory configuration"
        ),
        "this machine does not give Java the memory it asks for",
        Next("export NEO4J_MIGRATE_SANDBOX_HEAP=512m", "its size; 512m is the usual"),
    ),
)
_TELLING = re.compile(r"ERROR|Exception|Unsupported|Could not|rror: |Invalid")
_TIME = re.compile(r"^\d{4}-\d\d-\d\d \S+ +")


def not_started(
    version: str,
    told: str,
    *,
    port: int,
    waited: float | None = None,
    log: str = "",
) -> SandboxStartError:
    """Make the error of a server that did not start.

    Args:
        version: The server's.
        told: All that it printed.
        port: The port that it was to listen on.
        waited: The seconds after which we gave up; None when it ended by itself.
        log: The file with what it printed, where that stays.
    """
    found = next((reason for reason in _REASONS if reason.told.search(told)), None)
    if found:
        words = found.words.format(port=port)
    elif waited is not None:
        words = f"it did not answer within {waited:.0f} s"
    else:
        words = "it ended by itself"
    ways = [found.next] if found else [Next(_START, "try once more")]
    if log and not found:
        reset = Next("neo4j-migrate sandbox reset", "delete its data, to begin anew")
        ways.append(reset)
    log = f"the whole log is {log}" if log else ""
    return SandboxStartError(
        f"Neo4j {version} did not start",
        why="; ".join(filter(None, [words, _telling(told), log])),
        next=ways,
    )


def _telling(told: str) -> str:
    """Choose the line that tells most: the last cause, else the first complaint."""
    lines = [_TIME.sub("", line.strip()) for line in told.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    if causes:
        return causes[-1].removeprefix("Caused by: ")[:_LOG_ROOM]
    complaints = [line for line in lines if _TELLING.search(line)]
    return " | ".join(complaints[:2] or lines[-2:])[:_LOG_ROOM]
