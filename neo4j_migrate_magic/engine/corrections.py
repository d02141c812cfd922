"""Carry out `repair` and `baseline`: decide, take the lock, decide again, write."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.baseline import baseline_changes
from neo4j_migrate_magic.engine.renumber import renumber as rename
from neo4j_migrate_magic.engine.repair import (
    Subject,
    about_schema,
    mark_step,
    mark_whole,
)
from neo4j_migrate_magic.engine.repair import (
    accept_checksum as accept,
)
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.engine.survey import refuse_newer, settle_all
from neo4j_migrate_magic.errors import BadOptionError
from neo4j_migrate_magic.history import corrections
from neo4j_migrate_magic.history.reading import read_history
from neo4j_migrate_magic.model import Correction
from neo4j_migrate_magic.schema.catalogue import read_catalogue, snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.engine.project import Project
    from neo4j_migrate_magic.engine.run import Run
    from neo4j_migrate_magic.history.corrections import Change


async def repair(
    project: Project,
    run: Run,
    version: str,
    *,
    mark: str | None,
    step: int | None,
    accept_checksum: bool,
    renumber: bool = False,
) -> Correction:
    """Correct one record; see `Migrator.repair`.

    Raises:
        BadOptionError: It has no meaning there.
    """
    _check(mark, step, alone=accept_checksum + renumber)
    if renumber:
        return await rename(project, run, version)

    async def decide() -> Sequence[Change]:
        found = await project.survey()
        refuse_newer(found.history)
        whole = project.version(version, found)
        if accept_checksum:
            found = await settle_all(project.database, found)
        subject = Subject(whole, await project.with_details(whole, found))
        if accept_checksum:
            change = accept(subject)
            counted = _counted(subject, change)
            return [replace(change, detail={**change.detail, **counted})]
        if step is not None:
            change = mark_step(subject, step, applied=mark == "applied")
        else:
            change = mark_whole(subject, applied=mark == "applied")
        if not about_schema(subject, step):
            return [change]
        now = snapshot(await read_catalogue(project.database))
        return [replace(change, schema=now)]

    words = ["repair", version, *(["--mark", mark] if mark else ["--accept-checksum"])]
    words += ["--step", str(step)] if step is not None else []
    verb = shlex.join(words)
    (change,) = await run.correct(decide, corrections.correct, verb=verb)
    title = f"{change.version}-{change.name}"
    if accept_checksum:
        said = f"{title}: the file counts as what was applied"
        if line := change.detail.get("to_line"):
            said += f"; down to the statement on line {line} it counts as run"
    elif step is not None:
        said = f"{title}: step {step} counts as {mark}"
    else:
        said = f"{title} counts as {mark}"
    return Correction(said=said, titles=(title,), server=project.database.server)


def _counted(subject: Subject, change: Change) -> dict[str, int]:
    """Say down to which line of its file a part-way migration counts as run.

    One that is rolled back by the inverse has run by no line of it.
    """
    done = (change.after or {}).get("steps_done", ())
    direction = subject.need_record().record.direction
    steps = steps_of(subject.need_file(), direction, done)[: len(done)]
    lines = [statement.line for step in steps for statement in step.statements]
    return {"to_line": lines[-1]} if lines else {}


async def repair_history(project: Project, run: Run) -> Correction:
    """Make the tool's own constraints again; see `Migrator.repair_history`."""
    refuse_newer(await read_history(project.database, project.name))
    made = await run.restore()
    said = f"made {' and '.join(made)}" if made else "the constraints are there"
    return Correction(said=said, server=project.database.server)


def _check(mark: str | None, step: int | None, *, alone: int) -> None:
    """Refuse what is no correction; `alone` counts those that take no mark."""
    why = ""
    if mark not in (None, "applied", "pending"):
        why = f"{mark!r} is no mark: it is applied or pending"
    elif (mark is not None) + alone != 1:
        why = (
            "name one correction: --mark applied, --mark pending, --accept-checksum"
            " or --renumber"
        )
    elif step is not None and mark is None:
        why = "--step goes with --mark"
    if why:
        raise BadOptionError(
            "this is no repair",
            why=why,
            next=[("neo4j-migrate repair --help", "lists the corrections")],
        )


async def baseline(
    project: Project,
    run: Run,
    version: str,
    *,
    preview: bool,
) -> Correction:
    """Record files as applied without running them; see `Migrator.baseline`."""
    skipped: dict[str, str] = {}

    async def decide() -> Sequence[Change]:
        found = await project.survey()
        refuse_newer(found.history)
        changes, left_out = baseline_changes(found, project.version(version, found))
        skipped.clear()
        skipped.update(left_out)
        return changes

    def said(changes: Sequence[Change], *, done: bool) -> Correction:
        count = f"{len(changes)} migration{'' if len(changes) == 1 else 's'}"
        words = f"recorded {count} as applied; nothing was run"
        if not done:
            words = f"record {count} as applied, without running anything"
        nothing = "nothing to record: every file up to there has a record"
        return Correction(
            said=words if changes else nothing,
            titles=tuple(f"{change.version}-{change.name}" for change in changes),
            skipped=dict(skipped),
            server=project.database.server,
        )

    verb = shlex.join(["baseline", version])
    if preview:
        return said(await run.preview(decide, verb=verb), done=False)
    changes = await run.correct(decide, corrections.baseline, verb=verb)
    return said(changes, done=True)
