"""Which database the cells of a notebook work on, once somebody chose one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import BadOptionError, Next
from neo4j_migrate_magic.notebook.session import Pinned

if TYPE_CHECKING:
    from neo4j_migrate_magic.notebook.app import NotebookApp

_TARGET_OPTIONS = (
    "config",
    "database",
    "env",
    "env_file",
    "password",
    "password_env",
    "password_file",
    "sandbox",
    "uri",
    "username",
)


def chosen(
    app: NotebookApp, target: str | None, *, driver: Any, name: str, clear: bool
) -> str:
    """Choose a target, look whether it answers, and say which it is.

    Args:
        app: The host of the command.
        target: An environment or a URI; None: it is said by options, if at all.
        driver: An open `neo4j.Driver` in place of one.
        name: The variable that has it.
        clear: Whether to forget the chosen one.

    Raises:
        BadOptionError: What was said names no target, or several.
        MigrateError: It does not answer; then nothing is chosen.
    """
    said = [word for word in (target, name, "clear" if clear else "") if word]
    if len(said) > 1:
        raise BadOptionError(
            f"{said[0]!r} and {said[1]!r} exclude each other",
            why="a notebook has one target",
            next=[Next("%migrate connect --help", "says how to name it")],
        )
    session = app.session
    options = {k: v for k, v in app.options.items() if k in _TARGET_OPTIONS}
    own = {key: value for key, value in options.items() if key in app.given}
    if clear:
        session.pinned = None
        return "no target is chosen here any more: settings decide"
    if target is None and driver is None and not own:
        return _answered(app)
    if target is not None:
        own["uri" if "://" in target else "env"] = target
    before = session.pinned
    session.pinned = Pinned(
        options=own,
        driver=None if driver is None else _adapted(driver, name),
        name=name,
    )
    try:
        return _answered(_anew(app, own))
    except BaseException:
        session.pinned = before
        raise


def _anew(app: NotebookApp, own: dict[str, Any]) -> NotebookApp:
    """Give a host that has nothing but the chosen target."""
    fresh = type(app)(app.session)
    fresh.options = dict(own)
    return fresh


def _answered(app: NotebookApp) -> str:
    """Ask the target for its name."""
    status = app.run(lambda migrator: migrator.status())
    app.farewell()
    pinned = app.session.pinned
    how = "as settings say"
    if pinned is not None:
        how = f"by the driver `{pinned.name}`" if pinned.name else "chosen here"
    return f"{status.server} (Neo4j {status.server.version}), {how}"


def _adapted(driver: Any, name: str) -> Any:
    """Make a driver of the notebook's fit for the loop that commands run on.

    Raises:
        BadOptionError: It is none, or it belongs to the notebook's own loop.
    """
    from neo4j_migrate_magic.database import threaded

    if not threaded.is_driver(driver):
        raise BadOptionError(
            f"`{name}` is no driver, but a {type(driver).__name__}",
            why="it takes what neo4j.GraphDatabase.driver() gives",
            kept="nothing was done",
            next=[Next("%migrate connect URI", "needs no driver")],
        )
    if threaded.is_async(driver):
        raise BadOptionError(
            f"`{name}` is an AsyncDriver, which belongs to the notebook's own loop",
            why="magics run on a loop of their own",
            kept="nothing was done",
            next=[
                Next(
                    f"await Migrator(driver={name}).up()",
                    "in a cell; inside `async with`",
                ),
                Next("%migrate connect URI", "lets the magics connect themselves"),
            ],
        )
    return threaded.ThreadedDriver(driver)
