"""The settings of a call that connects: all parts of the connection, or an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import command, values
from neo4j_migrate_magic.config.layers import CHECKS
from neo4j_migrate_magic.config.protection import refuse_redirected
from neo4j_migrate_magic.config.resolver import CONNECTION
from neo4j_migrate_magic.errors import Next, NoTargetError, SecretUnavailableError

if TYPE_CHECKING:
    from neo4j_migrate_magic.config.settings import Settings


def with_target(settings: Settings) -> Settings:
    """Give the settings with a server to connect to; commands that tell it are run.

    Raises:
        UriRedirectedError: A protected environment would be found elsewhere.
        SecretUnavailableError: What a part was to come from does not give it.
        NoTargetError: Nobody named a server.
    """
    refuse_unreachable(settings)
    found: dict[str, Any] = {"commands": {}}
    for key in CONNECTION:
        at = found.get("uri", settings.uri)
        if key in settings.commands and at != values.SANDBOX:  # which asks for no login
            found[key] = _told(settings, key)
    return replace(settings, **found)


def refuse_unreachable(settings: Settings) -> None:
    """Refuse settings that lead to no server; no command is run to find out.

    Raises:
        MigrateError: As `with_target` says.
    """
    refuse_redirected(settings)
    needed = ("uri",) if settings.uri == values.SANDBOX else CONNECTION
    for key in needed:
        if key in settings.missing:
            raise _unavailable(settings, key, settings.missing[key])
    if settings.uri is None and "uri" not in settings.commands:
        raise NoTargetError(
            "no Neo4j server is named",
            why="neither an option, nor a variable, nor the configuration file has a URI",
            next=_ways_to_a_target(settings),
        )


def _told(settings: Settings, key: str) -> str:
    """Run the command of a setting; its output is in no message."""
    value = settings.commands[key]
    try:
        raw = command.output(value.parts[1], value.base)
    except ValueError as error:
        raise _unavailable(settings, key, str(error)) from None
    try:
        return str(CHECKS[key](raw))
    except ValueError:  # it quotes what was written
        pass
    raise _unavailable(settings, key, f"what its command wrote is no {key}")


def _unavailable(settings: Settings, key: str, why: str) -> SecretUnavailableError:
    value = settings.commands.get(key)
    return SecretUnavailableError(
        f"the setting `{key}` has no value",
        why=f"{settings.origins[key]}: {why}",
        where=value.place if value else None,
        next=[Next("neo4j-migrate status", "once it is there")],
    )


def _ways_to_a_target(settings: Settings) -> list[Next]:
    ways = [
        Next("neo4j-migrate status --uri neo4j://localhost:7687", "for this once"),
        Next("export NEO4J_URI=neo4j://localhost:7687", "for this shell"),
        Next("neo4j-migrate status --sandbox", "a local Neo4j, kept in this folder"),
    ]
    init = "neo4j-migrate init --uri neo4j://localhost:7687"
    if settings.path is None:
        return [Next(init, "writes it into a file"), *ways]
    return [
        *ways,
        Next(init, f"in a folder of its own; or set `uri` in {settings.path.name}"),
    ]
