"""Bring a history of an older format up to the present one, under the lock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from neo4j_migrate_magic.history import lock
from neo4j_migrate_magic.history.fence import Fence, upgrade_text
from neo4j_migrate_magic.history.journal import TOOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import LiteralString

    from neo4j_migrate_magic.history.commit import Committer

UPGRADES: Mapping[int, LiteralString] = {}
"""For each older format the clauses that make the next one of it; format 1 is the first.

They stand between the lock check and the new format's number, in one transaction: a
run that is killed leaves the old format or the new one, and what was read from a
project's history as a whole is rewritten as a whole. `$project` is their parameter;
they begin with ``WITH l`` and end with one row in which `l` is the lock's node.
"""


_FORMAT: LiteralString = """CYPHER 5
MATCH (l:_MigrateProject {project: $project}) RETURN coalesce(l.format, 1)
"""


async def upgrade(commits: Committer, found: int, *, run_id: str, by: str) -> None:
    """Apply the upgrades from a format to ours, one transaction each.

    Args:
        commits: Writes as long as the lock is ours.
        found: The format that the history has.
        run_id: The run that does it.
        by: Who runs it.
    """
    while found < lock.FORMAT:
        event = {
            "run_id": run_id,
            "what": "repaired",
            "detail": json.dumps({"format": found + 1, "tool": TOOL}),
            "by": by,
        }
        parameters = {**commits.parameters([event]), "old": found, "new": found + 1}
        text = upgrade_text(UPGRADES[found])
        await commits.alone(Fence(text, parameters, "up"))
        read = await commits.database.read(
            _FORMAT, parameters
        )  # the answer may be lost
        ((found,),) = read.rows
