"""Completion, asked for as a shell does it; bash is really run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from neo4j_migrate_magic.cli.completion import VARIABLE, script
from neo4j_migrate_magic.cli.tree import PROGRAM, tree
from tests.cli.conftest import Run
from tests.cli.test_process import HEAVY

BIN = Path(sys.executable).parent
CONFIG = """\
migration_dir = "changes"
uri = "cmd:touch executed"

[env.prod]
uri = "bolt://prod.example:7687"
password = "cmd:touch executed"

[env.stage]
migration_dir = "staged"
"""


@pytest.fixture
def here(folder: Path) -> Path:
    """A project with two environments, and a folder for each of two."""
    (folder / "neo4j-migrate.toml").write_text(CONFIG)
    for name in (
        "changes/20260101000000-first.cypher",
        "changes/crm/20260202000000-second.py",
        "changes/notes.cypher",
        "staged/20270101000000-third.cypher",
        "broken/neo4j-migrate.toml",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[[[")
    return folder


def asked(line: str, shell: str = "bash") -> list[str]:
    """What a shell is told when the cursor is at the end of a line."""
    words = line.split(" ")
    done = subprocess.run(
        [BIN / "neo4j-migrate"],
        env={
            **os.environ,
            VARIABLE: f"{shell}_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1) if shell != "fish" else words[-1],
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


def offered(line: str) -> list[str]:
    return [answer.partition(",")[2] for answer in asked(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("neo4j-migrate st", ["status", "stop"]),
        ("neo4j-migrate -e prod sho", ["show"]),
        ("neo4j-migrate sandbox st", ["start", "stop", "status"]),
        ("neo4j-migrate up --up", ["--up-count"]),
        ("neo4j-migrate up --datab", ["--database"]),
        ("neo4j-migrate status --exi", ["--exit-code"]),
        ("neo4j-migrate repair V --mark ", ["applied", "pending"]),
        ("neo4j-migrate completion ", ["bash", "zsh", "fish"]),
        ("neo4j-migrate -e ", ["prod", "stage"]),
        ("neo4j-migrate status --env st", ["stage"]),
        ("neo4j-migrate up --to 2", ["20260101000000", "20260202000000"]),
        ("neo4j-migrate show 202602", ["20260202000000"]),
        ("neo4j-migrate show l", ["latest"]),
        ("neo4j-migrate down --to z", ["zero"]),
        ("neo4j-migrate repair h", ["history"]),
        ("neo4j-migrate -e stage show 2", ["20270101000000"]),
        ("neo4j-migrate show -d staged 2", ["20270101000000"]),
        ("neo4j-migrate -d nowhere show 2", []),
        ("neo4j-migrate -c broken/neo4j-migrate.toml -e ", []),
        ("neo4j-migrate -c broken/neo4j-migrate.toml show c", ["current"]),
    ],
)
def test_what_can_stand_there_is_offered(
    here: Path, line: str, expected: list[str]
) -> None:
    """By what the line says so far; what a setting refers to is not carried out."""
    assert expected == offered(line)
    assert not (here / "executed").exists()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_show_the_name_beside_the_version(here: Path, shell: str) -> None:
    told = asked("neo4j-migrate show 202601", shell)

    assert " ".join(told).replace("plain,", "plain ").split() == [
        "plain",
        "20260101000000",
        "first",
    ]


def test_bash_completes_a_line(here: Path) -> None:
    """The script is read as at the start of a shell, and its function called."""
    bash = shutil.which("bash")
    assert bash, "bash is where the tests run"
    test = (
        'eval "$(neo4j-migrate completion bash)"\n'
        "complete -p neo4j-migrate\n"
        "COMP_WORDS=(neo4j-migrate up --to 2026) COMP_CWORD=3\n"
        "_neo4j_migrate_completion neo4j-migrate\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        [bash, "--norc", "-c", test],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == [
        "complete -o nosort -F _neo4j_migrate_completion neo4j-migrate",
        "20260101000000 20260202000000",
    ]
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_command_prints_the_script(cli: Run, shell: str) -> None:
    shown = cli("completion", shell)

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.strip() == script(shell, tree, PROGRAM).strip()
    assert f"{VARIABLE}={shell}_complete" in shown.out


def test_an_unknown_shell_is_refused(cli: Run) -> None:
    shown = cli("completion", "tcsh")

    assert shown.code == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in " ".join(shown.err.split())


@pytest.mark.parametrize("line", ["neo4j-migrate u", "neo4j-migrate up --to 2"])
def test_completion_is_light(here: Path, line: str) -> None:
    """It runs at each press of a key: neither driver nor pandas is imported."""
    code = (
        "import sys; from neo4j_migrate_magic.cli import main; main();"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            VARIABLE: "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split()) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    modules = set(done.stderr.split())
    assert "plain," in done.stdout
    assert modules & (HEAVY | {"neo4j_migrate_magic.migrator"}) == set()
