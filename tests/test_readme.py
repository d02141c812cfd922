"""README is true: its tour prints what it shows, its commands are the ones that run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What differs from one run to the next.
VARYING = (
    (re.compile(r"\b20\d{12}\b"), "VERSION"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\b(\d+h)?(\d+m)?\d+(\.\d+)?s\b"), "SPAN"),
    (re.compile(r"127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r"^(starting|preparing|downloading|waiting).*\n", re.MULTILINE), ""),
)


def tour() -> list[tuple[str, str]]:
    """The blocks of the tour: what is typed, and what is then on the screen."""
    section = README.split("## Five minutes")[1].split("\n## ")[0]
    blocks = BLOCK.findall(section)
    kinds = [kind for kind, _ in blocks]
    assert kinds == ["shell", "text"] * (len(blocks) // 2)
    return [
        (typed, shown)
        for (_, typed), (_, shown) in zip(blocks[::2], blocks[1::2], strict=True)
    ]


def alike(text: str) -> str:
    """The text without what differs from one run to the next."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text.strip()


@pytest.mark.server
def test_the_tour_prints_what_it_shows(tmp_path: Path) -> None:
    """Block by block, in one shell, as a newcomer would type it."""
    environ = {
        name: value for name, value in os.environ.items() if "NEO4J_URI" not in name
    }
    environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ["PATH"]]
    )
    end = "--- end of a block"
    script = "".join(f"{typed}\necho '{end}'\n" for typed, _ in tour())
    try:
        shown = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=True,
        ).stdout
    finally:
        subprocess.run(
            ["neo4j-migrate", "sandbox", "stop", "--quiet"],
            cwd=tmp_path,
            env=environ,
            check=False,
        )
    blocks = shown.split(f"{end}\n")[:-1]
    init = "wrote neo4j-migrate.toml\nmade migrations\n"
    assert blocks[0].startswith(init)
    blocks[0] = "".join(blocks[0].partition("up  neo4j")[1:])
    assert [alike(block) for _, block in tour()] == list(map(alike, blocks))


def test_ci_runs_the_second_command_letter_for_letter() -> None:
    first, second = [b for kind, b in BLOCK.findall(README) if kind == "shell"][:2]
    assert "neo4j-migrate.toml up" in first
    assert second in (ROOT / ".ci" / "run").read_text()


def test_readme_names_every_command() -> None:
    """Somebody who reads it to the end has met each verb."""
    from neo4j_migrate_magic.cli.call import tree

    assert [
        name
        for name in tree.commands
        if f"`{name}" not in README and f"migrate {name}" not in README
    ] == []
