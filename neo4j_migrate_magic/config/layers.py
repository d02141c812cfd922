"""Settings as they were found: layers, of which the highest that has a key decides."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import values
from neo4j_migrate_magic.errors import InvalidConfigError, Next, Place, UnknownKeyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SETTINGS = frozenset(
    {
        "connect_timeout",
        "database",
        "lock_timeout",
        "migration_dir",
        "order",
        "password",
        "project",
        "timeout",
        "uri",
        "username",
    }
)
"""The keys that options, both levels of a file, and variables may set."""

FILE_ONLY = frozenset({"on_drift", "protected"})
"""The keys that only a file may have: no option and no variable lifts them."""

OPTIONS = SETTINGS | {
    "config",
    "env",
    "env_file",
    "password_env",
    "password_file",
    "sandbox",
    "wait",
}
"""The options that `load` takes; as variables they are upper case after a prefix."""

PREFIX = "NEO4J_MIGRATE_"
DRIVER_VARIABLES = {
    "uri": "NEO4J_URI",
    "username": "NEO4J_USERNAME",
    "password": "NEO4J_PASSWORD",
    "database": "NEO4J_DATABASE",
}
CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "connect_timeout": values.positive_duration,
    "database": values.database,
    "lock_timeout": values.duration,
    "migration_dir": values.text,
    "on_drift": values.on_drift,
    "order": values.order,
    "password": values.secret,
    "project": values.project,
    "protected": values.truth,
    "timeout": values.positive_duration,
    "uri": values.uri,
    "username": values.text,
    "wait": values.duration,
}
DEFAULTS: Mapping[str, Any] = {
    "connect_timeout": 2.2,
    "lock_timeout": 60.0,
    "migration_dir": "migrations",
    "on_drift": "ignore",
    "order": "strict",
    "project": "default",
    "protected": False,
    "timeout": 30.0,
    "wait": 0.0,
}
_REFERENCES = frozenset({"env", "file", "cmd"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A setting as it was found, and where."""

    raw: Any = field(repr=False)  # may be a password
    origin: str
    base: Path  # what a relative path is relative to
    place: Place | None = None
    reference: bool = False  # `env:VAR`, `file:PATH`, `cmd:COMMAND` stand for another

    @property
    def parts(self) -> tuple[str, str]:
        """The kind of a reference, and what it refers to; no kind: it is the value."""
        kind, separator, rest = str(self.raw).partition(":")
        if self.reference and separator and kind in _REFERENCES:
            return kind, rest
        return "", ""


Layer = dict[str, Value]
"""The settings of one place; several, highest first, make the whole."""


def option_layer(options: Mapping[str, Any], cwd: Path) -> Layer:
    """Take the options that were given; None means not given."""
    unknown = sorted(options.keys() - OPTIONS)
    if unknown:
        raise UnknownKeyError(
            f"the option {unknown[0]!r} means nothing here",
            why=values.nearest(unknown[0], OPTIONS),
            next=[Next("neo4j-migrate --help", "lists the options")],
        )
    given = {
        key: Value(
            raw=os.fspath(raw) if isinstance(raw, os.PathLike) else raw,
            origin=f"option --{key.replace('_', '-')}",
            base=cwd,
        )
        for key, raw in options.items()
        if raw is not None and not (key == "sandbox" and raw is False)
    }
    return _folded(given)


def variable_layer(environ: Mapping[str, str], base: Path, *, file: str = "") -> Layer:
    """Take the variables of our own, one for each option.

    Args:
        environ: The variables.
        base: What relative paths are relative to.
        file: The file they stand in, where they do.
    """
    names = {key: PREFIX + key.upper() for key in sorted(OPTIONS)}
    return _folded(_taken(names, environ, base, file))


def driver_layer(environ: Mapping[str, str], base: Path, *, file: str = "") -> Layer:
    """Take the variables that all tools for Neo4j share."""
    return _taken(DRIVER_VARIABLES, environ, base, file)


def _taken(
    names: Mapping[str, str], environ: Mapping[str, str], base: Path, file: str
) -> Layer:
    where = f" in {file}" if file else ""
    return {
        key: Value(raw=environ[name], origin=f"{name}{where}", base=base)
        for key, name in names.items()
        if environ.get(name)  # empty is how shells say "not set"
    }


def _folded(layer: Layer) -> Layer:
    """Put `sandbox` and the ways to give a password into the settings they stand for."""
    ways = {
        "sandbox": ("uri", values.SANDBOX),
        "password_env": ("password", "env:{}"),
        "password_file": ("password", "file:{}"),
    }
    folded = {key: value for key, value in layer.items() if key not in ways}
    for way, (key, template) in ways.items():
        value = layer.get(way)
        if value is None or (
            way == "sandbox" and not checked(values.truth, way, value)
        ):
            continue
        if key in folded:
            raise InvalidConfigError(
                f"{value.origin} and {folded[key].origin} exclude each other",
                why=f"both name the {key}",
                next=[Next("neo4j-migrate --help", "lists the options")],
            )
        folded[key] = Value(
            raw=template.format(value.raw),
            origin=value.origin,
            base=value.base,
            reference=way != "sandbox",
        )
    return folded


def checked(check: Callable[[Any], Any], key: str, value: Value) -> Any:
    """Apply a check; what it says becomes the reason of an error with the place."""
    try:
        return check(value.raw)
    except ValueError as error:
        file = value.place.path if value.place else "it"
        raise InvalidConfigError(
            f"the setting `{key}` from {value.origin} cannot be used",
            why=str(error),
            where=value.place,
            next=[Next("neo4j-migrate status", f"after correcting {file}")],
        ) from None
