"""The names of our variables: which are read, and what a wrong one was meant to be."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from neo4j_migrate_magic.config.layers import FILE_ONLY, OPTIONS, PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

FRONT = frozenset(
    {
        "format",
        "json",
        "no_color",
        "no_input",
        "output",
        "quiet",
        "trace",
        "verbose",
        "yes",
    }
)
"""The options that say how a command talks; the command line reads their variables."""

# Read by the sandbox, and by the tests; also with more behind an underscore.
_OTHERS = ("CACHE", "JAVA", "MAVEN_REPO", "SANDBOX_HEAP", "TORTURE")


def unread(
    names: Iterable[str], known: Collection[str] = OPTIONS | FRONT, *, file: str = ""
) -> list[str]:
    """Give a warning for each variable that looks like ours and is not read.

    Args:
        names: The variables that are set.
        known: The options whose variables are read there.
        file: The file they stand in, where they do.
    """
    where = f" in {file}" if file else ""
    read = {key.upper() for key in known}
    found = {name: name.removeprefix(PREFIX) for name in sorted(names)}
    return [
        f"the variable {name}{where} is not read{_reason(rest, read)}"
        for name, rest in found.items()
        if name != rest and rest not in read and not _other(rest)
    ]


def _reason(rest: str, read: set[str]) -> str:
    key = rest.lower()
    if key == "confirm":
        return ": what permits to change a protected environment is an option"
    if key in FILE_ONLY:
        return ": this is a key of the configuration file alone"
    if key in OPTIONS | FRONT:
        return ": it is needed before the file is looked for; set it in the shell"
    close = difflib.get_close_matches(rest, read, n=1)
    return (
        f"; did you mean {PREFIX}{close[0]}?" if close else ": no option is called so"
    )


def _other(rest: str) -> bool:
    return any(rest == other or rest.startswith(f"{other}_") for other in _OTHERS)
