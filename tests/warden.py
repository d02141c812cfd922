"""Ends the servers that a killed run of the tests has left: those of its own folder.

A server in the background outlives who started it, as a user wants it. The run of the
tests holds this process's standard input; when that closes, the run is over, however.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import psutil


def main() -> None:
    """Wait for the end of the run, and end what has its home below the folder."""
    folder = sys.argv[1]
    sys.stdin.read()
    for process in psutil.process_iter(["cmdline"]):
        for argument in process.info["cmdline"] or ():
            if argument.startswith(f"--home-dir={folder}/"):
                with suppress(psutil.NoSuchProcess):
                    process.kill()


if __name__ == "__main__":
    main()
