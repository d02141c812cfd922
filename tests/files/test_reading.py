"""From bytes on disk to migrations, and where two texts part."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neo4j_migrate_magic.errors import FileError, NoUpError, ParseError
from neo4j_migrate_magic.files import (
    difference,
    find,
    parse,
    read,
    read_all,
    read_usable,
)
from neo4j_migrate_magic.model import MigrationKind

CYPHER, PYTHON = MigrationKind.CYPHER, MigrationKind.PYTHON
NAME = "20260101000000-a.cypher"


def put(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refused(folder: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        read_all(folder)
    assert caught.value.next
    return caught.value


def test_both_kinds_are_read(tmp_path):
    put(tmp_path, NAME, "CREATE (n:Zoë);")
    put(tmp_path, "20260102000000-b.py", "async def up(client): pass")

    migrations = read_all(tmp_path)

    assert [m.title for m in migrations] == ["20260101000000-a", "20260102000000-b"]
    assert [m.kind for m in migrations] == [CYPHER, PYTHON]
    assert migrations[0].path == tmp_path / NAME
    assert migrations[0].up[0].text == "CREATE (n:Zoë)"


def test_text_reaches_the_migration_byte_for_byte_but_for_the_mark(tmp_path):
    text = "\ufeffCREATE (n {t: 'a\r\nb'});\r\n"
    put(tmp_path, NAME, text)

    (migration,) = read_all(tmp_path)

    assert migration.source == text[1:]
    assert migration.up[0].text == "CREATE (n {t: 'a\r\nb'})"
    assert (migration.up[0].line, migration.up[0].column) == (1, 1)


@pytest.mark.parametrize(
    ("data", "why", "line", "column"),
    [
        (b"RETURN 1;\n// caf\xe9\n", "line 2, byte 0xe9 at offset 16", 2, 7),
        (b"\xef\xbb\xbf\n\xff", "line 2, byte 0xff at offset 4", 2, 1),
        ("RETURN 'é".encode()[:-1], "line 1, byte 0xc3 at offset 8", 1, 9),
        ("RETURN 1".encode("utf-16"), "save it as UTF-8", 1, None),
        ("RETURN 1".encode("utf-16-le"), "UTF-16 without a mark", 1, None),
    ],
)
def test_what_is_not_utf8_is_refused_with_its_place(tmp_path, data, why, line, column):
    path = put(tmp_path, NAME, data)

    error = refused(tmp_path)

    assert isinstance(error, ParseError)
    assert why in error.why
    where = error.where
    assert (where.path, where.line, where.column) == (str(path), line, column)


def test_file_that_went_away_is_an_error(tmp_path):
    path = put(tmp_path, NAME, "RETURN 1")
    (file,) = find(tmp_path)
    path.unlink()

    with pytest.raises(ParseError, match="cannot be read"):
        read(file)


def test_link_to_nothing_is_an_error(tmp_path):
    (tmp_path / NAME).symlink_to(tmp_path / "nowhere")

    assert "cannot be read" in refused(tmp_path).what


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / NAME)

    assert "not a regular file" in refused(tmp_path).what


def test_all_broken_files_are_told(tmp_path):
    put(tmp_path, NAME, "// @upp\nRETURN 1;")
    put(tmp_path, "20260102000000-b.cypher", "RETURN 1;")
    put(tmp_path, "20260103000000-c.cypher", "")

    error = refused(tmp_path)

    assert error.what.startswith("2 files cannot be used")
    assert error.where.path.endswith(NAME)
    assert "did you mean `// @up`?" in error.why
    assert "20260103000000-c.cypher has nothing to apply" in error.why


def test_empty_file_is_an_error_that_names_it(tmp_path):
    path = put(tmp_path, NAME, "")

    error = refused(tmp_path)

    assert isinstance(error, NoUpError)
    assert error.where.path == str(path)


def cypher(text):
    return parse(text, version="20260101000000", name="a", kind=CYPHER)


def python(text):
    return parse(text, version="20260101000000", name="a", kind=PYTHON)


@pytest.mark.parametrize(
    ("old", "new", "number", "line", "before", "after"),
    [
        ("RETURN 1; RETURN 2;", "RETURN 1;\n\nRETURN 3", 2, 3, "RETURN 2", "RETURN 3"),
        ("RETURN 1;", "RETURN 1;\nRETURN 2;", 2, 2, None, "RETURN 2"),
        ("RETURN 1; RETURN 2;", "RETURN 1;", 2, None, "RETURN 2", None),
    ],
)
def test_first_difference_of_cypher(old, new, number, line, before, after):
    found = difference(cypher(old), cypher(new))

    assert found is not None
    assert (found.number, found.old, found.new) == (number, before, after)
    assert found.where.line == line
    assert found.where.path == "20260101000000-a.cypher"


def test_first_difference_of_python():
    old = '"""Words."""\nX = 1\n\n\ndef up(client):\n    client.cypher("RETURN 1")\n'
    new = old.replace("Words", "Other").replace("RETURN 1", "RETURN 2")

    found = difference(python(old), python(new))

    assert found is not None
    assert (found.number, found.where.line) == (2, 5)
    assert found.where.text == "def up(client):"


@pytest.mark.parametrize(
    ("old", "new"),
    [("RETURN 1;", "// words\nRETURN 1"), ("RETURN 1;", "//@up\nRETURN 1;\n//@down\n")],
)
def test_no_difference(old, new):
    assert difference(cypher(old), cypher(new)) is None


def test_what_can_be_used_is_read_beside_what_cannot(tmp_path: Path) -> None:
    """Two files with one version are both unusable; the others are in order."""
    for name, text in {
        "20260101000000-a.cypher": "CREATE (:A);",
        "20260102000000-b.cypher": "",
        "20260103000000-c.cypher": "CREATE (:C);",
        "20260104000000-d.cypher": "CREATE (:D);",
        "20260104000000-e.cypher": "CREATE (:E);",
    }.items():
        (tmp_path / name).write_text(text)

    migrations, unusable = read_usable(tmp_path)

    assert [m.name for m in migrations] == ["a", "c"]
    assert {one.file.name: one.error.code for one in unusable} == {
        "b": "FILE.NO_UP",
        "d": "FILE.DUPLICATE_VERSION",
    }
