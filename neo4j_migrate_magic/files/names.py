"""Names that Python source uses and does not bind: a notebook may have them, a file not."""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODULE = {
    *("__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__"),
    *("__builtins__", "__annotations__", "__cached__", "__debug__", "__path__"),
}
# IPython puts these among the builtins; a file that runs elsewhere has none of them.
_NOTEBOOK = {"display", "get_ipython", "__IPYTHON__"}


def unbound_names(source: str) -> dict[str, int]:
    """Give the global names that a module uses and nobody in it binds.

    Builtins and what every module has are left out. A module that imports ``*``
    may have any name: of it nothing is known.

    Args:
        source: Python that parses.

    Returns:
        Each name with the first line that uses it, in order of lines.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are for the author's linter
        tree = ast.parse(source)
        top = symtable.symtable(source, "<cell>", "exec")
    if any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        for node in ast.walk(tree)
    ):
        return {}
    known = (set(dir(builtins)) - _NOTEBOOK) | _MODULE | _bound(top)
    used = {name: line for name, line in _used(top) if name not in known}
    lines = {name: _first_line(tree, name, after) for name, after in used.items()}
    return dict(sorted(lines.items(), key=lambda item: (item[1], item[0])))


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _bound(top: symtable.SymbolTable) -> set[str]:
    """Give what is bound at the top level, or elsewhere under ``global``."""
    return {
        symbol.get_name()
        for table in _tables(top)
        for symbol in table.get_symbols()
        if _binds(symbol) and (table is top or symbol.is_declared_global())
    }


def _used(top: symtable.SymbolTable) -> Iterator[tuple[str, int]]:
    """Give each global name that is used, and where the scope that uses it begins.

    The scopes come from the last to the first, so that the first one counts.
    """
    for table in sorted(_tables(top), key=lambda t: t.get_lineno(), reverse=True):
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                yield symbol.get_name(), table.get_lineno()


def _first_line(tree: ast.Module, name: str, after: int) -> int:
    lines = (
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == name and node.lineno >= after
    )
    return min(lines, default=after or 1)
