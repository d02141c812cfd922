"""The five verbs that a newcomer needs: init, create, up, down, status."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neo4j_migrate_magic.cli.completion import Version
from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.tree import PROGRAM, command, tree
from neo4j_migrate_magic.cli.usage import Count, States
from neo4j_migrate_magic.errors import BadOptionError, Next

if TYPE_CHECKING:
    from neo4j_migrate_magic.config import InitResult
    from neo4j_migrate_magic.model import Report, Status, WrittenMigration

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


@command(tree, "create", codes=(3, 7, 8, 9, 10, 130))
@click.argument("name")
@click.option("--py", is_flag=True, help="A Python file; else Cypher.")
@click.option(
    "--from-stdin",
    is_flag=True,
    help="Its text, in place of a template; a file of the name is written again.",
)
@click.option("--replace", is_flag=True, help="Also over what was edited elsewhere.")
@click.option("--apply", is_flag=True, help="Then do what up --to it does.")
@click.option(
    "--explain/--no-explain",
    default=None,
    help="Let the server look at each statement first; it does.",
)
@click.option("--cell", is_flag=True, hidden=True, help="A cell to edit, no file.")
@click.option("--var", metavar="NAME", hidden=True, help="Keep what is returned.")
@click.pass_obj
def create(app: App, /, **options: Any) -> WrittenMigration | None:
    """Make a new migration file and print its path."""
    from neo4j_migrate_magic.cli.writing import create as make

    return make(app, **options)


@command(tree, "up", codes=(3, 7, 8, 9, 10, 130), streams=True)
@click.option(
    "--up-count", "count", type=Count(), metavar="N|all", help="Default: all."
)
@click.option("--to", type=Version(), metavar="VERSION", help="The last one to apply.")
@click.option(
    "--allow",
    type=click.Choice(["missing"]),
    multiple=True,
    help="Go on though applied migrations have no file any more.",
)
@click.option(
    "--allow-late",
    type=Version(),
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
    app.limits["up"] = [
        *_given("--to", to),
        *_given("--up-count", count),
        *(("--allow", word) for word in allow),
        *(("--allow-late", word) for word in allow_late),
    ]
    app.lean = False  # a migration in Python may hand over values of pandas
    app.permit("apply pending migrations")
    return app.run(
        lambda migrator: migrator.up(
            count, to=to, allow_missing="missing" in allow, allow_late=allow_late
        )
    )


@command(tree, "down", codes=(3, 7, 8, 9, 10, 130), streams=True)
@click.option(
    "--down-count",
    "count",
    type=Count(),
    metavar="N|all",
    help="Default: the last one.",
)
@click.option(
    "--to",
    type=Version("current", "zero"),
    metavar="VERSION",
    help="The one to keep; zero: keep none.",
)
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
    app.limits["down"] = [
        *_given("--to", to),
        *_given("--down-count", count),
        *(("--allow", word) for word in allow),
    ]
    app.lean = False  # a migration in Python may hand over values of pandas
    app.permit("roll back applied migrations")
    return app.run(
        lambda migrator: migrator.down(
            1 if count is None else count, to=to, allow_part_way="part-way" in allow
        )
    )


@command(tree, "status", codes=(4, 7, 10))
@click.option(
    "--state", "states", type=States(), metavar="S,…", help="Only these: pending,late."
)
@click.option(
    "--since", type=Version(), metavar="VERSION", help="Only from it on; 2026 will do."
)
@click.option(
    "--all", "everything", is_flag=True, help="Also what a screen leaves out."
)
@click.option(
    "--exit-code",
    is_flag=True,
    help="7 when files and history disagree, else 4 when something is left to do.",
)
@click.pass_obj
def status(
    app: App,
    states: tuple[str, ...] | None,
    since: str | None,
    everything: bool,
    exit_code: bool,
) -> Status:
    """Show what is applied and what is pending; write nothing.

    A screen shows of more than 40 the last 20 applied ones, and all that needs a
    look. Neither that nor --state nor --since changes the exit code.
    """
    app.all_rows = everything
    found = app.run(lambda migrator: migrator.status())
    if exit_code:
        found = replace(found, exit_code=found.verdict)
    if states is None and since is None:
        return found
    from neo4j_migrate_magic.engine.versions import find_start

    start = since and find_start(since, current=found.current, latest=found.latest)
    return found.only(states or (), since=start)


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


def _given(option: str, value: int | str | None) -> list[tuple[str, Any]]:
    return [] if value is None else [(option, value)]
