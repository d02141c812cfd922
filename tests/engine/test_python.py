"""What is executed of a Python file is the text that was read, and is recorded."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import pytest

from neo4j_migrate_magic.engine.python import load
from neo4j_migrate_magic.errors import ImportFailedError
from neo4j_migrate_magic.files import read_all
from neo4j_migrate_magic.model import Direction

NAME = "20260101000000-p.py"


def loaded(folder: Path) -> object:
    """Read the folder's file, load it, and call its `up`."""
    (migration,) = read_all(folder)
    return load(migration, Direction.UP, folder)(None)


def test_an_edit_between_reading_and_running_is_not_executed(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("def up(client): return 'read'\n")
    (migration,) = read_all(tmp_path)
    path.write_text("def up(client): return 'edited'\n")
    assert load(migration, Direction.UP, tmp_path)(None) == "read"


def test_compiled_text_of_an_older_file_is_not_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python takes it where both files have one length and one second."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / NAME
    path.write_text("def up(client): return 1\n")
    os.utime(path, (10**9, 10**9))
    spec = importlib.util.spec_from_file_location("compiled", path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    path.write_text("def up(client): return 2\n")
    os.utime(path, (10**9, 10**9))
    assert loaded(tmp_path) == 2


def test_a_file_knows_its_place_and_a_failure_its_line(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"\xef\xbb\xbfdef up(client): return __file__\r\n")
    assert loaded(tmp_path) == str(path)
    path.write_text("def up(client): pass\n\n1 / 0\n")
    with pytest.raises(ImportFailedError) as caught:
        loaded(tmp_path)
    assert caught.value.where is not None
    assert caught.value.where.line == 3
