"""Import the driver without what it would load for the sake of a few types."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAMES = ("numpy", "pandas", "pyarrow")


@contextmanager
def lean(wanted: bool) -> Iterator[None]:
    """Hide numpy, pandas and pyarrow from an import of the driver.

    It imports them all, half a second, to accept their values as parameters. A command
    that runs nobody's Python hands it none.

    Args:
        wanted: Whether to; else nothing is done.
    """
    hidden = [name for name in _FRAMES if wanted and name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment] # then it is not there
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
