"""What `doctor` says of the settings: each with where it came from, no secret shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic import config
from neo4j_migrate_magic.errors import MigrateError, Next
from neo4j_migrate_magic.model import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOW = Next("neo4j-migrate doctor --only config", "shows where each value is from")


def settings_checks(settings: config.Settings) -> list[Check]:
    """Tell which file, environment and server count, and what is wrong with them."""
    name = settings.path.name if settings.path else "no configuration file"
    env = f", env {settings.env}" if settings.env else ""
    protected = " (protected)" if settings.protected else ""
    origin = settings.origins.get("uri", "default")
    head = f"{name}{env}{protected}, uri from {origin}"
    found = [Check(verdict=Verdict.OK, area="config", what=head)]
    found += [
        Check(verdict=Verdict.WARN, area="config", what=warning)
        for warning in settings.warnings
    ]
    try:
        config.refuse_unreachable(settings)
    except MigrateError as error:
        what = f"{error.what}: {error.why}"
        ways = [way for way in error.next if way.command != _SHOW.command]
        found.append(
            Check(
                verdict=Verdict.FAIL,
                area="config",
                what=what,
                next=ways[0] if ways else None,
                exit_code=error.exit_code,
            )
        )
    return found


def origin_checks(settings: config.Settings) -> list[Check]:
    """Give each setting with where it came from.

    A secret is ``***``; what stands for a value, such as ``env:NAME``, is named.
    """
    lint = {f"lint.{key}": value for key, value in settings.lint.items()}
    return [
        Check(
            verdict=Verdict.OK,
            area="config",
            what=f"{key} = {_shown(settings, key, lint)}   ({_whence(settings, key)})",
        )
        for key in sorted(settings.origins)
    ]


def _shown(settings: config.Settings, key: str, lint: Mapping[str, object]) -> str:
    given = settings.origins[key] != "default"
    if key == "password":
        return "***" if given else "none"
    if key in settings.references:
        return settings.references[key]
    value = lint[key] if key in lint else getattr(settings, key)
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}s"
        case tuple():
            return ", ".join(map(str, value)) or "none"
        case _:
            return str(value)


def _whence(settings: config.Settings, key: str) -> str:
    """Say where a value is from; of a secret, also what stands there for it."""
    origin = settings.origins[key]
    reference = settings.references.get(key)
    return f"{reference} in {origin}" if key == "password" and reference else origin
