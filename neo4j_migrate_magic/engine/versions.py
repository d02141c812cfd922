"""Name versions: whole, shortened, or by the words for the newest ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import AmbiguousVersionError, UnknownVersionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neo4j_migrate_magic.model import History

ZERO = ""
"""What ``zero`` stands for: before every version, so that nothing is applied."""

_SEE = ("neo4j-migrate status", "see all versions")


def find_version(
    word: str,
    versions: Iterable[str],
    *,
    current: str | None = None,
    latest: str | None = None,
) -> str:
    """Give the version that a word names: whole, shortened, ``latest``, ``current``.

    Args:
        word: What was typed.
        versions: Those of all files and records.
        current: The newest applied one.
        latest: The newest file; None: there is none.

    Raises:
        UnknownVersionError: No version begins so.
        AmbiguousVersionError: Several do.
    """
    if word in ("latest", "current"):
        found = latest if word == "latest" else current
        if found is None:
            raise _nothing(word)
        return found
    known = sorted(version for version in versions if version.startswith(word))
    if len(known) == 1 and _DIGITS.fullmatch(word):
        return known[0]
    if known and _DIGITS.fullmatch(word):
        raise AmbiguousVersionError(
            f"{word} fits {len(known)} migrations",
            why=", ".join(known[:5]) + ("…" if len(known) > 5 else ""),
            next=[_SEE],
        )
    raise UnknownVersionError(
        f"no migration has the version {word!r}",
        why="`zero` means that nothing is applied: `down --to zero` takes it"
        if word == "zero"
        else "a version is 14 digits, or enough of them to tell it from the others;"
        " or `latest` or `current`",
        next=[_SEE],
    )


def find_end(
    word: str,
    versions: Iterable[str],
    *,
    current: str | None = None,
    latest: str | None = None,
) -> str:
    """Give the version where a run ends, which may be `ZERO`.

    Raises:
        UnknownVersionError: No version begins so.
        AmbiguousVersionError: Several do.
    """
    if word == "zero" or (word == "current" and current is None):
        return ZERO
    return find_version(word, versions, current=current, latest=latest)


_DIGITS = re.compile(r"[0-9]+")


def find_start(
    word: str, *, current: str | None = None, latest: str | None = None
) -> str:
    """Give where a list of versions begins: a version, or as much of one as matters.

    Raises:
        UnknownVersionError: It is neither digits nor a word.
    """
    if _DIGITS.fullmatch(word):
        return word
    return find_end(word, (), current=current, latest=latest)


def _nothing(word: str) -> UnknownVersionError:
    if word == "current":
        what, why = "no migration is the current one", "nothing is applied"
    else:
        what, why = "no migration is the latest one", "the folder has no migration"
    return UnknownVersionError(what, why=why, next=[_SEE])


def current_version(history: History) -> str | None:
    """Give the newest applied version."""
    applied = [record.version for record in history.records if record.applied]
    return max(applied, default=None)
