"""What a completion asks of a configuration: names alone, and no value is resolved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from neo4j_migrate_magic.config import sources

if TYPE_CHECKING:
    from collections.abc import Mapping


class Glance(NamedTuple):
    """The environments that a configuration names, and the migration folder."""

    environments: tuple[str, ...]
    folder: Path


def glance(options: Mapping[str, Any], environ: Mapping[str, str], cwd: Path) -> Glance:
    """Look at the configuration; nothing that a value refers to is opened or run.

    Args:
        options: What was given, by the names in `OPTIONS`.
        environ: The variables of the process.
        cwd: Where the search for a file begins.

    Raises:
        ConfigError: There is a file, and it cannot be read.
    """

    def given(key: str) -> Any:
        return options.get(key) or environ.get(f"NEO4J_MIGRATE_{key.upper()}")

    named = given("config")
    found = [cwd / named] if named else sources.search(cwd)
    config = sources.read(found[0]) if found else None
    environments = config.environments if config else {}
    folder = given("migration_dir")
    if folder:
        return Glance(tuple(environments), Path(os.path.abspath(cwd / folder)))
    layers = [environments.get(given("env") or "", {}), config.base if config else {}]
    root = config.path.parent if config else cwd
    for layer in layers:
        if "migration_dir" in layer:
            return Glance(tuple(environments), root / str(layer["migration_dir"].raw))
    return Glance(tuple(environments), root / "migrations")
