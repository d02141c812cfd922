"""The acceptance scenarios of pyneo4j-ogm 0.6.0, as functions, on our history.

The numbers are those of its nineteen scenarios. What differs on purpose is said where
it does: `down` without a count takes back one, and failures raise.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from neo4j_migrate_magic.errors import (
    BadOptionError,
    ConfigNotFoundError,
    InvalidConfigError,
)
from neo4j_migrate_magic.migrations import create, down, init, status, up
from neo4j_migrate_magic.model import Outcome, Report

pytestmark = pytest.mark.server

NAMES = {
    "20240205190143-mig-one": "Bob",
    "20240205190146-mig-two": "Alice",
    "20240205190149-mig-three": "Charlie",
    "20240205190152-mig-four": "David",
    "20240205190156-mig-five": "Cooper",
}
TITLES = list(NAMES)
FILE = """\
async def up(client):
    await client.cypher("CREATE (n:Node {{name: $name}})", {{"name": {name!r}}})


async def down(client):
    await client.cypher("MATCH (n:Node {{name: {name!r}}}) DETACH DELETE n")
"""


class Ogm:
    """A project of pyneo4j-ogm: its configuration file, and five migrations."""

    def __init__(self, root: Path, graph: Any) -> None:
        self.root = root
        self.graph = graph
        self.folder = root / "migrations"
        self.config = root / "migration-config.json"
        self.folder.mkdir()
        auth = {"username": "neo4j", "password": "password"}
        self.write(uri=graph.uri, options={"scheme": "basic", "auth": auth})
        for title, name in NAMES.items():
            (self.folder / f"{title}.py").write_text(FILE.format(name=name))

    def write(self, **neo4j: Any) -> None:
        neo4j["node_labels"] = ["migration"]
        document = {"neo4j": neo4j, "migration_dir": str(self.folder)}
        self.config.write_text(json.dumps(document, indent=2))

    def nodes(self) -> list[object]:
        rows = self.graph.rows("MATCH (n:Node) RETURN n.name ORDER BY n.name")
        return [row[0] for row in rows]

    def applied(self) -> list[object]:
        """The titles, in order of application."""
        rows = self.graph.rows(
            "MATCH (r:_MigrateRecord {state: 'applied'})"
            " RETURN r.version + '-' + r.name ORDER BY r.sequence"
        )
        return [row[0] for row in rows]


@pytest.fixture
async def ogm(folder: Path, lts_graph: Any) -> Ogm:
    """The scenarios' state: five migrations, of which the first two are applied."""
    project = Ogm(folder, lts_graph)
    await up(2)
    return project


@pytest.fixture
def elsewhere(ogm: Ogm, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same project with its file under another name, and a working directory apart."""
    apart = ogm.root / "apart"
    apart.mkdir()
    monkeypatch.chdir(apart)
    return ogm.config.rename(ogm.root / "custom.json")


def test_1_init_in_an_empty_folder(folder: Path) -> None:
    """A configuration file, and the folder with a file that git keeps."""
    init()

    assert {"neo4j-migrate.toml", "migrations"} == {p.name for p in folder.iterdir()}
    assert (folder / "migrations" / ".gitkeep").exists()
    assert 'migration_dir = "migrations"' in (folder / "neo4j-migrate.toml").read_text()


def test_1_init_takes_folder_and_address(folder: Path) -> None:
    """Nested folders are made as well."""
    init(migration_dir="./my/custom/path", uri="bolt://h:1")

    text = (folder / "neo4j-migrate.toml").read_text()
    assert 'uri = "bolt://h:1"' in text
    assert (folder / "my" / "custom" / "path" / ".gitkeep").exists()


def test_2_init_where_the_folder_exists(folder: Path) -> None:
    """The configuration file is still written; the folder stays as it is."""
    (folder / "migrations").mkdir()

    init()

    assert (folder / "neo4j-migrate.toml").exists()
    assert list((folder / "migrations").iterdir()) == []


def test_3_init_makes_the_folder_that_a_configuration_names(folder: Path) -> None:
    """The file is kept as it is, and its arguments are ignored."""
    config = folder / "migration-config.json"
    text = json.dumps({"neo4j": {"uri": "bolt://h:1"}, "migration_dir": "foo/bar"})
    config.write_text(text)

    init(migration_dir="other")

    assert (folder / "foo" / "bar" / ".gitkeep").exists()
    assert not (folder / "other").exists()
    assert config.read_text() == text


def test_4_init_refuses_a_configuration_without_an_address(folder: Path) -> None:
    """The key that is missing is named."""
    config = folder / "migration-config.json"
    config.write_text(json.dumps({"neo4j": {}, "migration_dir": "migrations"}))

    with pytest.raises(InvalidConfigError, match=r"neo4j\.uri is missing"):
        init()

    assert not (folder / "migrations").exists()


def test_5_create_gives_name_and_path(folder: Path) -> None:
    """The one new file is a template with both functions; here as Python."""
    config = folder / "migration-config.json"
    config.write_text('{"neo4j": {"uri": "bolt://h:1"}, "migration_dir": "m"}')
    init()

    made = create("my_first_migration")

    (path,) = (folder / "m").glob("*.py")
    assert made == {"name": path.name, "path": str(path)}
    assert path.name[:14].isdecimal()
    assert path.name[14:] == "-my_first_migration.py"
    for line in ("async def up(client", "async def down(client"):
        assert line in path.read_text()


def test_7_create_with_a_configuration_elsewhere(elsewhere: Path) -> None:
    """The file is made in the folder that it names."""
    made = create("test_migration", str(elsewhere))

    assert Path(made["path"]).parent == elsewhere.parent / "migrations"
    assert Path(made["path"]).exists()


@pytest.mark.parametrize(
    "name", ["TestMigration", "testMigration", "test_migration", "test-migration"]
)
def test_8_create_makes_one_name_of_four_spellings(folder: Path, name: str) -> None:
    """Words are told apart at case changes, dashes and underscores."""
    init()

    assert create(name)["name"][14:] == "-test_migration.cypher"


async def test_9_up_with_a_count(ogm: Ogm) -> None:
    """The next one in order of version; what was applied before stays as it was."""
    before = await status()

    report = await up(1)

    assert isinstance(report, Report)
    assert [(m.title, m.outcome) for m in report.migrations] == [
        (TITLES[2], Outcome.APPLIED)
    ]
    assert ogm.applied() == TITLES[:3]
    assert ogm.nodes() == ["Alice", "Bob", "Charlie"]
    assert (await status())[:2] == before[:2]


async def test_10_up_all(ogm: Ogm) -> None:
    """Five are applied, in order of their files; a second time there is nothing."""
    await up("all")

    assert ogm.applied() == TITLES
    assert ogm.nodes() == sorted(NAMES.values())
    assert (await up()).migrations == ()


async def test_12_up_with_a_configuration_elsewhere(ogm: Ogm, elsewhere: Path) -> None:
    """By path, also as `Path`."""
    await up(1, str(elsewhere))
    await up(config_path=elsewhere)

    assert ogm.applied() == TITLES


async def test_13_down_with_a_count(ogm: Ogm) -> None:
    """The last one applied goes; the first stays with its node."""
    report = await down(1)

    assert [(m.title, m.outcome) for m in report.migrations] == [
        (TITLES[1], Outcome.ROLLED_BACK)
    ]
    assert ogm.applied() == TITLES[:1]
    assert ogm.nodes() == ["Bob"]


async def test_13_down_without_a_count_takes_back_one(ogm: Ogm) -> None:
    """As the seed's own help has it; the seed took all."""
    await down()

    assert ogm.nodes() == ["Bob"]


async def test_14_down_all(ogm: Ogm) -> None:
    """None is applied and no node left; what happened is still told by the log."""
    await down("all")

    assert (ogm.applied(), ogm.nodes()) == ([], [])
    events = ogm.graph.rows("MATCH (e:_MigrateEvent) RETURN e.what ORDER BY e.at")
    assert [row[0] for row in events] == ["applied"] * 2 + ["rolled back"] * 2


async def test_16_down_with_a_configuration_elsewhere(
    ogm: Ogm, elsewhere: Path
) -> None:
    """By path."""
    await down(1, str(elsewhere))

    assert ogm.nodes() == ["Bob"]


async def test_17_status_lists_applied_by_time_and_pending_by_name(ogm: Ogm) -> None:
    """Plain dictionaries: two with the times of their application, three without."""
    found = await status()

    assert [set(entry) for entry in found] == [{"name", "applied_at", "status"}] * 5
    assert [(e["name"], e["status"]) for e in found] == [
        (title, "APPLIED" if n < 2 else "PENDING") for n, title in enumerate(TITLES)
    ]
    first, second, *rest = (entry["applied_at"] for entry in found)
    assert isinstance(first, float)
    assert time.time() - 600 < first <= second < time.time() + 60
    assert rest == [None] * 3


async def test_17_status_is_by_time_also_where_that_is_not_by_name(ogm: Ogm) -> None:
    """A late file is the last one applied."""
    late = "20240101000000-late"
    (ogm.folder / f"{late}.py").write_text(FILE.format(name="Late"))
    await up(1, allow_late=[late[:14]])

    found = await status()

    assert [e["name"] for e in found] == [*TITLES[:2], late, *TITLES[2:]]


async def test_19_status_with_a_configuration_elsewhere(elsewhere: Path) -> None:
    """By path."""
    found = await status(str(elsewhere))

    assert [e["status"] for e in found].count("APPLIED") == 2


async def creates() -> None:
    """Call the one of the four that is no coroutine."""
    create("test")


CALLS: dict[str, Callable[[], Awaitable[Any]]] = {
    "6 create": creates,
    "11 up": up,
    "15 down": down,
    "18 status": status,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_what_is_not_initialised_is_refused(
    folder: Path, call: Callable[[], Awaitable[Any]]
) -> None:
    """There is no configuration file; the way to get one is named, and none appears."""
    with pytest.raises(ConfigNotFoundError) as caught:
        await call()

    assert caught.value.next[0].command == "neo4j-migrate init"
    assert os.listdir(folder) == []


@pytest.mark.parametrize("count", [0, -1, "x", "", 1.5, True, "²"])
@pytest.mark.parametrize("verb", [up, down])
async def test_a_count_that_is_none_is_refused(
    ogm: Ogm, verb: Callable[..., Awaitable[Report]], count: Any
) -> None:
    """By the functions as by the command line."""
    with pytest.raises(BadOptionError) as caught:
        await verb(count)

    assert caught.value.exit_code == 2
    assert f"neo4j-migrate {verb.__name__} --{verb.__name__}-count 1" in (
        caught.value.next[0].command
    )
    assert ogm.applied() == TITLES[:2]
