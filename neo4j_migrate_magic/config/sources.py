"""Where settings are written down: finding a configuration file and reading it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import values
from neo4j_migrate_magic.config.layers import FILE_ONLY, SETTINGS, Layer, Value
from neo4j_migrate_magic.errors import (
    ConfigNotFoundError,
    InvalidConfigError,
    Next,
    Place,
    UnknownKeyError,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

TOML = "neo4j-migrate.toml"
PYPROJECT = "pyproject.toml"
SEED = "migration-config.json"
_TABLE = ("tool", "neo4j-migrate-magic")

LINT: Mapping[str, Callable[[Any], Any]] = {
    "ignore": values.rules,
    "select": values.rules,
    "start_after": values.version,
    "warnings_as_errors": values.rules,
}
"""The keys of the table `lint`, and what each may be."""

_KEYS = SETTINGS | FILE_ONLY
_TABLES = frozenset({"env", "lint"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """What a configuration file says."""

    path: Path
    base: Layer
    environments: Mapping[str, Layer] = field(default_factory=dict)
    lint: Layer = field(default_factory=dict)
    legacy: bool = False
    warnings: tuple[str, ...] = ()


def search(folder: Path) -> list[Path]:
    """Give the configuration files of the nearest folder that has any, best first."""
    for here in (folder, *folder.parents):
        found = [
            here / name for name in (TOML, PYPROJECT, SEED) if _counts(here / name)
        ]
        if found:
            return found
    return []


def _counts(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        if path.name != PYPROJECT:
            return True
        data = path.read_bytes()
    except OSError:
        # A folder that may not be looked into: no reason to stop the search.
        return False

    if b"neo4j-migrate-magic" not in data:
        return False
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except ValueError:
        # Broken, and it may be ours that is broken: then reading it says so.
        return b"tool.neo4j-migrate-magic" in data
    return _own_table(document) is not None


def read(path: Path) -> ConfigFile:
    """Read a configuration file; its name tells which of the three kinds it is."""
    if path.suffix == ".json":
        from neo4j_migrate_magic.config import seed

        return seed.read(path, file_text(path))
    if path.suffix != ".toml":
        raise InvalidConfigError(
            f"{path.name} is not a kind of configuration file that is known",
            why="its name must end in .toml, or in .json if pyneo4j-ogm made it",
            where=Place(str(path)),
            next=[Next("neo4j-migrate init", f"writes {TOML} in this folder")],
        )

    text = file_text(path)
    document = _parse_toml(path, text)
    if path.name != PYPROJECT:
        return _TomlReader(path, text, ()).read(document)

    table = _own_table(document)
    if table is None:
        raise invalid(path, f"{path.name} has no table [{'.'.join(_TABLE)}]")
    return _TomlReader(path, text, _TABLE).read(table)


def file_text(path: Path) -> str:
    """Give the text of a configuration file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigNotFoundError(
            f"the configuration file {path.name} does not exist",
            why="it was asked for by name",
            where=Place(str(path)),
            next=[Next("neo4j-migrate init", f"writes {TOML} in this folder")],
        ) from None
    except OSError as error:
        raise invalid(
            path, f"{path.name} cannot be read", error.strerror or ""
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start
    # raised out here, without that error for a context: it has the whole file in it
    line = data.count(b"\n", 0, start) + 1
    why = f"byte 0x{data[start]:02x} at offset {start}"
    raise invalid(path, f"{path.name} is not UTF-8", why, line)


def invalid(
    path: Path,
    what: str,
    why: str = "",
    line: int | None = None,
    column: int | None = None,
) -> InvalidConfigError:
    """Make the error of a file; it quotes no source line, which may hold a password."""
    return InvalidConfigError(
        what,
        why=why,
        where=Place(str(path), line, column),
        next=[Next("neo4j-migrate status", f"after editing {path.name}")],
    )


def _parse_toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise invalid(path, f"{path.name} is nested too deeply") from None
    except ValueError as error:  # also of a number with thousands of digits
        why, _, _ = str(error).partition(" (at ")
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(at[1]), int(at[2])) if at else (None, None)
        raise invalid(path, f"{path.name} is not TOML", why, line, column) from None


def _own_table(document: Mapping[str, Any]) -> Any:
    tool = document.get("tool")
    return tool.get(_TABLE[1]) if isinstance(tool, dict) else None


class _TomlReader:
    """Turns a document into layers and refuses keys that nothing reads."""

    def __init__(self, path: Path, text: str, table: tuple[str, ...]) -> None:
        self.path = path
        self.text = text
        self.table = table

    def read(self, document: Any) -> ConfigFile:
        if not isinstance(document, dict):
            raise invalid(self.path, f"{'.'.join(self.table)} must be a table")
        base = self._layer(document, self.table, _KEYS | _TABLES)
        environments = document.get("env", {})
        tables = [environments, document.get("lint", {})]
        if isinstance(environments, dict):
            tables += environments.values()
        if not all(isinstance(table, dict) for table in tables):
            why = "[lint] and each [env.NAME] have keys of their own"
            raise invalid(self.path, "`env` and `lint` must be tables", why)
        return ConfigFile(
            path=self.path,
            base=base,
            environments={
                name: self._layer(
                    table, (*self.table, "env", name), _KEYS, f"[env.{name}]"
                )
                for name, table in environments.items()
            },
            lint=self._layer(
                document.get("lint", {}), (*self.table, "lint"), LINT, "[lint]"
            ),
        )

    def _layer(
        self,
        table: Mapping[str, Any],
        names: tuple[str, ...],
        known: Iterable[str],
        label: str = "",
    ) -> Layer:
        known = frozenset(known)
        unknown = [key for key in table if key not in known]
        if unknown:
            raise self._unknown(unknown, names, known)
        origin = f"{self.path.name} {label}".strip()
        return {
            key: Value(
                raw=raw,
                origin=origin,
                base=self.path.parent,
                place=self._place(names, key),
                reference=True,
            )
            for key, raw in table.items()
            if key not in _TABLES
        }

    def _unknown(
        self, keys: list[str], names: tuple[str, ...], known: frozenset[str]
    ) -> UnknownKeyError:
        head, *others = keys
        table = f" in [{'.'.join(names)}]" if names else ""
        why = values.nearest(head, known)
        if others:
            why += f"; also unknown: {', '.join(map(repr, others))}"
        return UnknownKeyError(
            f"the key {head!r}{table} means nothing",
            why=why,
            where=self._place(names, head),
            next=[Next("neo4j-migrate status", f"after editing {self.path.name}")],
        )

    def _place(self, table: tuple[str, ...], key: str) -> Place:
        return Place(str(self.path), _line_of(self.text, table, key))


def _line_of(text: str, table: tuple[str, ...], key: str) -> int | None:
    """Find the line of a key, as far as that goes without parsing TOML twice."""
    wanted = (*table, key)
    current: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        header = re.match(r"\s*\[{1,2}([^\[\]]+)\]", line)
        if header:
            current = tuple(part.strip(" \t\"'") for part in header[1].split("."))
        elif match := re.match(r"""\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=""", line):
            dotted = (part.strip(" \t\"'") for part in match[1].split("."))
            if (*current, *dotted)[: len(wanted)] == wanted:
                return number
        if header and current[: len(wanted)] == wanted:
            return number
    return None
