"""The schemas that ship, as a check that an object says nothing beside them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

Schema = dict[str, Any]


@cache
def schemas() -> dict[str, Schema]:
    """Every schema, by its file's name."""
    folder = files("neo4j_migrate_magic.render") / "schemas"
    return {
        path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8"))
        for path in folder.iterdir()
    }


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resources(
        (schema["$id"], Resource.from_contents(_strict(schema, root=True)))
        for schema in schemas().values()
    )


def _strict(schema: Any, *, root: bool = False) -> Any:
    """Allow no property that is not listed; a root is made so by who refers to it."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: {name: _strict(one) for name, one in value.items()}
        if key in ("properties", "$defs")
        else _strict(value)
        for key, value in schema.items()
    }
    if "properties" in schema and not root:
        made.setdefault("unevaluatedProperties", False)
    return made


def check(found: Any) -> None:
    """Hold an answer against the schema that it names itself."""
    name, version = found["schema"].removeprefix("neo4j-migrate.").split("/")
    assert found["ok"] is (found["exit_code"] == 0)
    if not found["ok"]:
        assert found["diagnostics"][0]["severity"] == "error"
    _check(found, f"urn:neo4j-migrate:{name}:{version}")


def check_event(found: Any) -> None:
    """Hold a line of a stream against the schema of events."""
    _check(found, "urn:neo4j-migrate:event:1")


def _check(found: Any, urn: str) -> None:
    strict = {"allOf": [{"$ref": urn}], "unevaluatedProperties": False}
    validator = Draft202012Validator(strict, registry=_registry())
    errors = sorted(validator.iter_errors(found), key=str)
    assert [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in errors] == []
