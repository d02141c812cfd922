"""A file that is lost comes back by the command that is proposed, typed in a shell."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

VERSION = "20260101000000"
CYPHER = "// why\n// @up\nCREATE (:A {s: 'é;'});\n// @down\nMATCH (a:A) DELETE a;\n"
PYTHON = 'async def up(client):\n    await client.cypher("CREATE (:A)")\n'
PART_WAY = "CREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:A {a: 1 / 0});\n"

TEXTS = {
    "cypher": (f"{VERSION}-a.cypher", CYPHER, 0),
    "a name with blanks": (f"{VERSION}-it's a name.cypher", CYPHER, 0),
    "python": (f"{VERSION}-a.py", PYTHON, 0),
    "part-way": (f"{VERSION}-a.cypher", PART_WAY, 8),
}


def typed(site: Site, command: str) -> subprocess.CompletedProcess[str]:
    """Type a command line into a shell."""
    program = Path(sys.executable).with_name("neo4j-migrate")
    return subprocess.run(  # noqa: S602 (the point of the test)
        command.replace("neo4j-migrate", str(program), 1),
        shell=True,
        cwd=site.project.root,
        capture_output=True,
        text=True,
        timeout=60,
    )


def proposed(site: Site) -> str:
    """The command with which `verify` brings a text back."""
    said = site("verify")
    assert said.code == 7
    return proposed_by(said.out)


def proposed_by(text: str) -> str:
    """The command in a text that brings a file back."""
    found = re.search(r"neo4j-migrate show .* --source -o .*?(?=   )", text)
    assert found, text
    return found[0]


def lost(site: Site, name: str, text: str, code: int) -> Path:
    """A migration that was run, and its file deleted; another one is there."""
    path = site.add(name, text)
    assert site("up").code == code
    path.unlink()
    site.add("20260102000000-b.cypher", "CREATE (:B);\n")
    return path


@pytest.mark.parametrize("into", [">", "-o"])
@pytest.mark.parametrize(("name", "text", "code"), TEXTS.values(), ids=TEXTS)
def test_the_proposed_command_brings_a_lost_file_back(
    site: Site, name: str, text: str, code: int, into: str
) -> None:
    """With `>` the shell has made an empty file of that name before the tool starts."""
    path = lost(site, name, text, code)
    before = site("status").out

    done = typed(site, proposed(site).replace("-o", into))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert path.read_text() == text
    assert site("verify").code == 0
    after = site("status").out
    assert "file missing" not in after
    assert ("failed at step 2 of 2" in after) is (code == 8)
    assert after.replace("PENDING", "") != before
    assert "PENDING" in after  # the other one


@pytest.mark.parametrize("word", [VERSION, "202601010", "current", "latest"])
def test_a_text_is_shown_whatever_the_files_are(each_site: Site, word: str) -> None:
    """Broken, empty or twice there; only names are looked at."""
    site = each_site
    path = site.add(f"{VERSION}-a.cypher", CYPHER)
    assert site("up").code == 0
    path.write_text("")
    if word != "latest":
        site.add(f"{VERSION}-again.py", "(")
        site.add("20260102000000-b.cypher", "// @upp\n")

    said = site("show", word, "--source")

    assert (said.code, said.out, said.err) == (0, CYPHER, "")


def test_a_pending_text_is_shown_as_it_is(site: Site) -> None:
    """Nothing was applied; even what cannot be parsed can be read."""
    site.add(f"{VERSION}-a.cypher", "CREATE (:A {n: 'x});\n")
    assert site("show", VERSION, "--source").out == "CREATE (:A {n: 'x});\n"
    site.add(f"{VERSION}-a.cypher", "")
    assert site("show", VERSION, "--source").out == "\n"
    (site.project.folder / f"{VERSION}-a.cypher").write_bytes(b"\xff\xfe")
    assert site("show", VERSION, "--source").error == ("FILE.PARSE", 2)
    assert site("show", "2027", "--source").error == ("USAGE.UNKNOWN_VERSION", 2)


def test_a_text_that_was_not_kept_is_not_replaced_by_an_empty_one(site: Site) -> None:
    """The shell's empty file is not mistaken for the text; `-o` makes none."""
    path = site.add(f"{VERSION}-a.cypher", f"CREATE (:A {{s: '{'x' * 2**20}'}});")
    assert site("up").code == 0
    path.unlink()

    by_option = typed(site, f"neo4j-migrate show {VERSION} --source -o '{path}'")
    assert not path.exists()
    by_shell = typed(site, f"neo4j-migrate show {VERSION} --source > '{path}'")

    for done in (by_option, by_shell):
        assert (done.returncode, done.stdout) == (7, "")
        assert done.stderr.startswith("error INTEGRITY.MISSING")


def test_a_command_that_fails_leaves_the_file_of_its_output_alone(site: Site) -> None:
    """Also one that was there before."""
    path = site.project.folder / f"{VERSION}-a.cypher"
    assert site("show", VERSION, "--source", "-o", str(path)).code == 2
    assert not path.exists()
    path.write_text(CYPHER)
    assert site("show", "2027", "--source", "-o", str(path)).code == 2
    assert path.read_text() == CYPHER


def test_the_log_is_read_whatever_the_files_are(site: Site) -> None:
    path = site.add(f"{VERSION}-a.cypher", CYPHER)
    site("up")
    path.write_text("")
    assert "applied" in site("log", "latest").out
    assert "applied" in site("log", "current").out


@pytest.mark.parametrize(
    ("verb", "edited"),
    [
        ("up", "CREATE (:A {n: 2});\n// @down\nMATCH (a:A) DELETE a;\n"),
        ("up", ""),
        ("down", "def down(client): pass\ndef up(client): client.cypher('RETURN 1')\n"),
    ],
)
def test_without_git_an_edit_is_undone_from_the_history(
    site: Site, verb: str, edited: str
) -> None:
    """The proposed command gives the applied text back, and the verb goes on."""
    (site.project.root / ".git").rmdir()
    name, text = f"{VERSION}-a.cypher", CYPHER
    if verb == "down":
        name, text = f"{VERSION}-a.py", f"{PYTHON}\ndef down(client): pass\n"
    path = site.add(name, text)
    assert site("up").code == 0
    path.write_text(edited)
    site.add("20260102000000-b.cypher", "CREATE (:B);\n")

    said = site("verify")
    assert "git" not in said.text
    assert typed(site, proposed_by(said.out)).returncode == 0

    assert path.read_text() == text
    assert site("verify").code == 0
    assert site(verb).code == 0
