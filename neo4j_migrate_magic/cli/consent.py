"""Questions before something that is hard to take back, and who may answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic import config
from neo4j_migrate_magic.errors import DeclinedError, Next, NoInputError

if TYPE_CHECKING:
    from neo4j_migrate_magic.cli.host import App

_NO = ("", "n", "no")


def ask(app: App, question: str) -> None:
    """Ask for a yes.

    Raises:
        NoInputError: Nobody can answer.
        DeclinedError: The answer was another one.
    """
    way = Next(f"{app.typed} --yes", "answers yes")
    if not _answers(app):
        raise NoInputError(
            f"nobody is here to be asked: {question}?",
            why="there is no terminal, or --no-input or CI says so",
            kept="nothing was changed",
            next=[way],
        )
    if app.terminal.ask(f"{question}? [y/N] ").lower() not in ("y", "yes"):
        raise DeclinedError(
            f"not done: {question}",
            why="the answer was no",
            kept="nothing was changed",
            next=[way],
        )


def permit(app: App, question: str) -> None:
    """Let the name of a protected environment's database be typed, or take it.

    The name is only handed on: the migrator compares it with that of the database.
    Options permit it by both ``--yes`` and ``--confirm``. Nothing is locked before.

    Raises:
        ProtectedError: It was not permitted by options, and nobody can answer.
        DeclinedError: No name was typed.
    """
    settings = app.migrator.settings
    config.refuse_unnamed(settings, app.typed)
    if app.yes and app.confirm is not None:
        app.migrator.confirm = app.confirm
        return
    if not _answers(app):
        why = "nobody is here to type its database's name, and no options permit it"
        raise config.unconfirmed(settings, why, app.typed)
    name = app.run(lambda migrator: migrator.database_name())
    typed = app.terminal.ask(
        f"{question}: {name}@{settings.env} is protected; type {name} to go on: "
    )
    if typed.lower() in _NO:
        raise DeclinedError(
            f"not done: {question}, in {name}@{settings.env}",
            why="no name was typed",
            kept="nothing was changed",
            next=[config.permitted(settings, app.typed, name)],
        )
    app.migrator.confirm = typed


def _answers(app: App) -> bool:
    return app.terminal.answers and not app.no_input
