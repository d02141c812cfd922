"""The command that says what an error's code means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neo4j_migrate_magic.cli.tree import command, tree

if TYPE_CHECKING:
    from neo4j_migrate_magic.cli.host import App
    from neo4j_migrate_magic.model import Explanation


@command(tree, "explain")
@click.argument("code", required=False)
@click.pass_obj
def explain(app: App, code: str | None) -> Explanation:
    """Say what an error's code means, and what to do; without one, list them.

    CODE stands behind the word error, such as LOCK.HELD; an area alone, such as LOCK,
    lists its codes. No project and no server is needed.
    """
    from neo4j_migrate_magic.render import explain as pages

    return pages.explain(code)
