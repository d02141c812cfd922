"""See that the statements of a migration leave the history itself as it is.

``MATCH (n) DETACH DELETE n`` finds the nodes of the history as well: what has run would
be forgotten, and run again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.cypher.reach import deletes_every_node, reaches_any_node
from neo4j_migrate_magic.errors import HistoryTouchedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from typing_extensions import LiteralString

    from neo4j_migrate_magic.model import QueryResult

# What a record says, as text: a part of each value is enough to see that it changed.
# Of what else somebody sets on our nodes, nothing is read.
_LOOK: LiteralString = """CYPHER 5
RETURN COLLECT { MATCH (l:_MigrateProject) RETURN
  [toStringOrNull(l.project), l.owner, l.token, l.format] } AS locks,
 COLLECT { MATCH (r:_MigrateRecord) RETURN [toStringOrNull(r.project), elementId(r),
  reduce(text = '', key IN $keys |
    text + left(coalesce(toStringOrNull(r[key]), '-'), 64) + '\\n')] } AS records,
 COLLECT { MATCH (e:_MigrateEvent) WITH toStringOrNull(e.project) AS project, count(*) AS number
  RETURN [project, number] } AS events
"""
_KEYS = (
    "version",
    "name",
    "kind",
    "origin",
    "state",
    "direction",
    "step",
    "steps",
    "checksum",
    "source",
    "inverse",
    "intent",
    "reversible",
    "sequence",
    "applied_at",
    "run_id",
)

_LEAVE_OUT = (
    "after leaving those nodes out:"
    " MATCH (n:!(_MigrateRecord|_MigrateEvent|_MigrateProject))"
)
_WAYS = [
    ("neo4j-migrate status", "see what the history still knows"),
    (
        "neo4j-migrate baseline VERSION",
        "records again what is in the database up to there; nothing runs",
    ),
]


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of the histories: each project's lock, records, number of events."""

    locks: dict[Any, list[Any]]
    records: dict[str, tuple[Any, str]]
    events: dict[Any, int]


class Guard:
    """Watches the statements of one transaction, or one that commits by itself.

    Args:
        ask: Sends a statement of ours where theirs run, and gives its result.
        project: The project whose lock is ours; of others, those at work are let be.
        direction: ``"up"`` or ``"down"``.
        commits: Whether a statement of theirs commits by itself.
    """

    def __init__(
        self,
        ask: Callable[[str, dict[str, Any]], Awaitable[QueryResult]],
        *,
        project: str,
        direction: str,
        commits: bool,
    ) -> None:
        self._ask = ask
        self._project = project
        self._direction = direction
        self._commits = commits
        self._before: _Look | None = None

    async def watch(
        self, text: str, send: Callable[[], Awaitable[QueryResult]]
    ) -> QueryResult:
        """Send a statement; where it may find any node, look what became of ours.

        Raises:
            HistoryTouchedError: It changed or deleted some, or is certain to and was
                not sent since nobody could take it back.
        """
        if not reaches_any_node(text):
            return await send()
        if self._commits and deletes_every_node(text):
            raise self._would(
                "it deletes every node, and what it commits cannot be taken back"
            )
        before = self._before or await self._look()
        result = await send()
        self._before = await self._look()
        told = _told(before, self._before, self._project)
        if told and self._commits:
            raise self._did(told)
        if told:
            raise self._would(told)
        return result

    async def _look(self) -> _Look:
        result = await self._ask(_LOOK, {"keys": list(_KEYS)})
        locks, records, events = result.rows[0]
        return _Look(
            locks={project: lock for project, *lock in locks},
            records={node: (project, text) for project, node, text in records},
            events=dict(events),
        )

    def _would(self, why: str) -> HistoryTouchedError:
        return HistoryTouchedError(
            "a statement would change the history of migrations itself",
            direction=self._direction,
            why=why,
            next=[(f"neo4j-migrate {self._direction}", _LEAVE_OUT)],
        )

    def _did(self, told: str) -> HistoryTouchedError:
        return HistoryTouchedError(
            "a statement changed the history of migrations itself",
            direction=self._direction,
            why=f"{told}; it commits by itself, so that stays",
            next=_WAYS,
        )


def _told(before: _Look, after: _Look, project: str) -> str:
    """Say in words what a statement did to the histories; empty for nothing."""
    ours = {
        name
        for name, lock in before.locks.items()
        if _undisturbed(lock, after.locks.get(name), ours=name == project)
    }
    gone = changed = 0
    for node, seen in before.records.items():
        if seen[0] in ours:
            gone += node not in after.records
            changed += after.records.get(node, seen) != seen
    events = sum(
        max(0, number - after.events.get(name, 0))
        for name, number in before.events.items()
        if name in ours
    )
    locks = sum(before.locks[name] != after.locks.get(name) for name in ours)
    return _words(gone=gone, changed=changed, events=events, locks=locks)


def _undisturbed(
    before: Sequence[Any], after: Sequence[Any] | None, *, ours: bool
) -> bool:
    """Whether no other run can have changed a history meanwhile: the token would grow."""
    if not ours and before[0] is not None:
        return False
    if after is None or not all(isinstance(lock[1], int) for lock in (before, after)):
        return True  # the node is gone, or its token is no token any more
    return not after[1] > before[1]


def _words(*, gone: int, changed: int, events: int, locks: int) -> str:
    parts = [
        f"{verb} {number} {what}{'' if number == 1 else 's'}"
        for verb, number, what in (
            ("deletes", gone, "record"),
            ("changes", changed, "record"),
            ("deletes", events, "event"),
            ("changes", locks, "lock"),
        )
        if number
    ]
    return f"it finds nodes of any label, and {', '.join(parts)}" if parts else ""
