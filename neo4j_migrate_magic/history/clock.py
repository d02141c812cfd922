"""The seconds that a lease counts: those of the server too, while this machine sleeps."""

from __future__ import annotations

import time

# Python's own monotonic clock stands still while Linux or macOS sleeps; these two go
# on, and Windows, which has neither, counts sleep in its monotonic one.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def seconds() -> float:
    """Count seconds from some moment on, whatever this process or machine does."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
