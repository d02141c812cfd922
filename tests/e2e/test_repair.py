"""`repair` writes what a person says into the history; `up` and `down` go on from there."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

VERSION = "20260101000000"
FILE = f"{VERSION}-m.cypher"
DOUBT, NOTHING, GOOD = "1, 0", "0, 1", "1, 1"
"""Rows of a step: the first is kept and the second fails, none is kept, all are."""


def text(up: tuple[str, ...] = (GOOD,) * 3, down: tuple[str, ...] = (GOOD,) * 3) -> str:
    """A file of three steps each way; each commits row by row, and leaves a node a row."""
    lines = []
    for direction, steps in (("up", up), ("down", down)):
        lines.append(f"// @{direction}")
        for number, rows in enumerate(steps, start=1):
            lines.append(
                f"UNWIND [{rows}] AS x CALL (x) {{"
                f" CREATE (:Trace {{at: '{direction}{number}', x: 1 / x}})"
                " } IN TRANSACTIONS OF 1 ROW;"
            )
    return "\n".join(lines)


def at(step: int, rows: str) -> tuple[str, ...]:
    """Three steps of which one fails."""
    return tuple(rows if step == number else GOOD for number in (1, 2, 3))


def traces(site: Site) -> dict[str, int]:
    """How many rows of each step are in the database."""
    rows = site.graph.rows("MATCH (t:Trace) RETURN t.at, count(t)")
    return {str(at): int(str(count)) for at, count in rows}


def state(site: Site) -> str:
    """What the history says of the migration, and `status` with it."""
    records = [record.removeprefix(VERSION).strip() for record in site.records()]
    return records[0] if records else "none"


def marks(site: Site) -> list[dict[str, object]]:
    """What the log tells of corrections."""
    rows = site.graph.rows(
        "MATCH (e:_MigrateEvent {what: 'repaired'}) RETURN e.detail, e.version, e.by"
        " ORDER BY e.at"
    )
    found = []
    for detail, version, by in rows:
        assert (version, bool(by)) == (VERSION, True)
        told = json.loads(str(detail))
        assert told.pop("tool")
        found.append(told)
    return found


def going(direction: str) -> dict[str, str]:
    """What the log adds where it is about a `down`."""
    return {"direction": "down"} if direction == "down" else {}


def stopped(site: Site, direction: str, step: int, rows: str) -> Site:
    """A migration that stopped at a step on its way up, or down."""
    if direction == "up":
        site.add(FILE, text(up=at(step, rows)))
        assert site("up").code == 8
    else:
        site.add(FILE, text(down=at(step, rows)))
        assert site("up").code == 0
        assert site("down").code == 8
    site.graph.rows("MATCH (t:Trace) DELETE t")
    site.add(FILE, text())
    return site


def repaired(site: Site, *args: str) -> str:
    """Correct the record; give what it then says."""
    said = site("repair", VERSION, *args)
    assert said.code == 0, said.err
    assert said.out.startswith(f"{VERSION}-m")
    assert said.err == ""
    assert site.lock_is_free()
    return state(site)


STOPS = [
    *((direction, step, DOUBT) for direction in ("up", "down") for step in (1, 2, 3)),
    *((direction, step, NOTHING) for direction in ("up", "down") for step in (2, 3)),
]


def after(direction: str, *steps: int) -> dict[str, int]:
    return {f"{direction}{number}": 2 for number in steps}


@pytest.mark.parametrize(("direction", "step", "rows"), STOPS)
def test_a_step_that_is_done_is_not_run_again(
    site: Site, direction: str, step: int, rows: str
) -> None:
    """The rest is; the last step of a migration brings it to its end."""
    stopped(site, direction, step, rows)
    if rows == DOUBT:  # the text that was sent is the one that counts as done
        failed = at(step, rows)
        site.add(FILE, text(**{direction: failed}))

    now = repaired(site, "--step", str(step), "--mark", "applied")

    whole = "applied" if direction == "up" else "rolled back"
    expected = {"mark": "applied", "step": step, "steps": 3, **going(direction)}
    assert marks(site) == [{**expected, "now": whole if step == 3 else "part-way"}]
    end = "up applied at 4 of 3" if direction == "up" else "none"
    assert now == (f"{direction} running at {step + 1} of 3" if step < 3 else end)
    assert site(direction).code == 0
    assert traces(site) == after(direction, *range(step + 1, 4))
    assert state(site) == end
    assert site("verify").code == 0


@pytest.mark.parametrize(("direction", "step", "rows"), STOPS)
def test_a_step_that_is_not_done_is_run_again(
    site: Site, direction: str, step: int, rows: str
) -> None:
    """One in doubt counts as never sent; else the last that is done is done again."""
    stopped(site, direction, step, rows)
    again = step if rows == DOUBT else step - 1

    now = repaired(site, "--step", str(again), "--mark", "pending")

    first = "pending" if direction == "up" else "applied"
    expected = {"mark": "pending", "step": again, "steps": 3, **going(direction)}
    assert marks(site) == [{**expected, "now": first if again == 1 else "part-way"}]
    begin = "none" if direction == "up" else "up applied at 4 of 3"
    assert now == (begin if again == 1 else f"{direction} running at {again} of 3")
    assert site(direction).code == 0
    assert traces(site) == after(direction, *range(again, 4))
    assert state(site) == ("up applied at 4 of 3" if direction == "up" else "none")


@pytest.mark.parametrize(("direction", "step", "rows"), STOPS)
def test_all_of_it_is_applied_on_a_persons_word(
    site: Site, direction: str, step: int, rows: str
) -> None:
    """`up` has nothing to do, `down` takes all of it back."""
    stopped(site, direction, step, rows)

    now = repaired(site, "--mark", "applied")

    told = {"mark": "applied", "now": "applied"}
    assert marks(site) == [{**told, **going(direction)}]
    assert now == "up applied at 4 of 3"
    assert site("up").out.startswith("up to date at ")
    assert site("verify").code == 0
    assert traces(site) == {}
    assert site("down").code == 0
    assert traces(site) == after("down", 1, 2, 3)
    assert state(site) == "none"


@pytest.mark.parametrize(("direction", "step", "rows"), STOPS)
def test_none_of_it_is_applied_on_a_persons_word(
    site: Site, direction: str, step: int, rows: str
) -> None:
    """The record is forgotten; `down` has nothing to do, `up` does all of it."""
    stopped(site, direction, step, rows)

    now = repaired(site, "--mark", "pending")

    told = {"mark": "pending", "now": "pending"}
    assert marks(site) == [{**told, **going(direction)}]
    assert now == "none"
    assert site("down").out == f"nothing to roll back on {site.where}\n"
    assert site("up").code == 0
    assert traces(site) == after("up", 1, 2, 3)


@pytest.mark.parametrize("python", [False, True])
def test_a_pending_migration_that_is_there_already(site: Site, python: bool) -> None:
    """It is recorded as it stands, and not run; nor is it taken back."""
    body = "raise SystemExit\n\n\ndef up(client): ...\n" if python else text()
    site.add(f"{VERSION}-m.py" if python else FILE, body)

    assert repaired(site, "--mark", "applied").startswith("up applied")

    assert site("up").out == f"up to date at {VERSION} (1 applied) on {site.where}\n"
    assert "baseline" in site("status").out
    said = site("down")
    assert said.error == ("PLAN.IRREVERSIBLE", 2)
    assert f"neo4j-migrate repair {VERSION} --mark pending" in said.part("next")
    assert repaired(site, "--mark", "pending") == "none"
    assert marks(site) == [
        {"mark": word, "now": word} for word in ("applied", "pending")
    ]
    assert "PENDING" in site("status").out
    assert traces(site) == {}


def test_an_applied_migration_is_forgotten_and_nothing_is_run(site: Site) -> None:
    """The next `up` runs it once more: that is what was asked for."""
    site.add(FILE, text())
    site("up")

    assert repaired(site, "--mark", "pending") == "none"

    assert traces(site) == after("up", 1, 2, 3)
    assert site("up").code == 0
    assert traces(site) == dict.fromkeys(("up1", "up2", "up3"), 4)
    assert site.events() == ["applied", "repaired", "applied"]


PER_CALL = """\
TRANSACTION = "per-call"


async def up(client):
    await client.cypher("CREATE (:Trace {at: 'up'})")
    await client.cypher("RETURN 1 / $x", {"x": UP})


async def down(client):
    await client.cypher("CREATE (:Trace {at: 'down'})")
    await client.cypher("RETURN 1 / $x", {"x": 0})
"""


@pytest.mark.parametrize(
    ("args", "now", "then"),
    [
        (("--step", "1", "--mark", "applied"), "up applied at 2 of 1", {"up": 1}),
        (("--mark", "applied"), "up applied at 2 of 1", {"up": 1}),
        (("--step", "1", "--mark", "pending"), "none", {"up": 2}),
        (("--mark", "pending"), "none", {"up": 2}),
    ],
)
def test_python_in_doubt_on_its_way_up(
    site: Site, args: tuple[str, ...], now: str, then: dict[str, int]
) -> None:
    """What each call committed stays; whether the function runs again is said."""
    path = site.add(f"{VERSION}-m.py", PER_CALL.replace("UP", "0"))
    assert site("up").code == 8
    assert site("up").error == ("UP.NOT_RERUNNABLE", 8)

    assert repaired(site, *args) == now
    if now == "none":
        path.write_text(PER_CALL.replace("UP", "1"))
    assert site("up").code == 0

    assert traces(site) == then
    assert state(site) == "up applied at 2 of 1"


@pytest.mark.parametrize(
    ("args", "now"),
    [
        (("--step", "1", "--mark", "applied"), "none"),
        (("--mark", "applied"), "up applied at 2 of 1"),
        (("--step", "1", "--mark", "pending"), "up applied at 2 of 1"),
        (("--mark", "pending"), "none"),
    ],
)
def test_python_in_doubt_on_its_way_down(
    site: Site, args: tuple[str, ...], now: str
) -> None:
    path = site.add(f"{VERSION}-m.py", PER_CALL.replace("UP", "1"))
    assert site("up").code == 0
    assert site("down").code == 8
    path.write_text(path.read_text().replace('{"x": 0}', '{"x": 1}'))

    assert repaired(site, *args) == now

    assert site("down").code == 0
    assert traces(site) == {"up": 1, "down": 1 if now == "none" else 2}
    assert state(site) == "none"


def begun_computed_down(site: Site) -> Site:
    """Pure schema without `// @down`: the inverse of its first step is gone already."""
    drop = "CREATE CONSTRAINT b FOR (n:B) REQUIRE n.b IS UNIQUE"
    site.add("20251231000000-before.cypher", drop)
    site.add(FILE, "CREATE INDEX a FOR (n:A) ON (n.a);\nDROP CONSTRAINT b;")
    assert site("up").code == 0
    site.graph.rows("DROP INDEX a")
    site.graph.rows(
        "MATCH (r:_MigrateRecord {version: $version}) SET r.direction = 'down',"
        " r.state = 'running', r.step = 2, r.steps = 2, r.steps_done = ['gone'],"
        " r.down_from = 'computed'",
        version=VERSION,
    )
    return site


@pytest.mark.parametrize("file", [True, False])
@pytest.mark.parametrize(
    ("args", "now", "schema"),
    [
        (("--step", "2", "--mark", "applied"), "none", 0),
        (("--step", "1", "--mark", "pending"), "up applied", 1),
        (("--mark", "applied"), "up applied", 1),
        (("--mark", "pending"), "none", 0),
    ],
)
def test_a_computed_down_is_marked_though_it_stands_in_no_file(
    site: Site, file: bool, args: tuple[str, ...], now: str, schema: int
) -> None:
    begun_computed_down(site)
    if not file:
        (site.project.folder / FILE).unlink()

    repaired(site, *args)

    states = [r for r in site.records() if r.startswith(VERSION)]
    assert [now] == [" ".join(r.split()[1:3]) for r in states] or (now, states) == (
        "none",
        [],
    )
    if now != "none":
        assert site("down").code == 0
    assert len(site.graph.schema()) == schema


def test_a_schema_step_that_somebody_carried_out_is_in_the_snapshot(site: Site) -> None:
    """What the project's schema is compared with is that of after the last step."""
    snapshot = "MATCH (l:_MigrateProject) RETURN l.schema"
    site.add(FILE, "CREATE (:A);\nCREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:B);")
    site.graph.rows("CREATE INDEX a FOR (n:Other) ON (n.a)")
    assert site("up").code == 8
    site.graph.rows("DROP INDEX a")
    site.graph.rows("CREATE INDEX a FOR (n:A) ON (n.a)")

    repaired(site, "--step", "2", "--mark", "applied")

    assert '"name": "a"' in str(site.graph.one(snapshot))
    assert site("up").code == 0
    site.graph.rows("DROP INDEX a")
    repaired(site, "--mark", "pending")
    assert '"name": "a"' not in str(site.graph.one(snapshot))
