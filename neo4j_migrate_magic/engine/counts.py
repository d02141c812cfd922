"""How many migrations: a word or a number that somebody typed."""

from __future__ import annotations

import shlex

from neo4j_migrate_magic.errors import BadOptionError


def limit_of(verb: str, count: int | str | None, to: str | None) -> int | None:
    """Check a count: ``"all"`` or a whole number from 1."""
    if count is None or count == "all":
        return None
    if to is not None:
        raise BadOptionError(
            "a count and a version to stop at exclude each other",
            why="each says where to end",
            next=[
                (
                    f"neo4j-migrate {verb} --to {shlex.quote(to)}",
                    f"or --{verb}-count {count}",
                )
            ],
        )
    number = int(count) if str(count).isdecimal() else 0
    if number < 1 or isinstance(count, bool):
        raise BadOptionError(
            f"{count!r} is no count",
            why='a count is a whole number from 1, or "all"',
            next=[(f"neo4j-migrate {verb} --{verb}-count 1", "for instance")],
        )
    return number
