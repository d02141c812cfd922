"""The file `.env` beside the configuration: variables for those that are not set."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING

from neo4j_migrate_magic.config.layers import Layer, driver_layer, variable_layer
from neo4j_migrate_magic.config.sources import file_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DotEnv:
    """The variables of a file; they have no repr, one may be a password."""

    path: Path
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

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


def read(folder: Path) -> DotEnv:
    """Read a folder's `.env`; a value is taken as it is written, `$` included."""
    path = folder / ".env"
    if not path.is_file():
        return DotEnv(path=path)
    from dotenv import dotenv_values

    found = dotenv_values(stream=StringIO(file_text(path)), interpolate=False)
    return DotEnv(path=path, variables={k: v for k, v in found.items() if v})
