"""Write what a person says of the history: repairs, a baseline; each under the lock."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.history.entry import Seen
from neo4j_migrate_magic.history.fence import (
    Fence,
    baseline_text,
    check_text,
    record_text,
)
from neo4j_migrate_magic.history.journal import TOOL
from neo4j_migrate_magic.model import Direction, RecordState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neo4j_migrate_magic.history.commit import Committer
    from neo4j_migrate_magic.model import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One record to be corrected.

    `before` is the record as it must still stand, None where there is none; `after`
    the properties that are set, None to delete it. `dated` gives it the present time
    of application. `detail` goes into the log. `schema` is the catalogue as it is now,
    where the correction is about indexes and constraints.
    """

    version: str
    name: str
    before: Record | None
    after: Mapping[str, Any] | None
    dated: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)
    schema: str | None = None


async def correct(
    commits: Committer, changes: Sequence[Change], *, run_id: str, by: str
) -> None:
    """Write one correction and its event in one transaction.

    Raises:
        LostLockError: Another run took the lock over, or changed the record.
    """
    (change,) = _signed(changes, commits, run_id, by)
    seen = Seen.of(change.before) if change.before else None
    parameters = commits.parameters([_event(change, "repaired", run_id, by)])
    parameters |= {
        "version": change.version,
        "record": change.after,
        "seen": seen.parameters if seen else None,
        "final": change.dated,
        "schema": change.schema,
    }
    text = record_text(
        exists=seen is not None,
        delete=change.after is None,
        schema=change.schema is not None,
    )
    await commits.alone(Fence(text, parameters, "up", run_id=run_id))


async def baseline(
    commits: Committer, changes: Sequence[Change], *, run_id: str, by: str
) -> None:
    """Record migrations as applied without running them: all of them, or none.

    A part of them would make the next `up` run the rest on data that has them.

    Raises:
        LostLockError: Another run took the lock over.
    """
    changes = _signed(changes, commits, run_id, by)
    events = [_event(change, "baselined", run_id, by) for change in changes]
    parameters = commits.parameters(events)
    parameters |= {
        "version": changes[-1].version,
        "records": [{**(c.after or {}), "version": c.version} for c in changes],
    }
    await commits.alone(Fence(baseline_text(), parameters, "up", run_id=run_id))


async def note(
    commits: Committer,
    detail: Mapping[str, Any],
    *,
    run_id: str,
    by: str,
    version: str | None = None,
    name: str | None = None,
    former: str | None = None,
) -> None:
    """Write into the log what was repaired without a change of any record.

    Args:
        commits: Writes it.
        detail: What was.
        run_id: The run that holds the lock.
        by: Who says so.
        version: The migration that it is about; None: the history as a whole.
        name: Its name.
        former: The version that it had before, where it has another one now.

    Raises:
        LostLockError: Another run took the lock over.
    """
    event = {
        "run_id": run_id,
        "what": "repaired",
        "version": version,
        "name": name,
        "former": former,
        "detail": json.dumps({**detail, "tool": TOOL}),
        "by": by,
    }
    parameters = {**commits.parameters([event]), "version": version}
    await commits.alone(Fence(check_text(), parameters, "up", run_id=run_id))


def _signed(
    changes: Sequence[Change], commits: Committer, run_id: str, by: str
) -> list[Change]:
    """Add to new records who made them, with what, and where."""
    facts = {
        "run_id": run_id,
        "by": by,
        "tool": TOOL,
        "server": commits.database.server_version,
    }
    return [
        change
        if change.before is not None
        else replace(change, after={**(change.after or {}), **facts})
        for change in changes
    ]


def _detail(change: Change) -> dict[str, Any]:
    """Add to a mark in which direction it was, and what the migration is now."""
    mark = change.detail.get("mark")
    if mark is None:
        return dict(change.detail)
    detail = dict(change.detail)
    if change.before is not None and change.before.direction is Direction.DOWN:
        detail["direction"] = Direction.DOWN.value
    if change.after is None:
        detail["now"] = "rolled back" if mark == "applied" else "pending"
    else:
        whole = change.after.get("state") == RecordState.APPLIED.value
        detail["now"] = "applied" if whole else "part-way"
    return detail


def _event(change: Change, what: str, run_id: str, by: str) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "what": what,
        "version": change.version,
        "name": change.name,
        "detail": json.dumps({**_detail(change), "tool": TOOL}),
        "by": by,
    }
