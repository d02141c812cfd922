"""A tiny process between a program and its ephemeral server.

It runs as a file of its own, on the standard library alone. It starts the server, and
ends it when its standard input closes or its parent is another one: the first happens
however the program ends, also by SIGKILL; the second also where the program has forked
and a child holds the pipe open. Then it removes the server's folder.

Its first line of input is JSON: ``{"command", "log", "home", "owner"}``; its first line
of output is the server's process id. An empty home is left where it is, and so is one
of which the second line says ``keep``.
"""

from __future__ import annotations

import ctypes
import json
import os
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


def _wait_for_the_end(server: subprocess.Popen[bytes], owner: int) -> str:
    """Wait until the owner wants the end, or has come to its own; give its last words."""
    words: list[str] = []
    over = threading.Event()

    def listen() -> None:
        words.append(sys.stdin.read())
        over.set()

    threading.Thread(target=listen, daemon=True).start()
    while not over.wait(0.5):
        server.poll()  # one that ended by itself is no zombie
        if os.name != "nt" and os.getppid() != owner:
            break
    return "".join(words)


def main() -> None:
    """Start the server, wait for the owner's end, remove the folder."""
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
    words = _wait_for_the_end(server, job["owner"])
    server.terminate()
    try:
        server.wait(_GRACE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    if job["home"] and words.strip() != "keep":
        shutil.rmtree(job["home"], ignore_errors=True)


if __name__ == "__main__":
    main()
