"""Completion of the magics' lines: verbs, options, environments and versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, context_matcher

from neo4j_migrate_magic.cli.embed import completions
from neo4j_migrate_magic.notebook.app import NotebookApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from neo4j_migrate_magic.notebook.session import Session

_LINE = re.compile(r"(?:^\s*|%)(?:neo4j_)?migrate +(.*)$")
"""Also `df = %migrate st`, and `migrate u` where magics need no percent sign."""
_CELL = re.compile(r"^\s*%%(?:neo4j_)?migration +(.*)$")


def matcher_for(session: Session) -> Callable[..., Any]:
    """Make the completer's matcher of a loaded extension."""

    @context_matcher()  # type: ignore[untyped-decorator] # IPython's
    def migrate_matcher(context: Any) -> dict[str, Any]:
        line = context.line_with_cursor[: context.cursor_position]
        if found := _LINE.search(line):
            first: tuple[str, ...] = ()
        elif found := _CELL.search(line):
            first = ("create", "--from-stdin")
        else:
            return {"completions": []}
        word, items = completions(found[1], NotebookApp(session), first=first)
        return {
            "completions": [
                SimpleCompletion(text=text, type=help or "migrate")
                for text, help in items
            ],
            "matched_fragment": word,
            "suppress": True,  # else Python's names are offered, too
        }

    migrate_matcher.matcher_priority = 1000
    return migrate_matcher  # type: ignore[no-any-return] # by construction
