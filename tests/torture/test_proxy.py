"""The connection is cut, silenced or slowed at every message; what is said is true."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import VERSIONS, Graph
from tests.torture import claims
from tests.torture.arena import until
from tests.torture.claims import Said
from tests.torture.conftest import LONG, Figures, Length
from tests.torture.folders import data, folder_of, mixed, python
from tests.torture.oracle import Made, Oracle
from tests.torture.patience import shorten, watchful
from tests.torture.proxy import Action, Message, Proxy

pytestmark = [pytest.mark.server, pytest.mark.torture]

LEASE = 4.0
ACTIONS = (Action.CUT, Action.CUT_AFTER, Action.DROP, Action.DELAY)
BOUND = 30.0  # seconds that no run may exceed, whatever is done to its connection
BOTH = list(VERSIONS) if LONG else ["5.26"]

_OURS = """
SHOW TRANSACTIONS YIELD currentQuery, metaData
WHERE metaData.tool IS NOT NULL OR currentQuery CONTAINS $label RETURN 1
"""


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds in place of half-minutes."""
    shorten(monkeypatch, lease=LEASE)


@pytest.fixture(scope="module", params=BOTH)
def graph(request: pytest.FixtureRequest) -> Iterator[Graph]:
    """A server that notices silence within seconds."""
    with watchful(request.param) as found:
        yield found


@dataclass
class Course:
    """Three migrations, a server, and a proxy in front of it."""

    config: Path
    graph: Graph
    proxy: Proxy
    oracle: Oracle

    def begin(self, verb: str) -> None:
        """Make the state that a verb begins with: nothing, or everything applied."""
        self.graph.wipe()
        if verb == "down":
            self.end("up")

    def strike(self, verb: str, action: Action | None, at: int) -> Said:
        """Run a verb through the proxy, with one boundary struck."""
        self.begin(verb)
        self.proxy.arm(action, at)
        said = claims.run(verb, self.proxy.uri, self.config)
        assert said.seconds < BOUND
        return said

    def end(self, verb: str) -> None:
        """Run a verb without a proxy; it comes to its end."""
        said = claims.run(verb, self.graph.uri, self.config)
        assert said.error is None, str(said)
        self.oracle.check_end(verb)

    def check(self, said: Said, *, silent: bool = False) -> None:
        """What was said is true, the records are too, and the next run ends right."""
        held = self.owner() is not None
        self.proxy.hang_up()
        until(lambda: not self.graph.rows(_OURS, label="_Migrate"))
        claims.check(said, self.oracle)
        self.oracle.check()
        assert silent or not held, "the lock is held though the server is there"
        self.let_the_lease_end()
        self.end(said.verb)
        self.check_log(said.verb)

    def check_log(self, verb: str) -> None:
        """The log tells of each migration once that it is applied, or rolled back."""
        what = "applied" if verb == "up" else "rolled back"
        rows = self.graph.rows(
            "MATCH (e:_MigrateEvent {what: $what}) RETURN e.version, count(e)",
            what=what,
        )
        assert sorted(rows) == [[made.version, 1] for made in self.oracle.folder]

    def owner(self) -> object:
        """Who holds the lock."""
        rows = self.graph.rows("MATCH (l:_MigrateProject) RETURN l.owner")
        return rows[0][0] if rows else None

    def let_the_lease_end(self) -> None:
        self.graph.rows(
            "MATCH (l:_MigrateProject) WHERE l.owner IS NOT NULL"
            " SET l.expires_at = datetime.realtime() - duration('PT1S')"
        )


@pytest.fixture
def course(graph: Graph, project: Any, dice: random.Random) -> Iterator[Course]:
    folder: Sequence[Made] = folder_of((data, mixed, python), dice)
    for made in folder:
        project.add(made.file, made.text)
    with Proxy(int(graph.uri.rsplit(":", 1)[1])) as proxy:
        yield Course(project.config, graph, proxy, Oracle(graph, folder))


def boundaries(course: Course, verb: str) -> list[Message]:
    """The messages of a run that nothing happens to."""
    said = course.strike(verb, None, 0)
    assert said.error is None, str(said)
    return course.proxy.seen


def chosen(
    seen: list[Message], action: Action, dice: random.Random, length: Length
) -> list[int] | range:
    """Every message; in the short form some, most of them about COMMIT."""
    if length.long:
        return range(1, 10_000)
    commits = [message.number for message in seen if message.of_commit]
    rest = [message.number for message in seen if not message.of_commit]
    commits = dice.sample(commits, 10 if action is Action.CUT else 2)
    return sorted([*commits, *dice.sample(rest, 2)])


@pytest.mark.parametrize("verb", ["up", "down"])
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.value)
def test_struck_at_a_message_a_run_says_what_is_and_the_next_one_ends_right(
    course: Course,
    verb: str,
    action: Action,
    dice: random.Random,
    length: Length,
    figures: Figures,
) -> None:
    """Whole, untouched or part-way: never anything else, and never a guess."""
    seen = boundaries(course, verb)
    met: Counter[str] = Counter()
    wrong, slowest = [], 0.0
    for at in chosen(seen, action, dice, length):
        said = course.strike(verb, action, at)
        if course.proxy.hit is None:
            break
        slowest = max(slowest, said.seconds)
        met[said.error.code if said.error else "success"] += 1
        try:
            course.check(said, silent=action is Action.DROP)
        except AssertionError as error:
            wrong.append(f"at {at}, {course.proxy.hit}: {error}")
    figures.tell(
        f"{sum(met.values())} of {len(seen)} messages struck: {dict(met)};"
        f" at most {slowest:.1f}s"
    )
    assert not wrong, "\n\n".join(wrong)
