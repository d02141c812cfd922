"""The connection is cut, silenced or slowed at every message; what is said is true."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Graph
from tests.torture import claims
from tests.torture.arena import until
from tests.torture.claims import Said
from tests.torture.conftest import SERVERS, Figures, Length
from tests.torture.folders import brief, data, folder_of, python
from tests.torture.oracle import Made, Oracle
from tests.torture.patience import LIMIT, shorten, watchful
from tests.torture.proxy import Action, Message, Proxy

pytestmark = [
    pytest.mark.server,
    pytest.mark.torture,
    # a heartbeat that is ended while it connects leaves the driver's socket to Python
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    ),
]

LEASE = 4.0
ACTIONS = (Action.CUT, Action.DROP, Action.DELAY)
BOUND = 30.0  # seconds that no run may exceed, whatever is done to its connection
_READS = 25  # messages of a run before it writes

_OURS = """
SHOW TRANSACTIONS YIELD currentQuery, metaData
WHERE metaData.tool IS NOT NULL OR currentQuery CONTAINS $label RETURN 1
"""


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds in place of half-minutes."""
    shorten(monkeypatch, lease=LEASE)


@pytest.fixture(scope="module", params=SERVERS)
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

    def strike(self, verb: str, action: Action | None, at: int) -> Said:
        """Run a verb through the proxy, with one boundary struck."""
        self.graph.rows("MATCH (e:_MigrateEvent) DELETE e")
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

    def reset(self, verb: str) -> None:
        """Make by force what a verb ends with, whatever went wrong."""
        self.graph.wipe()
        self.end("up")
        if verb == "down":
            self.end("down")

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
    folder: Sequence[Made] = folder_of((data, brief, python), dice)
    for made in folder:
        project.add(made.file, made.text)
    # slow, but within the limit of what it delays: else the server ends that one
    with Proxy(int(graph.uri.rsplit(":", 1)[1]), delay=LIMIT / 2) as proxy:
        yield Course(project.config, graph, proxy, Oracle(graph, folder))


@dataclass
class Strikes:
    """One kind of strike at many messages, and what came of each."""

    course: Course
    action: Action
    met: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def at(self, verb: str, number: int) -> bool:
        """Strike a run at a message; whether it had so many."""
        said = self.course.strike(verb, self.action, number)
        hit = self.course.proxy.hit
        if hit is not None:
            self.slowest = max(self.slowest, said.seconds)
            self.met[said.error.code if said.error else "success"] += 1
        try:
            self.course.check(said, silent=self.action is Action.DROP)
        except AssertionError as error:
            self.wrong.append(f"{verb} at {number}, {hit}: {error}")
            self.course.reset(verb)
        return hit is not None

    def tell(self, figures: Figures, messages: int) -> None:
        """Tell the figures; fail if anything was wrong."""
        figures.tell(
            f"{self.met.total()} of {messages} messages struck: {dict(self.met)};"
            f" at most {self.slowest:.1f}s"
        )
        assert not self.wrong, "\n\n".join(self.wrong)


def boundaries(course: Course, verb: str) -> list[Message]:
    """The messages of a run that nothing happens to."""
    said = course.strike(verb, None, 0)
    assert said.error is None, str(said)
    return course.proxy.seen


def chosen(
    seen: list[Message], action: Action, dice: random.Random, length: Length
) -> list[int]:
    """Every message; in the short form some, most of them about COMMIT."""
    if length.long:
        return [message.number for message in seen]
    commits = [message.number for message in seen if message.of_commit]
    rest = [message.number for message in seen if not message.of_commit]
    commits = dice.sample(commits, 5 if action is Action.CUT else 1)
    return sorted([*commits, *dice.sample(rest, 1)])


STRUCK = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.value)


@STRUCK
def test_struck_at_a_message_a_run_says_what_is_and_the_next_one_ends_right(
    course: Course,
    action: Action,
    dice: random.Random,
    length: Length,
    figures: Figures,
) -> None:
    """Whole, untouched or part-way: never anything else, and never a guess.

    `up` and `down` in turn; each begins where the one before came to its end.
    """
    course.reset("down")
    seen = {verb: boundaries(course, verb) for verb in ("up", "down")}
    places = [chosen(seen[verb], action, dice, length) for verb in seen]
    strikes = Strikes(course, action)
    for numbers in zip_longest(*places):
        for verb, number in zip(seen, numbers, strict=True):
            if number is None:
                course.end(verb)
            else:
                strikes.at(verb, number)
    strikes.tell(figures, sum(map(len, seen.values())))


@STRUCK
def test_struck_while_the_tool_s_constraints_are_made_the_next_one_makes_them(
    course: Course,
    action: Action,
    dice: random.Random,
    length: Length,
    figures: Figures,
) -> None:
    """The very first `up`, on a database that has never seen the tool."""
    course.graph.wipe()
    first = boundaries(course, "up")
    course.reset("down")
    more = len(first) - len(boundaries(course, "up"))
    before = [m.number for m in first[: more + _READS]]
    if not length.long:
        before = sorted(dice.sample(before, 1))
    strikes = Strikes(course, action)
    for number in before:
        course.graph.wipe()
        strikes.at("up", number)
    strikes.tell(figures, len(before))
