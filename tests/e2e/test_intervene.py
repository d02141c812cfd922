"""`stop` and `unlock` reach into a run elsewhere, in a process of its own."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cli.scenes import one_object
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

FIRST, SECOND = "20260101000000-a.cypher", "20260102000000-b.py"
SLEEPS = """\
import asyncio


async def up(client):
    await client.cypher("CREATE (:B)")
    await asyncio.sleep(SECONDS)
    await client.cypher("CREATE (:B)")
"""


def owner(site: Site) -> str:
    """Who holds the lock; empty: nobody."""
    rows = site.graph.rows("MATCH (l:_MigrateProject) RETURN coalesce(l.owner, '')")
    return str(rows[0][0]) if rows else ""


@contextmanager
def at_work(site: Site, seconds: int = 60) -> Iterator[subprocess.Popen[str]]:
    """A run that has applied its first migration and is inside the second."""
    site.add(FIRST, "CREATE (:A);")
    site.add(SECOND, SLEEPS.replace("SECONDS", str(seconds)))
    with site.process("up") as run:
        try:
            limit = time.monotonic() + 30
            while site.count("A") != 1 and time.monotonic() < limit:
                time.sleep(0.05)
            assert run.poll() is None, run.communicate()
            yield run
        finally:
            run.kill()


def hold(site: Site, name: str = "ann@laptop/4711/abc123", ends: str = "PT1M") -> None:
    """A lock whose lease ends so soon, or ended so long ago."""
    site.graph.rows(
        "CREATE (:_MigrateProject {project: 'default', token: 7, format: 1, owner: $name,"
        " acquired_at: datetime.realtime() - duration('PT2M'),"
        " expires_at: datetime.realtime() + duration($ends)})",
        name=name,
        ends=ends,
    )


def token(site: Site) -> object:
    return site.graph.one("MATCH (l:_MigrateProject) RETURN l.token")


def test_a_stop_ends_a_run_elsewhere_as_ctrl_c_would(site: Site) -> None:
    """Before its first heartbeat and within it; what was whole stays, `up` goes on."""
    with at_work(site) as run:
        began = time.monotonic()

        said = site("stop")
        _, err = run.communicate(timeout=40)

    assert said.code == 0
    assert said.out.startswith("asked it to stop: within 10s ")
    assert run.returncode == 130
    assert time.monotonic() - began < 20
    assert "Traceback" not in err
    assert "20260102000000-b was not committed; 1 applied" in err
    assert (site.count("A"), site.count("B"), site.lock_is_free()) == (1, 0, True)
    assert site.records() == ["20260101000000 up applied at 2 of 1"]

    site.add(SECOND, SLEEPS.replace("SECONDS", "0"))
    assert site("up").code == 0
    assert site.count("B") == 2


def test_a_stop_that_came_too_late_stops_no_later_run(site: Site) -> None:
    """The flag goes with the run that it was meant for."""
    site.add(FIRST, "CREATE (:A);")
    assert site("up").code == 0
    site.graph.rows("MATCH (l:_MigrateProject) SET l.stop = 'ann@here'")
    site.add(SECOND, SLEEPS.replace("SECONDS", "0"))

    assert site("up").code == 0

    assert site.count("B") == 2
    assert site.graph.one("MATCH (l:_MigrateProject) RETURN l.stop") is None


@pytest.mark.parametrize("gone", [False, True])
def test_without_a_run_there_is_nothing_to_stop(each_site: Site, gone: bool) -> None:
    """Nothing is written, also where there is no history at all, or a dead lock."""
    if gone:
        hold(each_site, ends="-PT1S")
    before = each_site.everything()

    said = each_site("stop")

    who = "its holder is gone" if gone else "no run holds the lock"
    assert (said.code, said.out) == (0, f"{who}: there is nothing to stop\n")
    assert before == each_site.everything()


def test_a_free_lock_is_free(each_site: Site) -> None:
    before = each_site.everything()
    assert each_site("unlock").out == "the lock is free\n"
    assert each_site("unlock", "--yes", "--holder", "x").out == "the lock is free\n"
    assert before == each_site.everything()
    each_site.add(FIRST, "CREATE (:A);")
    each_site("up")
    assert each_site("unlock").out == "the lock is free\n"


def test_a_dead_lock_is_released_after_a_question(each_site: Site) -> None:
    """Who held it is shown; nobody to ask: refused with the command that answers."""
    hold(each_site, ends="-PT30S")
    before = each_site.everything()

    asked = each_site("unlock")

    assert asked.error == ("USAGE.NO_INPUT", 2)
    assert "held by ann@laptop (pid 4711) since " in asked.text
    assert re.search(r"its lease ended [34]\d\.\ds ago: it is gone", asked.text)
    assert asked.part("next").startswith("neo4j-migrate unlock --yes")
    assert before == each_site.everything()

    said = each_site("unlock", "--yes")

    assert (said.code, said.out) == (
        0,
        "released; it was held by ann@laptop/4711/abc123\n",
    )
    assert (each_site.lock_is_free(), token(each_site)) == (True, 8)
    assert each_site.events() == ["taken over"]
    assert "from ann@laptop (pid 4711)" in each_site("log").out


@pytest.mark.parametrize("holder", ["ann@laptop/4711/abc123", "abc123"])
def test_a_live_lock_is_released_by_naming_its_holder(site: Site, holder: str) -> None:
    """Whole, or by its run id; a plain `unlock` says how, also with ``--yes``."""
    hold(site)
    before = site.everything()

    plain = site("unlock", "--yes")

    assert plain.error == ("LOCK.HELD", 9)
    assert "the lock is held by ann@laptop/4711/abc123" in plain.text
    assert "neo4j-migrate stop" in plain.part("next")
    assert "neo4j-migrate unlock --holder abc123" in plain.part("next")
    assert before == site.everything()

    assert site("unlock", "--holder", holder).out.startswith("released; ")
    assert (site.lock_is_free(), token(site)) == (True, 8)


@pytest.mark.parametrize("ends", ["PT1M", "-PT1M"])
@pytest.mark.parametrize("holder", ["abc", "bob@laptop/4711/abc123", "4711", ""])
def test_another_holder_is_not_the_one_that_was_named(
    site: Site, holder: str, ends: str
) -> None:
    """Also a dead one: who names somebody means that one, and part of a name is none."""
    hold(site, ends=ends)
    before = site.everything()

    said = site("unlock", "--holder", holder)

    assert said.error == ("LOCK.HELD", 9)
    assert f"it is not {holder!r} that holds it" in said.part("why")
    assert before == site.everything()


@pytest.mark.parametrize(
    ("args", "ends", "code"),
    [
        ((), "PT1M", "LOCK.HELD"),
        (("--holder", "wrong"), "PT1M", "LOCK.HELD"),
        (("--holder", "wrong"), "-PT1M", "LOCK.HELD"),
        ((), "-PT1M", "USAGE.NO_INPUT"),
    ],
)
def test_a_script_reads_whom_to_name(
    site: Site, args: tuple[str, ...], ends: str, code: str
) -> None:
    """The lock is in the answer, also when it was not released."""
    hold(site, ends=ends)

    found = one_object(site("unlock", *args, "--json"))

    assert (found["ok"], found["diagnostics"][0]["code"]) == (False, code)
    lock = found["data"]["lock"]
    assert lock["live"] is (ends == "PT1M")
    assert (lock["holder"], lock["host"], lock["pid"], lock["run_id"]) == (
        *("ann@laptop/4711/abc123", "laptop"),
        *(4711, "abc123"),
    )
    named = one_object(site("unlock", "--holder", lock["run_id"], "--json"))
    assert named["data"]["said"].startswith("released; ")
    assert site.lock_is_free()


def test_of_a_dead_holder_it_is_said_what_releases_the_lock(site: Site) -> None:
    """There is nobody left to be asked to stop."""
    hold(site, ends="-PT1M")

    said = site("unlock", "--holder", "wrong")

    assert said.error == ("LOCK.HELD", 9)
    assert re.fullmatch(
        r"it is not 'wrong' that holds it; the lease ended at \d\d:\d\d:\d\dZ: its"
        r" holder is gone",
        said.part("why"),
    )
    assert "neo4j-migrate stop" not in said.part("next")
    assert said.part("next").startswith("neo4j-migrate unlock releases it")
    site.graph.rows("MATCH (l:_MigrateProject) REMOVE l.expires_at")
    assert "holds it: its holder is gone" in site("unlock", "--holder", "x").part("why")
    assert site("unlock", "--yes").out.startswith("released; ")


def test_a_holder_that_comes_back_keeps_its_lock(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was late, not dead: between the look and the release it renewed its lease."""
    from neo4j_migrate_magic.history import intervene

    hold(site, ends="-PT1S")
    look = intervene.look

    async def late(*args: object) -> object:
        seen = await look(*args)  # type: ignore[arg-type]
        site.graph.rows(
            "MATCH (l:_MigrateProject)"
            " SET l.expires_at = datetime.realtime() + duration('PT1M')"
        )
        return seen

    monkeypatch.setattr(intervene, "look", late)

    assert site("unlock", "--yes").error == ("LOCK.HELD", 9)
    assert (site.lock_is_free(), token(site)) == (False, 7)


def test_a_run_whose_lock_was_taken_commits_nothing_more(site: Site) -> None:
    """It hears of it, says so and ends; what it had applied stays."""
    with at_work(site, seconds=3) as run:
        run_id = owner(site).rsplit("/", 1)[-1]

        said = site("unlock", "--holder", run_id)
        _, err = run.communicate(timeout=40)

    assert said.code == 0
    assert run.returncode == 8
    words = " ".join(err.split())
    assert (
        "error UP.LOST_LOCK another run took the lock over, or `unlock` took it away"
        in words
    )
    assert (site.count("A"), site.count("B")) == (1, 0)
    assert site.records() == ["20260101000000 up applied at 2 of 1"]
    assert site.lock_is_free()
    assert site.events()[:2] == ["applied", "taken over"]
    assert site("up", "--to", "20260101").code == 0


def test_unlock_ends_what_the_former_holder_has_open(site: Site) -> None:
    """It would not be committed, and has nodes locked that others need."""
    ours = (
        "SHOW TRANSACTIONS YIELD metaData, status WHERE NOT status STARTS WITH 'Term'"
        " AND metaData.tool = 'neo4j-migrate-magic' RETURN count(*)"
    )
    with at_work(site):
        limit = time.monotonic() + 30
        while site.graph.one(ours) != 1 and time.monotonic() < limit:
            time.sleep(0.05)

        site("unlock", "--holder", owner(site).rsplit("/", 1)[-1])

        assert site.graph.one(ours) == 0
    assert site.count("B") == 0


def test_unlock_and_a_new_run_keep_the_old_one_out(site: Site) -> None:
    """The token has grown: the former holder cannot write beside the new one."""
    with at_work(site, seconds=4) as run:
        site("unlock", "--holder", owner(site).rsplit("/", 1)[-1])
        site.add(SECOND, SLEEPS.replace("SECONDS", "0"))
        mine = site("up")
        _, err = run.communicate(timeout=40)

    assert mine.code == 0
    assert (run.returncode, site.count("B")) == (8, 2)
    assert "Traceback" not in err
    assert site("verify").code == 0


def test_a_history_of_a_newer_tool_is_left_alone(site: Site) -> None:
    """Its lock may mean something that this tool does not know."""
    hold(site, ends="-PT1M")
    site.graph.rows("MATCH (l:_MigrateProject) SET l.format = 2")
    before = site.everything()

    for args in (("stop",), ("unlock", "--yes"), ("unlock", "--holder", "abc123")):
        assert site(*args).error == ("INTEGRITY.HISTORY_NEWER", 7)

    assert before == site.everything()


def test_a_name_cannot_drive_the_terminal(site: Site) -> None:
    hold(site, "x\x1b[2J@y/1/z\x07", ends="-PT1M")
    for args in (("unlock",), ("stop",), ("doctor",), ("status",), ("unlock", "--yes")):
        said = site(*args)
        assert not {"\x1b", "\x07"} & set(said.out + said.err)
