"""A history of an older format is upgraded under the lock, step by step, whatever dies."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.errors import CommitLostError, HistoryNewerError, MigrateError
from neo4j_migrate_magic.history import upgrade
from neo4j_migrate_magic.history.commit import Committer
from tests.e2e.test_kill import Killer
from tests.engine.runs import open_, states, up
from tests.history.formats import UPGRADES, install

pytestmark = pytest.mark.server

ONE, TWO = "20260101000000", "20260102000000"


@pytest.fixture
def old(lts_graph: Any, project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A history of format 1 by this tool; a second file is pending; the tool is newer now."""
    project.add(
        f"{ONE}-a.cypher", "// @up\nCREATE (:A);\n// @down\nMATCH (n:A) DELETE n;"
    )
    asyncio.run(up(lts_graph, project))
    lts_graph.rows("MATCH (r:_MigrateRecord) SET r.by = 'ann'")
    project.add(f"{TWO}-b.cypher", "CREATE (:B);")
    install(monkeypatch.setattr)
    return lts_graph


def format_of(graph: Any) -> object:
    return graph.one("MATCH (l:_MigrateProject) RETURN l.format")


def signed(graph: Any) -> object:
    """Who applied the first migration, with a mark for each upgrade."""
    return graph.one("MATCH (r:_MigrateRecord {version: $v}) RETURN r.by", v=ONE)


def told(graph: Any) -> list[Any]:
    """The formats that the log tells of."""
    rows = graph.rows(
        "MATCH (e:_MigrateEvent {what: 'repaired'}) WHERE e.version IS NULL"
        " RETURN e.detail ORDER BY e.at"
    )
    return [detail.partition('"format": ')[2][:1] for (detail,) in rows]


def free(graph: Any) -> bool:
    return graph.one("MATCH (l:_MigrateProject) RETURN l.owner") is None


def everything(graph: Any) -> list[str]:
    return sorted(map(str, graph.rows("MATCH (n) RETURN labels(n), properties(n)")))


async def test_the_first_run_that_writes_upgrades_each_format_in_turn(
    old: Any, project: Any
) -> None:
    """Every record once by each; then it goes about its own work."""
    await up(old, project)

    assert (format_of(old), signed(old), told(old)) == (3, "21ann", ["2", "3"])
    assert old.one("MATCH (n:B) RETURN count(n)") == 1
    assert await states(old, project) == ["applied", "applied"]
    assert free(old)

    project.add("20260103000000-c.cypher", "CREATE (:C);")
    await up(old, project)
    assert (signed(old), told(old)) == ("21ann", ["2", "3"])


@pytest.mark.parametrize("verb", ["down", "repair", "baseline"])
async def test_every_verb_that_takes_the_lock_upgrades(
    old: Any, project: Any, verb: str
) -> None:
    async with open_(old, project) as migrator:
        if verb == "down":
            await migrator.down()
        elif verb == "repair":
            await migrator.repair(TWO, mark="applied")
        else:
            await migrator.baseline(TWO)

    assert (format_of(old), told(old)) == (3, ["2", "3"])
    if verb != "down":
        assert signed(old) == "21ann"


async def test_reading_upgrades_nothing(old: Any, project: Any) -> None:
    """Nor does a run that has nothing to do."""
    before = everything(old)
    async with open_(old, project) as migrator:
        await migrator.status()
        await migrator.show(ONE)
        await migrator.verify()
        await migrator.log()
        await migrator.doctor()
        await migrator.up(to=ONE)
    assert before == everything(old)


async def test_an_upgrade_that_fails_leaves_the_format_before_it(
    old: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it, and nothing of the run; corrected, it goes on from there."""
    broken = {**UPGRADES, 2: UPGRADES[2].replace("count(r) AS n", "1 / 0 AS n")}
    monkeypatch.setattr(upgrade, "UPGRADES", broken)

    with pytest.raises(MigrateError):
        await up(old, project)

    assert (format_of(old), signed(old), told(old)) == (2, "1ann", ["2"])
    assert old.one("MATCH (n:B) RETURN count(n)") == 0
    assert free(old)

    monkeypatch.setattr(upgrade, "UPGRADES", UPGRADES)
    await up(old, project)
    assert (format_of(old), signed(old), told(old)) == (3, "21ann", ["2", "3"])


async def test_a_run_that_ends_between_two_upgrades_is_gone_on_with(
    old: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Committer.alone

    async def dies(self: Committer, fence: Any, *more: Any) -> None:
        if fence.parameters.get("old") == 2:
            raise RuntimeError("here it ends")
        await alone(self, fence, *more)

    with monkeypatch.context() as patched:
        patched.setattr(Committer, "alone", dies)
        with pytest.raises(RuntimeError):
            await up(old, project)
    assert (format_of(old), signed(old)) == (2, "1ann")

    await up(old, project)

    assert (format_of(old), signed(old), told(old)) == (3, "21ann", ["2", "3"])


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_upgrade_whose_answer_was_lost_is_made_once(
    old: Any, project: Any, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    write = Database.write
    lost: list[str] = []

    async def losing(self: Database, text: Any, parameters: Any, **more: Any) -> Any:
        if "l.format = $new" in text and not lost:
            lost.append(text)
            if arrived:
                await write(self, text, parameters, **more)
            raise CommitLostError("the line broke")
        return await write(self, text, parameters, **more)

    monkeypatch.setattr(Database, "write", losing)

    await up(old, project)

    assert len(lost) == 1
    assert (format_of(old), signed(old), told(old)) == (3, "21ann", ["2", "3"])


async def test_a_newer_format_is_refused_and_nothing_is_written(
    old: Any, project: Any
) -> None:
    """By every verb that writes; `status` shows what it can read."""
    old.rows("MATCH (l:_MigrateProject) SET l.format = 4")
    before = everything(old)

    async with open_(old, project) as migrator:
        for write in (
            lambda: migrator.up(),
            lambda: migrator.down(),
            lambda: migrator.repair(ONE, mark="pending"),
            lambda: migrator.repair_history(),
            lambda: migrator.baseline(TWO),
            lambda: migrator.stop(),
            lambda: migrator.unlock(),
        ):
            with pytest.raises(HistoryNewerError) as caught:
                await write()
            assert caught.value.exit_code == 7
            assert caught.value.kept == "nothing was written"
        assert (await migrator.status()).newer

    assert before == everything(old)


@pytest.fixture
def killer(old: Any, project: Any) -> Iterator[Killer]:
    """The same tool in a program that can be killed at each boundary."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.history.killed_upgrade"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Killer(process, old.uri, project.config)
        assert process.stdin
        process.stdin.close()


def test_killed_anywhere_an_upgrade_is_made_once(old: Any, killer: Killer) -> None:
    """SIGKILL before and after each statement and each COMMIT, and then again."""
    seen = set()
    for boundary in range(1, 100):
        old.rows("MATCH (n:B) DELETE n")
        old.rows("MATCH (r:_MigrateRecord) WHERE r.version <> $v DELETE r", v=ONE)
        old.rows("MATCH (e:_MigrateEvent) DELETE e")
        old.rows("MATCH (r:_MigrateRecord) SET r.by = 'ann'")
        old.rows("MATCH (l:_MigrateProject) REMOVE l.owner SET l.format = 1")

        killed = killer.run("up", kill=boundary)["killed"]
        seen.add((format_of(old), signed(old)))
        old.rows(
            "MATCH (l:_MigrateProject) WHERE l.owner IS NOT NULL"
            " SET l.expires_at = datetime.realtime() - duration('PT1S')"
        )
        again = killer.run("up")

        assert again["error"] == ""
        assert (format_of(old), signed(old), told(old)) == (3, "21ann", ["2", "3"])
        assert old.one("MATCH (n:B) RETURN count(n)") == 1
        if not killed:
            break

    assert seen == {(1, "ann"), (2, "1ann"), (3, "21ann")}
