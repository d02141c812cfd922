"""Which files of a folder are migrations."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from neo4j_migrate_magic.errors import DuplicateVersionError, InvalidConfigError
from neo4j_migrate_magic.files import find, ignored
from neo4j_migrate_magic.model import MigrationKind

if TYPE_CHECKING:
    from pathlib import Path


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_files_are_found_in_order_of_version_and_in_sub_folders(tmp_path):
    put(
        tmp_path,
        "20260103000000-c.cypher",
        "2025/20250101000000-my-first.py",
        "20260102000000-b.cypher",
    )

    found = [(f.version, f.name, f.kind, f.path) for f in find(tmp_path)]

    cypher, python = MigrationKind.CYPHER, MigrationKind.PYTHON
    path = tmp_path / "2025" / "20250101000000-my-first.py"
    assert found == [
        ("20250101000000", "my-first", python, path),
        ("20260102000000", "b", cypher, tmp_path / "20260102000000-b.cypher"),
        ("20260103000000", "c", cypher, tmp_path / "20260103000000-c.cypher"),
    ]
    assert find(tmp_path)[0].title == "20250101000000-my-first"


@pytest.mark.parametrize(
    "name",
    [
        "20260101000000-a.txt",
        "20260101000000-a.CYPHER",
        "20260101000000-a.cypher~",
        "20260101000000-.cypher",
        "20260101000000.cypher",
        "2026010100000-a.cypher",
        "202601010000000-a.cypher",
        "٢٠٢٦٠١٠١٠٠٠٠٠٠-a.cypher",
        "V1__a.cypher",
        "__init__.py",
        "helper.py",
        ".20260101000000-a.cypher",
        ".hidden/20260101000000-a.cypher",
        "__pycache__/20260101000000-a.py",
    ],
)
def test_other_files_are_ignored(tmp_path, name):
    put(tmp_path, name)

    assert find(tmp_path) == []


def test_files_that_look_like_migrations_are_listed_as_ignored(tmp_path):
    put(
        tmp_path,
        "20260101000000-a.cypher",
        "sub/V1__a.cypher",
        "2026-a.py",
        "20260101000000-b.CYPHER",
        "helper.py",
        "notes.txt",
    )

    names = [path.name for path in ignored(tmp_path)]

    assert names == ["2026-a.py", "20260101000000-b.CYPHER", "V1__a.cypher"]


def test_two_files_with_one_version_are_an_error_that_names_both(tmp_path):
    put(tmp_path, "20260101000000-a.cypher", "x/20260101000000-b.py")
    put(tmp_path, "20260202000000-c.py", "20260202000000-c.cypher")

    with pytest.raises(DuplicateVersionError) as caught:
        find(tmp_path)

    for name in ("0101000000-a.cypher", "0101000000-b.py", "-c.py", "-c.cypher"):
        assert name in caught.value.why
    assert caught.value.what == "2 versions have more than one file"
    assert any("neo4j-migrate create" in way.command for way in caught.value.next)


def test_links_are_followed_once(tmp_path):
    put(tmp_path, "real/20260101000000-a.cypher")
    (tmp_path / "real" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "also").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path / "self")

    assert [f.path.parent.name for f in find(tmp_path)] == ["real"]


def test_link_to_a_folder_elsewhere_is_searched(tmp_path):
    put(tmp_path, "shared/20260101000000-a.cypher", "migrations/.gitkeep")
    (tmp_path / "migrations" / "shared").symlink_to(tmp_path / "shared")

    assert len(find(tmp_path / "migrations")) == 1


def test_missing_folder_says_how_to_make_it(tmp_path):
    with pytest.raises(InvalidConfigError, match="folder does not exist") as caught:
        find(tmp_path / "nowhere")

    assert caught.value.next[0].command == f"mkdir -p {tmp_path / 'nowhere'}"
    assert "nowhere" in str(caught.value)


def test_folder_that_is_a_file_is_an_error(tmp_path):
    put(tmp_path, "migrations")

    with pytest.raises(InvalidConfigError, match="is a file"):
        find(tmp_path / "migrations")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root")
def test_folder_without_rights_is_an_error(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)

    with pytest.raises(InvalidConfigError, match="cannot be read"):
        find(tmp_path)


def test_ten_thousand_files_are_found_at_once(tmp_path):
    for number in range(10_000):
        (tmp_path / f"{20260101000000 + number}-m.cypher").touch()
    began = time.perf_counter()

    assert len(find(tmp_path)) == 10_000
    # Measured 0.05 s; the bound only catches a different order of growth.
    assert time.perf_counter() - began < 3
