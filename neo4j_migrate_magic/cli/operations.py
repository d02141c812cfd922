"""The verbs for a bad day: from show and verify to doctor and explain."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from neo4j_migrate_magic.cli.completion import SHELLS, Version, script
from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.tree import PROGRAM, command, tree
from neo4j_migrate_magic.cli.usage import Since
from neo4j_migrate_magic.errors import BadOptionError, Next

if TYPE_CHECKING:
    from datetime import datetime

    from neo4j_migrate_magic.model import (
        Correction,
        Diagnosis,
        Explanation,
        LockView,
        Log,
        MigrationView,
        Verification,
    )


@command(tree, "show", codes=(4, 7, 10))
@click.argument("version", type=Version())
@click.option("--source", is_flag=True, help="The text alone, as it was applied.")
@click.option("--diff", is_flag=True, help="What its file has other than was applied.")
@click.option("--exit-code", is_flag=True, help="4 when --diff finds something.")
@click.option("--cell", is_flag=True, hidden=True, help="Its file as a cell to edit.")
@click.pass_obj
def show(
    app: App, version: str, source: bool, diff: bool, exit_code: bool, cell: bool
) -> MigrationView | str | None:
    """Show one migration: its statements, steps and record."""
    if cell:
        from neo4j_migrate_magic.cli.writing import show_cell

        show_cell(app, version, alone=not (source or diff or exit_code))
        return None
    if (source and diff) or (exit_code and not diff):
        raise BadOptionError(
            "--source and --diff exclude each other"
            if source
            else "--exit-code goes with --diff",
            why="--exit-code tells what --diff found, and --source is the text alone",
            next=[Next(f"{PROGRAM} show {shlex.quote(version)} --diff", "the diff")],
        )
    if diff:
        return _diff(app, version, exit_code=exit_code)
    if source:
        return app.run(lambda migrator: migrator.source(version))
    return app.run(lambda migrator: migrator.show(version))


def _diff(app: App, version: str, *, exit_code: bool) -> MigrationView:
    from dataclasses import replace

    found = app.run(lambda migrator: migrator.compare(version))
    return replace(found, exit_code=4 if exit_code and found.diff else 0)


@command(tree, "verify", codes=(7, 10))
@click.pass_obj
def verify(app: App) -> Verification:
    """Compare every file with the history; show every problem."""
    return app.run(lambda migrator: migrator.verify())


@command(tree, "log", codes=(10,))
@click.argument("version", type=Version(), required=False)
@click.option(
    "--since", type=Since(), metavar="TIME", help="2026-11-25, or 10m, 2h ago."
)
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, help="How many entries."
)
@click.pass_obj
def log(app: App, version: str | None, since: datetime | None, limit: int) -> Log:
    """Show what happened, when, and by whom; newest first."""
    return app.run(lambda migrator: migrator.log(version, since=since, limit=limit))


@command(tree, "repair", codes=(3, 7, 9, 10))
@click.argument("version", type=Version("latest", "current", "history"))
@click.option("--accept-checksum", is_flag=True, help="The edited file is what counts.")
@click.option(
    "--mark",
    type=click.Choice(["applied", "pending"]),
    help="All of it is in the database, or none; pending forgets the record.",
)
@click.option("--step", type=click.IntRange(1), help="What --mark is about; else all.")
@click.option(
    "--renumber", is_flag=True, help="Rename a file that is not applied: the newest."
)
@click.pass_obj
def repair(
    app: App,
    version: str,
    accept_checksum: bool,
    mark: str | None,
    step: int | None,
    renumber: bool,
) -> Correction:
    """Correct one record on your word; nothing is run. Or: repair history."""
    if version == "history":
        if accept_checksum or mark or step or renumber:
            raise BadOptionError(
                "repair history takes no correction",
                why="it makes the tool's own constraints again",
                next=[Next(f"{PROGRAM} repair history", "")],
            )
        app.permit("make the tool's own constraints again")
        return app.write(lambda migrator: migrator.repair_history())
    app.permit(f"repair {version}")
    return app.write(
        lambda migrator: migrator.repair(
            version,
            mark=mark,
            step=step,
            accept_checksum=accept_checksum,
            renumber=renumber,
        )
    )


@command(tree, "stop", codes=(10,))
@click.pass_obj
def stop(app: App) -> LockView:
    """Ask the run that holds the lock to end, as Ctrl-C there would."""
    return app.write(lambda migrator: migrator.stop())


@command(tree, "unlock", codes=(3, 9, 10))
@click.option("--holder", metavar="ID", help="Who holds it; a live one only so.")
@click.pass_obj
def unlock(app: App, holder: str | None) -> LockView:
    """Show the lock, and release it when its holder is gone."""
    view = app.run(lambda migrator: migrator.lock())
    app.answer.known = view  # a script reads there whom to name
    if holder is None and view.held and not view.live:
        app.show(view)
        app.ask(f"release the lock of {view.server}")
    else:
        app.permit("release the lock")
    return app.write(lambda migrator: migrator.unlock(holder))


@command(tree, "baseline", codes=(3, 7, 9, 10))
@click.argument("version", type=Version())
@click.pass_obj
def baseline(app: App, version: str) -> Correction:
    """Record the files up to VERSION as applied, without running them."""
    planned = app.run(lambda migrator: migrator.baseline(version, preview=True))
    if not planned.titles:
        return planned
    app.preview(planned)
    app.ask(f"{planned.said}, in {planned.server}")
    return app.write(lambda migrator: migrator.baseline(version))


@command(tree, "doctor", codes=(7, 10))
@click.option("--only", metavar="AREA", multiple=True, help="config, server, lock, …")
@click.pass_obj
def doctor(app: App, only: tuple[str, ...]) -> Diagnosis:
    """Look at settings, server, history, lock and schema; write nothing."""
    at_home = bool(only) and set(only) <= {"config", "files"}
    return app.run(lambda migrator: migrator.doctor(only), connect=not at_home)


@command(tree, "explain")
@click.argument("code", required=False)
@click.pass_obj
def explain(app: App, code: str | None) -> Explanation:
    """Say what an error's code means, and what to do; or list them.

    CODE stands behind the word error, such as LOCK.HELD; an area alone, such as LOCK,
    lists its codes. No project and no server is needed.
    """
    from neo4j_migrate_magic.render import explain as pages

    return pages.explain(code)


@command(tree, "completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> str:
    """Print what makes bash, zsh or fish complete what you type.

    In ~/.bashrc or ~/.zshrc: eval "$(neo4j-migrate completion bash)"; in fish:
    neo4j-migrate completion fish > ~/.config/fish/completions/neo4j-migrate.fish
    """
    return script(shell, tree, PROGRAM)
