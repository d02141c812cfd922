"""Folders whose effects can be counted, and a look at a database that trusts no record.

Each part of a migration moves counters by plain statements, and indexes by name. From
what a folder was to do, and how far a record says that it got, follows what must be in
the database: every count and every index, whatever was killed, stopped or raced.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Counts = dict[str, tuple[int, int]]
"""Counters by name: what they are before, and after."""

Items = dict[str, tuple[str, str]]
"""Indexes by name: their definitions before and after; empty: there is none."""


@dataclass(frozen=True)
class Part:
    """What one step does, as far as it can be counted."""

    kind: str  # data, schema, autocommit
    counts: Counts = field(default_factory=dict)
    items: Items = field(default_factory=dict)
    rerunnable: bool = False

    @property
    def back(self) -> Part:
        """The part of `down` that takes this one back."""
        counts = {
            name: (after, before) for name, (before, after) in self.counts.items()
        }
        items = {name: (after, before) for name, (before, after) in self.items.items()}
        return Part(self.kind, counts, items, self.rerunnable)


@dataclass(frozen=True)
class Made:
    """A migration that was made up, with what it is to do."""

    version: str
    file: str
    text: str
    up: tuple[Part, ...]
    down: tuple[Part, ...]

    def parts(self, direction: str) -> tuple[Part, ...]:
        return self.up if direction == "up" else self.down


@dataclass(frozen=True)
class Position:
    """How far a record says that a migration got."""

    state: str
    direction: str
    done: int
    intent: str  # kind of the step in flight

    @property
    def applied(self) -> bool:
        return self.state == "applied" and self.direction == "up"


Bounds = dict[str, tuple[int, int]]
Choices = dict[str, set[str]]


def expected(
    folder: Iterable[Made], positions: dict[str, Position]
) -> tuple[Bounds, Choices]:
    """What may be in the database: the bounds of each counter, each index's choices."""
    bounds: Bounds = {}
    choices: Choices = {}
    for made in folder:
        position = positions.get(made.version)
        direction = position.direction if position else "up"
        for index, part in enumerate(made.parts(direction)):
            done = position is not None and (position.applied or index < position.done)
            cut = position is not None and not done and index == position.done
            for name, (before, after) in part.counts.items():
                open_ = cut and part.kind == position.intent == "autocommit"
                ends = (before, after) if open_ else ((after,) if done else (before,))
                bounds[name] = (min(ends), max(ends))
            for name, (before, after) in part.items.items():
                if cut and position.intent:
                    choices[name] = {before, after, ""}
                elif done or name not in choices:
                    choices[name] = {after if done else before}
    return bounds, choices


def fits(found: str, wanted: set[str]) -> bool:
    """Whether an index is as it may be; one in doubt may be half-built."""
    whole = found.removesuffix(" POPULATING")
    if whole == found or len(wanted) == 1:
        return found in wanted
    return whole in wanted or whole.replace("RANGE", "UNIQUE") in wanted


class Oracle:
    """Looks at a database with the plain driver.

    Args:
        graph: The database.
        folder: The migrations that were made for it.
    """

    def __init__(self, graph: Any, folder: Sequence[Made]) -> None:
        self._graph = graph
        self.folder = folder

    def counts(self) -> dict[str, int]:
        """All counters, and how many marks there are of each kind."""
        rows = self._graph.rows(
            "MATCH (c:Count) RETURN c.of AS of, sum(c.n) AS n"
            " UNION ALL MATCH (m:Mark) RETURN m.of AS of, count(m) AS n"
        )
        found = dict(rows)
        assert len(found) == len(rows)
        return {name: n for name, n in found.items() if n}

    def items(self) -> dict[str, str]:
        """All indexes that are not the tool's; those of constraints say so."""
        rows = self._graph.rows(
            "SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties,"
            " owningConstraint WHERE type <> 'LOOKUP'"
            " RETURN name, type, state, labelsOrTypes, properties, owningConstraint"
        )
        found = {}
        for name, kind, state, labels, properties, owner in rows:
            if labels[0].startswith("_Migrate"):
                continue
            what = "UNIQUE" if owner else kind
            told = "" if state == "ONLINE" else f" {state}"
            found[name] = f"{what} {labels[0]}.{properties[0]}{told}"
        return found

    def positions(self) -> dict[str, Position]:
        """What the records say."""
        rows = self._graph.rows(
            "MATCH (r:_MigrateRecord)"
            " RETURN r.version, r.state, r.direction, r.steps_done, r.intent"
        )
        found = {}
        for version, state, direction, done, intent in rows:
            kind = json.loads(intent)["kind"] if intent else ""
            found[version] = Position(state, direction, len(done), kind)
        return found

    def check(self) -> None:
        """Every record is true: what it says is done is there, and nothing else."""
        positions = self.positions()
        bounds, choices = expected(self.folder, positions)
        counts, items = self.counts(), self.items()
        wrong = [
            f"{name} is {counts.get(name, 0)}, not in {low}..{high}"
            for name, (low, high) in bounds.items()
            if not low <= counts.get(name, 0) <= high
        ]
        wrong += [f"nobody made {name}" for name in counts.keys() - bounds.keys()]
        wrong += [
            f"{name} is {items.get(name, '')!r}, not of {sorted(wanted)}"
            for name, wanted in choices.items()
            if not fits(items.get(name, ""), wanted)
        ]
        wrong += [f"nobody made {name}" for name in items.keys() - choices.keys()]
        assert not wrong, f"{wrong}\n{positions}"

    def check_end(self, verb: str) -> None:
        """The command came to its end: all is applied, or nothing of it is left."""
        self.check()
        positions = self.positions()
        assert {p.state for p in positions.values()} <= {"applied"}
        versions = {made.version for made in self.folder} if verb == "up" else set()
        assert positions.keys() == versions
        open_ = [p for p in positions.values() if p.intent or not p.applied]
        assert not open_
        held = self._graph.rows(
            "MATCH (l:_MigrateProject)"
            " WHERE l.owner IS NOT NULL AND l.expires_at > datetime.realtime() RETURN 1"
        )
        assert not held

    def in_doubt(self) -> tuple[Made, int, Part]:
        """The one step that the tool asks about: its migration, number and part."""
        ((made, position),) = [
            (made, position)
            for made in self.folder
            if (position := self.positions().get(made.version)) and position.intent
        ]
        assert position.intent == "autocommit", position
        return made, position.done + 1, made.parts(position.direction)[position.done]

    def mark(self, part: Part, *, mend: bool) -> str:
        """What a person says of a step in doubt, who counted; half of it is mended.

        Args:
            part: The step.
            mend: Whether half of it is made whole; else it is taken out.
        """
        counts = self.counts()
        ((name, (before, after)),) = part.counts.items()
        found = counts.get(name, 0)
        assert min(before, after) <= found <= max(before, after)
        if found not in (before, after):
            found = after if mend else before
            self._graph.rows("MATCH (c:Count {of: $of}) SET c.n = $n", of=name, n=found)
        return "applied" if found == after else "pending"
