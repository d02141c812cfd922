"""A process that looks like a server, by its command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_SLEEP = "import time; print(flush=True); time.sleep(120)"


def sleeping(home: Path) -> subprocess.Popen[str]:
    """Start one with its home there.

    It is waited for: while it is being started, the kernel shows no command line yet.
    """
    arguments = ["org.neo4j.server.Fake", f"--home-dir={home}"]
    process = subprocess.Popen(
        [sys.executable, "-c", _SLEEP, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process
