"""New files: safe names, new versions, nothing overwritten."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neo4j_migrate_magic.errors import BadNameError, InvalidConfigError, NoUpError
from neo4j_migrate_magic.files import (
    create,
    find,
    next_version,
    parse_python,
    read_all,
    safe_name,
)

NOW = datetime(2026, 11, 24, 9, 14, 0, tzinfo=timezone.utc)
STAMP = "20261124091400"


@pytest.mark.parametrize(
    ("typed", "safe"),
    [
        ("TestMigration", "test_migration"),
        ("testMigration", "test_migration"),
        ("test_migration", "test_migration"),
        ("test-migration", "test_migration"),
        ("AddHTTPIndex", "add_http_index"),
        ("My First-Migration v2", "my_first_migration_v2"),
        ("../../evil", "evil"),
        ('a/b\\c:d*e?f"g<h>i|j\0k\nl', "a_b_c_d_e_f_g_h_i_j_k_l"),
        ("__init__", "init"),
        ("Größe", "grosse"),
        ("CaféÉcole", "cafe_ecole"),
        ("naïve ﬁle", "naive_file"),
        ("smørrebrød", "sm_rrebr_d"),
        ("x" * 300, "x" * 100),
        ("x" * 99 + "_y", "x" * 99),
        ("CON", "con"),
        ("7", "7"),
    ],
)
def test_names_become_safe(typed, safe):
    assert safe_name(typed) == safe


@pytest.mark.parametrize("typed", ["", " ", "___", "../..", "日本語", "\ud800"])
def test_name_without_a_letter_is_refused(typed, tmp_path):
    with pytest.raises(BadNameError, match="cannot be the name") as caught:
        create(tmp_path, typed)

    assert caught.value.next[0].command.startswith("neo4j-migrate create ")
    assert list(tmp_path.iterdir()) == []


@given(st.text())
def test_any_name_is_safe_or_refused(typed):
    try:
        safe = safe_name(typed)
    except BadNameError:
        return
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", safe)
    assert len(safe) <= 100
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("newest", "version"),
    [
        ("", STAMP),
        ("20261124091359", STAMP),
        (STAMP, "20261124091401"),
        ("20261231235959", "20270101000000"),
        ("20269999999999", "20270000000000"),
        ("99991231235959", "99991231235960"),
    ],
)
def test_version_is_later_than_the_newest(newest, version):
    assert next_version(NOW, newest) == version


def test_version_is_utc():
    east = NOW.astimezone(timezone(timedelta(hours=9)))

    assert next_version(east, "") == STAMP


def test_no_version_after_the_last():
    with pytest.raises(BadNameError, match="no version is left"):
        next_version(NOW, "9" * 14)


def test_new_file_is_later_than_files_and_history(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "20300101000000-x.py").touch()

    first = create(tmp_path, "a", now=NOW)
    second = create(tmp_path, "a", now=NOW, newest="20310101000000")

    assert first == tmp_path / "20300101000001-a.cypher"
    assert second == tmp_path / "20310101000001-a.cypher"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] != []
    assert not list(tmp_path.glob(".*"))


def test_same_second_gives_the_next_version_and_keeps_the_first_file(tmp_path):
    first = create(tmp_path, "a", now=NOW, text="RETURN 1;")

    second = create(tmp_path, "a", now=NOW, text="RETURN 2;")

    assert first.read_text() == "RETURN 1;"
    assert second.name == "20261124091401-a.cypher"


def test_claim_left_by_a_crash_costs_a_second(tmp_path):
    (tmp_path / f".{STAMP}.new").touch()

    assert create(tmp_path, "a", now=NOW).name == "20261124091401-a.cypher"


def test_folder_with_two_files_of_one_version_still_takes_a_new_one(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"20270101000000-{name}.cypher").touch()

    assert create(tmp_path, "c", now=NOW).name == "20270101000001-c.cypher"


def test_given_text_is_written_byte_for_byte(tmp_path):
    path = create(tmp_path, "a", text="RETURN 'é';\r\n// no line end")

    assert path.read_bytes() == "RETURN 'é';\r\n// no line end".encode()


def test_text_that_is_not_unicode_is_refused(tmp_path):
    with pytest.raises(BadNameError, match="UTF-8"):
        create(tmp_path, "a", text="RETURN '\ud800'")

    assert list(tmp_path.iterdir()) == []


def test_fresh_cypher_file_has_nothing_to_apply(tmp_path):
    path = create(tmp_path, "split_name", now=NOW)

    assert path.read_text().startswith("// Split name\n")
    with pytest.raises(NoUpError) as caught:
        read_all(tmp_path)
    assert path.name in caught.value.what


def test_fresh_cypher_file_takes_statements_below_its_marks(tmp_path):
    path = create(tmp_path, "split_name", now=NOW)
    text = path.read_text()
    text = text.replace("// @up\n", "// @up\nCREATE (n);\n")
    path.write_text(text.replace("// @down\n", "// @down\nRETURN 1;\n"))

    (migration,) = read_all(tmp_path)

    assert migration.description == "Split name"
    assert [s.text for s in migration.up] == ["CREATE (n)"]
    assert migration.has_down


async def test_fresh_python_file_refuses_to_run(tmp_path):
    path = create(tmp_path, "split_name", python=True, now=NOW)

    (migration,) = read_all(tmp_path)

    assert path.name == f"{STAMP}-split_name.py"
    assert migration.description == "Split name."
    assert migration.has_down
    names: dict = {}
    exec(compile(path.read_text(), path, "exec"), names)  # noqa: S102
    with pytest.raises(NotImplementedError, match="not written yet"):
        await names["up"](None)


def test_seed_project_gets_the_seeds_template(tmp_path):
    path = create(tmp_path, "testMigration", seed=True, now=NOW)

    assert path.name == f"{STAMP}-test_migration.py"
    text = path.read_text()
    migration = parse_python(text, STAMP, "test_migration")
    assert path.name in text
    assert "from pyneo4j_ogm import Pyneo4jClient" in text
    assert migration.per_call
    assert migration.has_down


def test_missing_folder_is_an_error_that_says_how_to_make_it(tmp_path):
    with pytest.raises(InvalidConfigError) as caught:
        create(tmp_path / "nowhere", "a")

    assert caught.value.next[0].command == f"mkdir -p {tmp_path / 'nowhere'}"


def test_failing_write_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("neo4j_migrate_magic.files.creation.os.link", full)
    monkeypatch.setattr(Path, "rename", full)

    with pytest.raises(InvalidConfigError, match="No space left"):
        create(tmp_path, "a")
    assert list(tmp_path.iterdir()) == []


def test_file_system_without_links_is_served(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("neo4j_migrate_magic.files.creation.os.link", unsupported)

    path = create(tmp_path, "a", text="RETURN 1;")

    assert [path] == list(tmp_path.iterdir())
    assert path.read_text() == "RETURN 1;"


def test_eight_processes_at_once_get_eight_versions(tmp_path):
    code = (
        "import sys; from pathlib import Path; from datetime import *\n"
        "from neo4j_migrate_magic.files import create\n"
        "sys.stdin.readline()\n"
        "for n in range(5):\n"
        "    create(Path(sys.argv[1]), f'from {sys.argv[2]} {n % 2}', text='RETURN 1;',\n"
        "           now=datetime(2026, 11, 24, tzinfo=timezone.utc))"
    )
    root = Path(__file__).parents[2]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), str(number)],
            stdin=subprocess.PIPE,
            cwd=root,
        )
        for number in range(8)
    ]
    for run in runs:  # all are started; now they go
        assert run.stdin
        run.stdin.write(b"\n")
        run.stdin.close()

    assert [run.wait(60) for run in runs] == [0] * 8
    assert len(find(tmp_path)) == 40  # two with one version would raise
    assert not list(tmp_path.glob(".*"))
    assert {path.read_text() for path in tmp_path.iterdir()} == {"RETURN 1;"}
