"""A tiny process between a program and its ephemeral server.

It runs as a file of its own, on the standard library alone. It starts the server, and
ends it when its standard input closes: that happens however the program ends, also by
SIGKILL. Then it removes the server's folder.

Its first line of input is JSON: ``{"command", "log", "home"}``; its first line of
output is the server's process id. An empty home is left where it is.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import signal
import subprocess
import sys
import threading

_GRACE = 15.0  # seconds that a server may take to stop
_PR_SET_PDEATHSIG = 1


def _die_with_me() -> None:
    """On Linux the server ends when even this process is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop_when_orphaned(server: subprocess.Popen[bytes]) -> None:
    sys.stdin.read()  # returns at the end of input: our owner is gone, or wants it
    server.terminate()
    try:
        server.wait(_GRACE)
    except subprocess.TimeoutExpired:
        server.kill()


def main() -> None:
    """Start the server, wait for its end, remove its folder."""
    job = json.loads(sys.stdin.readline())
    linux = sys.platform == "linux"
    with open(job["log"], "ab") as log:
        server = subprocess.Popen(  # noqa: S603 (the command that our owner made)
            job["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_me if linux else None,
        )
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    watch = threading.Thread(target=_stop_when_orphaned, args=(server,), daemon=True)
    watch.start()
    server.wait()
    if job["home"]:
        shutil.rmtree(job["home"], ignore_errors=True)


if __name__ == "__main__":
    main()
