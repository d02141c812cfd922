"""Make a pending file the newest: rename it, once the history says that it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic import files
from neo4j_migrate_magic.engine.repair import Subject
from neo4j_migrate_magic.engine.survey import refuse_newer
from neo4j_migrate_magic.errors import LockHeldError
from neo4j_migrate_magic.model import Correction

if TYPE_CHECKING:
    from neo4j_migrate_magic.engine.project import Project
    from neo4j_migrate_magic.engine.survey import Survey


async def renumber(project: Project, version: str) -> Correction:
    """Rename an unapplied file to the newest version; nothing else is written.

    Args:
        project: Whose file and whose history.
        version: The file's version, or a word for it.

    Raises:
        BadOptionError: It is applied, or part-way.
        LockHeldError: A run is at work, which may be applying it.
        MissingError: There is no such file.
    """
    found = await project.survey()
    refuse_newer(found.history)
    whole = project.version(version, found)
    subject = Subject(whole, await project.with_details(whole, found))
    file = subject.need_file()
    if subject.record is not None:
        raise subject.refused(
            "the history knows it by its version: it is "
            + ("applied" if subject.record.applied else "part-way"),
        )
    _refuse_running(found)
    newest = max((r.version for r in found.history.records), default="")
    path = files.renumber(project.folder, file, newest=newest)
    said = f"{file.path} is now {path}"
    return Correction(said=said, server=project.database.server)


def _refuse_running(found: Survey) -> None:
    if found.history.running is None or found.history.lock is None:
        return
    raise LockHeldError(
        f"a run is at work: {found.history.lock.owner}",
        why="it may be applying the file just now",
        kept="no file was renamed",
        next=[("neo4j-migrate status", "see when it has ended")],
    )
