"""Files with a password in them that every user of the machine may read."""

from __future__ import annotations

import os
import shlex
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MODES = os.name == "posix"  # elsewhere a file's mode does not say who may read it


def exposed(paths: Iterable[Path]) -> list[str]:
    """Give a warning for each of the files that others may read."""
    return [_warning(path) for path in sorted(set(paths)) if _MODES and _open(path)]


def _open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:  # whoever reads it says so
        return False


def _warning(path: Path) -> str:
    return (
        f"{path.name} has a password in it, and every user of this machine may read it:"
        f" chmod 600 {shlex.quote(str(path))}"
    )
