"""Made-up migrations of every kind, each with an honest `down`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tests.torture.oracle import Made, Part

BATCHES = 20
MARKS = 5

Kind = Callable[[str, random.Random], Made]


def data(version: str, dice: random.Random) -> Made:
    count, made = f"{version}/a", f"{version}/b"
    up = Part("data", {count: (0, 1), made: (0, MARKS)})
    return _cypher(
        version,
        "data",
        f"{_add(count)}\nUNWIND range(1, {MARKS}) AS k CREATE (:Mark {{of: '{made}', k: k}});",
        f"MATCH (m:Mark {{of: '{made}'}}) DELETE m;\n{_subtract(count)}",
        (up,),
        (up.back,),
    )


def schema(version: str, dice: random.Random) -> Made:
    """A constraint, then two indexes; half of them leave `down` to be computed."""
    label = f"L{version}"
    key = Part("schema", items={f"k{version}": ("", f"UNIQUE {label}.k")})
    two = {
        f"i{version}": ("", f"RANGE {label}.i"),
        f"t{version}": ("", f"TEXT {label}.t"),
    }
    back = {
        name: (after, before) for name, (before, after) in (two | key.items).items()
    }
    drop = (
        f"DROP INDEX t{version};\nDROP INDEX i{version};\nDROP CONSTRAINT k{version};"
    )
    return _cypher(
        version,
        "schema",
        f"CREATE CONSTRAINT k{version} FOR (n:{label}) REQUIRE n.k IS UNIQUE;\n"
        f"CREATE INDEX i{version} IF NOT EXISTS FOR (n:{label}) ON (n.i);\n"
        f"CREATE TEXT INDEX t{version} FOR (n:{label}) ON (n.t);",
        dice.choice([drop, ""]),
        (key, Part("schema", items=two)),
        (Part("schema", items=back),),
    )


def replaced(version: str, dice: random.Random) -> Made:
    """An index that another one of the same name takes the place of."""
    name, label, count = f"r{version}", f"L{version}", f"{version}/a"
    old, new = f"RANGE {label}.r", f"TEXT {label}.r"
    first = Part("schema", items={name: ("", old)})
    middle = Part("data", {count: (0, 1)})
    last = Part("schema", items={name: (old, new)})
    return _cypher(
        version,
        "replaced",
        f"CREATE INDEX {name} FOR (n:{label}) ON (n.r);\n{_add(count)}\n"
        f"DROP INDEX {name};\nCREATE TEXT INDEX {name} FOR (n:{label}) ON (n.r);",
        f"DROP INDEX {name};\nCREATE INDEX {name} FOR (n:{label}) ON (n.r);\n"
        f"{_subtract(count)}\nDROP INDEX {name};",
        (first, middle, last),
        (last.back, middle.back, first.back),
    )


def mixed(version: str, dice: random.Random) -> Made:
    label, count, again = f"L{version}", f"{version}/a", f"{version}/b"
    key = Part("schema", items={f"k{version}": ("", f"UNIQUE {label}.k")})
    first = Part("data", {count: (0, 1)})
    index = Part("schema", items={f"i{version}": ("", f"RANGE {label}.i")})
    batches = Part("autocommit", {again: (0, BATCHES)}, rerunnable=True)
    last = Part("data", {f"{version}/c": (0, 1)})
    parts = (key, first, index, batches, last)
    return _cypher(
        version,
        "mixed",
        f"CREATE CONSTRAINT k{version} FOR (n:{label}) REQUIRE n.k IS UNIQUE;\n"
        f"{_add(count)}\n"
        f"CREATE INDEX i{version} FOR (n:{label}) ON (n.i);\n"
        f"// @rerunnable\n{_marks(again)}\n"
        f"{_add(f'{version}/c')}",
        f"{_subtract(f'{version}/c')}\n"
        f"// @rerunnable\n{_no_marks(again)}\n"
        f"DROP INDEX i{version};\n{_subtract(count)}\nDROP CONSTRAINT k{version};",
        parts,
        tuple(part.back for part in reversed(parts)),
    )


def brief(version: str, dice: random.Random) -> Made:
    """An index, then batches: in few messages the kinds that leave an intent."""
    index = Part("schema", items={f"i{version}": ("", f"RANGE L{version}.i")})
    batches = Part("autocommit", {f"{version}/a": (0, BATCHES)}, rerunnable=True)
    (name,) = batches.counts
    return _cypher(
        version,
        "brief",
        f"CREATE INDEX i{version} FOR (n:L{version}) ON (n.i);\n"
        f"// @rerunnable\n{_marks(name)}",
        f"// @rerunnable\n{_no_marks(name)}\nDROP INDEX i{version};",
        (index, batches),
        (batches.back, index.back),
    )


def rerunnable(version: str, dice: random.Random) -> Made:
    part = Part("autocommit", {f"{version}/a": (0, BATCHES)}, rerunnable=True)
    (name,) = part.counts
    return _cypher(
        version,
        "rerunnable",
        f"// @rerunnable\n{_marks(name)}",
        f"// @rerunnable\n{_no_marks(name)}",
        (part,),
        (part.back,),
    )


def once(version: str, dice: random.Random) -> Made:
    """An autocommit statement that may not run twice, between two steps of data."""
    first = Part("data", {f"{version}/a": (0, 1)})
    part = Part("autocommit", {f"{version}/b": (0, BATCHES)})
    last = Part("data", {f"{version}/c": (0, 1)})
    rows = f"UNWIND range(1, {BATCHES}) AS x CALL (x) {{"
    add = _add(f"{version}/b").rstrip(";")
    subtract = _subtract(f"{version}/b").rstrip(";")
    end = "} IN TRANSACTIONS OF 1 ROW;"
    return _cypher(
        version,
        "once",
        f"{_add(f'{version}/a')}\n{rows} {add} {end}\n{_add(f'{version}/c')}",
        f"{_subtract(f'{version}/c')}\n{rows} {subtract} {end}\n{_subtract(f'{version}/a')}",
        (first, part, last),
        (last.back, part.back, first.back),
    )


def python(version: str, dice: random.Random) -> Made:
    """One transaction; by chance `async def` or a plain one."""
    part = Part("data", {f"{version}/{k}": (0, 1) for k in "abc"})
    asynchronous, wait = dice.choice([("async ", "await "), ("", "")])
    calls = [
        [f'    {wait}client.cypher("{move(name).rstrip(";")}")' for name in part.counts]
        for move in (_add, _subtract)
    ]
    up, down = map("\n".join, calls)
    text = (
        f"{asynchronous}def up(client):\n{up}\n\n\n"
        f"{asynchronous}def down(client):\n{down}\n"
    )
    return Made(version, f"{version}-python.py", text, (part,), (part.back,))


def calls_again(version: str, dice: random.Random) -> Made:
    """Schema and data in one file, each call by itself, and all of it again if cut."""
    label, name = f"L{version}", f"{version}/a"
    part = Part(
        "autocommit",
        {name: (0, MARKS)},
        {f"i{version}": ("", f"RANGE {label}.i")},
        rerunnable=True,
    )
    text = f"""\
TRANSACTION = "per-call"
RERUNNABLE = True


async def up(client):
    await client.cypher("CREATE INDEX i{version} IF NOT EXISTS FOR (n:{label}) ON (n.i)")
    for k in range({MARKS}):
        await client.cypher("MERGE (:Mark {{of: '{name}', k: $k}})", {{"k": k}})


async def down(client):
    for k in range({MARKS}):
        await client.cypher("MATCH (m:Mark {{of: '{name}', k: $k}}) DELETE m", {{"k": k}})
    await client.cypher("DROP INDEX i{version} IF EXISTS")
"""
    return Made(version, f"{version}-calls_again.py", text, (part,), (part.back,))


def calls_once(version: str, dice: random.Random) -> Made:
    """Each call by itself, and not a second time."""
    part = Part("autocommit", {f"{version}/a": (0, BATCHES)})
    (name,) = part.counts
    text = f"""\
TRANSACTION = "per-call"


def up(client):
    for _ in range({BATCHES}):
        client.cypher("{_add(name).rstrip(";")}")


def down(client):
    for _ in range({BATCHES}):
        client.cypher("{_subtract(name).rstrip(";")}")
"""
    return Made(version, f"{version}-calls_once.py", text, (part,), (part.back,))


SAFE = (data, schema, replaced, mixed, rerunnable, python, calls_again)
ASKING = (once, calls_once)
KINDS = (*SAFE, *ASKING)


def folder_of(kinds: Sequence[Kind], dice: random.Random) -> list[Made]:
    """A folder with a migration of each of these kinds, in this order."""
    return [
        kind(f"202601{1 + i // 60:02}{i % 60:02}0000", dice)
        for i, kind in enumerate(kinds)
    ]


def folder(dice: random.Random, size: int) -> list[Made]:
    """A folder with every kind of migration, as far as there is room, in any order."""
    kinds = dice.sample(KINDS, k=min(size, len(KINDS)))
    kinds += dice.choices(KINDS, k=size - len(kinds))
    return folder_of(kinds, dice)


def _cypher(
    version: str,
    name: str,
    up: str,
    down: str,
    parts: tuple[Part, ...],
    back: tuple[Part, ...],
) -> Made:
    section = f"// @down\n{down}\n" if down else ""
    text = f"// @up\n{up}\n{section}"
    return Made(version, f"{version}-{name}.cypher", text, parts, back)


def _add(counter: str) -> str:
    return f"MERGE (c:Count {{of: '{counter}'}}) SET c.n = coalesce(c.n, 0) + 1;"


def _subtract(counter: str) -> str:
    return f"MERGE (c:Count {{of: '{counter}'}}) SET c.n = coalesce(c.n, 0) - 1;"


def _marks(of: str) -> str:
    return (
        f"UNWIND range(1, {BATCHES}) AS x"
        f" CALL (x) {{ MERGE (:Mark {{of: '{of}', k: x}}) }} IN TRANSACTIONS OF 1 ROW;"
    )


def _no_marks(of: str) -> str:
    return (
        f"MATCH (m:Mark {{of: '{of}'}})"
        " CALL (m) { DELETE m } IN TRANSACTIONS OF 1 ROW;"
    )
