"""The command as its own process: imports, module, pipe."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

HEAVY = {"neo4j", "pandas", "IPython", "ipywidgets", "asyncio"}


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
    assert modules & HEAVY == set()


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
