"""The settings of one call: every value with where it came from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import dotenv, sources, values
from neo4j_migrate_magic.config.exposure import exposed
from neo4j_migrate_magic.config.layers import (
    FILE_ONLY,
    OPTIONS,
    SETTINGS,
    Layer,
    Value,
    checked,
    driver_layer,
    option_layer,
    variable_layer,
)
from neo4j_migrate_magic.config.resolver import Resolver
from neo4j_migrate_magic.config.variables import unread
from neo4j_migrate_magic.errors import ConfigNotFoundError, InvalidConfigError, Next

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neo4j_migrate_magic.config.sources import ConfigFile

_PLAIN = (SETTINGS - {"migration_dir"}) | FILE_ONLY | {"wait"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a call works with: folder, target, project, and how patient it is.

    `uri` may be the word ``sandbox``. `missing` says which parts of the
    connection were promised by a variable or file that is not there, and why;
    `commands` has those that a command gives: a call that does not connect has no
    use for either. `references` names what stands in the file in place of a value.
    Times are seconds.
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
    on_drift: str = "ignore"
    lock_timeout: float = 60.0
    connect_timeout: float = 2.2
    timeout: float = 30.0
    wait: float = 0.0
    env: str | None = None
    protected: bool = False
    lint: Mapping[str, Any] = field(default_factory=dict)
    legacy: bool = False  # the file is pyneo4j-ogm's
    origins: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, Value] = field(default_factory=dict, repr=False)
    redirected: Mapping[str, str] = field(default_factory=dict)
    """Where a protected environment's address comes from, if not from itself."""


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
    named = _named_variables(given, variables, cwd)
    if named is not None:
        variables = named.own | variables
    config, warnings = _find_config(given, variables, cwd)
    if config is None and required:
        _require_folder(given, variables, cwd)

    root = config.path.parent if config else cwd
    filled = named or _variables_beside(config, root)
    variables = filled.own | variables
    env = _chosen_env(given, variables)
    own, shared = _env_table(env, config), filled.shared | driver_layer(environ, cwd)
    base = config.base if config else {}
    found = Resolver([given, variables, own, shared, base], filled.under(environ), root)
    plain, lint = _plain(found), _lint(found, config)
    if env is not None:
        found.origins["env"] = env.origin
    warnings += [
        *_unread(environ, filled, named=named is not None),
        *exposed(_files_with_a_password(config, filled, found)),
    ]
    return Settings(
        **plain,
        migration_dir=found.folder("migration_dir"),
        root=root,
        path=config.path if config else None,
        env=env.raw if env else None,
        lint=lint,
        legacy=config is not None and config.legacy,
        origins=found.origins,
        warnings=tuple(warnings),
        missing=found.missing,
        references=found.references,
        commands=found.commands,
        redirected=_redirected(found, [given, own], base, env)
        if plain["protected"]
        else {},
    )


def _named_variables(given: Layer, variables: Layer, cwd: Path) -> dotenv.DotEnv | None:
    """Read the file that stands in for `.env`, where one is named."""
    named = given.get("env_file") or variables.get("env_file")
    if named is None:
        return None
    name = checked(values.text, "env_file", named)
    return dotenv.read(Path(os.path.abspath(cwd / name)))


def _variables_beside(config: ConfigFile | None, root: Path) -> dotenv.DotEnv:
    return dotenv.beside(root) if config else dotenv.DotEnv(path=root / ".env")


def _unread(
    environ: Mapping[str, str], file: dotenv.DotEnv, *, named: bool
) -> list[str]:
    """Warn of what looks like a variable of ours, and of what is no variable at all."""
    late = {"env_file"} if named else {"config", "env_file"}
    return [
        *unread(name for name, value in environ.items() if value),
        *unread(file.variables, OPTIONS - late, file=file.path.name),
        *file.warnings,
    ]


def _redirected(
    found: Resolver, own: list[Layer], base: Layer, env: Value | None
) -> dict[str, str]:
    """Tell which parts of an address come from outside the environment, and whence.

    A database may stand at the top of the same file, for all its environments.
    """
    layers = {"uri": own if env else [*own, base], "database": [*own, base]}
    return {
        key: found.origins[key]
        for key, allowed in layers.items()
        if (value := found.chosen.get(key)) is not None
        and not any(layer.get(key) is value for layer in allowed)
    }


def _lint(found: Resolver, config: ConfigFile | None) -> dict[str, Any]:
    table = config.lint if config else {}
    for key, value in table.items():
        found.origins[f"lint.{key}"] = value.origin
    return {
        key: checked(sources.LINT[key], f"lint.{key}", value)
        for key, value in table.items()
    }


def _plain(found: Resolver) -> dict[str, Any]:
    plain = {key: found.value(key) for key in sorted(_PLAIN)}
    password = plain["password"] is not None or "password" in found.commands
    if password and plain["username"] is None and "username" not in found.commands:
        # The user that every server starts with.
        plain["username"] = "neo4j"
    return plain


def _files_with_a_password(
    config: ConfigFile | None, beside: dotenv.DotEnv, found: Resolver
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
