"""What `verify` and `doctor` found, as lines with the commands that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.render.error import next_lines
from neo4j_migrate_magic.render.words import clean, plural, relative

if TYPE_CHECKING:
    from neo4j_migrate_magic.model import Diagnosis, Verification

_INDENT = " " * 9


def verification(
    found: Verification, *, columns: int | None = None, folder: str | None = None
) -> str:
    """Write every problem with its diff and its ways out, then a count.

    Args:
        found: What was found.
        columns: The width of the terminal, None without one.
        folder: Paths inside it are shown relative to it.
    """
    lines = []
    for problem in found.problems:
        title = clean(problem.title)
        lines.append(f"{problem.kind.value:<7}  {title}   {clean(problem.what)}")
        if problem.where is not None:
            lines.append(f"{_INDENT}{relative(clean(str(problem.where)), folder)}")
        lines += [f"{_INDENT}{clean(line)}" for line in problem.diff]
        ways = [
            way._replace(command=relative(way.command, folder)) for way in problem.next
        ]
        lines += next_lines(ways, columns=columns)
    compared = plural(found.compared, "migration")
    if not found.problems:
        return f"no problems in {compared}"
    return "\n".join(
        [*lines, f"{plural(len(found.problems), 'problem')} in {compared}"]
    )


def diagnosis(found: Diagnosis, *, folder: str | None = None) -> str:
    """Write a line per check, and below each that is not ok the command for it.

    Args:
        found: What was found.
        folder: Paths inside it are shown relative to it.
    """
    lines = []
    for check in found.checks:
        head = f"{check.verdict.value:<4}  {check.area:<7}  "
        what, *more = relative(check.what, folder).splitlines() or [""]
        lines.append(head + clean(what))
        lines += [" " * len(head) + clean(line) for line in more]
        if check.next is not None:
            label = f"    {clean(check.next.label)}" if check.next.label else ""
            command = clean(relative(check.next.command, folder))
            lines.append(" " * len(head) + command + label)
    return "\n".join(lines)
