"""The configuration file of pyneo4j-ogm, `migration-config.json`, read as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.config.layers import Layer, Value
from neo4j_migrate_magic.config.sources import ConfigFile, invalid
from neo4j_migrate_magic.errors import Place

if TYPE_CHECKING:
    from pathlib import Path

_SCHEMES = ("basic", "kerberos", "bearer", "custom")


def read(path: Path, text: str) -> ConfigFile:
    """Read the seed's file; keys that mean nothing to us become warnings."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise invalid(
            path, f"{path.name} is not JSON", error.msg, error.lineno, error.colno
        ) from None
    except RecursionError:
        raise invalid(path, f"{path.name} is nested too deeply") from None
    return _Reader(path).read(document)


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.warnings: list[str] = []

    def read(self, document: Any) -> ConfigFile:
        root = self._table(document, "the file")
        neo4j = self._table(root.get("neo4j"), "neo4j")
        options = self._table(neo4j.get("options") or {}, "neo4j.options")
        found = {
            "uri": self._text(neo4j, "uri", "neo4j."),
            "migration_dir": self._text(root, "migration_dir"),
            **self._auth(options),
        }
        if "database" in options:
            found["database"] = self._text(options, "database", "neo4j.options.")

        self._check_labels(neo4j.get("node_labels", ["migration"]))
        self._warn(root, "", {"neo4j", "migration_dir"})
        self._warn(neo4j, "neo4j.", {"uri", "options", "node_labels"})
        self._warn(options, "neo4j.options.", {"scheme", "auth", "database"})
        return ConfigFile(
            path=self.path,
            base=self._layer(found),
            legacy=True,
            warnings=tuple(self.warnings),
        )

    def _layer(self, found: dict[str, str]) -> Layer:
        place = Place(str(self.path))
        return {
            key: Value(
                raw=raw, origin=self.path.name, base=self.path.parent, place=place
            )
            for key, raw in found.items()
        }

    def _auth(self, options: dict[str, Any]) -> dict[str, str]:
        scheme = options.get("scheme")
        if scheme is None:
            if options.get("auth"):
                self.warnings.append(
                    f"{self.path.name}: neo4j.options.auth is not used without"
                    " neo4j.options.scheme"
                )
            return {}
        if scheme not in _SCHEMES:
            raise self._invalid(
                f"neo4j.options.scheme cannot be {scheme!r}",
                f"it is one of {', '.join(_SCHEMES)}",
            )
        if scheme != "basic":
            raise self._invalid(
                f"the authentication scheme {scheme!r} is not supported yet",
                'this version knows "basic" with auth.username and auth.password',
            )
        auth = self._table(options.get("auth"), "neo4j.options.auth")
        return {
            key: self._text(auth, key, "neo4j.options.auth.")
            for key in ("username", "password")
        }

    def _check_labels(self, labels: Any) -> None:
        if not isinstance(labels, list) or not all(isinstance(x, str) for x in labels):
            raise self._invalid("neo4j.node_labels must be a list of texts")

    def _warn(self, table: dict[str, Any], prefix: str, known: set[str]) -> None:
        self.warnings += (
            f"{self.path.name}: {prefix}{key} is not used"
            for key in table
            if key not in known
        )

    def _table(self, raw: Any, name: str) -> dict[str, Any]:
        if raw is None:
            raise self._invalid(f"{name} is missing")
        if not isinstance(raw, dict):
            raise self._invalid(f"{name} must be an object")
        return raw

    def _text(self, table: dict[str, Any], key: str, prefix: str = "") -> str:
        raw = table.get(key)
        if raw is None:
            raise self._invalid(f"{prefix}{key} is missing")
        if not isinstance(raw, str):
            raise self._invalid(f"{prefix}{key} must be text")
        return raw

    def _invalid(self, what: str, why: str = "") -> Exception:
        return invalid(self.path, f"{self.path.name}: {what}", why)
