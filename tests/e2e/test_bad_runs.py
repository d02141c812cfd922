"""Runs that stop: at a statement, at an edit, at a lock, at a newer history."""

from __future__ import annotations

import time

import pytest

from tests.e2e.conftest import Said, Site

pytestmark = pytest.mark.server

FIRST = "20260101000000-first"
SECOND = "20260102000000-second"
THREE = "CREATE (:A {i: 1});\nCREATE (:A {i: 2});\nCREATE (:A {i: 3});\n"

SWALLOWS = """\
async def up(client):
    await client.cypher("CREATE (:N)")
    try:
        await client.cypher("MATCH (n:N) SET n.x = 1 / 0")
    except Exception:
        return
"""


@pytest.mark.parametrize("blocking", [False, True])
def test_a_migration_that_swallows_a_failed_statement_is_not_applied(
    site: Site, blocking: bool
) -> None:
    """It returns as if all were well; the transaction is dead all the same."""
    text = SWALLOWS
    if blocking:
        text = text.replace("async def", "def").replace("await ", "")
    site.add(f"{FIRST}.py", text)

    said = site("up")

    assert said.error == ("UP.STATEMENT_FAILED", 2)
    assert said.part("why") == (
        "a statement failed and the migration went on: / by zero"
        " [Neo.ClientError.Statement.ArithmeticError]"
    )
    assert said.part("where") == f"migrations/{FIRST}.py:4"
    assert said.part("kept") == "nothing of 20260101000000 was kept"
    assert (site.count("N"), site.records()) == (0, [])
    assert site.events() == ["failed"]


def test_python_that_raises_leaves_nothing(site: Site) -> None:
    """The place is the line of the migration, also when a helper raised."""
    (site.project.root / "helper.py").write_text("def go():\n    raise ValueError\n")
    site.add(
        f"{FIRST}.py",
        "import helper\n\n\ndef up(client):\n    client.cypher('CREATE (:N)')\n    helper.go()\n",
    )

    said = site("up")

    assert said.error == ("UP.STATEMENT_FAILED", 2)
    assert said.part("why") == "ValueError"
    assert said.part("where") == f"migrations/{FIRST}.py:6"
    assert site.count("N") == 0


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("CREATE INDEX a FOR (n:N) ON (n.a)", "schema cannot share a transaction"),
        ("MATCH (n) CALL (n) { SET n.a = 1 } IN TRANSACTIONS", "commits by itself"),
        ("CREATE USER ann SET PASSWORD 'secretsecret'", "runs by itself"),
    ],
)
@pytest.mark.parametrize("swallowed", [False, True])
def test_python_in_one_transaction_refuses_what_that_cannot_hold(
    site: Site, statement: str, why: str, swallowed: bool
) -> None:
    """Before it is sent, with its line and the cure; what came before is not kept."""
    site.add(f"{FIRST}.cypher", "CREATE (:Good);")
    call = f"await client.cypher({statement!r})"
    if swallowed:
        call = f"try:\n        {call}\n    except Exception:\n        pass"
    path = site.add(
        f"{SECOND}.py",
        f"async def up(client):\n    await client.cypher('CREATE (:N)')\n    {call}\n",
    )

    said = site("up")

    assert said.error == ("PLAN.IMPOSSIBLE_MIX", 8)
    assert why in said.text
    assert "the statement was not sent" in said.part("why")
    assert said.part("where") == f"migrations/{SECOND}.py:{4 if swallowed else 3}"
    assert said.part("kept") == (
        "nothing of 20260102000000 was kept; 1 migration before it is applied"
    )
    assert said.part("next") == (
        'neo4j-migrate up after you set TRANSACTION = "per-call" at the top of the file'
    )
    assert (site.count("N"), site.graph.schema()) == (0, [])

    if "INDEX" in statement and not swallowed:
        path.write_text('TRANSACTION = "per-call"\n' + path.read_text())
        assert site("up").code == 0
        assert (site.count("N"), len(site.graph.schema())) == (1, 1)


def test_a_per_call_migration_that_fails_says_that_it_may_have_left_something(
    site: Site,
) -> None:
    """It is not run twice unasked; a person who has looked says what became of it."""
    path = site.add(
        f"{FIRST}.py",
        "TRANSACTION = 'per-call'\n\n\nasync def up(client):\n"
        "    await client.cypher('CREATE (:N)')\n    await client.cypher('RETRUN 1')\n",
    )

    said = site("up")
    assert said.error == ("UP.STATEMENT_FAILED", 8)
    assert said.part("where") == f"migrations/{FIRST}.py:6"
    assert said.part("kept") == "step 1 may have left something"
    assert site.records() == ["20260101000000 up failed at 1 of 1"]

    asked = site("up")
    assert asked.error == ("UP.NOT_RERUNNABLE", 8)
    assert asked.part("kept") == "nothing was touched now"
    assert site.count("N") == 1

    # the command that the message names, once what there is was taken out by hand
    repair = "repair 20260101000000 --step 1 --mark pending"
    assert f"neo4j-migrate {repair}" in asked.part("next")
    site.graph.rows("MATCH (n:N) DELETE n")
    assert site(*repair.split()).code == 0
    assert (site.records(), site.events()) == ([], ["failed", "repaired"])

    path.write_text(path.read_text().replace("RETRUN", "RETURN"))
    assert site("up").code == 0
    assert site.count("N") == 1


@pytest.mark.parametrize(
    ("now", "why", "line"),
    [
        (THREE.replace("2", "20"), "statement 2 changed - CREATE (:A {i: 2})", ":2"),
        (THREE.replace("CREATE (:A {i: 3});\n", ""), "statement 3 was removed", ""),
        (THREE + "CREATE (:B);\n", "statement 4 was added", ":4"),
    ],
)
def test_a_file_that_was_edited_after_it_was_applied(
    each_site: Site, now: str, why: str, line: str
) -> None:
    """The file and the statement are named; nothing is applied, not even what is new."""
    site = each_site
    path = site.add(f"{FIRST}.cypher", THREE)
    site("up")
    path.write_text(now)
    site.add(f"{SECOND}.cypher", "CREATE (:B);")
    before = site.everything()

    said = site("up")

    assert said.error == ("INTEGRITY.EDITED", 7)
    assert f"{FIRST} was edited after it was applied" in said.text
    assert why in said.part("why")
    assert said.part("where") == f"migrations/{FIRST}.cypher{line}"
    assert said.part("kept") == "nothing was touched"
    assert said.part("next").startswith(f"git checkout -- migrations/{FIRST}.cypher")
    assert "edited since it was applied" in site("status").out
    assert before == site.everything()

    path.write_text(f"// comments may change\n// @up\n{THREE}")
    assert site("up").code == 0
    assert site.count("B") == 1


def test_python_that_was_edited_after_it_was_applied(site: Site) -> None:
    """Neither direction runs: the `down` of another text is not the one to trust."""
    text = "X = 1\n\n\ndef up(client):\n    client.cypher('CREATE (:A)')\n\n\ndef down(client):\n    client.cypher('MATCH (a:A) DELETE a')\n"
    path = site.add(f"{FIRST}.py", text)
    site("up")
    path.write_text(text.replace("X = 1", "X = 2"))

    for verb in ("up", "down"):
        said = site(verb)
        assert said.error == ("INTEGRITY.EDITED", 7)
        assert "statement 1 changed - X = 1 + X = 2" in said.part("why")
        assert said.part("where") == f"migrations/{FIRST}.py:1"
    assert site.count("A") == 1


def test_an_applied_file_that_is_missing(site: Site) -> None:
    """Status says so; `up` goes on only when it is told how."""
    path = site.add(f"{FIRST}.cypher", "CREATE (:A);")
    site("up")
    path.unlink()
    site.add(f"{SECOND}.cypher", "CREATE (:B);")

    status = site("status")
    assert (status.code, status.out.count("│ file missing │")) == (0, 1)
    assert "1 applied (1 without file), 1 pending; lock free" in status.text
    assert "neo4j-migrate up --allow missing" in status.err

    refused = site("up")
    assert refused.error == ("INTEGRITY.MISSING", 7)
    assert FIRST in refused.part("why")
    assert refused.part("kept") == "nothing was touched"
    assert "neo4j-migrate up --allow missing" in refused.part("next")
    assert site.count("B") == 0

    assert site("up", "--allow", "missing").code == 0
    assert (site.count("A"), site.count("B")) == (1, 1)
    assert len(site.records()) == 2


def test_a_history_that_a_newer_tool_wrote_is_not_written(site: Site) -> None:
    """Both directions refuse; status shows what it can, and says that this is not all."""
    site.add(f"{FIRST}.cypher", "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;")
    site("up")
    site.add(f"{SECOND}.cypher", "CREATE (:B);")
    site.graph.rows("MATCH (l:_MigrateProject) SET l.format = 2")
    before = site.everything()

    for verb in ("up", "down"):
        said = site(verb)
        assert said.error == ("INTEGRITY.HISTORY_NEWER", 7)
        assert said.part("kept") == "nothing was written"
        assert "pip install --upgrade neo4j-migrate-magic" in said.part("next")
    status = site("status")
    assert (status.code, status.out.count("PENDING")) == (0, 1)
    assert "written by a newer neo4j-migrate" in status.text
    assert "pip install --upgrade neo4j-migrate-magic" in status.err
    assert before == site.everything()


@pytest.mark.parametrize("count", ["0", "-1", "x", "1.5", "", "²"])
@pytest.mark.parametrize("verb", ["up", "down"])
def test_a_count_that_is_none(site: Site, verb: str, count: str) -> None:
    """It is refused as it was typed, and nothing is applied or rolled back."""
    site.add(f"{FIRST}.cypher", "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;")
    if verb == "down":
        site("up")
    before = site.everything()

    said = site(verb, f"--{verb}-count={count}")

    assert said.error == ("USAGE.BAD_OPTION", 2)
    assert f"--{verb}-count {count} is no count" in said.err
    assert said.part("why") == 'a count is a whole number from 1, or "all"'
    assert before == site.everything()


HELD = (
    "CREATE (:_MigrateProject {project: 'default', token: 7, format: 1,"
    " owner: 'ann@laptop/4711/run', acquired_at: datetime.realtime(),"
    " expires_at: datetime.realtime() + duration('PT1M')})"
)


@pytest.mark.parametrize("verb", ["up", "down"])
def test_a_lock_that_stays_held(site: Site, verb: str) -> None:
    """The wait ends in time, its holder is named, and the lock is still theirs."""
    site.add(f"{FIRST}.cypher", "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;")
    if verb == "down":
        site("up")
        site.graph.rows("MATCH (l:_MigrateProject) DELETE l")
    site.graph.rows(HELD)
    began = time.monotonic()

    said = site(verb, "--lock-timeout", "500ms")

    assert 0.5 <= time.monotonic() - began < 10
    assert said.error == ("LOCK.HELD", 9)
    assert "another run holds the lock: ann@laptop/4711/run" in said.text
    assert "lock held by ann@laptop (pid 4711) since" in said.text
    assert said.part("kept") == "nothing was run, and no record was changed"
    assert said.part("next").startswith(f"neo4j-migrate {verb} --lock-timeout 10m ")
    assert (site.count("A"), len(site.records())) == (int(verb == "down"),) * 2
    assert site.graph.one("MATCH (l:_MigrateProject) RETURN l.token") == 7
    assert "lock held by ann@laptop (pid 4711)" in site("status").err


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        (
            "down --allow part-way --lock-timeout 100ms",
            "down --allow part-way --lock-timeout 10m",
        ),
        (
            "--lock-timeout=100ms down --down-count 1 --project default",
            "down --down-count 1 --project default --lock-timeout 10m",
        ),
        (
            "repair --lock-timeout 100ms --mark pending -- 20260101000000",
            "repair --mark pending --lock-timeout 10m -- 20260101000000",
        ),
        ("repair history --lock-timeout 0s", "repair history --lock-timeout 10m"),
    ],
)
def test_the_longer_wait_is_for_what_was_typed(
    site: Site, typed: str, again: str
) -> None:
    """A command that lacks an option of it would do something else."""
    site.add(f"{FIRST}.cypher", "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;")
    site("up")
    site.graph.rows("MATCH (l:_MigrateProject) DELETE l")
    if "history" in typed:
        site.graph.rows("DROP CONSTRAINT _migrate_record")
    site.graph.rows(HELD)

    said = site(*typed.split())

    assert said.error == ("LOCK.HELD", 9)
    assert said.part("next").startswith(f"neo4j-migrate {again} ")


SLOW = """\
import time


def up(client):
    client.cypher("CREATE (:A)")
    time.sleep(3)
"""


def test_a_lock_is_waited_for(site: Site) -> None:
    """The second run waits until the first is through, and finds nothing left to do."""
    site.add(f"{FIRST}.py", SLOW)
    with site.process("up") as other:
        while site.lock_is_free():
            time.sleep(0.05)
        short = site("up", "--lock-timeout", "500ms")
        long = site("up")
        out, _ = other.communicate(timeout=60)

    assert short.error == ("LOCK.HELD", 9)
    assert f"/{other.pid}/" in short.text
    there = f"up to date at 20260101000000 (1 applied) on {site.where}\n"
    assert (long.code, long.out) == (0, there)
    assert f"(pid {other.pid}, up)" in long.err
    assert (other.returncode, out[:19]) == (0, "applied 1 migration")
    assert site.count("A") == 1


def test_two_runs_at_once_both_end_well(each_site: Site) -> None:
    """Each migration is applied once, by one of them."""
    site = each_site
    for n in range(1, 6):
        site.add(
            f"2026010{n}000000-m.cypher",
            f"CREATE (:N {{i: {n}}});\nCREATE INDEX i{n} FOR (n:N) ON (n.p{n});\n",
        )
    with site.process("up") as one, site.process("up") as other:
        ends = [run.communicate(timeout=120) for run in (one, other)]

    shown = [
        Said(run.returncode, *end) for run, end in zip((one, other), ends, strict=True)
    ]
    assert [said.code for said in shown] == [0, 0], shown
    assert sorted(said.out.split(" in ")[0] for said in shown) == [
        "applied 5 migrations, 10 steps",
        f"up to date at 20260105000000 (5 applied) on {site.where}\n",
    ]
    assert site.graph.rows("MATCH (n:N) RETURN count(n), sum(n.i)") == [[5, 15]]
    assert site.events() == ["applied"] * 5
    assert site.lock_is_free()
