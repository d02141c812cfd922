"""What a run in this process says of itself, held against the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from neo4j_migrate_magic.errors import MigrateError
from neo4j_migrate_magic.migrator import Migrator
from neo4j_migrate_magic.model import MigrationReport, Outcome, Report
from tests.torture.oracle import Made, Oracle, Position, expected, fits

_NOTHING = ("nothing was touched", "nothing was run, and no record was changed")


@dataclass(frozen=True)
class Said:
    """How a run ended, in its own words."""

    verb: str
    report: Report | None  # None: it ended before the first step
    error: MigrateError | None
    seconds: float

    def __str__(self) -> str:
        told = [
            f"{m.version} {m.outcome.value} {m.steps_run}/{m.steps}"
            for m in (self.report.migrations if self.report else ())
        ]
        error = self.error
        why = (
            f"{error.code} ({error.exit_code}) {error}; kept: {error.kept}"
            if error
            else ""
        )
        return f"{self.verb}: {', '.join(told) or 'no report'}; {why}"


def run(verb: str, uri: str, config: Path, patience: float = 2.0) -> Said:
    """Run `up` or `down` of everything through the Python interface."""
    began = time.monotonic()
    try:
        report = asyncio.run(_run(verb, uri, config, patience))
    except MigrateError as error:
        return Said(verb, error.report, error, time.monotonic() - began)
    return Said(verb, report, None, time.monotonic() - began)


async def _run(verb: str, uri: str, config: Path, patience: float) -> Report:
    async with Migrator(uri=uri, config=config, lock_timeout=patience) as migrator:
        if verb == "up":
            return await migrator.up()
        return await migrator.down("all")


def check(said: Said, oracle: Oracle) -> None:
    """What the run said is true: each migration is whole, untouched, or part-way.

    The folder was untouched before an `up`, and whole before a `down`.
    """
    positions = _positions(said, oracle.folder)
    lies = _lies(oracle, positions)
    if lies and said.error is not None and said.error.code.endswith("COMMIT_UNKNOWN"):
        lies = _lies(oracle, _one_step_on(said, oracle.folder, positions))
    lies += _wrong_words(said)
    assert not lies, f"{lies}\nsaid: {said}"


def _lies(oracle: Oracle, positions: dict[str, Position]) -> list[str]:
    """What is not in the database as it must be where migrations stand so."""
    bounds, choices = expected(oracle.folder, positions)
    counts, items = oracle.counts(), oracle.items()
    lies = [
        f"{name} is {counts.get(name, 0)}, not in {ends}"
        for name, ends in bounds.items()
        if not ends[0] <= counts.get(name, 0) <= ends[1]
    ]
    return lies + [
        f"{name} is {items.get(name, '')!r}, not of {sorted(wanted)}"
        for name, wanted in choices.items()
        if not fits(items.get(name, ""), wanted)
    ]


def _one_step_on(
    said: Said, folder: Sequence[Made], positions: dict[str, Position]
) -> dict[str, Position]:
    """Where migrations stand if the COMMIT that nobody answered was done."""
    cut = [m for m in folder if _cut(positions.get(m.version))]
    if len(cut) != 1:
        return positions
    (made,) = cut
    found = positions[made.version]
    parts, done = made.parts(said.verb), found.done + 1
    if done < len(parts):
        return {**positions, made.version: replace(found, done=done, intent="")}
    if said.verb == "up":
        return {**positions, made.version: Position("applied", "up", done, "")}
    return {v: p for v, p in positions.items() if v != made.version}


def _cut(position: Position | None) -> bool:
    return position is not None and position.state == "running"


def _positions(said: Said, folder: Sequence[Made]) -> dict[str, Position]:
    told = {m.version: m for m in (said.report.migrations if said.report else ())}
    positions = {}
    for made in folder:
        found = _position(made, said.verb, told.get(made.version))
        if found is not None:
            positions[made.version] = found
    return positions


def _position(made: Made, verb: str, told: MigrationReport | None) -> Position | None:
    outcome = told.outcome if told else Outcome.UNTOUCHED
    applied = Position("applied", "up", len(made.up), "")
    if outcome is Outcome.UNTOUCHED:
        return None if verb == "up" else applied
    if outcome is not Outcome.PART_WAY:
        return applied if verb == "up" else None
    assert told is not None
    parts = made.parts(verb)
    assert told.steps == len(parts)
    assert told.steps_run < len(parts), "a migration whose steps are all done is whole"
    # of the step after the last recorded one, something may be there
    return Position("running", verb, told.steps_run, parts[told.steps_run].kind)


def _wrong_words(said: Said) -> list[str]:
    """An error says what is kept, and its exit code whether anything is."""
    error, report = said.error, said.report
    if error is None:
        whole = {Outcome.APPLIED, Outcome.ROLLED_BACK}
        ended = report is not None and {m.outcome for m in report.migrations} <= whole
        return [] if ended else ["a success that is none"]
    wrong = []
    if not error.kept or not error.next:
        wrong.append("an error without what is kept, or without a way on")
    if error.code in ("BUG.UNEXPECTED", "SERVER.QUERY"):
        wrong.append("an error that says nothing")
    if report is None and error.kept not in _NOTHING:
        wrong.append("no report, but not untouched")
    touched = report is not None and any(
        m.outcome is not Outcome.UNTOUCHED for m in report.migrations
    )
    if touched != (error.exit_code == 8):
        wrong.append(f"exit {error.exit_code}, kept {touched}")
    return wrong
