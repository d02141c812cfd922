"""A result that shows itself looks at little: the working directory, the terminal."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from neo4j_migrate_magic.model import shown


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_folder_that_is_gone_shortens_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown.working_directory() == str(Path.cwd())
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert shown.working_directory() is None


def test_a_kernel_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert shown.columns() is None

    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    assert shown.columns() is None

    monkeypatch.setattr(sys, "stdout", None)
    assert shown.columns() is None


def test_a_terminal_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Screen())
    monkeypatch.setattr(os, "get_terminal_size", lambda: os.terminal_size((72, 24)))

    assert shown.columns() == 72


def test_a_mixin_takes_no_room() -> None:
    """A frozen dataclass with slots stays one."""
    assert shown.Shown.__slots__ == ()
