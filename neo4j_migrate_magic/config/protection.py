"""What a protected environment asks of whoever wants to change it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from neo4j_migrate_magic.errors import (
    ConfirmMismatchError,
    Next,
    ProtectedError,
    UriRedirectedError,
)

if TYPE_CHECKING:
    from neo4j_migrate_magic.config.settings import Settings

_BY_OPTION = "option "
_HALF = re.compile(r" (?:-y|--yes|--confirm[ =]\S+)(?= |$)")


def refuse_redirected(settings: Settings, *keys: str) -> None:
    """Refuse to take the address of a protected environment from anywhere else.

    Args:
        settings: The settings of the call.
        keys: Which parts count; none means all.

    Raises:
        UriRedirectedError: Its URI or database comes from a variable, or its URI from
            the top level of the file.
    """
    found = {k: v for k, v in settings.redirected.items() if not keys or k in keys}
    if not found:
        return
    raise UriRedirectedError(
        f"the {' and '.join(found)} of {_name(settings)} must stand in its own section",
        why=", ".join(
            f"its {key} comes from {origin}" for key, origin in found.items()
        ),
        kept="nothing was connected to",
        next=[
            Next("neo4j-migrate doctor --only config", "where each value is from"),
            Next(f"neo4j-migrate status --{next(iter(found))} …", "names another"),
        ],
    )


def refuse_unpermitted(
    settings: Settings, *, confirm: str | None, database: str
) -> None:
    """Refuse to change a protected environment whose database was not named.

    Args:
        settings: The settings of the call.
        confirm: The name that was given.
        database: The database's name.

    Raises:
        ProtectedError: The environment, or its database, was not named.
        ConfirmMismatchError: Another database was named.
    """
    if not settings.protected:
        return
    refuse_unnamed(settings)
    if confirm is None:
        raise unconfirmed(settings, "its database was not named: confirm=…")
    if confirm.lower() != database.lower():
        raise ConfirmMismatchError(
            f"the database is {database}@{settings.env}, not {confirm!r}",
            why="what is to be changed is named by the name of its database",
            kept="nothing was touched",
            next=[_look(settings)],
        )


def refuse_unnamed(settings: Settings, command: str = "") -> None:
    """Refuse a protected environment that no option names.

    Args:
        settings: The settings of the call.
        command: The command, as it was typed.

    Raises:
        ProtectedError: A variable chose it, or nothing did.
    """
    origin = settings.origins.get("env", "")
    if not settings.protected or origin.startswith(_BY_OPTION):
        return
    why = "what is protected stands in a section [env.NAME], and --env NAME names it"
    if settings.env is not None:
        why = f"it was chosen by {origin}; to be changed it is named by --env"
    raise unconfirmed(settings, why, command)


def unconfirmed(settings: Settings, why: str, command: str = "") -> ProtectedError:
    """Make the error of a change that nobody permitted.

    Args:
        settings: The settings of the call.
        why: What is missing.
        command: The command, as it was typed.
    """
    way = permitted(settings, command, settings.database) if command else None
    return ProtectedError(
        f"{_name(settings)} is protected",
        why=why,
        kept="nothing was touched",
        next=[way or _look(settings)],
    )


def permitted(settings: Settings, command: str, database: str | None) -> Next:
    """Give the command with what permits the change."""
    by_option = settings.origins.get("env", "").startswith(_BY_OPTION)
    env = "" if by_option else f" --env {shlex.quote(settings.env or 'NAME')}"
    name = shlex.quote(database) if database else "DATABASE"
    typed = _HALF.sub("", command)  # what permits it stands there once, and right
    return Next(f"{typed}{env} --yes --confirm {name}", "names what is to be changed")


def _look(settings: Settings) -> Next:
    env = shlex.quote(settings.env) if settings.env else "NAME"
    return Next(f"neo4j-migrate status --env {env}", "see which database it is")


def _name(settings: Settings) -> str:
    return f"the environment {settings.env!r}" if settings.env else "this target"
