"""What a front end gets from a real kernel: outputs, errors, questions, progress."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.conftest import Guarded, Project
from tests.notebook.conftest import LOAD, Kernel, Outputs

pytestmark = pytest.mark.server

NODE = "CREATE (:Node);\n"


def test_progress_is_one_output_that_ends_as_what_was_done(
    kernel: Kernel, project: Project
) -> None:
    for number in range(3):
        project.add(f"2026010100000{number}-m{number}.cypher", NODE)
    outputs = kernel.good("%migrate up")
    assert len(outputs.of("display_data")) == 1
    assert (
        outputs.shown["text/plain"].splitlines()[-1].startswith("3 of 3 steps done in")
    )
    assert 'value="3" max="3"' in outputs.shown["text/html"]
    assert outputs.text == ""
    again = kernel.good("%migrate up")
    assert again.of("display_data") == []
    assert "up to date at 20260101000002" in again.result["text/plain"]


def test_progress_can_be_lines_or_nothing(kernel: Kernel, project: Project) -> None:
    project.add("20260101000000-first.cypher", NODE)
    kernel.good("%config MigrateMagic.progress = 'none'")
    outputs = kernel.good("%migrate up")
    assert outputs.of("display_data") == []
    assert outputs.text == ""
    project.add("20260102000000-second.cypher", NODE)
    kernel.good("%config MigrateMagic.progress = 'text'")
    outputs = kernel.good("%migrate up")
    assert outputs.of("display_data") == []
    assert "20260102000000-second" in outputs.text


def test_a_failed_run_ends_in_one_error_output(
    kernel: Kernel, project: Project
) -> None:
    project.add("20260101000000-first.cypher", NODE)
    project.add("20260102000000-second.cypher", "CRATE (:Node);\n")
    outputs = kernel.run("%migrate up")
    assert outputs.error is not None
    assert outputs.error["ename"] == "StatementFailedError"
    assert 3 <= len(outputs.lines) <= 6
    assert outputs.reply["status"] == "error"
    assert "stopped: 1 of 2 steps done" in outputs.shown["text/plain"]


def test_also_after_a_group_of_errors(kernel: Kernel, project: Project) -> None:
    """IPython draws a group by another road, which would hide the error."""
    project.add(
        "20260101000000-group.py",
        "import asyncio, sys\n"
        "if sys.version_info < (3, 11):\n"
        "    from exceptiongroup import ExceptionGroup\n\n"
        "async def up(client):\n"
        "    try:\n"
        "        raise ExceptionGroup('several', [ValueError('a'), ValueError('b')])\n"
        "    except ExceptionGroup as group:\n"
        "        raise RuntimeError('after it') from group\n",
    )
    outputs = kernel.run("%migrate up")
    assert outputs.error is not None
    assert len(outputs.lines) <= 6
    assert "RuntimeError: after it" in "\n".join(outputs.lines)


def test_a_migration_may_print(kernel: Kernel, project: Project) -> None:
    """In the cell that runs it, also when another one ran before."""
    kernel.good("%migrate status")
    project.add(
        "20260101000000-says.py",
        "def up(client):\n    print('hello from the file')\n",
    )
    outputs = kernel.good("%migrate up")
    assert "hello from the file" in outputs.text


def test_a_question_is_answered_in_the_cell(kernel: Kernel, project: Project) -> None:
    project.add("20260101000000-first.cypher", NODE)
    outputs = kernel.run("%migrate baseline latest", answer="n")
    assert outputs.error is not None
    assert outputs.error["ename"] == "DeclinedError"
    kernel.good("%migrate baseline latest", answer="y")
    kernel.good("s = %migrate status")
    found = kernel.good("list(s['state'])")
    assert found.result["text/plain"] == "['baseline']"


def test_nobody_there_is_an_error_that_names_the_option(
    kernel: Kernel, project: Project
) -> None:
    project.add("20260101000000-first.cypher", NODE)
    outputs = kernel.run("%migrate baseline latest")
    assert outputs.error is not None
    assert outputs.error["ename"] == "NoInputError"
    assert "--yes" in "\n".join(outputs.lines)


def test_the_await_of_a_cell_works_beside_the_magics(
    kernel: Kernel, project: Project
) -> None:
    """`await up()` and `await migrator.up()`, on the kernel's own loop."""
    project.add("20260101000000-first.cypher", NODE)
    project.add("20260102000000-second.cypher", NODE)
    kernel.good(
        "from neo4j_migrate_magic.migrations import up\nfrom neo4j_migrate_magic import Migrator"
    )
    outputs = kernel.good("await up(1)")
    assert "applied 1 migration" in outputs.result["text/plain"]
    outputs = kernel.good(
        "async with Migrator.open() as migrator:\n"
        "    report = await migrator.up()\n"
        "report"
    )
    assert "text/html" in outputs.result
    found = kernel.good("df = %migrate status\nbool(df.state.eq('applied').all())")
    assert found.result["text/plain"] == "True"


def test_a_canary_is_nowhere(
    places: Path, project: Project, guarded: Guarded, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither in outputs nor in the history, however the password came."""
    project.config.write_text(f'uri = "{guarded.uri}"\nusername = "neo4j"\n')
    project.add("20260101000000-bad.cypher", "CRATE (:Node);\n")
    kernel = Kernel(project.root)
    everything: list[Outputs] = []
    try:
        kernel.good(LOAD)
        asked = kernel.run("%migrate status", answer=guarded.password)
        assert asked.error is None
        lines = (
            "%migrate up",
            "%migrate up --trace",
            "%migrate up -v",
            "%migrate doctor",
            "%migrate doctor --only config --json",
            "%migrate connect",
            f"%migrate connect {guarded.uri} --username neo4j",
            "%config MigrateMagic",
            "%migrate status --json",
            "df = %migrate status\nprint(df.attrs)",
            "%history",
        )
        everything += [kernel.run(line, answer=guarded.password) for line in lines]
    finally:
        kernel.stop()
    text = "\n".join(str(one.messages) + str(one.reply) for one in everything)
    assert "UP.STATEMENT_FAILED" in text
    assert guarded.password not in text
    out, err = capfd.readouterr()
    assert guarded.password not in out + err
    kept = list(places.parent.rglob("history.sqlite"))
    assert kept
    for file in kept:
        with sqlite3.connect(file) as history:
            assert guarded.password not in str(
                history.execute("SELECT source FROM history").fetchall()
            )
        history.close()
