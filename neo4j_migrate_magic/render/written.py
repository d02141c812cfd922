"""What became of a migration's file, as lines: its steps, and what changed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.render.words import clean, plural, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neo4j_migrate_magic.model import Step, WrittenMigration

_STATEMENTS = 20  # of all steps
_DIFF = 20  # lines


def written_lines(written: WrittenMigration, *, columns: int | None = None) -> str:
    """Say what became of a file; its path is said elsewhere.

    Args:
        written: What is known.
        columns: What a line must fit into: notes go on below, code is cut; None
            means any.
    """
    lines = [f"{written.action.value}  {clean(written.title)}"]
    lines += [_cut(line, columns) for line in _steps(written)]
    lines += [_cut(f"  {clean(line)}", columns) for line in written.diff[:_DIFF]]
    if left := len(written.diff[_DIFF:]):
        lines.append(f"  … {plural(left, 'more line')}")
    for note in written.notes:
        lines += wrapped(f"  note  {clean(note)}", columns, indent=" " * 8)
    return "\n".join(lines)


def _steps(written: WrittenMigration) -> Iterator[str]:
    room = _STATEMENTS
    for step in written.steps:
        shown = [_first_line(statement.text) for statement in step.statements[:room]]
        yield f"{_head(step)}  {shown[0] if shown else _without(step)}"
        yield from (f"{'':>{len(_head(step))}}  {line}" for line in shown[1:])
        room -= len(shown)
        if left := len(step.statements) - len(shown):
            yield f"{'':>{len(_head(step))}}  … {plural(left, 'more statement')}"


def _head(step: Step) -> str:
    return f"{step.index:>4}  {step.kind.value:<10}"


def _without(step: Step) -> str:
    return "…" if step.statements else "a Python function"


def _first_line(text: str) -> str:
    first, *rest = text.splitlines()
    return clean(first.rstrip()) + (" …" if rest else "")


def _cut(line: str, columns: int | None) -> str:
    if columns is None or len(line) <= columns:
        return line
    return f"{line[: columns - 1]}…"
