"""The command as its own process: imports, module, pipe."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

HEAVY = {"neo4j", "pandas", "IPython", "ipywidgets", "asyncio"}

# Ours, which take their time: help does without them.
LATER = {f"neo4j_migrate_magic.{name}" for name in ("config", "files", "model")}


def loaded(*args: str) -> set[str]:
    """Give the modules that a command line imports."""
    code = (
        "import sys; from neo4j_migrate_magic.cli import main; code = main(sys.argv[1:]);"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "args", [("--help",), ("--version",), ("up", "--help"), ("sandbox", "-h"), ()]
)
def test_help_is_light(args: tuple[str, ...]) -> None:
    """Neither driver nor pandas nor IPython is imported for help and version."""
    modules = loaded(*args)

    assert "click" in modules
    assert modules & (HEAVY | LATER) == set()


def test_create_needs_no_driver(tmp_path: Path) -> None:
    """It makes a file; the driver would take ten times as long as that."""
    modules = loaded("create", "a name", "-d", str(tmp_path))

    assert modules & HEAVY == set()
    assert len(list(tmp_path.glob("2*-a_name.cypher"))) == 1


def test_a_verb_that_reads_keeps_pandas_out_of_the_driver(tmp_path: Path) -> None:
    """It is half of the time of such a command; `up` may be handed its values."""
    (tmp_path / "20260101000000-a.cypher").write_text("CREATE (:A);")
    code = (
        "import sys; from neo4j_migrate_magic.cli import main;"
        "sys.argv[1:] = {}; code = main();"
        "print(code, *sys.modules, file=sys.stderr)"
    )
    found = {}
    for verb in ("status", "up"):
        args = [verb, "-d", str(tmp_path), "--uri", "bolt://127.0.0.1:1"]
        done = subprocess.run(
            [sys.executable, "-c", code.format(args)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "SERVER.UNREACHABLE" in done.stderr
        found[verb] = {"neo4j", "pandas"} & set(done.stderr.split())

    assert found == {"status": {"neo4j"}, "up": {"neo4j", "pandas"}}


def test_module() -> None:
    """`python -m` is the same command."""
    done = subprocess.run(
        [sys.executable, "-m", "neo4j_migrate_magic", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"neo4j-migrate {version('neo4j-migrate-magic')}\n"


def test_exit_code_reaches_the_shell() -> None:
    """A process ends with the code of the error."""
    done = subprocess.run(
        [sys.executable, "-m", "neo4j_migrate_magic", "frobnicate"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("error USAGE.BAD_OPTION")
    assert "Traceback" not in done.stderr
