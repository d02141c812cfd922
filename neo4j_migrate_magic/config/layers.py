"""Settings as they were found: layers, of which the highest that has a key decides."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import values
from neo4j_migrate_magic.errors import InvalidConfigError, Next, Place, UnknownKeyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
"""The keys that both the top level and an environment's table may have."""


OPTIONS = SETTINGS | {"config", "env", "password_env", "password_file", "sandbox"}
"""The options that `load` takes; as variables they are upper case after a prefix."""

_PREFIX = "NEO4J_MIGRATE_"
_DRIVER_VARIABLES = {
    "uri": "NEO4J_URI",
    "username": "NEO4J_USERNAME",
    "password": "NEO4J_PASSWORD",
    "database": "NEO4J_DATABASE",
}
_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "connect_timeout": values.positive_duration,
    "database": values.database,
    "lock_timeout": values.duration,
    "migration_dir": values.text,
    "order": values.order,
    "password": values.secret,
    "project": values.project,
    "protected": values.truth,
    "timeout": values.positive_duration,
    "uri": values.uri,
    "username": values.text,
}
_REFERENCES = frozenset({"env", "file", "cmd"})
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
CONNECTION = ("uri", "username", "password")
"""What it takes to reach a server; the file may say where each is found."""

_DEFAULTS: Mapping[str, Any] = {
    "connect_timeout": 2.5,
    "lock_timeout": 60.0,
    "migration_dir": "migrations",
    "order": "strict",
    "project": "default",
    "protected": False,
    "timeout": 30.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A setting as it was found, and where."""

    raw: Any = field(repr=False)  # may be a password
    origin: str
    base: Path  # what a relative path is relative to
    place: Place | None = None
    reference: bool = False  # `env:VAR` and `file:PATH` stand for something else

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
    names = {key: _PREFIX + key.upper() for key in sorted(OPTIONS)}
    return _folded(_taken(names, environ, base, file))


def driver_layer(environ: Mapping[str, str], base: Path, *, file: str = "") -> Layer:
    """Take the variables that all tools for Neo4j share."""
    return _taken(_DRIVER_VARIABLES, environ, base, file)


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


class Resolver:
    """Takes each setting from the highest layer that has it, and notes which."""

    def __init__(
        self, layers: list[Layer], environ: Mapping[str, str], root: Path
    ) -> None:
        self.layers = layers
        self.environ = environ
        self.root = root
        self.origins: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.password_files: set[Path] = set()
        self.password_variables = {
            _DRIVER_VARIABLES["password"],
            f"{_PREFIX}PASSWORD",
        }

    def value(self, key: str) -> Any:
        """Give a setting, checked; None if nothing sets it."""
        found = self._find(key)
        if found is None:
            return _DEFAULTS.get(key)
        if key in CONNECTION:
            found = self._followed(key, found)
        return None if found is None else checked(_CHECKS[key], key, found)

    def folder(self, key: str) -> Path:
        """Give a folder as an absolute path."""
        found = self._find(key)
        if found is None:
            return self.root / str(_DEFAULTS[key])
        return Path(os.path.abspath(found.base / checked(_CHECKS[key], key, found)))

    def _find(self, key: str) -> Value | None:
        found = next((layer[key] for layer in self.layers if key in layer), None)
        self.origins[key] = found.origin if found else "default"
        return found

    def _followed(self, key: str, value: Value) -> Value | None:
        """Get what `env:VAR` or `file:PATH` stands for, if it is there."""
        kind, rest = value.parts
        if not kind:
            return value
        if kind == "cmd":
            raise InvalidConfigError(
                f"the setting `{key}` from {value.origin} cannot be used",
                why="`cmd:` is not supported yet; use env:VARIABLE or file:PATH",
                where=value.place,
                next=[Next("neo4j-migrate status", "after editing it")],
            )
        if key == "password" and kind == "env":
            self.password_variables.add(rest)
        elif key == "password":
            self.password_files.add(value.base / rest)
        try:
            file = value.base / rest
            raw = self._variable(rest) if kind == "env" else _only_line(file)
        except ValueError as error:
            self.missing[key] = str(error)
            return None
        return Value(raw=raw, origin=value.origin, base=value.base, place=value.place)

    def _variable(self, name: str) -> str:
        if self.environ.get(name):
            return self.environ[name]
        if _VARIABLE.fullmatch(name):
            raise ValueError(f"the variable {name} is not set")
        # not repeated: `--password-env $NEO4J_PASSWORD` gives the password for a name
        raise ValueError("no variable has the name given; write NAME, not $NAME")


def _only_line(path: Path) -> str:
    """Read a secret kept in a file; editors end its only line with a line end."""
    try:
        text = path.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError(f"the file {path} is not UTF-8") from None
    except OSError as error:
        raise ValueError(f"the file {path} cannot be read: {error.strerror}") from None
    if not text or "\n" in text:
        raise ValueError(f"the file {path} must have one line, the value")
    return text
