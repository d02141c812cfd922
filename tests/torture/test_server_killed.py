"""The server is killed under a run; started again, the next command ends right."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from neo4j_migrate_magic.database.connection import Transaction
from neo4j_migrate_magic.history.journal import Journal
from tests.conftest import VERSIONS, Project
from tests.torture import claims, slow
from tests.torture.claims import Said
from tests.torture.conftest import SERVERS, Figures, Length
from tests.torture.folders import data, folder_of, mixed, python, rerunnable, schema
from tests.torture.mortal import Mortal

pytestmark = [pytest.mark.server, pytest.mark.torture]


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mortal]:
    """A running server of one's own."""
    found = Mortal(VERSIONS[request.param], tmp_path_factory.mktemp("mine") / "server")
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture
def mortal(server: Mortal, project: Project) -> Mortal:
    """It, and nothing in it."""
    return server.begin(project)


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run looks for three seconds, not for thirty, what became of its COMMIT."""
    monkeypatch.setattr("neo4j_migrate_magic.history.commit.LEASE", 3.0)


def test_killed_in_the_middle_of_data_nothing_of_it_is_there(
    mortal: Mortal, dice: random.Random
) -> None:
    """Neither of `up` nor of `down`; what was committed before the kill stays."""
    busy = 12_000_000  # about a second
    oracle = mortal.holds(
        [
            data("20260101000000", dice),
            slow.data(busy, down=busy),
            python("20260301000000", dice),
        ]
    )
    for verb in ("up", "down"):
        said = mortal.killed(verb, lambda: mortal.sends(slow.BUSY))
        assert said.error is not None
        assert said.error.exit_code == 8
        mortal.start()
        claims.check(said, oracle)
        oracle.check()
        mortal.end(verb, oracle)


@pytest.mark.parametrize("awaited", [False, True], ids=["gone", "back at once"])
def test_killed_under_a_commit_it_is_settled_by_looking(
    mortal: Mortal,
    awaited: bool,
    dice: random.Random,
    length: Length,
    figures: Figures,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Committed or not, nobody knows: a run that cannot look says just that."""
    if awaited:
        monkeypatch.setattr("neo4j_migrate_magic.history.commit.LEASE", 90.0)
    oracle = mortal.holds(folder_of((data, mixed, python), dice))
    commit = Transaction.commit
    left, ends = 0, []

    async def commit_and_kill(tx: Transaction) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            pool.submit(strike)
        await commit(tx)

    def strike() -> None:
        time.sleep(dice.uniform(0.0, 0.004))
        mortal.kill()
        if awaited:
            mortal.start()

    monkeypatch.setattr(Transaction, "commit", commit_and_kill)
    verbs = ("up", "down") * 2 if length.long else (dice.choice(("up", "down")),)
    if verbs == ("down",):
        mortal.end("up", oracle)
    for verb in verbs:
        left = dice.randint(2, 14)
        with ThreadPoolExecutor(1) as pool:
            said = mortal.run(verb)
        if not awaited:
            mortal.start()
        left = 0
        ends.append(said.error.code if said.error else "success")
        claims.check(said, oracle)
        oracle.check()
        mortal.end(verb, oracle)
    assert mortal.kills == len(ends)
    figures.tell(f"{mortal.kills} kills: {ends}")


class Executioner:
    """Kills a server at the nth time that a run is at a moment of the journal."""

    def __init__(self, mortal: Mortal, moment: str) -> None:
        self._mortal = mortal
        self._before = moment == "before the confirmation"
        self.left = 0

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        intend, confirm = Journal.intend, Journal.confirm

        async def intended(journal: Journal, *args: Any, **options: Any) -> None:
            await intend(journal, *args, **options)
            if not self._before:
                self._strike()

        async def confirmed(journal: Journal, *args: Any, **options: Any) -> None:
            if self._before:
                self._strike()
            await confirm(journal, *args, **options)

        monkeypatch.setattr(Journal, "intend", intended)
        monkeypatch.setattr(Journal, "confirm", confirmed)

    def _strike(self) -> None:
        self.left -= 1
        if self.left == 0:
            self._mortal.kill()

    def run(self, verb: str, nth: int) -> Said | None:
        """Run a verb under the axe; None when it ended before."""
        kills, self.left = self._mortal.kills, nth
        said = self._mortal.run(verb)
        self.left = 0
        return said if self._mortal.kills > kills else None


@pytest.mark.parametrize("moment", ["after the intent", "before the confirmation"])
def test_killed_between_intent_and_confirmation_the_next_command_goes_on(
    mortal: Mortal,
    moment: str,
    dice: random.Random,
    length: Length,
    figures: Figures,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The catalogue tells of schema, the mark of what may run twice."""
    oracle = mortal.holds(folder_of((data, schema, mixed, rerunnable, python), dice))
    executioner = Executioner(mortal, moment)
    executioner.watch(monkeypatch)
    ends = []
    ways = [("up", "down"), ("down", "up")]
    for verb, other in ways if length.long else [dice.choice(ways)]:
        if verb == "down" and not length.long:
            mortal.end(other, oracle)
        for nth in range(1, 20) if length.long else [dice.randint(1, 4)]:
            said = executioner.run(verb, nth)
            if said is None:
                break
            mortal.start()
            ends.append(said.error.code if said.error else "success")
            claims.check(said, oracle)
            oracle.check()
            mortal.end(verb, oracle)
            if length.long:
                mortal.end(other, oracle)
    assert len(ends) >= length.of(1, 8)
    figures.tell(f"{moment}: {len(ends)} kills: {ends}")
