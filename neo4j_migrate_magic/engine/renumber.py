"""Make a pending file the newest: rename it, once the history says that it may be."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from neo4j_migrate_magic import files
from neo4j_migrate_magic.engine.repair import Subject
from neo4j_migrate_magic.engine.survey import refuse_newer
from neo4j_migrate_magic.errors import MigrateError
from neo4j_migrate_magic.history.corrections import note
from neo4j_migrate_magic.model import Correction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.engine.project import Project
    from neo4j_migrate_magic.engine.run import Run
    from neo4j_migrate_magic.history.commit import Committer
    from neo4j_migrate_magic.history.corrections import Change


async def renumber(project: Project, run: Run, version: str) -> Correction:
    """Rename an unapplied file to the newest version, under the lock, and log it.

    Args:
        project: Whose file and whose history.
        run: Takes the lock: a run that is at work may be applying the file.
        version: The file's version, or a word for it.

    Raises:
        BadOptionError: It is applied, or part-way.
        LockHeldError: A run is at work, and did not end in time.
        MissingError: There is no such file.
    """
    renaming = _Renaming(project, version)
    verb = shlex.join(["repair", version, "--renumber"])
    await run.correct(renaming.decide, renaming.write, verb=verb)
    return Correction(said=renaming.said, server=project.database.server)


class _Renaming:
    """One renaming: decided before the lock and again under it, then done."""

    def __init__(self, project: Project, version: str) -> None:
        self._project = project
        self._version = version
        self._newest = ""
        self._subject: Subject | None = None
        self.said = ""

    async def decide(self) -> Sequence[Change]:
        """Look whether the file may be renamed."""
        project = self._project
        found = await project.survey()
        refuse_newer(found.history)
        whole = project.version(self._version, found)
        subject = Subject(whole, await project.with_details(whole, found))
        subject.need_file()
        if subject.record is not None:
            raise subject.refused(
                "the history knows it by its version: it is "
                + ("applied" if subject.record.applied else "part-way"),
            )
        self._newest = max((r.version for r in found.history.records), default="")
        self._subject = subject
        return [subject.change(None)]

    async def write(
        self, commits: Committer, changes: Sequence[Change], *, run_id: str, by: str
    ) -> None:
        """Rename the file, then tell of it: the log has nothing that is not so."""
        (change,) = changes
        if self._subject is None:
            raise AssertionError("what was not decided is not written")
        file = self._subject.need_file()
        ready = await commits.hold("up")
        ready()
        path = files.renumber(self._project.folder, file, newest=self._newest)
        self.said = f"{file.path} is now {path}"
        new = path.name.partition("-")[0]
        detail = {"renumbered": {"from": change.version, "to": new}}
        try:
            await note(
                commits,
                detail,
                run_id=run_id,
                by=by,
                version=new,
                name=change.name,
                former=change.version,
            )
        except MigrateError as error:
            error.kept = f"{self.said}; the log does not tell of it"
            raise
