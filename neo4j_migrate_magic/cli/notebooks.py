"""What only a notebook has: its target."""

from __future__ import annotations

import click

from neo4j_migrate_magic.cli.completion import Environment
from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.tree import command, tree


@command(tree, "connect", codes=(10,), notebook=True)
@click.argument("target", type=Environment(), required=False, metavar="[ENV|URI]")
@click.option("--driver", metavar="NAME", help="A variable: an open neo4j.Driver.")
@click.option("--clear", is_flag=True, help="Forget it: settings decide again.")
@click.pass_obj
def connect(app: App, target: str | None, driver: str | None, clear: bool) -> str:
    """Choose the target of this notebook's commands; without one, show it.

    An option of a command goes before it. Nothing is kept but in this session.
    """
    return app.connect(target, driver=driver, clear=clear)
