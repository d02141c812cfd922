"""A pending file becomes the newest: its name changes, and nothing else."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from neo4j_migrate_magic.errors import InvalidConfigError
from neo4j_migrate_magic.files import find, read_all, renumber

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


def add(folder: Path, name: str, text: str = "CREATE (:A);") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


@pytest.mark.parametrize(
    ("other", "newest", "expected"),
    [
        ("20260201000000-b.cypher", "", "20260301000000"),
        ("20260401000000-b.cypher", "", "20260401000001"),
        ("20260201000000-b.cypher", "20260501000000", "20260501000001"),
        ("20260401235959-b.py", "20260201000000", "20260402000000"),
    ],
)
def test_the_new_version_is_later_than_now_and_than_every_one_known(
    tmp_path: Path, other: str, newest: str, expected: str
) -> None:
    add(tmp_path, other, "def up(client): ...")
    old = add(tmp_path, "20260101000000-a.cypher", "CREATE (:A);\r\n")
    inode = old.stat().st_ino
    file = next(f for f in read_all(tmp_path) if f.name == "a")

    path = renumber(tmp_path, file, newest=newest, now=NOW)

    assert path == tmp_path / f"{expected}-a.cypher"
    assert names(tmp_path) == sorted([other, path.name])
    assert (path.read_bytes(), path.stat().st_ino) == (b"CREATE (:A);\r\n", inode)


def test_a_file_stays_in_its_folder_and_keeps_its_name(tmp_path: Path) -> None:
    add(tmp_path, "crm/20260101000000-Größe & co.cypher")
    (file,) = read_all(tmp_path)

    path = renumber(tmp_path, file, newest="", now=NOW)

    assert path == tmp_path / "crm" / "20260301000000-Größe & co.cypher"


def test_it_is_never_put_over_another_file(tmp_path: Path) -> None:
    """Not over one of the same name that no migration has, be it a broken link."""
    add(tmp_path, "crm/20260101000000-a.cypher")
    (file,) = read_all(tmp_path)
    taken = tmp_path / "crm" / "20260301000000-a.cypher"
    os.symlink("nowhere", taken)

    path = renumber(tmp_path, file, newest="", now=NOW)

    assert path.name == "20260301000001-a.cypher"
    assert os.readlink(taken) == "nowhere"


def test_a_version_that_somebody_else_has_just_claimed_is_left_to_them(
    tmp_path: Path,
) -> None:
    old = add(tmp_path, "20260101000000-a.cypher")
    (tmp_path / ".20260301000000.new").touch()
    (file,) = read_all(tmp_path)

    path = renumber(tmp_path, file, newest="", now=NOW)

    assert path.name == "20260301000001-a.cypher"
    assert not old.exists()
    assert (tmp_path / ".20260301000000.new").exists()


def test_a_file_that_went_away_leaves_nothing_behind(tmp_path: Path) -> None:
    old = add(tmp_path, "20260101000000-a.cypher")
    (file,) = read_all(tmp_path)
    old.unlink()

    with pytest.raises(InvalidConfigError):
        renumber(tmp_path, file, newest="", now=NOW)

    assert names(tmp_path) == []
    assert find(tmp_path) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = add(tmp_path / "elsewhere", "text", "CREATE (:A);")
    folder = tmp_path / "migrations"
    folder.mkdir()
    os.symlink(target, folder / "20260101000000-a.cypher")
    (file,) = read_all(folder)

    path = renumber(folder, file, newest="", now=NOW)

    assert Path(os.readlink(path)) == target
