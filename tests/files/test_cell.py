"""A file that a cell wrote: body and mark, as left or edited, and writing it again."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from neo4j_migrate_magic.errors import CellConflictError, FileError, ParseError
from neo4j_migrate_magic.files import find, parse
from neo4j_migrate_magic.files.cell import (
    CellFile,
    as_typed,
    body_diff,
    body_of,
    is_as_left,
    normalised,
    read_cell_file,
    text_of,
    update,
)
from neo4j_migrate_magic.model import Migration, MigrationKind

CYPHER, PYTHON = MigrationKind.CYPHER, MigrationKind.PYTHON
VERSION = "20260101000000"

BODIES = {
    "one statement": (CYPHER, "CREATE (:A);\n"),
    "no semicolon": (CYPHER, "CREATE (:A)\n"),
    "a description": (CYPHER, "// Make an A\nCREATE (:A);\n"),
    "a comment at the end": (CYPHER, "CREATE (:A); // done\n"),
    "a comment line at the end": (CYPHER, "CREATE (:A);\n// done\n"),
    "a block comment at the end": (CYPHER, "CREATE (:A) /* done */\n"),
    "only a comment above": (CYPHER, "\t// @up\nCREATE (:A);\n"),
    "both sections": (
        CYPHER,
        "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;\n",
    ),
    "no end of down": (
        CYPHER,
        "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a\n",
    ),
    "an empty down": (CYPHER, "// @up\nCREATE (:A);\n\n// @down\n"),
    "down first": (CYPHER, "// @down\nMATCH (a:A) DELETE a;\n// @up\nCREATE (:A);\n"),
    "a directive": (CYPHER, "// @timeout 5s\nCREATE (:A);\n"),
    "braces and dollars": (CYPHER, "MATCH (a {x: $id}) SET a.t = '{x} $id {{y}}';\n"),
    "a line separator": (CYPHER, "CREATE (:A {t: 'a\u2028b\u2029c\x85d'});\n"),
    "a string of lines": (CYPHER, "CREATE (:A {t: 'a  \n\n  b  '});\n"),
    "a mark within": (CYPHER, f"// %%migration body-sha256={'0' * 64}\nCREATE (:A);\n"),
    "a function": (PYTHON, "async def up(client):\n    pass\n"),
    "a function and words": (PYTHON, '"""Words."""\n\ndef up(client):\n    return 1\n'),
    "a comment in a function": (PYTHON, "def up(client):\n    pass\n    # done\n"),
    "words in a comment": (PYTHON, "# Words\nimport os\n\ndef up(client): os.sep\n"),
    "down at the end": (PYTHON, "def up(c): pass\n\ndef down(c):\n    pass  # x\n"),
    "a string at the end": (PYTHON, 'def up(c): pass\n\nTEXT = """\n# a\n"""\n'),
}


def read(text: str, kind: MigrationKind) -> Migration:
    return parse(text, version=VERSION, name="a", kind=kind)


def seen(migration: Migration) -> dict[str, Any]:
    """All that a text says, without the text."""
    names = set(Migration.__slots__) - {"source"}
    return {name: getattr(migration, name) for name in names}


@pytest.mark.parametrize("name", BODIES)
def test_the_mark_changes_nothing_of_what_a_text_says(name: str) -> None:
    """Not the checksum, nor the description, nor a statement of `up` or `down`."""
    kind, body = BODIES[name]
    text = text_of(body, kind)

    assert seen(read(body, kind)) == seen(read(text, kind))
    assert text.startswith(body)
    assert text.count("\n") == body.count("\n") + 1
    assert text == text_of(body, kind)
    assert is_as_left(text)
    assert body == normalised(body) == body_of(text) == body_of(body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (CYPHER, "CREATE (:A {t: 'a\n"),
        (CYPHER, "CREATE (:A)  /* a\n"),
        (CYPHER, "CREATE (:`A\n"),
        (PYTHON, 'def up(c): pass\nTEXT = """\n'),
        (PYTHON, "def up(c): pass\nx = 1 + \\\n"),
        (PYTHON, "def up(c): pass\nx = (1,\n"),
        (PYTHON, "def up(c): pass\nif True:\n"),
    ],
)
def test_what_does_not_end_is_refused_with_the_mark_and_without(
    kind: MigrationKind, body: str
) -> None:
    """No mark makes a text whole, or is swallowed by it."""
    for text in (body, text_of(body, kind)):
        with pytest.raises(ParseError):
            read(text, kind)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("\n\n  CREATE (:A);  \n \t\n", "  CREATE (:A);\n"),
        ("CREATE (:A);\r\nCREATE (:B);\r\n", "CREATE (:A);\nCREATE (:B);\n"),
        ("a  \n\n\n  b", "a  \n\n\n  b\n"),
        ("a\u2028b\x0bc\x1cd", "a\u2028b\x0bc\x1cd\n"),
        ("", "\n"),
        (" \r\n \n", "\n"),
    ],
)
def test_a_body_is_cut_at_its_ends_alone(text: str, body: str) -> None:
    """A blank within a line may be within a string."""
    assert body == normalised(text)
    assert body == normalised(body)


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda text: text, True),
        (lambda text: text.replace("\n", "\r\n"), True),
        (lambda text: f"\ufeff{text}", True),
        (lambda text: f"{text}\n", True),
        (lambda text: text.removesuffix("\n"), True),
        (lambda text: text.replace(":A", ":B"), False),
        (lambda text: text.replace("// Make", "//  Make"), False),
        (lambda text: f"{text}// more\n", False),
        (lambda text: text.replace("sha256=", "sha256=0"), False),
        (lambda text: text[: text.index("// %%")], False),
        (lambda text: "", False),
    ],
)
def test_an_edit_by_anybody_else_shows(change: Any, left: bool) -> None:
    """What git does to line ends is no edit."""
    text = text_of("// Make an A\nCREATE (:A);\n", CYPHER)

    assert left is is_as_left(change(text))


def test_a_pasted_mark_is_no_part_of_the_body() -> None:
    """The whole text of a file, put into a cell, gives the same file."""
    text = text_of("CREATE (:A);\n", CYPHER)

    assert text == text_of(body_of(text), CYPHER)
    assert text == text_of(body_of(f"\ufeff{text}".replace("\n", "\r\n")), CYPHER)


PIECES = [
    *("CREATE (:A)", "MATCH (a) DELETE a", ";", " ", "\t", "'x\n y'", "`z`"),
    *("\n", "\r\n", "\r", "\r\r\n", "\u2028", "\x85", "\ufeff", "\x0c"),
    *("// c\n", "/* b */", "// @up\n", "// @down\n", "// @rerunnable\n"),
    f"// %%migration body-sha256={'0' * 64}\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12))
@example(["\n", "\ufeff", "CREATE (:A)", "\r\r\n", "\n"])
def test_whatever_a_cell_says_its_file_says_the_same(pieces: list[str]) -> None:
    """The file is as it was left, and the same cell makes the same file again."""
    typed = "".join(pieces)
    body = body_of(typed)
    text = text_of(body, CYPHER)
    read_back = text.encode().decode("utf-8-sig")

    assert is_as_left(read_back)
    assert body == body_of(read_back)
    assert text == text_of(body_of(read_back), CYPHER)
    try:
        said = read(f"\n{as_typed(typed)}", CYPHER)
    except FileError:
        return
    written = read(read_back, CYPHER)
    assert said.checksum == written.checksum
    assert said.description == written.description
    assert said.has_down == written.has_down
    assert [s.canonical for s in said.up] == [s.canonical for s in written.up]
    assert [s.rerunnable for s in said.up] == [s.rerunnable for s in written.up]


@pytest.fixture
def file(tmp_path: Path) -> CellFile:
    """A file that a cell wrote, whose mode is not that of a temporary file."""
    path = tmp_path / f"{VERSION}-a.cypher"
    path.write_text(text_of("CREATE (:A);\n", CYPHER))
    path.chmod(0o664)
    return read_cell_file(*find(tmp_path))


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_update_writes_the_whole_text_and_keeps_the_mode(file: CellFile) -> None:
    update(file, "CREATE (:B);\n")

    assert text_of("CREATE (:B);\n", CYPHER) == file.path.read_text()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o664
    assert listed(file.path.parent) == [file.path.name]


def test_update_keeps_a_link_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").mkdir()
    real = tmp_path / "real" / "a.txt"
    real.write_text("CREATE (:A);\n")
    link = tmp_path / "folder" / f"{VERSION}-a.cypher"
    link.symlink_to(real)

    update(read_cell_file(*find(link.parent)), "CREATE (:B);\n")

    assert link.is_symlink()
    assert text_of("CREATE (:B);\n", CYPHER) == real.read_text()
    assert listed(real.parent) == ["a.txt"]


@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_an_edit_in_the_meantime_is_not_written_over(
    file: CellFile, change: str
) -> None:
    if change == "edited":
        file.path.write_text("CREATE (:Theirs);\n")
    else:
        file.path.unlink()
    before = listed(file.path.parent)

    with pytest.raises(CellConflictError, match="by somebody else just now"):
        update(file, "CREATE (:B);\n")

    assert before == listed(file.path.parent)
    if change == "edited":
        assert file.path.read_text() == "CREATE (:Theirs);\n"


def test_a_kill_before_the_file_is_replaced_leaves_the_old_one(file: CellFile) -> None:
    """What it leaves beside it is hidden: no folder of migrations lists it."""
    before = file.path.read_bytes()
    code = (
        "import os, sys; from pathlib import Path;"
        "from neo4j_migrate_magic.files import cell, find;"
        "os.replace = lambda *_: os._exit(9);"
        "(file,) = find(Path(sys.argv[1]));"
        "cell.update(cell.read_cell_file(file), 'CREATE (:B);\\n')"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(file.path.parent)])

    assert killed.returncode == 9
    assert before == file.path.read_bytes()
    (litter,) = set(listed(file.path.parent)) - {file.path.name}
    assert litter.startswith(".")
    assert [file.path] == [one.path for one in find(file.path.parent)]
    update(file, "CREATE (:B);\n")
    assert is_as_left(file.path.read_text())


def test_a_diff_has_the_names_of_both(file: CellFile) -> None:
    assert body_diff(file, "CREATE (:B);\n", "cell") == (
        f"--- {VERSION}-a.cypher",
        "+++ cell",
        "@@ -1 +1 @@",
        "-CREATE (:A);",
        "+CREATE (:B);",
    )
