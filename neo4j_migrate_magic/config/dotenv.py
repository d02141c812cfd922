"""The file `.env` beside the configuration: variables for those that are not set."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

from neo4j_migrate_magic.config.layers import Layer, driver_layer, variable_layer
from neo4j_migrate_magic.config.sources import file_text
from neo4j_migrate_magic.errors import (
    ConfigNotFoundError,
    InvalidConfigError,
    Next,
    Place,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DotEnv:
    """The variables of a file; they have no repr, one may be a password."""

    path: Path
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def own(self) -> Layer:
        """The settings that our own variables in it make."""
        return variable_layer(self.variables, self.path.parent, file=self.path.name)

    @property
    def shared(self) -> Layer:
        """The settings that the variables of all tools for Neo4j in it make."""
        return driver_layer(self.variables, self.path.parent, file=self.path.name)

    def under(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Give the process's variables, with those of the file where one is not set."""
        return {**self.variables, **{k: v for k, v in environ.items() if v}}


def beside(folder: Path) -> DotEnv:
    """Read a folder's `.env`, where there is one."""
    path = folder / ".env"
    return read(path) if path.is_file() else DotEnv(path=path)


def read(path: Path) -> DotEnv:
    """Read a file of variables; a value is taken as it is written, `$` included.

    Raises:
        ConfigNotFoundError: There is no such file.
        InvalidConfigError: What reads it is not installed.
    """
    if not path.exists():
        raise ConfigNotFoundError(
            f"the file of variables {path.name} does not exist",
            why="it was asked for by name",
            where=Place(str(path)),
            next=[Next("neo4j-migrate status --env-file FILE", "names another")],
        )
    try:
        from dotenv.parser import parse_stream
    except ImportError as error:  # an installation with --no-deps
        raise InvalidConfigError(
            f"{path.name} cannot be read without python-dotenv, which is not installed",
            why=str(error),
            where=Place(str(path)),
            next=[Next("pip install python-dotenv", "or export its variables")],
        ) from error

    variables, warnings = {}, []
    for line in parse_stream(StringIO(file_text(path))):
        if line.error:
            place = f"{path.name}:{line.original.line}"
            warnings.append(f"{place} is not NAME=value, and is left out")
        elif line.key and line.value:  # empty is how shells say "not set"
            variables[line.key] = line.value
    return DotEnv(path=path, variables=variables, warnings=tuple(warnings))
