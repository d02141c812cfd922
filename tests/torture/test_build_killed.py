"""The server is killed while it builds an index; the half of it is not left behind."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from neo4j_migrate_magic.database.connection import Transaction
from neo4j_migrate_magic.history import lock
from tests.conftest import VERSIONS, Project
from tests.torture import claims
from tests.torture.conftest import SERVERS, Figures, Length
from tests.torture.folders import data
from tests.torture.mortal import Mortal
from tests.torture.oracle import Made, Part

pytestmark = [pytest.mark.server, pytest.mark.torture]

ORPHAN = [["POPULATING", False]]
OWNED = [["ONLINE", True]]

_FILL = """
UNWIND range(1, $nodes) AS k CALL (k) { CREATE (:Big {k: k, name: 'n' + k}) }
IN TRANSACTIONS OF 10000 ROWS
"""


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    length: Length,
) -> Iterator[Mortal]:
    """A server with a label whose index takes seconds to build."""
    mortal = Mortal(VERSIONS[request.param], tmp_path_factory.mktemp("big") / "server")
    try:
        mortal.start()
        mortal.rows(_FILL, nodes=length.of(200_000, 1_000_000))
        yield mortal
    finally:
        mortal.stop()


@pytest.fixture
def big(server: Mortal, project: Project) -> Mortal:
    """It, with nothing else in it."""
    return server.begin(project)


def unique(version: str, condition: str = "") -> Made:
    """A constraint on the label, that `down` drops."""
    part = Part("schema", items={"big_k": ("", "UNIQUE Big.k")})
    text = f"""\
// @up
CREATE CONSTRAINT big_k {condition} FOR (b:Big) REQUIRE b.k IS UNIQUE;
// @down
DROP CONSTRAINT big_k;
"""
    return Made(version, f"{version}-unique.cypher", text, (part,), (part.back,))


def free(version: str) -> Made:
    """The constraint dropped; `down` is what builds it."""
    part = Part("schema", items={"big_k": ("UNIQUE Big.k", "")})
    text = """\
// @up
DROP CONSTRAINT big_k;
// @down
CREATE CONSTRAINT big_k FOR (b:Big) REQUIRE b.k IS UNIQUE;
"""
    return Made(version, f"{version}-free.cypher", text, (part,), (part.back,))


def indexed(version: str) -> Made:
    """An index on the label."""
    part = Part("schema", items={"big_name": ("", "RANGE Big.name")})
    text = "// @up\nCREATE INDEX big_name FOR (b:Big) ON (b.name);\n"
    return Made(version, f"{version}-indexed.cypher", text, (part,), (part.back,))


@pytest.mark.parametrize("condition", ["", "IF NOT EXISTS"], ids=["plain", "if-not"])
def test_killed_while_a_constraint_is_built_its_orphan_goes_and_it_is_made(
    big: Mortal, condition: str, dice: random.Random, figures: Figures
) -> None:
    """The orphan would stay for ever, and stand in the constraint's way."""
    oracle = big.holds(
        [data("20260101000000", dice), unique("20260102000000", condition)]
    )

    said = big.killed("up", lambda: big.index("big_k") == ORPHAN)
    big.start()

    assert big.index("big_k") == ORPHAN
    assert not big.rows("SHOW CONSTRAINTS YIELD name WHERE name = 'big_k'")
    assert said.error is not None
    assert (said.error.exit_code, said.error.code) == (8, "SERVER.UNREACHABLE")
    claims.check(said, oracle)
    end = big.end("up", oracle)
    assert big.index("big_k") == OWNED
    figures.tell(f"killed after {said.seconds:.1f}s, built in {end.seconds:.1f}s")


def test_killed_while_a_down_builds_a_constraint_the_next_down_makes_it(
    big: Mortal, dice: random.Random
) -> None:
    """An orphan of a `down` is one too."""
    oracle = big.holds([unique("20260101000000"), free("20260102000000")])
    assert big.run("up").error is None

    said = big.killed("down", lambda: big.index("big_k") == ORPHAN)
    big.start()

    assert big.index("big_k") == ORPHAN
    claims.check(said, oracle)
    big.end("down", oracle)
    assert big.index("big_k") == []


def test_killed_when_a_constraint_is_built_and_not_committed_it_is_made_again(
    big: Mortal, dice: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of the index is there, and nobody owns it."""
    oracle = big.holds([unique("20260101000000")])
    commit = Transaction.commit

    async def killed(tx: Transaction) -> None:
        if big.kills == 0 and big.index("big_k"):
            big.kill()
        await commit(tx)

    monkeypatch.setattr(Transaction, "commit", killed)
    said = big.run("up")
    big.start()

    assert big.kills == 1
    assert big.index("big_k") == ORPHAN
    claims.check(said, oracle)
    big.end("up", oracle)
    assert big.index("big_k") == OWNED


def test_killed_while_an_index_fills_it_fills_again_and_is_confirmed(
    big: Mortal, figures: Figures
) -> None:
    """The server goes on by itself; the next `up` waits until it is through."""
    oracle = big.holds([indexed("20260101000000")])

    said = big.killed("up", lambda: big.index("big_name") == [["POPULATING", False]])
    big.start()

    claims.check(said, oracle)
    end = big.end("up", oracle)
    assert big.index("big_name") == [["ONLINE", False]]
    figures.tell(f"killed after {said.seconds:.1f}s, online after {end.seconds:.1f}s")


@pytest.mark.parametrize("name", ["_migrate_lock", "_migrate_record"])
def test_an_orphan_of_the_tools_own_constraints_is_in_nobodys_way(
    big: Mortal, name: str, dice: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server killed under the very first `up` must not need a person."""
    oracle = big.holds([data("20260101000000", dice)])
    (statement,) = [text for text in lock._BOOTSTRAP if name in text]
    run, ours = Transaction.run, []

    async def noted(tx: Transaction, text: str, *args: object) -> object:
        ours.append(text == statement)
        return await run(tx, text, *args)  # type: ignore[arg-type]

    commit = Transaction.commit

    async def killed(tx: Transaction) -> None:
        if ours[-1] and big.kills == 0:
            big.kill()
        await commit(tx)

    monkeypatch.setattr(Transaction, "run", noted)
    monkeypatch.setattr(Transaction, "commit", killed)
    said = big.run("up")
    big.start()

    assert big.kills == 1
    assert big.index(name) == ORPHAN
    claims.check(said, oracle)
    big.end("up", oracle)
    assert big.index(name) == OWNED
