"""Name versions: whole, shortened, or by the words for the newest ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import AmbiguousVersionError, UnknownVersionError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from neo4j_migrate_magic.model import History


def find_version(
    word: str, versions: AbstractSet[str], *, current: str | None = None
) -> str:
    """Give the version that a word names: whole, shortened, ``latest``, ``current``.

    Raises:
        UnknownVersionError: No version begins so.
        AmbiguousVersionError: Several do.
    """
    known = sorted(versions)
    if word == "latest" and known:
        return known[-1]
    if word == "current" and current:
        return current
    found = [version for version in known if version.startswith(word)]
    if len(found) == 1 and re.fullmatch(r"\d+", word):
        return found[0]
    if found and re.fullmatch(r"\d+", word):
        raise AmbiguousVersionError(
            f"{word} fits {len(found)} migrations",
            why=", ".join(found[:5]) + ("…" if len(found) > 5 else ""),
            next=[("neo4j-migrate status", "see all versions")],
        )
    raise UnknownVersionError(
        f"no migration has the version {word!r}",
        why="a version is 14 digits, or enough of them to tell it from the others",
        next=[("neo4j-migrate status", "see all versions")],
    )


def current_version(history: History) -> str | None:
    """Give the newest applied version."""
    applied = [record.version for record in history.records if record.applied]
    return max(applied, default=None)
