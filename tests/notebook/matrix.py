"""Run the notebook's tests on other versions of IPython, ipykernel and pandas.

    python -m tests.notebook.matrix          every stack
    python -m tests.notebook.matrix old      one of them; this is what .ci/run does

Each stack has an environment of its own, made for the run and deleted after it. The
stack that is installed here is what plain `pytest` tests.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stack:
    """What is installed: a file of tested versions, and what is put over it."""

    constraints: str
    pins: tuple[str, ...] = ()


STACKS = {
    "old": Stack("constraints-old-notebook.txt"),
    "old-kernel": Stack("constraints.txt", ("ipykernel==6.31.0",)),
    "old-ipython": Stack("constraints.txt", ("ipython==8.39.0",)),
    "old-pandas": Stack("constraints.txt", ("pandas==2.3.3",)),
    "new": Stack("constraints.txt"),
}


def run(name: str, stack: Stack, rest: list[str]) -> int:
    """Install a stack, run the tests on it, and give pytest's exit code."""
    uv = Path(sys.executable).with_name("uv")
    with tempfile.TemporaryDirectory(prefix="neo4j-migrate-stack-") as folder:
        venv.create(folder, with_pip=False)
        bin_ = Path(folder, "Scripts" if os.name == "nt" else "bin")
        install = [uv, "pip", "install", "-q", "--python", folder]
        groups = ["--group", "test", "--group", "notebook"]
        constraints = ROOT / ".ci" / stack.constraints
        subprocess.run(
            [*install, "-c", constraints, "-e", ".[sandbox]", *groups],
            cwd=ROOT,
            check=True,
        )
        if stack.pins:
            subprocess.run([*install, *stack.pins], cwd=ROOT, check=True)
        print(f"\n=== stack {name} ===", flush=True)  # noqa: T201
        ended = subprocess.run(
            [bin_ / "python", "-m", "pytest", "-q", "tests/notebook", *rest],
            cwd=ROOT,
            check=False,
        )
        return ended.returncode


def main() -> int:
    """Run the stacks that are named, else all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stacks", nargs="*", choices=[[], *STACKS], default=[])
    args, rest = parser.parse_known_args()
    names = args.stacks or list(STACKS)
    return max(run(name, STACKS[name], rest) for name in names)


if __name__ == "__main__":
    sys.exit(main())
