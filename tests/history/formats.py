"""A tool of the future: its history has format 3, and it upgrades those of 1 and 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neo4j_migrate_magic.engine import doctor, survey
from neo4j_migrate_magic.history import intervene, lock, reading, upgrade

_SIGN = """
WITH l OPTIONAL MATCH (r:_MigrateRecord {{project: $project}})
SET r.by = '{mark}' + r.by
WITH l, count(r) AS n
"""
UPGRADES = {1: _SIGN.format(mark="1"), 2: _SIGN.format(mark="2")}
"""Each rewrites all records, and would show if it did so twice."""


def install(patch: Callable[[Any, str, Any], None]) -> None:
    """Make this process that tool."""
    for module in (lock, reading, survey, doctor, intervene):
        patch(module, "FORMAT", 3)
    patch(upgrade, "UPGRADES", dict(UPGRADES))
