"""Refuse what files and history do not allow, before anything is touched."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.engine.steps import computed_steps, first_edited
from neo4j_migrate_magic.errors import (
    EditedError,
    EditedPrefixError,
    LateError,
    MissingError,
    PartWayError,
    Place,
)
from neo4j_migrate_magic.model import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neo4j_migrate_magic.model import (
        History,
        Migration,
        Record,
        RecordDetail,
        Step,
    )

_DIFF = 12  # lines of a diff that an error shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The first statement of a file that is not what was applied, and its diff."""

    where: Place
    what: str
    diff: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = self.diff[:_DIFF]
        left = len(self.diff) - len(shown)
        more = [f"… {left} more lines"] if left else []
        return "\n".join([self.what, *shown, *more])


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The folder's migrations, and which of their records tell of another text.

    `edited` maps a version to what was edited since it was applied.
    """

    migrations: Sequence[Migration]
    edited: Mapping[str, Edit] = field(default_factory=dict)
    path: Path = field(default_factory=Path)

    @property
    def by_version(self) -> dict[str, Migration]:
        """The migrations by version."""
        return {migration.version: migration for migration in self.migrations}

    def replaced(self, known: Mapping[str, Migration]) -> Folder:
        """Give the folder with some migrations in another form, by version."""
        if not known:
            return self
        migrations = [known.get(m.version, m) for m in self.migrations]
        return replace(self, migrations=migrations)


def refuse_edited_prefix(
    title: str, migration: Migration, steps: Sequence[Step], detail: RecordDetail
) -> None:
    """What has run must stand in the file as it ran, statement by statement."""
    done = detail.steps_done
    index = first_edited(steps, done)
    if index is None:
        return
    step = steps[index - 1] if index <= len(steps) else None
    first = step.statements[0] if step and step.statements else None
    ran = "step 1 has" if len(done) == 1 else f"steps 1-{len(done)} have"
    cut = detail.record.step <= len(done)  # the catalogue tells, no record
    by = f" (step {len(done)} by what the schema tells)" if cut else ""
    raise EditedPrefixError(
        f"{title}: step {index} has run and was changed in the file",
        why=f"{ran} run{by}; only later ones may be edited",
        where=place_of(migration, first.line if first else None),
        kept=f"{ran} run; nothing was touched now",
        next=_ways_out_of_an_edited_prefix(migration, steps, detail),
    )


def _ways_out_of_an_edited_prefix(
    migration: Migration, steps: Sequence[Step], detail: RecordDetail
) -> list[tuple[str, str]]:
    ways = [(undo_edit(migration, detail.record), "undo the edit")]
    if detail.record.direction is Direction.UP:
        exact = computed_steps(detail) is not None
        ways.append(take_back(migration, exact=exact))
    if len(steps) >= len(detail.steps_done):
        accept = f"neo4j-migrate repair {migration.version} --accept-checksum"
        ways.append((accept, "or accept it (logged); nothing is run"))
    elif ways[-1][0] != (forget := _forget(migration.version))[0]:
        ways.append(forget)
    return ways


def take_back(migration: Migration, *, exact: bool) -> tuple[str, str]:
    """Give the command that takes back what ran of a migration that is part-way.

    Args:
        migration: Which.
        exact: Whether what ran has an exact inverse.
    """
    if exact:
        return ("neo4j-migrate down", "or take back what was done")
    if migration.has_down:
        way = "neo4j-migrate down --allow part-way"
        return (way, "or take back what was done, by its @down as written")
    return _forget(migration.version)


def _forget(version: str) -> tuple[str, str]:
    way = f"neo4j-migrate repair {version} --mark pending"
    return (way, "or forget its record, once you took out what was done")


def refuse_begun_down(history: History) -> None:
    """A `down` that was stopped part-way goes before any `up`."""
    for record in history.records:
        if record.part_way and record.direction is Direction.DOWN:
            raise PartWayError(
                f"{record.title} is being rolled back: step {record.step} of"
                f" {record.steps} is next",
                why="its down was stopped part-way, and goes before anything else",
                kept="nothing was touched",
                next=[("neo4j-migrate down", "go on with it")],
            )


def refuse_edited(folder: Folder, records: Mapping[str, Record]) -> None:
    """A statement that has run may not be edited."""
    found = [
        (migration, folder.edited[migration.version])
        for migration in folder.migrations
        if migration.version in folder.edited and records[migration.version].applied
    ]
    if not found:
        return
    migration, edit = found[0]
    more = "\nalso edited: " + ", ".join(m.title for m, _ in found[1:])
    raise EditedError(
        f"{migration.title} was edited after it was applied",
        why=str(edit) + (more if len(found) > 1 else ""),
        where=edit.where,
        kept="nothing was touched",
        next=[
            (undo_edit(migration, records[migration.version]), "undo the edit"),
            ("neo4j-migrate create NAME", "or make the change in a new migration"),
            (
                f"neo4j-migrate repair {migration.version} --accept-checksum",
                "or accept it (logged); nothing is run",
            ),
        ],
    )


def refuse_missing(
    files: Mapping[str, Migration], history: History, *, allow_missing: bool
) -> None:
    """Applied migrations have files; without them `up` goes on only when told to."""
    missing = [r for r in history.records if r.version not in files]
    half = [r for r in missing if r.part_way]
    if half:
        raise MissingError(
            f"{half[0].title} is part-way and its file is gone",
            why="the steps still to do stand in the file alone",
            kept="nothing was touched",
            next=[
                (
                    f"neo4j-migrate show {half[0].version} --source",
                    "print it as it last ran; it belongs into the folder",
                ),
                ("neo4j-migrate down", "or take back what was done"),
            ],
        )
    missing = [r for r in missing if r.origin == "run"]
    if missing and not allow_missing:
        raise MissingError(
            f"{len(missing)} applied migration{'s have' if len(missing) > 1 else ' has'}"
            " no file any more",
            why=", ".join(record.title for record in missing[:10]),
            kept="nothing was touched",
            next=[
                ("git log --diff-filter=D --name-only", "find the file"),
                (
                    f"neo4j-migrate show {missing[0].version} --source",
                    "print the text that was applied",
                ),
                ("neo4j-migrate up --allow missing", "go on without"),
            ],
        )


def refuse_late(pending: Sequence[Migration], records: Mapping[str, Record]) -> None:
    """Stop at pending files that are older than the newest applied migration."""
    newest = max(records, default="")
    late = [m for m in pending if m.version < newest and m.version not in records]
    if not late:
        return
    raise LateError(
        f"{late[0].title} is older than the newest applied migration",
        why=f"{newest} is applied; pending and older: "
        + ", ".join(m.title for m in late[:10]),
        where=place_of(late[0], None),
        kept="nothing was touched",
        next=[
            (
                f"neo4j-migrate up --allow-late {late[0].version}",
                "apply it all the same",
            ),
            (
                f"neo4j-migrate repair {late[0].version} --renumber",
                "or make it the newest: its file is renamed",
            ),
        ],
    )


def place_of(migration: Migration, line: int | None) -> Place | None:
    """Give the place in a migration's file, with the line's text."""
    if migration.path is None:
        return None
    text = None
    lines = migration.source.splitlines()
    if line is not None and 0 < line <= len(lines):
        text = lines[line - 1]
    return Place(str(migration.path), line, None, text)


def undo_edit(migration: Migration, record: Record) -> str:
    """Give the best command that brings a file back as it was applied."""
    return ways_back(Path(path_of(migration)), record)[0]


def ways_back(path: Path, record: Record) -> list[str]:
    """Give the commands that bring a file back, as git has it and as it was applied.

    The history has no text of what was only recorded.
    """
    git = f"git checkout -- {shlex.quote(str(path))}"
    if record.origin != "run":
        return [git]
    applied = from_history(path, record)
    return [git, applied] if _in_repository(path) else [applied]


def from_history(path: Path, record: Record) -> str:
    """Give the command that brings back the text that was applied."""
    name = shlex.quote(str(path))
    return f"neo4j-migrate show {record.version} --source -o {name}"


def _in_repository(path: Path) -> bool:
    return any((folder / ".git").exists() for folder in path.absolute().parents)


def path_of(migration: Migration) -> str:
    """Give the file's path, or the name it would have."""
    return str(migration.path) if migration.path else f"{migration.title}.cypher"
