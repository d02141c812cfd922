"""Notebooks that run without a person: a failure fails them, and a second run changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter, MarkdownExporter

from tests.conftest import Graph, Project
from tests.notebook.conftest import LOAD, environment

pytestmark = pytest.mark.server

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(*cells: str) -> Any:
    made = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return made


def executed(made: Any, root: Path) -> Any:
    client = NotebookClient(
        made, timeout=120, kernel_name="python3", resources={"metadata": {"path": root}}
    )
    client.execute()
    return made


@pytest.fixture
def failing(project: Project, target: Graph) -> Any:
    """A notebook whose second cell fails."""
    project.add("20260101000000-bad.cypher", "CRATE (:Node);\n")
    return notebook(LOAD, "%migrate up", "after = 1")


def test_nbclient_raises(places: Path, project: Project, failing: Any) -> None:
    with pytest.raises(CellExecutionError, match=r"UP\.STATEMENT_FAILED"):
        executed(failing, project.root)
    (_, second, third) = failing.cells
    assert [o.output_type for o in second.outputs].count("error") == 1
    assert third.outputs == []
    assert third.execution_count is None


def _run(*args: str, root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *args],
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_papermill_ends_with_the_message(
    places: Path, project: Project, failing: Any
) -> None:
    nbformat.write(failing, project.root / "in.ipynb")
    ended = _run("papermill", "in.ipynb", "out.ipynb", root=project.root)
    assert ended.returncode != 0
    assert "UP.STATEMENT_FAILED" in ended.stderr
    assert "%migrate up" in ended.stderr


@pytest.mark.parametrize("good", [True, False])
def test_nbmake_tells_a_failure_from_a_success(
    places: Path, project: Project, failing: Any, good: bool
) -> None:
    if good:
        (project.folder / "20260101000000-bad.cypher").write_text("CREATE (:Node);")
    nbformat.write(failing, project.root / "one.ipynb")
    (project.root / "pytest.ini").write_text("[pytest]\n")
    ended = _run(
        "pytest", "-p", "no:cacheprovider", "--nbmake", "one.ipynb", root=project.root
    )
    assert (ended.returncode == 0) is good, ended.stdout
    assert ("1 passed" in ended.stdout) is good


def test_a_stored_notebook_shows_what_was_done(
    places: Path, project: Project, target: Graph
) -> None:
    """The final state, as HTML and as Markdown; a second run changes nothing."""
    project.add("20260101000000-first.cypher", "CREATE (:Node);\n")
    made = notebook(LOAD, "%migrate status", "%migrate up", "%migrate status")
    executed(made, project.root)
    for exporter in (HTMLExporter(), MarkdownExporter()):
        text, _ = exporter.from_notebook_node(made)
        assert "applied 1 migration, 1 step in" in text
        assert "20260101000000" in text
        assert str(project.root) not in text or "path" in text
    before = target.rows(
        "MATCH (n) RETURN labels(n), properties(n) ORDER BY elementId(n)"
    )
    executed(made, project.root)
    text, _ = MarkdownExporter().from_notebook_node(made)
    assert "up to date at 20260101000000" in text
    assert before == target.rows(
        "MATCH (n) RETURN labels(n), properties(n) ORDER BY elementId(n)"
    )


def test_the_magics_load_by_themselves(
    places: Path, project: Project, target: Graph
) -> None:
    """By the kernel's configuration, as a lazy magic."""
    profile = Path(os.environ["IPYTHONDIR"]) / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text(
        "c.MagicsManager.lazy_magics = {'migrate': 'neo4j_migrate_magic'}\n"
    )
    project.add("20260101000000-first.cypher", "CREATE (:Node);\n")
    executed(notebook("%migrate up"), project.root)
    assert target.one("MATCH (n:Node) RETURN count(n)") == 1
