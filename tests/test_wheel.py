"""The built wheel, installed bare: what users get runs without what developers have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from neo4j_migrate_magic.cli.call import tree
from neo4j_migrate_magic.cli.tree import Tree
from tests.conftest import Graph

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
HEAVY = ("IPython", "ipywidgets", "pandas", "numpy", "dotenv", "requests", "jgo")
SLIM = ["click", "neo4j", *(["tomli"] if sys.version_info < (3, 11) else [])]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def uv(*args: str | Path) -> subprocess.CompletedProcess[str]:
    """Install with uv, from what is downloaded already, else from an index."""
    tool = [sys.executable, "-m", "uv", *args]
    environ = {**os.environ, "UV_OFFLINE": "1"}
    done = subprocess.run(
        tool, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        del environ["UV_OFFLINE"]
        done = subprocess.run(
            tool, env=environ, capture_output=True, text=True, check=False
        )
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"uv cannot install here: {done.stderr.strip()[-300:]}")
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def slim(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, click and the driver, and nothing else of ours."""
    home = tmp_path_factory.mktemp("slim")
    uv("venv", "--python", sys.executable, home / "venv")
    scripts = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
    into = ("pip", "install", "--python", scripts / "python")
    uv(*into, "-c", ROOT / ".ci" / "constraints.txt", *SLIM)
    uv(*into, "--no-deps", wheel)
    return scripts


@pytest.fixture
def run(slim: Path, folder: Path) -> Run:
    """Run a program of the slim environment in an empty folder."""

    def call(
        program: str, *args: str, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [slim / program, *args],
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call


@pytest.fixture
def made(run: Run, folder: Path) -> Run:
    """A project with two migrations, made by the installed tool."""
    assert run("neo4j-migrate", "init").returncode == 0
    for name, file in (("first", ()), ("second", ("--py",))):
        done = run("neo4j-migrate", "create", name, *file)
        path = folder / done.stdout.strip()
        path.write_text(
            "async def up(client):\n    await client.cypher('CREATE (:P)')\n\n\n"
            "def down(client):\n    client.cypher('MATCH (n:P) DELETE n')\n"
            if file
            else "// @up\nCREATE (:C);\n// @down\nMATCH (n:C) DELETE n;\n"
        )
    return run


def verbs(group: Tree = tree, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command, with the groups it is in."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, Tree):
            yield from verbs(command, *path, name)


def test_the_wheel_has_the_package_and_its_data_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    parts = {name.split("/")[0].split("-")[0] for name in names}
    data = [p for p in ROOT.glob("neo4j_migrate_magic/**/*") if p.is_file()]
    there = {
        path.relative_to(ROOT).as_posix()
        for path in data
        if "__pycache__" not in path.parts
    }

    assert parts == {"neo4j_migrate_magic"}
    assert there == {name for name in names if ".dist-info/" not in name}


def test_what_only_notebooks_need_is_not_there(run: Run) -> None:
    code = f"import importlib.util as u; print([n for n in {HEAVY} if u.find_spec(n)])"

    assert run("python", "-c", code).stdout == "[]\n"


def test_every_verb_has_its_help(run: Run) -> None:
    """In one process, for it takes a while to start as many as there are verbs."""
    lines = [list(path) for path in verbs()]
    code = (
        "from neo4j_migrate_magic.cli import main\n"
        f"print([line for line in {lines} if main([*line, '--help'])])"
    )
    done = run("python", "-c", code)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stdout.count("Usage: ") == len(lines)


@pytest.mark.parametrize("program", ["script", "module"])
def test_script_and_module_are_one_command(run: Run, program: str) -> None:
    line = {
        "script": ("neo4j-migrate", "--version"),
        "module": ("python", "-m", "neo4j_migrate_magic", "--version"),
    }[program]

    assert run(*line).stdout.startswith("neo4j-migrate 0.")


def test_an_isolated_run_needs_nothing_installed(wheel: Path) -> None:
    """With all that a full installation has, as `uvx` and `pipx run` do."""
    done = uv(
        *("tool", "run", "-c", ROOT / ".ci" / "constraints.txt", "--from", wheel),
        *("neo4j-migrate", "--version"),
    )

    assert done.stdout.startswith("neo4j-migrate 0.")


@pytest.mark.server
def test_the_verbs_on_a_server(made: Run, lts_graph: Graph) -> None:
    """From the first status to the last down; nothing complains."""
    lines: dict[tuple[str, ...], int] = {
        ("status", "--exit-code"): 4,
        ("show", "latest"): 0,
        ("up", "-v"): 0,
        ("status", "--exit-code", "--all"): 0,
        ("show", "current", "--diff"): 0,
        ("verify",): 0,
        ("log",): 0,
        ("doctor",): 0,
        ("explain", "LOCK.HELD"): 0,
        ("repair", "history"): 0,
        ("unlock",): 0,
        ("stop",): 0,
        ("completion", "bash"): 0,
        ("down", "--down-count", "all"): 0,
        ("baseline", "latest", "--yes"): 0,
        ("repair", "current", "--mark", "pending"): 0,
    }
    for line, code in lines.items():
        done = made("neo4j-migrate", *line, NEO4J_URI=lts_graph.uri)
        assert (line, done.returncode) == (line, code), done.stderr
        assert "Traceback" not in done.stderr
        assert "error " not in done.stderr


@pytest.mark.server
def test_json_needs_nothing_more(made: Run, lts_graph: Graph) -> None:
    for verb in ("status", "up", "verify", "log", "doctor", "down"):
        done = made("neo4j-migrate", verb, "--json", NEO4J_URI=lts_graph.uri)
        answer = json.loads(done.stdout)
        assert (answer["command"], answer["ok"]) == (verb, True), done.stderr
        assert done.stderr == ""


@pytest.mark.server
def test_as_a_library_it_migrates_at_an_application_s_start(
    made: Run, lts_graph: Graph
) -> None:
    code = (
        "import asyncio\n"
        "from neo4j_migrate_magic.migrations import up\n"
        "def start():\n"
        "    return asyncio.run(up())\n"
        "print(start().applied, start().migrations)\n"
    )
    done = made("python", "-W", "error", "-c", code, NEO4J_URI=lts_graph.uri)

    assert (done.stdout, done.stderr) == ("2 ()\n", "")
    assert lts_graph.rows("MATCH (n:C|P) RETURN count(n)") == [[2]]


@pytest.mark.server
def test_a_frame_says_what_it_needs(made: Run, lts_graph: Graph) -> None:
    """The run itself is over and kept."""
    code = (
        "import asyncio\n"
        "from neo4j_migrate_magic.migrations import up\n"
        "try:\n"
        "    asyncio.run(up()).frame()\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    done = made("python", "-c", code, NEO4J_URI=lts_graph.uri)

    assert done.stdout == (
        "a DataFrame needs pandas, which is not installed here: pip install pandas\n"
    )


def test_a_file_of_variables_says_what_it_needs(made: Run, folder: Path) -> None:
    (folder / ".env").write_text("NEO4J_PASSWORD=canary\n")

    done = made("neo4j-migrate", "status", "--uri", "bolt://127.0.0.1:1")

    assert done.returncode == 2
    assert "error CONFIG.INVALID" in done.stderr
    assert "pip install python-dotenv" in done.stderr
    assert "canary" not in done.stderr


def test_a_sandbox_says_what_it_needs(made: Run) -> None:
    done = made("neo4j-migrate", "status", "--sandbox")

    assert done.returncode == 2
    assert "error SANDBOX.NOT_INSTALLED" in done.stderr
    assert "neo4j-migrate-magic[sandbox]" in done.stderr
