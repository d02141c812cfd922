"""How a result shows itself where IPython asks it to."""

from __future__ import annotations

import os
import sys
from typing import Any


class Shown:
    """A result that a notebook shows as HTML, and IPython in a terminal as text.

    It is what makes ``await migrator.up()`` at the end of a cell good to look at, with
    or without the magics.
    """

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """Give text and HTML; IPython itself picks what was asked for."""
        from neo4j_migrate_magic.render.bundle import bundle

        return bundle(self, folder=working_directory(), columns=columns())


def working_directory() -> str | None:
    """Give the folder that paths are shown relative to; None when it is gone."""
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None


def columns() -> int | None:
    """Give the width of the terminal; None where the output is none, as in a kernel."""
    try:
        return os.get_terminal_size().columns if sys.stdout.isatty() else None
    except (AttributeError, ValueError, OSError):  # no stdout, or one that was closed
        return None
