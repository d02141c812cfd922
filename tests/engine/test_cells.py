"""What becomes of a file when its cell is run: the table, without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.engine.cells import (
    Cell,
    decide,
    find_file,
    named,
    with_version,
)
from neo4j_migrate_magic.engine.checks import Folder
from neo4j_migrate_magic.engine.steps import steps_of
from neo4j_migrate_magic.engine.survey import Survey, edit_of
from neo4j_migrate_magic.errors import (
    AmbiguousVersionError,
    CellConflictError,
    EditedError,
    EditedPrefixError,
    LockHeldError,
    MigrateError,
    MissingError,
    UnknownVersionError,
)
from neo4j_migrate_magic.files import MigrationFile, parse
from neo4j_migrate_magic.files.cell import CellFile, body_of
from neo4j_migrate_magic.model import (
    CellAction,
    Direction,
    Lock,
    Migration,
    MigrationKind,
    RecordState,
)
from tests.engine.plans import NOW, detail, history
from tests.errors.commands import refused

VERSION = "20260101000000"
OLD = """\
// @up
CREATE INDEX a FOR (n:A) ON (n.a);
CREATE (:A);
// @down
MATCH (a:A) DELETE a;
DROP INDEX a;
"""
COMMENT = OLD.replace("// @down", "// words\n// @down")
DOWN = OLD.replace("DELETE a", "DETACH DELETE a")
LATER = OLD.replace("CREATE (:A)", "CREATE (:B)")
FIRST = OLD.replace("(n.a)", "(n.b)")
TEXTS = {"same": OLD, "comment": COMMENT, "down": DOWN, "later": LATER, "first": FIRST}


def migration(text: str, kind: MigrationKind = MigrationKind.CYPHER) -> Migration:
    return parse(text, version=VERSION, name="m", kind=kind, path=Path("the cell"))


def cell(text: str) -> Cell:
    return Cell(migration=migration(text), body=body_of(text), label="the cell")


def file(version: str = VERSION, name: str = "m", suffix: str = "cypher") -> Any:
    kinds = {kind.suffix: kind for kind in MigrationKind}
    path = Path(f"{version}-{name}.{suffix}")
    return MigrationFile(version=version, name=name, kind=kinds[suffix], path=path)


def on_disk(text: str = OLD, *, as_left: bool = True) -> CellFile:
    body = body_of(text)
    return CellFile(file=file(), data=b"", body=body, as_left=as_left)


def known(
    new: Cell | None = None, lock: Lock | None = None, **values: object
) -> Survey:
    """Files and history where the text `OLD` has a record, or none."""
    if not values:
        folder = Folder(migrations=())
        return Survey(folder=folder, history=history(), details={})
    found = detail(migration(OLD), **values)
    files = (new.migration,) if new else ()
    edit = edit_of(found, new.migration) if new else None
    edited = {VERSION: edit} if edit else {}
    return Survey(
        folder=Folder(migrations=files, edited=edited),
        history=history(found.record, lock=lock),
        details={VERSION: found},
    )


STEPS = {direction: steps_of(migration(OLD), direction) for direction in Direction}
RECORDS: dict[str, dict[str, object]] = {
    "not applied": {},
    "applied": {"sequence": 1},
    "failed": {
        "state": RecordState.FAILED,
        "steps_done": (STEPS[Direction.UP][0].hash,),
    },
    "interrupted": {
        "state": RecordState.RUNNING,
        "steps_done": (STEPS[Direction.UP][0].hash,),
    },
    "down failed": {
        "state": RecordState.FAILED,
        "direction": Direction.DOWN,
        "down_from": "file",
        "steps_done": (STEPS[Direction.DOWN][0].hash,),
    },
    "down computed": {
        "state": RecordState.FAILED,
        "direction": Direction.DOWN,
        "down_from": "computed",
    },
}
UNCHANGED, UPDATED, APPLIED = (
    CellAction.UNCHANGED,
    CellAction.UPDATED,
    CellAction.APPLIED,
)
TABLE: dict[str, dict[str, Any]] = {
    "not applied": {
        "same": UNCHANGED,
        **dict.fromkeys(("comment", "down", "later", "first"), UPDATED),
    },
    "applied": {
        "same": APPLIED,
        **dict.fromkeys(("comment", "down"), UPDATED),
        **dict.fromkeys(("later", "first"), EditedError),
    },
    "failed": {
        "same": UNCHANGED,
        **dict.fromkeys(("comment", "down", "later"), UPDATED),
        "first": EditedPrefixError,
    },
    "interrupted": {
        "same": UNCHANGED,
        **dict.fromkeys(("comment", "down", "later"), UPDATED),
        "first": EditedPrefixError,
    },
    "down failed": {
        "same": UNCHANGED,
        "comment": UPDATED,
        "down": EditedPrefixError,
        **dict.fromkeys(("later", "first"), EditedError),
    },
    "down computed": {
        "same": UNCHANGED,
        **dict.fromkeys(("comment", "down"), UPDATED),
        **dict.fromkeys(("later", "first"), EditedError),
    },
    "not reached": {
        "same": UNCHANGED,
        **dict.fromkeys(("comment", "down", "later", "first"), CellConflictError),
    },
}
ROWS = [(state, text) for state, row in TABLE.items() for text in row]


def look_at(error: MigrateError) -> None:
    """An error has all its parts, a short diff, and commands that can be typed."""
    assert error.where
    assert "the file is as it was" in error.kept
    assert "\n--- " in error.why
    assert len(error.why.splitlines()) <= 20
    assert error.next
    assert {way.command: refused(way.command) for way in error.next} == {
        way.command: None for way in error.next
    }


def outcome(
    state: str, text: str, *, as_left: bool, replace: bool
) -> CellAction | type[MigrateError]:
    new = cell(TEXTS[text])
    found = None if state == "not reached" else known(new, **RECORDS[state])
    try:
        return decide(new, on_disk(as_left=as_left), found, replace=replace)
    except MigrateError as error:
        look_at(error)
        return type(error)


@pytest.mark.parametrize(("state", "text"), ROWS)
def test_a_file_as_the_cell_left_it(state: str, text: str) -> None:
    wanted = TABLE[state][text]

    assert wanted == outcome(state, text, as_left=True, replace=False)


@pytest.mark.parametrize(("state", "text"), ROWS)
def test_a_file_that_was_edited_elsewhere(state: str, text: str) -> None:
    """It is never written over; what is refused anyway stays refused as it was."""
    wanted = TABLE[state][text]

    found = outcome(state, text, as_left=False, replace=False)

    assert (CellConflictError if wanted is UPDATED else wanted) == found


@pytest.mark.parametrize("as_left", [True, False])
@pytest.mark.parametrize(("state", "text"), ROWS)
def test_what_replace_allows(state: str, text: str, as_left: bool) -> None:
    """To lose an edit, or to write without knowing; never to change what ran."""
    wanted = TABLE[state][text]

    found = outcome(state, text, as_left=as_left, replace=True)

    assert (UPDATED if wanted is CellConflictError else wanted) == found


def test_a_run_at_work_is_left_alone() -> None:
    """Its own text may be run again; another is refused until it is over."""
    lock = Lock(
        owner="ann@here/1/run", token=1, format=1, expires_at=NOW + timedelta(minutes=1)
    )

    def tried(text: str, **more: Any) -> CellAction:
        new = cell(TEXTS[text])
        found = known(new, lock=lock, **RECORDS["interrupted"])
        return decide(new, on_disk(), found, **more)

    assert tried("same") is UNCHANGED
    for replaced in (False, True):
        with pytest.raises(LockHeldError, match="is running at this moment"):
            tried("later", replace=replaced)


@pytest.mark.parametrize("state", [s for s in RECORDS if s != "not applied"])
def test_a_record_without_a_file(state: str) -> None:
    """A second migration of that name would be another one."""
    found = known(**RECORDS[state])

    with pytest.raises(MissingError, match="and its file is gone"):
        decide(cell(OLD), None, found, replace=True)
    # its file has another name now
    assert decide(cell(OLD), None, found, versions={VERSION}) is CellAction.CREATED


def test_no_file_and_no_record() -> None:
    assert decide(cell(OLD), None, known()) is CellAction.CREATED
    assert decide(cell(OLD), None, None, unknown="…") is CellAction.CREATED


def test_the_text_that_was_applied_was_not_kept() -> None:
    """Then nothing can be compared, and the checksum says that it is another."""
    new = cell(LATER)
    found = known(new, source="", sequence=1)

    with pytest.raises(EditedError) as caught:
        decide(new, on_disk(), found)
    assert "was not kept" in caught.value.why


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((), None),
        (("other.cypher",), None),
        (("m.cypher",), "m.cypher"),
        (("m.cypher", "other.py"), "m.cypher"),
        (("M.cypher",), "M.cypher"),
        (("m.cypher", "m.cypher"), CellConflictError),
        (("m.cypher", "m.py"), CellConflictError),
        (("m.py",), CellConflictError),
    ],
)
def test_find_file(names: tuple[str, ...], found: Any) -> None:
    """By its name, as it was typed or as a file has it."""
    files = []
    for number, name in enumerate(names):
        stem, suffix = name.split(".")
        files.append(file(f"2026010{number + 1}000000", stem, suffix))
    if isinstance(found, type):
        with pytest.raises(found):
            find_file(files, {"m", "M"}, cell(OLD))
        return

    match = find_file(files, {"m", "M"}, cell(OLD))

    assert found == (match and f"{match.name}.{match.kind.suffix}")


def test_with_version() -> None:
    found = with_version(cell(OLD), file("20270101000000", "M"))

    assert found.migration.title == "20270101000000-M"
    assert found == replace(cell(OLD), migration=found.migration)


FILES = [
    file("20260101000000", "a"),
    file("20260102000000", "b"),
    file("20270101000000", "b"),
]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("a", "20260101000000"),
        ("20260101000000-a", "20260101000000"),
        ("20260102", "20260102000000"),
        ("2027", "20270101000000"),
        ("latest", "20270101000000"),
        ("b", AmbiguousVersionError),
        ("2026", AmbiguousVersionError),
        ("c", UnknownVersionError),
        ("", UnknownVersionError),
    ],
)
def test_named(word: str, found: Any) -> None:
    """By version, enough of it, or by name."""
    if isinstance(found, type):
        with pytest.raises(found):
            named(word, FILES)
    else:
        assert found == named(word, FILES).version
