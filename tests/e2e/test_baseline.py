"""`baseline` records files as applied without running them: all of them, or none."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from neo4j_migrate_magic.cli.terminal import Terminal
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

ONE, TWO, THREE = (f"2026010{n}000000" for n in (1, 2, 3))
QUESTION = "record 2 migrations as applied, without running anything, in neo4j@"


def both(label: str) -> str:
    return f"// @up\nCREATE (:{label});\n// @down\nMATCH (n:{label}) DELETE n;\n"


@pytest.fixture
def three(site: Site) -> Site:
    """Three pending migrations, one of them of Python."""
    site.add(f"{ONE}-a.cypher", both("A"))
    site.add(f"{TWO}-b.py", "raise SystemExit(9)\n\n\ndef up(client): ...\n")
    site.add(f"{THREE}-c.cypher", both("C"))
    return site


def answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
    """Somebody at the terminal, who says always the same; what they were asked."""
    asked: list[str] = []

    def ask(self: Terminal, question: str) -> str:
        asked.append(question)
        return answer

    monkeypatch.setattr(Terminal, "answers", True)
    monkeypatch.setattr(Terminal, "ask", ask)
    return asked


def read_until(terminal: int, mark: str) -> str:
    """What a program wrote to a terminal, up to some words or its end."""
    seen = ""
    with suppress(OSError):  # nobody has the other side any more
        while mark not in seen:
            seen += os.read(terminal, 1000).decode()
    return seen


def test_files_up_to_a_version_are_recorded_and_later_ones_run(three: Site) -> None:
    said = three("baseline", TWO, "--yes")

    assert said.code == 0
    assert said.out == "recorded 2 migrations as applied; nothing was run\n"
    assert said.err.splitlines() == [f"  {ONE}-a", f"  {TWO}-b"]
    assert three.records() == [f"{v} up applied at 2 of 1" for v in (ONE, TWO)]
    assert three.events() == ["baselined", "baselined"]
    status = three("status")
    assert status.out.count("baseline") == 2
    assert "2 applied (2 baseline), 1 pending" in status.err

    assert three("up").code == 0
    assert (three.count("A"), three.count("C")) == (0, 1)
    assert three("verify").code == 0


def test_down_takes_what_ran_and_refuses_what_was_only_recorded(three: Site) -> None:
    """The way out forgets the record and runs nothing."""
    three("baseline", TWO, "--yes")
    three("up")
    assert three("down").code == 0
    assert three.count("C") == 0

    refused = three("down")

    assert refused.error == ("PLAN.IRREVERSIBLE", 2)
    assert f"neo4j-migrate repair {TWO} --mark pending" in refused.part("next")
    assert three("down", "--to", "zero").error == ("PLAN.IRREVERSIBLE", 2)
    assert three("repair", TWO, "--mark", "pending").code == 0
    assert three.records() == [f"{ONE} up applied at 2 of 1"]


def test_the_order_of_application_goes_on_behind_a_baseline(three: Site) -> None:
    """What is recorded late is in the way of no `down` of what ran."""
    three("baseline", ONE, "--yes")
    assert three("up", "--allow-late", THREE, "--to", THREE).code != 0
    (three.project.folder / f"{TWO}-b.py").unlink()
    three("up")
    three.add(f"{TWO}-b.cypher", both("B"))

    assert three("baseline", TWO, "--yes").out.startswith("recorded 1 migration as ")

    rows = three.graph.rows(
        "MATCH (r:_MigrateRecord) RETURN r.version, r.sequence ORDER BY r.sequence"
    )
    assert rows == [[ONE, 1], [THREE, 2], [TWO, 3]]
    assert three("down", "--down-count", "all").error == ("PLAN.IRREVERSIBLE", 2)
    assert three("down").code == 0
    assert three.count("C") == 0
    assert three("down").error == ("PLAN.IRREVERSIBLE", 2)


def test_a_person_is_asked_and_shown_what_would_be_recorded(
    three: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, "y")

    said = three("baseline", "20260102")

    assert len(asked) == 1
    assert asked[0].startswith(QUESTION)
    assert asked[0].endswith("? [y/N] ")
    assert said.err.splitlines() == [f"  {ONE}-a", f"  {TWO}-b"]
    assert said.out == "recorded 2 migrations as applied; nothing was run\n"


@pytest.mark.parametrize("answer", ["", "n", "no", "later", "yes please"])
def test_any_other_answer_is_a_no(
    three: Site, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    answering(monkeypatch, answer)
    before = three.everything()

    said = three("baseline", TWO)

    assert said.error == ("ENV.DECLINED", 3)
    assert said.out == ""
    assert before == three.everything()


@pytest.mark.parametrize("args", [(), ("--no-input",)])
def test_without_somebody_to_ask_nothing_is_recorded(
    three: Site, args: tuple[str, ...]
) -> None:
    """The command that answers is named; what it would record is shown."""
    before = three.everything()

    said = three("baseline", TWO, *args)

    assert said.error == ("USAGE.NO_INPUT", 2)
    assert f"  {ONE}-a\n  {TWO}-b\n" in said.err
    assert said.out == ""
    typed = " ".join(["neo4j-migrate baseline", TWO, *args])
    assert said.part("next").startswith(f"{typed} --yes")
    assert before == three.everything()


def test_no_input_asks_nobody_though_somebody_is_there(
    three: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, "y")
    assert three("baseline", TWO, "--no-input").error == ("USAGE.NO_INPUT", 2)
    assert asked == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 3)])
def test_the_question_is_asked_on_a_real_terminal(
    three: Site, answer: str, code: int
) -> None:
    """Question and table on the terminal, the result alone on stdout."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "neo4j_migrate_magic", "baseline", TWO],
        cwd=three.project.root,
        env={k: v for k, v in os.environ.items() if k != "CI"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as process:
        os.close(theirs)
        seen = read_until(ours, "[y/N]")
        os.write(ours, f"{answer}\n".encode())
        out, _ = process.communicate(timeout=30)
    os.close(ours)

    assert process.returncode == code
    assert QUESTION in seen
    assert f"{ONE}-a" in seen
    assert out == (
        "recorded 2 migrations as applied; nothing was run\n" if not code else ""
    )
    assert len(three.records()) == (0 if code else 2)


def test_what_has_a_record_is_left_out(three: Site) -> None:
    """And where that is all of it, there is nothing to ask."""
    assert three("up", "--to", ONE).code == 0

    said = three("baseline", "latest", "--yes")

    assert said.out == "recorded 2 migrations as applied; nothing was run\n"
    assert f"  {ONE}-a  left out: it has a record already" in said.err
    before = three.everything()
    again = three("baseline", "latest")
    assert (again.code, again.out) == (
        0,
        "nothing to record: every file up to there has a record\n",
    )
    assert before == three.everything()


@pytest.mark.parametrize("direction", ["up", "down"])
def test_nothing_is_recorded_beside_what_is_part_way(
    site: Site, direction: str
) -> None:
    """Also where the file of what is part-way is gone."""
    half = "CREATE (:A);\nCREATE INDEX a FOR (n:A) ON (n.a);\nDROP INDEX nowhere;\n"
    text = half if direction == "up" else f"// @up\nCREATE (:A);\n// @down\n{half}"
    path = site.add(f"{ONE}-a.cypher", text)
    site("up")
    site("down") if direction == "down" else None
    site.add(f"{TWO}-b.cypher", both("B"))
    before = site.everything()

    for _ in range(2):
        said = site("baseline", TWO, "--yes")
        assert said.error == ("PLAN.PART_WAY", 2)
        assert said.part("kept") == "nothing was recorded"
        assert ("neo4j-migrate up" in said.part("next")) is (direction == "up")
        assert before == site.everything()
        path.unlink(missing_ok=True)


def test_all_are_recorded_or_none(three: Site) -> None:
    """The second of two meets a constraint: the first is not kept either."""
    three("up", "--to", ONE)
    three("repair", ONE, "--mark", "pending")
    three.graph.rows(
        "CREATE CONSTRAINT in_the_way FOR (r:_MigrateRecord) REQUIRE r.name IS UNIQUE"
    )
    three.graph.rows(
        "CREATE (:_MigrateRecord {project: 'other', version: $v, name: 'b'})", v=TWO
    )

    said = three("baseline", TWO, "--yes")

    assert said.code != 0
    assert (
        three.graph.rows("MATCH (r:_MigrateRecord {project: 'default'}) RETURN r") == []
    )
    assert "baselined" not in three.events()
    assert three.lock_is_free()


@pytest.mark.parametrize("word", ["2027", "zero", "x"])
def test_an_unknown_version_records_nothing(three: Site, word: str) -> None:
    before = three.everything()
    assert three("baseline", word, "--yes").error == ("USAGE.UNKNOWN_VERSION", 2)
    assert before == three.everything()


def test_a_held_lock_is_waited_for(three: Site) -> None:
    three.graph.rows(
        "CREATE (:_MigrateProject {project: 'default', token: 7, format: 1,"
        " owner: 'ann@here/1/x', acquired_at: datetime.realtime(),"
        " expires_at: datetime.realtime() + duration('PT1M')})"
    )
    said = three("baseline", TWO, "--yes", "--lock-timeout", "100ms")
    assert said.error == ("LOCK.HELD", 9)
    assert f"neo4j-migrate baseline {TWO} --yes --lock-timeout 10m" in said.part("next")
    assert three.records() == []
