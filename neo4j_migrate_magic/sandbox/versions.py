"""Which server versions there are, and the words for the newest of a line."""

from __future__ import annotations

import re
from pathlib import Path

from neo4j_migrate_magic.errors import SandboxError

PINS = Path(__file__).with_name("pins")
"""A file per version: the hash, the size and the repository path of each jar."""

DEFAULT_VERSION = "5.26.30"
"""The newest of the long-term line."""

LATEST_VERSION = "2026.08.1"
"""The newest release."""

_WHOLE = re.compile(r"\d+\.\d+\.\d+")
_OLDEST = 5  # major version; older servers are refused everywhere
_WORDS = {"lts": "5.26", "latest": ""}


def resolve_version(word: str | None) -> str:
    """Give the version that a word names: whole, a line's newest, ``lts``, ``latest``.

    Raises:
        SandboxError: No version with a pinned list begins so.
    """
    if word is None:
        return DEFAULT_VERSION
    if _WHOLE.fullmatch(word) and int(word.split(".")[0]) >= _OLDEST:
        return word
    start = _WORDS.get(word, word.removesuffix(".x") or word)
    fitting = [v for v in pinned() if f"{v}.".startswith(f"{start}." if start else "")]
    if not fitting:
        raise SandboxError(
            f"no Neo4j {word!r} is known",
            why=f"with a pinned list: {', '.join(pinned())}; another one by its whole"
            " version, such as 5.26.12",
            next=[("neo4j-migrate sandbox start --server lts", "the long-term line")],
        )
    return fitting[-1]


def pinned() -> list[str]:
    """List the versions that have a pinned list of jars, oldest first."""
    names = [path.stem for path in PINS.glob("*.txt")]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])
