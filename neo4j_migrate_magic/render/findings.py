"""What `verify` and `doctor` found, as lines with the commands that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.render.error import next_lines
from neo4j_migrate_magic.render.words import clean, plural, relative, width, wrapped

if TYPE_CHECKING:
    from neo4j_migrate_magic.errors import Next
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
        head = f"{problem.kind.value:<8} {title}   {clean(problem.what)}"
        lines += wrapped(head, columns, indent=_INDENT)
        if problem.where is not None:
            lines.append(f"{_INDENT}{relative(clean(str(problem.where)), folder)}")
        for line in problem.diff:
            lines += wrapped(f"{_INDENT}{clean(line)}", columns, indent=f"{_INDENT}  ")
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


def diagnosis(
    found: Diagnosis, *, columns: int | None = None, folder: str | None = None
) -> str:
    """Write a line per check, and below each that is not ok the command for it.

    Args:
        found: What was found.
        columns: The width of the terminal, None without one; commands are not wrapped.
        folder: Paths inside it are shown relative to it.
    """
    lines = []
    for check in found.checks:
        head = f"{check.verdict.value:<4}  {clean(check.area):<7}  "
        indent = " " * len(head)
        what, *more = relative(check.what, folder).splitlines() or [""]
        for line in [head + clean(what), *(indent + clean(line) for line in more)]:
            lines += wrapped(line, columns, indent=indent)
        if check.next is not None:
            lines += _way(check.next, indent, columns, folder)
    return "\n".join(lines)


def _way(way: Next, indent: str, columns: int | None, folder: str | None) -> list[str]:
    command, label = clean(relative(way.command, folder)), clean(way.label)
    line = f"{indent}{command}    {label}".rstrip()
    if columns is None or width(line) <= columns or not label:
        return [line]
    below = f"{indent}    "
    return [f"{indent}{command}", *wrapped(f"{below}{label}", columns, indent=below)]
