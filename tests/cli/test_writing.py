"""A text from stdin becomes a file, and a file a cell: what needs no server."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.shell import run
from neo4j_migrate_magic.cli.terminal import Terminal
from neo4j_migrate_magic.model import CellAction, WrittenMigration
from tests.cli.conftest import Run, Shown
from tests.cli.scenes import Console, one_object

BODY = "// @up\nCREATE (:A {t: '$id {x}'});\n"
PYTHON = "async def up(client):\n    await client.cypher('RETURN 1')\n"


class Notebook(App):
    """A host that has cells and variables: a stand-in for that of the magics."""

    def __init__(self, text: str = "", **names: object) -> None:
        super().__init__(Terminal({}))
        self.texts, self.first_line = "the cell", 2
        self.names = names
        self.text = text
        self.cells: list[str] = []
        self.kept: dict[str, Any] = {}

    def stdin(self) -> str:
        return self.text

    def cell(self, text: str) -> None:
        self.cells.append(text)

    def may_keep(self, name: str) -> None:
        assert name.isidentifier()

    def keep(self, name: str, result: Any) -> None:
        self.kept[name] = result


@pytest.fixture
def migrations(project: Any) -> Path:
    """The folder of an empty project that names no server."""
    folder: Path = project.folder
    return folder


def type_in(patch: pytest.MonkeyPatch, data: bytes | str) -> None:
    raw = data.encode() if isinstance(data, str) else data
    patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="ascii"))


def lines_of(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    shown = capsys.readouterr()
    return shown.out, shown.err


@pytest.mark.parametrize(
    "args",
    [("--replace",), ("--apply",), ("--explain",), ("--no-explain",)],
)
def test_what_goes_with_a_text_alone(
    cli: Run, migrations: Path, args: tuple[str, ...]
) -> None:
    """A template has nothing to apply; no file is made."""
    shown = cli("create", "a", *args)

    assert shown.code == 2
    option = "--explain" if "explain" in args[0] else args[0]
    assert f"error USAGE.BAD_OPTION  {option} goes with --from-stdin" in shown.err
    assert list(migrations.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "option"),
    [
        (("create", "a", "--cell"), "--cell"),
        (("create", "a", "--var", "x"), "--var"),
        (("create", "a", "--from-stdin", "--var", "x"), "--var"),
        (("show", "20260101", "--cell"), "--cell"),
        (("show", "there", "--cell"), "--cell"),
    ],
)
def test_what_needs_a_notebook(
    cli: Run, migrations: Path, args: tuple[str, ...], option: str
) -> None:
    """In a shell it is refused, before anything is written or connected to."""
    (migrations / "20260101000000-there.cypher").write_text(BODY)

    shown = cli(*args)

    assert shown.code == 2
    assert f"error USAGE.BAD_OPTION  {option} needs a notebook" in shown.err
    assert len(list(migrations.iterdir())) == 1


@pytest.mark.parametrize("verb", ["create", "show"])
def test_no_help_of_a_shell_speaks_of_cells(cli: Run, verb: str) -> None:
    shown = cli(verb, "--help")

    assert "--cell" not in shown.out
    assert "--var" not in shown.out


@pytest.mark.parametrize(
    "args",
    [
        ("create", "a", "--cell", "--from-stdin"),
        ("create", "a", "--cell", "--var", "x"),
        ("show", "there", "--cell", "--source"),
        ("show", "there", "--cell", "--diff"),
    ],
)
def test_a_cell_is_all_there_is(migrations: Path, args: tuple[str, ...]) -> None:
    app = Notebook()

    assert run(args, app) == 2
    assert app.cells == []
    assert list(migrations.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "first", "has"),
    [
        ((), "%%migration add_person", "// Add person\n"),
        (("--py",), "%%migration add_person --py", '"""Add person."""\n'),
    ],
)
def test_create_gives_a_cell_to_edit(
    migrations: Path, args: tuple[str, ...], first: str, has: str
) -> None:
    """The template, and no file."""
    app = Notebook()

    assert run(("create", "AddPerson", "--cell", *args), app) == 0

    (text,) = app.cells
    assert text.startswith(f"{first}\n{has}")
    assert list(migrations.iterdir()) == []


@pytest.mark.parametrize("word", ["20260101000000", "2026", "latest", "add_a"])
def test_show_gives_the_file_as_a_cell(migrations: Path, word: str) -> None:
    """Without the mark, and what it gives writes the same file."""
    app = Notebook(BODY)
    assert run(("create", "add_a", "--from-stdin"), app) == 0
    (made,) = migrations.iterdir()
    path = made.rename(migrations / "20260101000000-add_a.cypher")
    data = path.read_bytes()

    assert run(("show", word, "--cell"), app) == 0

    assert app.cells == [f"%%migration add_a\n{BODY}"]
    again = Notebook(app.cells[0].partition("\n")[2], result=None)
    assert run(("create", "add_a", "--from-stdin", "--var", "x"), again) == 0
    assert again.kept["x"].action is CellAction.UNCHANGED
    assert data == path.read_bytes()


def test_show_of_a_python_file_is_a_python_cell(migrations: Path) -> None:
    (migrations / "20260101000000-a b.py").write_text(PYTHON)
    app = Notebook()

    assert run(("show", "a b", "--cell"), app) == 0
    assert app.cells == [f"%%migration 'a b' --py\n{PYTHON}"]


@pytest.mark.parametrize("args", [(), ("--from-stdin",)], ids=["template", "text"])
def test_var_keeps_what_is_returned(migrations: Path, args: tuple[str, ...]) -> None:
    app = Notebook(BODY)

    assert run(("create", "add_a", "--var", "made", *args), app) == 0

    made = app.kept["made"]
    assert isinstance(made, WrittenMigration)
    assert made.title == made.path.stem
    assert [made.path] == list(migrations.iterdir())


# places in a text


@pytest.mark.parametrize(
    ("text", "args", "where", "source"),
    [
        ("CREATE (:A);\n// @upp\n", (), "the cell:3", "// @upp"),
        ("\n\nCREATE (:A {t: 'x);\n", (), "the cell:4:16", "CREATE (:A {t: 'x);"),
        ("CREATE (:A);\r\n\r\n// @upp", (), "the cell:4", "// @upp"),
        ("def up(c):\n    x = = 1\n", ("--py",), "the cell:3:9", "    x = = 1"),
        ("\ndef up():\n    pass\n", ("--py",), "the cell:3", "def up():"),
        ("// @down\nCREATE (:A);\n", (), "the cell", ""),
    ],
)
def test_an_error_points_into_the_cell(
    migrations: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
    args: tuple[str, ...],
    where: str,
    source: str,
) -> None:
    """Lines count from the one that has the magic, as the notebook counts them."""
    assert run(("create", "add_a", "--from-stdin", *args), Notebook(text)) == 2

    _, said = lines_of(capsys)
    assert f"  where  {where}\n" in said
    assert f"| {source}" in said or not source
    assert "  kept   no file was written\n" in said
    suffix = " --py" if args else ""
    assert f"neo4j-migrate create add_a --from-stdin{suffix}    once" in said
    assert list(migrations.iterdir()) == []


@pytest.mark.parametrize("text", ["", "\n \n", "\r\n", "// only words\n", "\ufeff\n"])
def test_a_blank_text_is_refused(
    cli: Run, migrations: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    type_in(monkeypatch, text)

    shown = cli("create", "add_a", "--from-stdin")

    assert shown.code == 2
    assert "error FILE.NO_UP  " in shown.err
    assert list(migrations.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"CREATE (:A);\n\xff", "line 2 has the byte 0xff"),
        (b"\xef\xbb\xbf\n\n\xe4;", "line 3 has the byte 0xe4"),
        (b"CREATE (:A {t: 'a\0b'});", "in Cypher write it as \\u0000"),
    ],
)
def test_bytes_that_are_no_text(
    cli: Run, migrations: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, why: str
) -> None:
    type_in(monkeypatch, data)

    shown = cli("create", "add_a", "--from-stdin")

    assert shown.code == 2
    assert "error FILE.PARSE  stdin " in shown.err
    assert why in shown.err
    assert list(migrations.iterdir()) == []


def test_no_stdin(cli: Run, migrations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    shown = cli("create", "add_a", "--from-stdin")

    assert "error USAGE.BAD_OPTION  there is no stdin to read" in shown.err


def test_a_terminal_is_told_how_to_end(
    cli: Run, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = Console("utf-8")
    stdin.write(BODY)
    stdin.seek(0)
    monkeypatch.setattr("sys.stdin", stdin)

    shown = cli("create", "add_a", "--from-stdin")

    assert shown.err.startswith("reading from the terminal; Ctrl-D ")
    assert shown.code == 0


# names of the notebook


def names_said(capsys: pytest.CaptureFixture[str], text: str, **names: object) -> Any:
    app = Notebook(text, **names)
    code = run(("create", "load", "--py", "--from-stdin"), app)
    return code, " ".join(lines_of(capsys)[1].split())


def test_names_that_only_the_notebook_has(
    migrations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them with their lines, and what to do."""
    text = (
        "async def up(client):\n    for row in df.itertuples():\n        np.log(nope)\n"
    )

    code, said = names_said(capsys, text, df=1, np=2, other=3)

    assert code == 2
    assert (
        "error FILE.NOTEBOOK_NAMES `df` (line 3), `np` (line 4) exist in this"
        " notebook, not in the file" in said
    )
    assert "load the data inside `up`" in said
    assert "where the cell:3 3 | for row in df.itertuples():" in said
    assert list(migrations.iterdir()) == []


def test_names_that_nobody_has_are_a_note(
    migrations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = names_said(capsys, "def up(c):\n    df.head()\n", other=1)

    assert code == 0
    assert "note line 3: nothing in the file is called `df`" in said


def test_what_the_file_has_itself_is_no_name_of_the_notebook(
    migrations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "import json\nLIMIT = 1\ndef up(client):\n    client.x = json, LIMIT, len\n"

    code, said = names_said(capsys, text, json=1, LIMIT=2, client=3, len=4)

    assert (code, "note line" in said) == (0, False)


# what is said of it


def test_a_template_says_its_path_alone(cli: Run, migrations: Path) -> None:
    shown = cli("create", "add_a")

    (path,) = migrations.iterdir()
    assert (shown.code, shown.out, shown.err) == (0, f"migrations/{path.name}\n", "")


def test_the_json_of_a_template(cli: Run, migrations: Path) -> None:
    found = one_object(cli("create", "add_a", "--py", "--json"))

    (path,) = migrations.iterdir()
    assert found["data"] == {
        "version": path.name[:14],
        "name": "add_a",
        "kind": "python",
        "path": f"migrations/{path.name}",
        "action": "created",
        "steps": 0,
        "diff": [],
        "notes": [],
        "run": None,
    }


def test_the_json_of_a_text(
    cli: Run, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, BODY)

    found = one_object(cli("create", "add_a", "--from-stdin", "--json"))

    assert found["data"]["steps"] == 1
    assert found["data"]["notes"] == [
        "the state in the database is unknown: no Neo4j server is named"
    ]
    assert found["database"] is None


def test_an_error_in_json(
    cli: Run, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (migrations / "20260101000000-add_a.cypher").write_text("CREATE (:B);")
    type_in(monkeypatch, BODY)

    found = json.loads(cli("create", "add_a", "--from-stdin", "--json").out)

    (diagnostic,) = found["diagnostics"]
    assert diagnostic["code"] == "FILE.CELL_CONFLICT"
    assert "\n+CREATE (:A {t: '$id {x}'});" in diagnostic["why"]
    assert found["data"] is None


def test_a_long_diff_is_cut(
    cli: Run, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (migrations / "20260101000000-add_a.cypher").write_text("CREATE (:B);\n" * 50)
    type_in(monkeypatch, BODY)
    refused = cli("create", "add_a", "--from-stdin")
    type_in(monkeypatch, BODY)
    shown: Shown = cli("create", "add_a", "--from-stdin", "--replace")

    assert len(refused.err.splitlines()) < 30
    assert "… 39 more lines" in refused.err
    assert "… 35 more lines" in shown.err
    assert len(shown.err.splitlines()) < 30
