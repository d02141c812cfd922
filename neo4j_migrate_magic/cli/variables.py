"""The variables of the options that say how a command talks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neo4j_migrate_magic.cli.tree import tree
from neo4j_migrate_magic.config.layers import PREFIX
from neo4j_migrate_magic.config.variables import FRONT
from neo4j_migrate_magic.errors import BadOptionError, Next

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neo4j_migrate_magic.cli.host import App


def take_variables(app: App, environ: Mapping[str, str]) -> None:
    """Hand the host what variables say; options come later, and are stronger.

    Raises:
        BadOptionError: A variable has a value that its option does not take.
    """
    for param in tree.params:
        name = PREFIX + (param.name or "").upper()
        raw = environ.get(name)
        if param.name not in FRONT or not raw:  # empty is how shells say "not set"
            continue
        try:
            value = param.type.convert(raw, param, None)
        except click.BadParameter as error:
            raise BadOptionError(
                f"the variable {name} cannot be used",
                why=error.message.rstrip("."),
                next=[Next(f"unset {name}", "in this shell")],
            ) from None
        if value:
            app.take(param.name, value)
