"""One value for each setting: that of the highest layer which has the key."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config import command
from neo4j_migrate_magic.config.layers import (
    CHECKS,
    DEFAULTS,
    DRIVER_VARIABLES,
    PREFIX,
    Layer,
    Value,
    checked,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECTION = ("uri", "username", "password")
"""What it takes to reach a server; the file may say where each is found."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


class Resolver:
    """Takes each setting from the highest layer that has it, and notes which."""

    def __init__(
        self, layers: list[Layer], environ: Mapping[str, str], root: Path
    ) -> None:
        self.layers = layers
        self.environ = environ
        self.root = root
        self.chosen: dict[str, Value] = {}
        self.origins: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.references: dict[str, str] = {}
        self.commands: dict[str, Value] = {}
        self.password_files: set[Path] = set()
        self.password_variables = {DRIVER_VARIABLES["password"], f"{PREFIX}PASSWORD"}

    def value(self, key: str) -> Any:
        """Give a setting, checked; None if nothing sets it, or a command will."""
        found = self._find(key)
        if found is None:
            return DEFAULTS.get(key)
        if key in CONNECTION:
            found = self._followed(key, found)
        return None if found is None else checked(CHECKS[key], key, found)

    def folder(self, key: str) -> Path:
        """Give a folder as an absolute path."""
        found = self._find(key)
        if found is None:
            return self.root / str(DEFAULTS[key])
        return Path(os.path.abspath(found.base / checked(CHECKS[key], key, found)))

    def _find(self, key: str) -> Value | None:
        found = next((layer[key] for layer in self.layers if key in layer), None)
        self.origins[key] = found.origin if found else "default"
        if found is not None:
            self.chosen[key] = found
        return found

    def _followed(self, key: str, value: Value) -> Value | None:
        """Get what a reference stands for, if it is there; a command waits its turn."""
        kind, rest = value.parts
        if not kind:
            return value
        if kind == "cmd":
            self.commands[key] = value
            program = checked(lambda _: command.words(rest), key, value)[0]
            self.references[key] = f"cmd:{program} …"  # its arguments may be secret
            return None
        named = _VARIABLE.fullmatch(rest) or kind == "file"
        self.references[key] = f"{kind}:{rest if named else '…'}"
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
