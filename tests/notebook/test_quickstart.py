"""The quickstart as a stranger runs it, and runs it again."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import neo4j
import pytest

from neo4j_migrate_magic.sandbox import Sandbox
from tests.notebook.test_executed import executed, notebook

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"


def outputs(made: Any) -> str:
    """All that the cells' outputs have as text."""
    texts = []
    for cell in made.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts += [str(data.get(kind, "")) for kind in ("text/plain", "text/html")]
            texts.append(str(output.get("text", "")))
    return "\n".join(texts)


def graph(root: Path) -> list[Any]:
    """All that is in the sandbox's database, the tool's own nodes included."""
    sandbox = Sandbox(root / ".neo4j-sandbox")
    uri = sandbox.start().uri
    try:
        with neo4j.GraphDatabase.driver(uri) as driver:
            found = driver.execute_query(
                "MATCH (n) WHERE NOT n:_MigrateProject"
                " RETURN elementId(n), labels(n), properties(n) ORDER BY elementId(n)"
            )
            return [record.values() for record in found.records]
    finally:
        sandbox.stop()


@pytest.mark.server
def test_it_runs_and_a_second_time_changes_nothing(places: Path, folder: Path) -> None:
    shutil.copy(NOTEBOOK, folder)
    made = nbformat.read(folder / NOTEBOOK.name, as_version=4)
    executed(made, folder)
    first = outputs(made)
    before, files = graph(folder), sorted((folder / "migrations").iterdir())
    stamps = [os.stat(file).st_mtime_ns for file in files]

    executed(made, folder)

    assert "Ada" in first
    assert "applied 1 migration, 2 steps in" in first
    assert "rolled back" in first
    second = outputs(made)
    assert "up to date at" in second
    assert "already applied" in second
    assert graph(folder) == before
    assert sorted((folder / "migrations").iterdir()) == files
    assert [os.stat(file).st_mtime_ns for file in files] == stamps


def test_what_is_stored_was_run_and_names_no_machine() -> None:
    """Every cell has its number, none failed, and no path leads anywhere."""
    made = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(made)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert "error" not in kinds
    text = outputs(made)
    assert "applied 1 migration" in text
    for trace in ("/home/", "/root", "/tmp", "/work", "\\Users"):  # noqa: S108
        assert trace not in text, trace


@pytest.mark.server
def test_the_cells_of_readme_run(places: Path, folder: Path) -> None:
    """The three that it leads with, as they stand there."""
    lead = README.read_text().split(" three cells:")[1]
    cells = re.findall(r"^```\w+\n(.*?)^```$", lead, re.MULTILINE | re.DOTALL)[:3]
    made = notebook(*cells, "%migrate sandbox stop")
    try:
        executed(made, folder)
    finally:
        Sandbox(folder / ".neo4j-sandbox").stop()
    assert "applied 1 migration, 2 steps in" in outputs(made)
    (file,) = (folder / "migrations").glob("*.cypher")
    assert file.name.endswith("-add_people.cypher")
