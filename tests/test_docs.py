"""What `docs/production.md` shows is true: its files are written out and run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic import cypher
from neo4j_migrate_magic.cli.call import tree
from neo4j_migrate_magic.cli.tree import PROGRAM
from neo4j_migrate_magic.cli.usage import LATER
from neo4j_migrate_magic.model import StatementKind
from neo4j_migrate_magic.sandbox import DEFAULT_VERSION, Sandbox
from tests.conftest import Graph, Guarded
from tests.e2e.test_wait import Late

PAGE = (Path(__file__).parents[1] / "docs" / "production.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"^# ([\w./-]+)\n", re.MULTILINE)
BIN = Path(sys.executable).parent
TWO = {
    "20260101000000-person.cypher": (
        "// @up\nCREATE CONSTRAINT person_id FOR (p:Person) REQUIRE p.id IS UNIQUE;\n"
        "CREATE (:Person {id: 1});\n"
        "// @down\nMATCH (p:Person) DELETE p;\nDROP CONSTRAINT person_id;\n"
    ),
    "20260102000000-more.py": (
        "async def up(client):\n    await client.cypher('CREATE (:More)')\n\n\n"
        "async def down(client):\n    await client.cypher('MATCH (n:More) DELETE n')\n"
    ),
}
NODES = "MATCH (n:Person|More) RETURN labels(n)[0], count(*) ORDER BY labels(n)[0]"
BOTH = [["More", 1], ["Person", 1]]


def files() -> dict[str, str]:
    """The files of the page, by the name in their first comment."""
    found = {}
    for _, text in BLOCK.findall(PAGE):
        name = NAME.search(text)
        if name and name.start() == text.find("#", text.startswith("#!") and 2):
            found[name[1]] = text
    return found


FILES = files()


class Place:
    """A project with the page's files in it, and what runs there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, text in {
            **FILES,
            **{f"migrations/{file}": text for file, text in TWO.items()},
        }.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        self.environ = {**os.environ, "PATH": path, "CI": "true"}

    def start(self, *args: str, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            args,
            cwd=self.root,
            env={**self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *args: str, **environ: str) -> tuple[int, str, str]:
        process = self.start(*args, **environ)
        out, err = process.communicate(timeout=240)
        return process.returncode, out, err


@pytest.fixture
def place(folder: Path) -> Place:
    """The page's project, and no variable that names a server."""
    return Place(folder)


@pytest.fixture
def prod(lts_graph: Graph) -> dict[str, str]:
    """The variables that only the pipeline has; the server wants no password."""
    return {
        "PROD_NEO4J_URI": lts_graph.uri,
        "PROD_NEO4J_USERNAME": "neo4j",
        "PROD_NEO4J_PASSWORD": "any",
    }


def test_every_command_on_the_page_exists() -> None:
    """And each option; what a later version brings is marked, and not here yet."""
    lines = [line.strip() for line in PAGE.splitlines()]
    later = [line for line in lines if line.startswith("# later: ")]
    assert {line.split()[3] for line in later} - {"up"} <= set(LATER)
    assert {line.split()[3] for line in later}.isdisjoint(set(tree.commands) - {"up"})
    now = "\n".join(line for line in lines if line not in later)
    for verb, rest in re.findall(rf"(?<![\w-]){PROGRAM} ([a-z]+)([^\n`;|#]*)", now):
        params = tree.commands[verb].params
        known = {name for param in params for name in param.opts}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= known, (verb, rest)


def test_the_exit_codes_are_those_of_the_tool() -> None:
    from neo4j_migrate_magic.cli.tree import _EXIT_CODES

    codes = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert {int(code) for code in codes} <= set(_EXIT_CODES)


def test_the_job_runs_scripts_that_the_page_has() -> None:
    runs = re.findall(r"run: sh (\S+)", FILES[".github/workflows/migrations.yml"])
    assert sorted(runs) == sorted(name for name in FILES if name.startswith("ci/"))


def test_the_user_that_can_only_read_is_made_by_administration_commands() -> None:
    """Community refuses them; that they are such and no more can be told from the text."""
    (text,) = (text for kind, text in BLOCK.findall(PAGE) if kind == "cypher")
    kinds = [statement.kind for statement in cypher.split(text)]
    assert kinds == [StatementKind.ADMIN] * 2


@pytest.mark.server
def test_the_scripts_for_production(
    place: Place, prod: dict[str, str], lts_graph: Graph
) -> None:
    """Plan, deploy, look at night; without the name of the database nothing changes."""
    before = place.run("sh", "ci/nightly.sh", **prod)
    code, out, err = place.run("sh", "ci/plan.sh", **prod)
    assert (before[0], code) == (4, 0), err
    assert out.count("PENDING") == 2

    deploy = FILES["ci/deploy.sh"].replace("--confirm neo4j", "--confirm other")
    assert place.run("sh", "-c", deploy, **prod)[0] == 2
    assert lts_graph.rows(NODES) == []

    assert place.run("sh", "ci/deploy.sh", **prod)[0] == 0
    assert lts_graph.rows(NODES) == BOTH
    assert place.run("sh", "ci/nightly.sh", **prod)[0] == 0
    assert "PENDING" not in (place.root / "status.txt").read_text()

    next(place.root.glob("migrations/*.cypher")).write_text("CREATE (:Edited);")
    assert place.run("sh", "ci/plan.sh", **prod)[0] == 7
    assert place.run("sh", "ci/nightly.sh", **prod)[0] == 7


@pytest.mark.server
def test_the_script_for_a_branch(place: Place) -> None:
    """Up, down, up, and the server is gone; a file without a way back fails it."""
    code, out, err = place.run("sh", "ci/branch.sh")
    assert code == 0, err
    assert [line.split(" in ")[0] for line in out.splitlines()] == [
        "applied 2 migrations, 3 steps",
        "rolled back 2 migrations, 3 steps",
        "applied 2 migrations, 3 steps",
    ]
    assert not (place.root / ".neo4j-sandbox" / "server" / "data").exists()

    (place.root / "migrations" / "20260103000000-no.cypher").write_text("CREATE ();")
    code, _, err = place.run("sh", "ci/branch.sh")
    assert (code, "PLAN.IRREVERSIBLE" in err) == (2, True)


@pytest.mark.server
def test_a_container_waits_migrates_and_becomes_the_application(
    place: Place, lts_graph: Graph
) -> None:
    """The server is not there at first."""
    with ExitStack() as stack:
        late = Late(lts_graph.uri, 3.0)
        stack.callback(late.close)
        entrypoint = ("sh", "container/entrypoint.sh", "echo", "the application")
        code, out, err = place.run(*entrypoint, NEO4J_URI=late.uri)

    assert code == 0, err
    assert out.splitlines()[-1] == "the application"
    assert lts_graph.rows(NODES) == BOTH


@pytest.mark.server
def test_an_application_does_not_start_on_a_database_that_could_not_be_migrated(
    place: Place, guarded: Guarded
) -> None:
    environ = {"NEO4J_URI": guarded.uri, "NEO4J_PASSWORD": "wrong"}
    code, out, err = place.run("sh", "container/entrypoint.sh", "echo", "on", **environ)

    assert (code, out) == (10, "")
    assert "SERVER.AUTH" in err


@pytest.mark.server
def test_three_replicas_start_at_once(place: Place, lts_graph: Graph) -> None:
    """Each migration is applied once, and each application starts."""
    entrypoint = ("sh", "container/entrypoint.sh", "echo", "started")
    started = [place.start(*entrypoint, NEO4J_URI=lts_graph.uri) for _ in range(3)]
    ended = [(*p.communicate(timeout=240), p.returncode) for p in started]

    assert [(out.splitlines()[-1:], code) for out, _, code in ended] == [
        (["started"], 0)
    ] * 3, ended
    assert lts_graph.rows(NODES) == BOTH
    events = lts_graph.rows("MATCH (e:_MigrateEvent) RETURN e.what, e.version")
    assert Counter(map(tuple, events)) == {("applied", file[:14]): 1 for file in TWO}


@pytest.mark.server
def test_a_container_that_only_waits(place: Place, lts_graph: Graph) -> None:
    """It starts when somebody else has migrated, and gives up on what waiting mends not."""
    environ = {"NEO4J_URI": lts_graph.uri}
    waiter = ("sh", "container/after-migrations.sh", "echo", "started")
    process = place.start(*waiter, **environ)
    assert place.run("neo4j-migrate", "up", "-q", **environ)[0] == 0
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (0, "started\n", "")

    next(place.root.glob("migrations/*.cypher")).unlink()
    assert place.run(*waiter, **environ)[:2] == (7, "")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A database that was migrated and then made read-only, and the project's folder."""
    home = tmp_path_factory.mktemp("sealed") / "home"
    place = Place(tmp_path_factory.mktemp("sealed-project"))
    open_ = Sandbox(home, version=DEFAULT_VERSION)
    try:
        code, _, err = place.run(PROGRAM, "up", "-q", NEO4J_URI=open_.start().uri)
        assert code == 0, err
    finally:
        open_.stop()
    only = {"server.databases.read_only": "neo4j"}
    shut = Sandbox(home, version=DEFAULT_VERSION, settings=only)
    try:
        yield shut.start().uri, place.root
    finally:
        shut.stop()


@pytest.mark.server
@pytest.mark.parametrize(
    "args",
    [
        ("status", "--exit-code"),
        ("show", "latest"),
        ("verify",),
        ("log", "--since", "24h"),
        ("log", "--json"),
    ],
)
def test_whoever_can_only_read_sees_everything(
    sealed: tuple[str, Path], folder: Path, args: tuple[str, ...]
) -> None:
    """A database that is read-only stands in for the user: Community has no roles."""
    uri, root = sealed
    code, out, err = Place(root).run(PROGRAM, *args, NEO4J_URI=uri)

    assert (code, err.count("error")) == (0, 0), err
    assert "2026010200000" in out or "no problems in 2 migrations" in out


@pytest.mark.server
def test_a_change_there_is_refused(sealed: tuple[str, Path], folder: Path) -> None:
    uri, root = sealed
    code, _, err = Place(root).run(PROGRAM, "down", NEO4J_URI=uri)

    assert code == 2
    assert "SERVER.READ_ONLY" in err or "SERVER.FORBIDDEN" in err


@pytest.mark.server
def test_a_collector_reads_a_line_per_event(place: Place, lts_graph: Graph) -> None:
    code, out, err = place.run("sh", "container/logged.sh", NEO4J_URI=lts_graph.uri)

    assert (code, err) == (0, "")
    lines: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    assert len(lines) > 5
    assert all("\x1b" not in line for line in out.splitlines())
    told = " ".join(str(line.get("event") or line) for line in lines)
    assert "run_started" in told
    assert "run_finished" in told


@pytest.mark.server
def test_an_application_migrates_at_its_start(place: Place, lts_graph: Graph) -> None:
    """With its own driver; a second start finds nothing to do."""
    environ = {"NEO4J_URI": lts_graph.uri}
    first = place.run(sys.executable, "app.py", **environ)
    second = place.run(sys.executable, "app.py", **environ)

    assert first == (0, "2 applied, at 20260102000000\n", "")
    assert second == (0, "0 applied, at 20260102000000\n", "")
    assert lts_graph.rows(NODES) == BOTH
