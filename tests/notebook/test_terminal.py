"""IPython in a terminal: results as text, Ctrl-C, and a prompt afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.conftest import Graph, Project
from tests.notebook.conftest import LOAD, environment
from tests.notebook.test_interrupt import LONG, at_work, free

pytestmark = pytest.mark.server


@pytest.fixture
def terminal(
    places: Path, project: Project, target: Graph
) -> Iterator[pexpect.spawn[str]]:
    args = ["-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit"]
    found = pexpect.spawn(
        sys.executable,
        args,
        cwd=str(project.root),
        env={**environment(), "TERM": "dumb"},
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 120),
    )
    found.expect(r"In \[1\]: ")
    found.sendline(LOAD)
    found.expect(r"In \[2\]: ")
    yield found
    found.close(force=True)


def test_results_are_text_and_errors_a_few_lines(
    terminal: pexpect.spawn[str], project: Project
) -> None:
    project.add("20260101000000-first.cypher", "CREATE (:Node);\n")
    terminal.sendline("%migrate up")
    terminal.expect(r"applied 1 migration, 1 step in")
    terminal.expect(r"In \[3\]: ")
    terminal.sendline("%migrate status")
    terminal.expect(r"20260101000000")
    terminal.expect(r"In \[4\]: ")
    project.add("20260102000000-second.cypher", "CRATE (:Node);\n")
    terminal.sendline("%migrate up")
    terminal.expect(r"UP\.STATEMENT_FAILED")
    terminal.expect(r"In \[5\]: ")
    assert "Traceback" not in terminal.before


def test_ctrl_c_cuts_cleans_and_gives_the_prompt(
    terminal: pexpect.spawn[str], project: Project, target: Graph, until: object
) -> None:
    file = project.add("20260101000000-long.cypher", LONG)
    terminal.sendline("%migrate up")
    until(lambda: at_work(target))  # type: ignore[operator]
    terminal.sendintr()
    terminal.expect(r"was not committed; 0 applied on .* Run %migrate up to go on\.")
    terminal.expect(r"In \[3\]: ")
    assert target.rows("MATCH (n:Begun) RETURN n") == []
    assert free(target)
    file.write_text("CREATE (:Begun);")
    terminal.sendline("%migrate up")
    terminal.expect(r"applied 1 migration")
    assert len(target.rows("MATCH (n:Begun) RETURN n")) == 1
