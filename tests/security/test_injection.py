"""Names from outside stay names: in Cypher, in paths, in commands and on a terminal."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.config import load
from neo4j_migrate_magic.engine import doctor
from neo4j_migrate_magic.errors import InvalidConfigError, MigrateError, Next
from neo4j_migrate_magic.files import find
from neo4j_migrate_magic.history.intervene import break_lock
from neo4j_migrate_magic.schema.catalogue import Build
from tests.cli.conftest import Run, cli
from tests.e2e.conftest import Site, each_site, site

__all__ = ["cli", "each_site", "site"]

# What ends a name, a word or a line where names, words and lines are put together.
NAMES = [
    "a`b",
    "a``) MATCH (n) DETACH DELETE n",
    "a'b\"c",
    "$name $(touch pwned) `touch pwned`",
    "a;touch pwned;",
    "a\nb",
    "a\x1b[31mred\x07",
    "a\u202eb\u2028c\x85d",
    "größe ☃ 名前",
    "--yes",
    "%s {0} {name}",
    "\\u0060 \\n",
]
_RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_QUOTED = re.compile(r"'[^']*'|\"'\"|\"[\w /.-]*\"")  # `'"'"'` is how a quote is quoted


def pasteable(command: str) -> None:
    """A shell sees one command in it and runs nothing that stands inside a name."""
    bare = _QUOTED.sub("", command)
    assert re.fullmatch(r"[\w\s./:=,@%+~…-]*(?: > [\w./-]*)?", bare), command
    assert shlex.split(command)[0] in ("neo4j-migrate", "git", "cypher-shell", "export")


def ways_of(error: MigrateError) -> Iterable[Next]:
    assert error.next
    return error.next


@pytest.mark.server
@pytest.mark.parametrize("name", NAMES)
def test_a_file_with_a_hostile_name(site: Site, name: str) -> None:
    """It is applied, shown, verified, baselined and taken back; nothing else happens."""
    site.graph.rows("CREATE (:Keep)")
    down = "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;\n"
    file = site.add(f"20260101000000-{name}.cypher", down)
    lines = [
        *(("up", "-vv"), ("status",), ("show", "2026"), ("verify",), ("log",)),
        *(("down", "-vv"), ("baseline", "latest", "--yes"), ("status",), ("verify",)),
        *(("repair", "2026", "--mark", "pending"), ("log",), ("doctor",)),
    ]

    shown = [site(*line) for line in lines]
    assert [0] * len(lines) == [found.code for found in shown]
    site("up")
    assert [[name]] == site.graph.rows("MATCH (r:_MigrateRecord) RETURN r.name")
    file.write_text(down.replace("(:A)", "(:B)"))
    shown += [site("up"), site("down"), site("verify"), site("status")]
    file.unlink()
    shown += [site("up"), site("verify"), site("status"), site("show", "2026")]

    for found in shown:
        assert not _RAW.search(found.out + found.err)
    assert site.graph.rows("MATCH (n:Keep) RETURN labels(n)[0]") == [["Keep"]]
    assert not list(site.project.root.rglob("pwned"))


@pytest.mark.parametrize("name", NAMES)
def test_commands_about_a_file_with_a_hostile_name(tmp_path: Path, name: str) -> None:
    """A duplicate version names a file to be pasted."""
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"20260101000000-{name}.cypher").write_text("RETURN 1;")

    with pytest.raises(MigrateError) as caught:
        find(tmp_path)

    for way in ways_of(caught.value):
        pasteable(way.command)


@pytest.mark.server
@pytest.mark.parametrize("suffix", ["cypher", "py"])
@pytest.mark.parametrize("name", [n for n in NAMES if "\n" not in n])
def test_ways_out_of_an_edit_can_be_pasted(site: Site, name: str, suffix: str) -> None:
    """The paths and names in them are words of the shell, whatever they hold."""
    texts = {
        "cypher": ("CREATE (:A);", "CREATE (:B);"),
        "py": ("def up(client): pass", "def up(client): client.cypher('CREATE (:B)')"),
    }[suffix]
    file = site.add(f"20260101000000-{name}.{suffix}", texts[0])
    site("up")
    file.write_text(texts[1])
    shown = [site("up"), site("down"), site("verify")]
    file.unlink()
    shown += [site("up"), site("down"), site("verify")]

    commands = [
        line[9:].partition("    ")[0]
        for found in shown
        for line in (found.out + found.err).splitlines()
        if re.match(r"  next   |         (?:git|neo4j-migrate) ", line)
    ]
    assert any(c.startswith("git checkout -- ") for c in commands)
    assert any(" --source -o " in c for c in commands)
    for command in commands:
        pasteable(command)


@pytest.mark.server
@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("\\u")])
def test_an_index_and_a_constraint_with_hostile_names(
    each_site: Site, name: str
) -> None:
    """They are made, found again and dropped by the computed inverse."""
    site, quoted = each_site, "`" + name.replace("`", "``") + "`"
    before = site.graph.schema()
    site.add(
        "20260101000000-a.cypher",
        f"CREATE INDEX {quoted} FOR (n:{quoted}) ON (n.{quoted});\n"
        f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:Other) REQUIRE n.{quoted} IS UNIQUE;\n",
    )

    up, down = site("up", "-v"), site("down", "-v")

    assert (up.code, down.code) == (0, 0), up.err + down.err
    assert not _RAW.search(up.out + up.err + down.out + down.err)
    assert before == site.graph.schema()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("failure", ["broken", ""])
def test_the_command_that_drops_an_index_can_be_pasted(
    monkeypatch: pytest.MonkeyPatch, name: str, failure: str
) -> None:
    """Its backticks are Cypher's, and no shell runs what stands between them."""
    build = Build(name=name, percent=100.0, orphan=True, failure=failure)

    async def builds(_: object) -> list[Build]:
        return [build]

    async def known(_: object) -> None:
        return None

    monkeypatch.setattr(doctor, "read_builds", builds)
    monkeypatch.setattr(doctor._Doctor, "_known", known)
    nothing: Any = None
    anything: Any = object()
    (check,) = asyncio.run(doctor._Doctor(nothing, anything)._schema())

    assert check.next is not None
    pasteable(check.next.command)
    quoted = name.replace("`", "``")
    words = ["cypher-shell", f"DROP INDEX `{quoted}`"]
    assert words == shlex.split(check.next.command)


@pytest.mark.parametrize("name", [*NAMES, "", " ", "a b", "a.b", "a/b", "ä", "a\x00"])
@pytest.mark.parametrize("way", ["option", "variable", "file", "environment"])
def test_a_project_is_letters_digits_and_two_signs(
    tmp_path: Path, name: str, way: str
) -> None:
    """Wherever its name comes from."""
    key = f"project = {toml(name)}"
    if name == "--yes":  # an odd name, and a name
        return
    if not name and way == "variable":  # not set
        return
    text = {"file": key, "environment": f"[env.x]\n{key}"}.get(way, "")
    (tmp_path / "neo4j-migrate.toml").write_text(text)
    options = {"project": name} if way == "option" else {"env": "x"}
    environ = {"NEO4J_MIGRATE_PROJECT": name} if way == "variable" else {}
    if way not in ("option", "environment"):
        options = {}

    with pytest.raises(InvalidConfigError, match="project"):
        load(options, environ, tmp_path)


def toml(text: str) -> str:
    """A TOML string of any characters."""
    inner = "".join(
        c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text
    )
    return f'"{inner}"'


@pytest.mark.server
@pytest.mark.parametrize("name", [n for n in NAMES if "\n" not in n])
def test_a_database_with_a_hostile_name(site: Site, name: str) -> None:
    """The name goes beside the statement, and the server knows no such database."""
    before = site.everything()

    found = site("up", "--database", name, "--trace")

    assert found.code in (2, 10)
    assert "BUG" not in found.err
    assert before == site.everything()


@pytest.mark.server
@pytest.mark.parametrize("word", NAMES)
def test_a_version_that_is_none(site: Site, word: str) -> None:
    """What was typed is a parameter, and is repeated without its control characters."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    site("up")
    before = site.everything()

    for line in (("show",), ("log",), ("up", "--to"), ("down", "--to"), ("baseline",)):
        found = site(*line, *([] if "--to" in line else ["--"]), word)

        assert found.code == 2, found.err
        assert not _RAW.search(found.out + found.err)
    found = site("up", "--to", word, "--up-count", "1")
    pasteable(found.part("next").partition("    ")[0].partition(" ends")[0])
    assert before == site.everything()


@pytest.mark.server
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "x/../../../../tmp/pwned"),
        ("version", "2026; touch pwned"),
        ("version", "$(touch pwned)"),
    ],
)
def test_a_record_that_somebody_wrote_by_hand(site: Site, key: str, value: str) -> None:
    """Whoever may write to the database does not choose what others paste."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    site("up")
    site.graph.rows(f"MATCH (r:_MigrateRecord) SET r.{key} = $value", value=value)

    for verb in ("status", "up", "down", "verify"):
        found = site(verb)

        assert found.code == 7
        assert "INTEGRITY.HISTORY_CORRUPT" in found.err


@pytest.mark.server
@pytest.mark.parametrize(
    "owner", ["me@host/1/$(touch pwned)", "me/1/`x` ' \"", "\x1b[1m"]
)
async def test_an_owner_that_somebody_wrote_by_hand(site: Site, owner: str) -> None:
    """The lock's holder is shown without what a terminal or a shell would act on."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    site.graph.rows(
        "CREATE (:_MigrateProject {project: 'default', owner: $owner, token: 1,"
        " format: 1, acquired_at: datetime.realtime(),"
        " expires_at: datetime.realtime() + duration('PT10M')})",
        owner=owner,
    )
    from neo4j_migrate_magic import Migrator

    async with Migrator.open() as migrator:
        with pytest.raises(MigrateError) as caught:
            await break_lock(migrator.database, "default")

    for way in ways_of(caught.value):
        if not _RAW.search(way.command):  # those are shown as escapes
            pasteable(way.command)


@pytest.mark.server
def test_what_is_shown_of_a_foreign_hand_cannot_drive_the_terminal(site: Site) -> None:
    """Every text in the history may have been written by somebody else."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    site("up")
    site.graph.rows(
        "MATCH (r:_MigrateRecord) SET r.by = $x, r.tool = $x, r.server = $x,"
        " r.run_id = $x, r.error = $x",
        x="\x1b[2J\u202e",
    )
    site.graph.rows(
        "MATCH (e:_MigrateEvent) SET e.by = $x, e.name = $x, e.what = $x, e.detail = $x",
        x="\x1b[2J\u202e",
    )

    for line in (("show", "2026"), ("log",), ("status",), ("verify",), ("doctor",)):
        found = site(*line)

        assert found.code == 0, found.err
        assert not _RAW.search(found.out + found.err), line


def test_a_key_of_the_seeds_file_cannot_drive_the_terminal(
    cli: Run, folder: Path
) -> None:
    """Warnings repeat keys that mean nothing."""
    (folder / "m").mkdir()
    (folder / "migration-config.json").write_text(
        '{"migration_dir": "m", "\\u001b[2J": 1, "neo4j": {"uri": "bolt://h:1"}}'
    )

    shown = cli("create", "x")

    assert "warning  " in shown.err
    assert not _RAW.search(shown.out + shown.err)
