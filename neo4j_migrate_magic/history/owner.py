"""Who writes into the history: user and host, and the name of a run."""

from __future__ import annotations

import getpass
import os
import socket


def myself() -> str:
    """Give ``user@host`` of this process."""
    return f"{_user()}@{socket.gethostname()}"


def owner_name(run_id: str) -> str:
    """Give the name that a run takes the lock by: ``user@host/pid/run id``."""
    return f"{myself()}/{os.getpid()}/{run_id}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"
