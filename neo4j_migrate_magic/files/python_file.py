"""A Python migration, read as a syntax tree: nothing of it is ever executed here."""

from __future__ import annotations

import ast
import inspect
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neo4j_migrate_magic import cypher
from neo4j_migrate_magic.files.source import BOM, LINE_END, Source
from neo4j_migrate_magic.model import Migration, MigrationKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SEED = "pyneo4j_ogm"


@dataclass(frozen=True, slots=True)
class Part:
    """A top-level statement that counts for the checksum: its text, its line."""

    text: str
    line: int


def parse_python(
    text: str, version: str, name: str, path: Path | None = None
) -> Migration:
    """Read the text of a Python migration; without a path, one from the history."""
    source = Source(
        text=text.removeprefix(BOM),
        version=version,
        name=name,
        kind=MigrationKind.PYTHON,
        path=path,
    )
    source.check()
    tree = _tree(source)
    up = _function(source, tree, "up")
    if up is None:
        raise source.nothing_to_apply(
            "it has no function `up` at its top level; write async def up(client)"
        )
    if not _takes_one(up):
        raise source.nothing_to_apply(
            "`up` must take one argument, the client: async def up(client)", up.lineno
        )
    down = _function(source, tree, "down")
    if down is not None and not _takes_one(down):
        why = "write async def down(client)"
        raise source.error(
            "`down` must take one argument, the client", why, down.lineno
        )
    return Migration(
        version=version,
        name=name,
        kind=MigrationKind.PYTHON,
        checksum=cypher.checksum(part.text for part in _parts(source, tree)),
        source=source.text,
        path=path,
        description=_description(source, tree),
        has_down=down is not None,
        per_call=_per_call(source, tree),
        rerunnable=_constant(source, tree, "RERUNNABLE", (True, False)) is True,
    )


def parts(migration: Migration) -> tuple[Part, ...]:
    """Give what the checksum of a Python migration is made of, in order."""
    source = Source(
        text=migration.source.removeprefix(BOM),
        version=migration.version,
        name=migration.name,
        kind=migration.kind,
        path=migration.path,
    )
    return tuple(_parts(source, _tree(source)))


def up_lines(migration: Migration) -> tuple[int, list[str]]:
    """Give the lines of a text without those of ``down``, and the number of the first."""
    source = Source(
        text=migration.source.removeprefix(BOM),
        version=migration.version,
        name=migration.name,
        kind=migration.kind,
        path=migration.path,
    )
    tree = _tree(source)
    down = _function(source, tree, "down")
    lines = _unix(source.text).split("\n")
    if down is not None:
        first = min([down.lineno, *(d.lineno for d in down.decorator_list)])
        del lines[first - 1 : down.end_lineno]
    return 1, lines


def _tree(source: Source) -> ast.Module:
    try:
        with warnings.catch_warnings():
            # An odd escape is for the author's linter; it would say so on stderr here.
            warnings.simplefilter("ignore")
            return ast.parse(_unix(source.text), source.file_name)
    except SyntaxError as error:
        line, column = error.lineno or None, error.offset or None
        raise source.error("is not valid Python", error.msg, line, column) from None
    except (RecursionError, MemoryError):
        raise source.error("is nested too deeply to be read") from None


def _unix(text: str) -> str:
    """Give the text with the line ends that Python itself makes of it."""
    return LINE_END.sub("\n", text)


def _parts(source: Source, tree: ast.Module) -> Iterator[Part]:
    """Cut out what counts: not the docstring, not `down`, not comments between.

    Lines and columns of the tree are the same in all versions of Python;
    `ast.unparse` or `ast.dump` are not.
    """
    lines = _unix(source.text).split("\n")
    docstring = _docstring(tree)
    for node in tree.body:
        if node is docstring:
            continue
        if isinstance(node, _Function) and node.name == "down":
            continue
        yield _part(lines, node)


def _part(lines: Sequence[str], node: ast.stmt) -> Part:
    first, column = node.lineno, node.col_offset
    decorators = getattr(node, "decorator_list", [])
    if decorators:
        # The place of a decorator is behind its `@`, which begins the line.
        first, column = decorators[0].lineno, 0
    last = node.end_lineno or first
    cut = list(lines[first - 1 : last])
    # Columns count bytes of UTF-8. The end goes first: it may be the same line.
    cut[-1] = cut[-1].encode()[: node.end_col_offset].decode()
    cut[0] = cut[0].encode()[column:].decode()
    return Part("\n".join(cut), first)


def _docstring(tree: ast.Module) -> ast.Expr | None:
    node = tree.body[0] if tree.body else None
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return node
    return None


def _description(source: Source, tree: ast.Module) -> str:
    """Take the docstring's first line, or else the first comment above the code."""
    if _docstring(tree):
        text = inspect.cleandoc(ast.get_docstring(tree, clean=False) or "")
        return text.strip().partition("\n")[0].strip()
    last = tree.body[0].lineno - 1 if tree.body else None
    for line in _unix(source.text).split("\n")[:last]:
        words = line.strip().lstrip("#").strip()
        machine = line.startswith("#!") or "coding:" in line
        if line.strip().startswith("#") and words and not machine:
            return words
    return ""


def _function(source: Source, tree: ast.Module, name: str) -> _Function | None:
    found = [
        node for node in tree.body if isinstance(node, _Function) and node.name == name
    ]
    if len(found) > 1:
        raise source.error(
            f"`{name}` is defined twice",
            f"Python forgets the one on line {found[0].lineno}",
            found[1].lineno,
        )
    if found and _yields(found[0]):
        raise source.error(
            f"`{name}` is a generator",
            "a function with `yield` in it does nothing when it is called",
            found[0].lineno,
        )
    return found[0] if found else None


def _yields(function: _Function) -> bool:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (_Function, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def _takes_one(function: _Function) -> bool:
    """Tell whether the function can be called with the client alone."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    keywords_required = None in arguments.kw_defaults
    accepts = positional > 0 or arguments.vararg is not None
    return accepts and required <= 1 and not keywords_required


def _per_call(source: Source, tree: ast.Module) -> bool:
    chosen = _constant(source, tree, "TRANSACTION", ("per-call", "single"))
    line = _seed_import(tree)
    if line is not None and chosen == "single":
        raise source.error(
            'TRANSACTION = "single" does not go with pyneo4j_ogm',
            "a migration of pyneo4j-ogm runs each call in a transaction of its own",
            line,
        )
    return line is not None or chosen == "per-call"


def _seed_import(tree: ast.Module) -> int | None:
    """Find the first import of pyneo4j_ogm, wherever it is."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                modules = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(module), level=0):
                modules = [module]
            case _:
                continue
        if any(module.partition(".")[0] == _SEED for module in modules):
            return node.lineno
    return None


def _constant(
    source: Source, tree: ast.Module, name: str, allowed: tuple[object, ...]
) -> object:
    """Read a constant that is assigned as a literal at the top level."""
    found: object = None
    for node in tree.body:
        match node:
            case ast.Assign(targets=targets, value=value):
                pass
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                targets = [target]
            case _:
                continue
        if not any(isinstance(t, ast.Name) and t.id == name for t in targets):
            continue
        literal = value.value if isinstance(value, ast.Constant) else None
        # 1 == True, so the type is compared too.
        if not any(type(literal) is type(a) and literal == a for a in allowed):
            choices = " or ".join(
                f'{name} = "{a}"' if isinstance(a, str) else f"{name} = {a}"
                for a in allowed
            )
            raise source.error(
                f"{name} has a value that means nothing",
                f"write {choices}; it is read without running the file",
                node.lineno,
            )
        found = literal
    return found
