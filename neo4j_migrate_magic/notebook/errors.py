"""Errors as a cell shows them: a few lines, and still a real error."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import MigrateError
from neo4j_migrate_magic.render.error import short_lines
from neo4j_migrate_magic.render.words import in_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup  # IPython brings it along

Groups = BaseExceptionGroup
"""Several errors at once, on every Python."""

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


def sole(error: BaseException) -> BaseException:
    """Give what a group of errors is about: ours, else the first one."""
    while isinstance(error, BaseExceptionGroup):
        ours = error.subgroup(MigrateError)
        error = (ours or error).exceptions[0]
    return error


def shown(
    caught: BaseException, redacted: Callable[[str], str], *, full: bool
) -> BaseException:
    """Give the error to raise in a cell, with the lines that it is to be drawn as.

    IPython calls an exception's `_render_traceback_`, in a kernel and in a terminal;
    set on the instance it keeps type and message, and what executes notebooks fails
    as it should. Nothing may stay in its context: a group there is drawn by another
    road, without a real error output (handbook: notebook, 4).

    Args:
        caught: What the command raised.
        redacted: Takes secrets out of a text.
        full: Whether to draw the whole traceback.
    """
    error: Any = sole(caught)
    lines = (
        [line.rstrip("\n") for line in traceback.format_exception(caught)]
        if full
        else _short(error)
    )
    drawn = [redacted(line) for line in lines]
    error.__context__ = error.__cause__ = None
    error.__suppress_context__ = True
    error._render_traceback_ = lambda: drawn
    return error  # type: ignore[no-any-return] # by construction


def _short(error: BaseException) -> list[str]:
    if isinstance(error, MigrateError):
        lines = short_lines(error, folder=_here())
        first, *rest = map(in_notebook, lines)
        return [f"{_RED}{first}{_PLAIN}", *rest]
    name = type(error).__name__
    return [f"{_RED}{name}{_PLAIN}: {in_notebook(str(error))}".rstrip(": ")]


def _here() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None
