"""How counts, times, counters, paths and strange characters are written."""

from __future__ import annotations

import os
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from neo4j_migrate_magic.model import Lock

# What a terminal would act on, or what turns the direction of the text around.
_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_COUNTERS = (
    ("nodes", "nodes_created", "nodes_deleted"),
    ("relationships", "relationships_created", "relationships_deleted"),
    ("properties", "properties_set", ""),
    ("labels", "labels_added", "labels_removed"),
    ("indexes", "indexes_added", "indexes_removed"),
    ("constraints", "constraints_added", "constraints_removed"),
)


def clean(text: str) -> str:
    """Write control characters as escapes: a file's name must not drive the terminal."""
    return _UNSHOWN.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


def width(text: str) -> int:
    """Give the columns that a text takes on a terminal."""
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def padded(text: str, columns: int) -> str:
    """Fill a text up with blanks to a number of columns."""
    return text + " " * (columns - width(text))


def fitting(text: str, columns: int) -> int:
    """Give how many characters of a text fit into a number of columns."""
    taken = 0
    for number, character in enumerate(text):
        taken += width(character)
        if taken > columns:
            return number
    return len(text)


def wrapped(text: str, columns: int | None, *, indent: str = "") -> list[str]:
    """Break a line at blanks so that it fits; a word that fits no line is cut.

    Args:
        text: One line.
        columns: What it must fit into; None means it stays as it is.
        indent: What the lines after the first begin with.
    """
    lines = []
    while columns is not None and width(text) > columns:
        start = len(text) - len(text.lstrip())
        end = max(fitting(text, columns), start + 1)
        blank = text.rfind(" ", start + 1, end + 1)
        gap = text.rfind("  ", start + 1, end + 1) + 1  # between what belongs together
        blank = gap if gap > end / 2 else blank
        word = text[blank + 1 :].partition(" ")[0]
        whole = blank >= 0 and width(indent) + width(word) <= columns
        cut = blank if whole else end
        lines.append(text[:cut].rstrip())
        rest = text[cut:].lstrip()
        if not rest:
            return lines
        text = indent + rest
    return [*lines, text]


def plural(count: int, noun: str) -> str:
    """Write a count with its noun: ``1 step``, ``1,200 steps``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def duration(ms: int) -> str:
    """Write a time that passed: ``0.4s``, ``2m12s``, ``1h05m``."""
    if ms < 59_950:
        return f"{ms / 1000:.1f}s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    if minutes < 60:
        return f"{minutes}m{seconds:02d}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m"


def seconds(count: float) -> str:
    """Write a time that passes, or is left, in whole seconds: ``9s``, ``2m12s``."""
    return f"{int(count)}s" if count < 60 else duration(int(count) * 1000)


def moment(when: datetime) -> str:
    """Write a UTC time with seconds."""
    return f"{when:%Y-%m-%d %H:%M:%S}Z"


def counters(counts: Mapping[str, int]) -> str:
    """Write what changed in the database: ``nodes +3   indexes +2 -1``."""
    parts = []
    for noun, more, less in _COUNTERS:
        added, removed = counts.get(more, 0), counts.get(less, 0)
        signed = [f"+{added:,}"] if added else []
        signed += [f"-{removed:,}"] if removed else []
        if signed:
            parts.append(f"{noun} {' '.join(signed)}")
    return "   ".join(parts)


def holder(owner: str, verb: str = "") -> str:
    """Write who holds a lock, and what for: ``deploy@ci-7 (pid 4122, up)``."""
    who, *rest = clean(owner).rsplit("/", 2)
    does = f", {clean(verb)}" if verb else ""
    return f"{who} (pid {rest[0]}{does})" if len(rest) == 2 else clean(owner)


def relative(text: str, folder: str | None) -> str:
    """Shorten the paths in a text that lead into a folder."""
    if folder is None or folder == os.path.dirname(folder):
        return text
    inside = re.escape(folder.rstrip(os.sep) + os.sep)
    return re.sub(rf"(?<![\w./\\-]){inside}", "", text)


def lock_words(lock: Lock, now: datetime) -> str:
    """Say how long a lock is held, by whom, and for how long yet."""
    words = f"is held by {holder(lock.owner or 'nobody', lock.verb)}"
    if lock.acquired_at is not None:
        words += f" since {moment(lock.acquired_at)}"
    if lock.expires_at is None:
        return words
    left = (lock.expires_at - now).total_seconds()
    if left < 0:
        return f"{words}; its lease ended {duration(int(-left * 1000))} ago: it is gone"
    return f"{words}; its lease ends in {left:.0f}s unless it is renewed"


_CELL = re.compile(r"(?<![\w./%-])neo4j-migrate create (\S+) --from-stdin")
_VERBS = (
    "init|create|up|down|status|show|verify|log|repair|stop|unlock|baseline|doctor"
    "|explain|completion|sandbox|connect"
)
_OURS = re.compile(rf"(?<![\w./%-])neo4j-migrate (?=(?:{_VERBS})\b|--?[a-z]|<)")
_PIP = re.compile(r"(?<![\w./%!-])pip install ")


def in_notebook(text: str) -> str:
    """Write our commands as a cell takes them: ``%migrate up``, ``%pip install``.

    What takes its text from stdin takes it from the cell: ``%%migration NAME``.
    """
    ours = _OURS.sub("%migrate ", _CELL.sub(r"%%migration \1", text))
    return _PIP.sub("%pip install ", ours)
