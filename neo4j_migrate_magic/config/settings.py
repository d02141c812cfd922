"""The settings of one call: every value with where it came from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import dotenv, sources, values
from neo4j_migrate_magic.config.exposure import exposed
from neo4j_migrate_magic.config.layers import (
    CONNECTION,
    SETTINGS,
    Layer,
    Resolver,
    Value,
    checked,
    driver_layer,
    option_layer,
    variable_layer,
)
from neo4j_migrate_magic.errors import (
    ConfigNotFoundError,
    InvalidConfigError,
    Next,
    NoTargetError,
    SecretUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neo4j_migrate_magic.config.dotenv import DotEnv
    from neo4j_migrate_magic.config.sources import ConfigFile

_PLAIN = (SETTINGS - {"migration_dir"}) | {"protected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a call works with: folder, target, project, and how patient it is.

    `uri` may be the word ``sandbox``. `missing` says which parts of the
    connection were promised by a variable or file that is not there, and why:
    a call that does not connect has no use for them. Times are seconds.
    """

    migration_dir: Path
    root: Path  # the configuration file's folder, else the working directory
    path: Path | None = None  # the configuration file
    uri: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    project: str = "default"
    order: str = "strict"
    lock_timeout: float = 60.0
    connect_timeout: float = 2.5
    timeout: float = 30.0
    env: str | None = None
    protected: bool = False
    legacy: bool = False  # the file is pyneo4j-ogm's
    origins: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)


def load(
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    cwd: Path,
    *,
    required: bool = True,
) -> Settings:
    """Gather the settings: option, variable, environment's table, file, default.

    Args:
        options: What was given, by the names in `OPTIONS`; None means not given.
        environ: The variables of the process.
        cwd: Where the search for a file begins; options are relative to it.
        required: Whether there must be a file, or a folder that was named.
    """
    cwd = Path(os.path.abspath(cwd))
    given, variables = option_layer(options, cwd), variable_layer(environ, cwd)
    config, warnings = _find_config(given, variables, cwd)
    if config is None and required:
        _require_folder(given, variables, cwd)

    base, root = (config.base, config.path.parent) if config else ({}, cwd)
    beside = dotenv.read(root) if config else dotenv.DotEnv(path=root / ".env")
    variables = beside.own | variables
    env = _chosen_env(given, variables)
    named, shared = _env_table(env, config), beside.shared | driver_layer(environ, cwd)
    layers = [given, variables, named, shared, base]
    found = Resolver(layers, beside.under(environ), root)
    plain = _plain(found)
    warnings += exposed(_files_with_a_password(config, beside, found))
    if plain["protected"]:
        warnings.append("`protected` is set, which this version does not enforce yet")
    return Settings(
        **plain,
        migration_dir=found.folder("migration_dir"),
        root=root,
        path=config.path if config else None,
        env=env.raw if env else None,
        legacy=config is not None and config.legacy,
        origins=found.origins,
        warnings=tuple(warnings),
        missing=found.missing,
    )


def _plain(found: Resolver) -> dict[str, Any]:
    plain = {key: found.value(key) for key in sorted(_PLAIN)}
    if plain["password"] is not None and plain["username"] is None:
        # The user that every server starts with.
        plain["username"] = "neo4j"
    return plain


def _files_with_a_password(
    config: ConfigFile | None, beside: DotEnv, found: Resolver
) -> set[Path]:
    """List the files that have a password itself in them, not what stands for one."""
    files = set(found.password_files)
    if beside.variables.keys() & found.password_variables:
        files.add(beside.path)
    if config is not None:
        passwords = [
            layer["password"]
            for layer in (config.base, *config.environments.values())
            if "password" in layer
        ]
        if any(value.raw and not value.parts[0] for value in passwords):
            files.add(config.path)
    return files


def require_target(settings: Settings) -> str:
    """Give the URI, or the word ``sandbox``; refuse when nobody named a server."""
    needed = ("uri",) if settings.uri == values.SANDBOX else CONNECTION
    for key in needed:
        if key in settings.missing:
            raise SecretUnavailableError(
                f"the setting `{key}` has no value",
                why=f"{settings.origins[key]}: {settings.missing[key]}",
                next=[Next("neo4j-migrate status", "once it is there")],
            )
    if settings.uri is None:
        raise NoTargetError(
            "no Neo4j server is named",
            why="neither an option, nor a variable, nor the configuration file has a URI",
            next=_ways_to_a_target(settings),
        )
    return settings.uri


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


def _find_config(
    given: Layer, variables: Layer, cwd: Path
) -> tuple[ConfigFile | None, list[str]]:
    named = given.get("config") or variables.get("config")
    if named:
        path = Path(os.path.abspath(cwd / checked(values.text, "config", named)))
        config = sources.read(path)
        return config, list(config.warnings)

    found = sources.search(cwd)
    if not found:
        return None, []
    best, *others = found
    config = sources.read(best)
    ignored = [
        f"{other.name} is ignored: {best.name} in the same folder comes first"
        for other in others
    ]
    return config, [*ignored, *config.warnings]


def _require_folder(given: Layer, variables: Layer, cwd: Path) -> None:
    if "migration_dir" in given or "migration_dir" in variables:
        return
    raise ConfigNotFoundError(
        "no configuration file here or in a folder above",
        why=f"searched {cwd} and its parents for {sources.TOML},"
        f" {sources.PYPROJECT} with [tool.neo4j-migrate-magic], and {sources.SEED}",
        next=[
            Next("neo4j-migrate init", f"writes {sources.TOML} and makes the folder"),
            Next("neo4j-migrate status --migration-dir DIR", "works without a file"),
        ],
    )


def _chosen_env(given: Layer, variables: Layer) -> Value | None:
    chosen = given.get("env") or variables.get("env")
    if chosen:
        checked(values.text, "env", chosen)
    return chosen


def _env_table(env: Value | None, config: ConfigFile | None) -> Layer:
    if env is None:
        return {}
    environments = config.environments if config else {}
    if env.raw not in environments:
        file = config.path.name if config else "a configuration file"
        raise InvalidConfigError(
            f"no environment {env.raw!r} in {file}",
            why=f"{env.origin} asks for it; {values.nearest(env.raw, environments)}",
            next=[Next("neo4j-migrate status", f"after adding [env.{env.raw}]")],
        )
    return environments[env.raw]
