"""Wait for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(happened: Callable[[], object], *, within: float = 30) -> bool:
    """Look again and again; False when it has not happened within so many seconds."""
    limit = time.monotonic() + within
    while not happened():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True
