"""The five verbs that a newcomer needs: init, create, up, down, status."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.tree import PROGRAM, command, tree
from neo4j_migrate_magic.cli.usage import Count
from neo4j_migrate_magic.errors import BadOptionError, Next

if TYPE_CHECKING:
    from neo4j_migrate_magic.config import InitResult
    from neo4j_migrate_magic.model import Report, Status

_INIT = ("migration_dir", "uri", "sandbox")


@command(tree, "init", shown=_INIT)
@click.pass_obj
def init(app: App) -> InitResult:
    """Write a configuration file and make the folder.

    What is there already stays as it is. No database is contacted.
    """
    others = sorted(app.options.keys() - set(_INIT))
    if others:
        raise BadOptionError(
            f"init does not take --{others[0].replace('_', '-')}",
            why="it writes neo4j-migrate.toml into the working directory; other"
            " settings are added there by hand",
            next=[Next(f"{PROGRAM} init --help", "lists what it takes")],
        )
    from neo4j_migrate_magic import config

    return config.init(Path.cwd(), **app.options)


@command(tree, "create")
@click.argument("name")
@click.option("--py", is_flag=True, help="A Python file; else Cypher.")
@click.pass_obj
def create(app: App, name: str, py: bool) -> Path:
    """Make a new migration file and print its path."""
    return app.migrator.create(name, python=True if py else None)


@command(tree, "up", codes=(7, 8, 9, 10, 130))
@click.option(
    "--up-count", "count", type=Count(), metavar="N|all", help="Default: all."
)
@click.option("--to", metavar="VERSION", help="The last one to apply.")
@click.option(
    "--allow",
    type=click.Choice(["missing"]),
    multiple=True,
    help="Go on though applied migrations have no file any more.",
)
@click.option(
    "--allow-late",
    metavar="VERSION",
    multiple=True,
    help="Apply this one though newer ones are applied.",
)
@click.pass_obj
def up(
    app: App,
    count: int | str | None,
    to: str | None,
    allow: tuple[str, ...],
    allow_late: tuple[str, ...],
) -> Report:
    """Apply pending migrations, oldest first."""
    _one_limit("up", count, to)
    return app.run(
        lambda migrator: migrator.up(
            count, to=to, allow_missing="missing" in allow, allow_late=allow_late
        )
    )


@command(tree, "down", codes=(7, 8, 9, 10, 130))
@click.option(
    "--down-count",
    "count",
    type=Count(),
    metavar="N|all",
    help="Default: the last one.",
)
@click.option("--to", metavar="VERSION", help="The one to keep; zero: keep none.")
@click.option(
    "--allow",
    type=click.Choice(["part-way"]),
    multiple=True,
    help="Run the down of a migration whose up did not finish, as written.",
)
@click.pass_obj
def down(
    app: App, count: int | str | None, to: str | None, allow: tuple[str, ...]
) -> Report:
    """Roll back applied migrations, the last applied first."""
    _one_limit("down", count, to)
    return app.run(
        lambda migrator: migrator.down(
            1 if count is None else count, to=to, allow_part_way="part-way" in allow
        )
    )


@command(tree, "status", codes=(10,))
@click.pass_obj
def status(app: App) -> Status:
    """Show what is applied and what is pending; write nothing."""
    return app.run(lambda migrator: migrator.status())


def _one_limit(verb: str, count: object, to: str | None) -> None:
    if count is not None and to is not None:
        raise BadOptionError(
            f"--{verb}-count and --to exclude each other",
            why="each says where to end",
            next=[
                Next(
                    f"{PROGRAM} {verb} --to {shlex.quote(to)}", "ends at that version"
                ),
                Next(f"{PROGRAM} {verb} --{verb}-count {count}", "ends after so many"),
            ],
        )
