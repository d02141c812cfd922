"""What the source says of errors: each names a way on, and each way can be typed."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

import neo4j_migrate_magic
from neo4j_migrate_magic import errors
from neo4j_migrate_magic.errors import MigrateError
from tests.errors.commands import refused

PACKAGE = Path(neo4j_migrate_magic.__file__).parent
SOURCES = {
    str(path.relative_to(PACKAGE)): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.parent.name != "errors"
}
KINDS = {
    name for name in errors.__all__ if issubclass(getattr(errors, name), MigrateError)
}
# What stands for what is only known at run time, in commands that are put together.
FILLED = ("up", "20260101000000", "1", "NAME", "uri", "--up-count", "")
STARTS = {
    "PROGRAM": ("neo4j-migrate",),
    "command": ("neo4j-migrate", "neo4j-migrate up", "neo4j-migrate log"),
}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Where an error of ours is made."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(
            node.func, ast.Name | ast.Attribute
        ):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in KINDS:
                yield node


@pytest.mark.parametrize("name", SOURCES)
def test_every_error_has_a_cause_and_a_way_on(name: str) -> None:
    """Where it is made; a way on may also be that of its class."""
    tree = ast.parse(SOURCES[name].read_text(encoding="utf-8"))
    words = {str(n.value) for n in ast.walk(tree) if isinstance(n, ast.Constant)}

    without = []
    for call in calls(tree):
        kind = getattr(errors, ast.unparse(call.func).rpartition(".")[2])
        given = {keyword.arg for keyword in call.keywords}
        if None in given:  # a mapping of parts, made in the same file
            given |= {"why", "next"} & words
        given |= {"next"} if kind.ways else set()
        if not {"why", "next"} <= given:
            without.append(f"{name}:{call.lineno} {kind.__name__}")
    assert without == []


def commands(tree: ast.AST) -> Iterator[tuple[int, ast.expr]]:
    """Texts that begin with the program's name, those in docstrings left out."""
    for node in ast.walk(tree):
        inside = isinstance(node, ast.Tuple) and node.elts
        named = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "Next"
            and node.args
        )
        if inside or named:
            first = node.elts[0] if inside else node.args[0]  # type: ignore[attr-defined]
            if isinstance(first, ast.Constant | ast.JoinedStr):
                yield node.lineno, first  # type: ignore[attr-defined]


def typed(reading: str) -> bool:
    """Whether it can be typed, however many blanks it has."""
    return refused(" ".join(reading.split())) is None


def readings(text: ast.expr) -> Iterator[str]:
    """What a text may be at run time."""
    if isinstance(text, ast.Constant):
        yield str(text.value)
        return
    assert isinstance(text, ast.JoinedStr)
    gaps = [
        STARTS.get(ast.unparse(part.value), FILLED)
        for part in text.values
        if isinstance(part, ast.FormattedValue)
    ]
    for filling in itertools.product(*gaps):
        fill = iter(filling)
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else next(fill)
            for part in text.values
        )


@pytest.mark.parametrize("name", SOURCES)
def test_every_command_in_the_source_can_be_typed(name: str) -> None:
    """Verbs and options exist; what is filled in at run time may be many things."""
    tree = ast.parse(SOURCES[name].read_text(encoding="utf-8"))

    wrong = []
    for line, text in commands(tree):
        first = next(readings(text))
        if first.startswith("neo4j-migrate ") and not any(map(typed, readings(text))):
            wrong.append(f"{name}:{line} {ast.unparse(text)}: {refused(first)}")
    assert wrong == []
