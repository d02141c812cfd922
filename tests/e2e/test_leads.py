"""A command to type, copied as it stands, works where the one before it worked."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest

from tests.e2e.conftest import Said, Site

A = "20260101000000-a.cypher"
B = "20260102000000-b.cypher"
C = "20260103000000-c.cypher"
BROKEN = "CREATE (:B);\n\nCREATE INDEX FOR (b:B) ON (b.x);\nCREATE (:B) RETURN x;\n"

_COMMAND = re.compile(
    r"(?<=  )neo4j-migrate (?!explain|create).*?(?=  |$)", re.MULTILINE
)


@pytest.fixture
def far(site: Site) -> Site:
    """A project whose real server is an environment; else it leads to nobody."""
    site.project.config.write_text(
        'migration_dir = "migrations"\nuri = "bolt://127.0.0.1:1"\n'
        f'[env.prod]\nuri = "{site.graph.uri}"\n'
    )
    return site


def commands(said: Said) -> list[str]:
    """Our commands in what was said, as they would be copied."""
    return _COMMAND.findall(f"{said.out}\n{said.err}")


def typed(site: Site, command: str) -> Said:
    """Type a command as it was proposed."""
    return site(*shlex.split(command)[1:])


def test_after_a_failure_the_next_command_mends_the_same_database(far: Site) -> None:
    path = far.add(A, BROKEN)
    failed = far("up", "-e", "prod")
    assert failed.error == ("UP.STATEMENT_FAILED", 8)

    ways = commands(failed)

    assert "neo4j-migrate up --env prod" in ways
    assert all(way.endswith(" --env prod") for way in ways), ways
    path.write_text(BROKEN.replace(" RETURN x", ""))
    assert typed(far, ways[ways.index("neo4j-migrate up --env prod")]).code == 0
    assert far.count("B") == 2


def test_every_verb_that_names_a_command_names_one_for_its_target(far: Site) -> None:
    path = far.add(A, "CREATE (:A);\n")
    assert far("up", "--env", "prod").code == 0
    far.add(B, "CREATE (:B);\n")
    pending = far("status", "-eprod")
    assert commands(pending) == ["neo4j-migrate up --env prod"]
    path.write_text("CREATE (:A {n: 1});\n")

    for line in (
        ("up",),
        ("verify",),
        ("status",),
        ("doctor",),
        ("show", "2026", "--diff"),
    ):
        said = far(*line, "--env", "prod")
        assert commands(said), line
        for way in commands(said):
            assert way.endswith(" --env prod"), way
            if "--accept-checksum" not in way:
                assert typed(far, way).code != 10, way


def in_json(value: Any) -> list[str]:
    """Our commands in an answer, wherever they stand in it."""
    match value:
        case {"command": str(command), "label": _}:
            return [command] if command.startswith("neo4j-migrate") else []
        case dict():
            return [way for one in value.values() for way in in_json(one)]
        case list():
            return [way for one in value for way in in_json(one)]
        case _:
            return []


@pytest.mark.parametrize("line", ["status --exit-code", "up", "verify", "doctor"])
def test_json_names_the_same_commands(far: Site, line: str) -> None:
    path = far.add(A, "CREATE (:A);\n")
    assert far("up", "--env", "prod").code == 0
    path.write_text("CREATE (:A {n: 1});\n")

    found = in_json(json.loads(far(*line.split(), "--env", "prod", "--json").out))

    assert found
    assert all(way.endswith(" --env prod") for way in found), found


def test_what_is_refused_before_a_server_answers_names_the_same_target(
    far: Site,
) -> None:
    """Copied without the environment, `down` would run where the file's base leads."""
    far.project.config.write_text(
        far.project.config.read_text() + '[env.dead]\nuri = "bolt://127.0.0.1:2"\n'
    )
    far.add(A, "CREATE (:A);\n")
    for line, way in (
        ("up --up-count 0 -e prod", "neo4j-migrate up --up-count 1 --env prod"),
        ("up --to 2026 --up-count 2 -eprod", "neo4j-migrate up --to 2026 --env prod"),
        ("rollback --env=prod", "neo4j-migrate down --env prod"),
        ("up --dry-run -e prod", "neo4j-migrate status --env prod"),
        ("up -e dead --wait 1s", "neo4j-migrate status --wait 5m --env dead"),
        ("up -e nope", "neo4j-migrate status --env nope"),
    ):
        said = far(*line.split())
        assert said.code in (2, 10), line
        assert way in commands(said), said.err


def test_a_run_that_is_typed_again_goes_no_further(far: Site) -> None:
    """Who asked for one migration has not asked for all that are pending."""
    broken = far.add(A, "CREATE (:A);\n\nCREATE INDEX a FOR (n:A) ON (n.x);\nX;\n")
    far.add(B, "CREATE (:B);\n")
    far.add(C, "CREATE (:C);\n")
    failed = far("up", "--up-count", "2", "-e", "prod")
    (way, *_) = commands(failed)
    assert way == "neo4j-migrate up --up-count 2 --env prod"
    assert commands(far("up", "--to", B[:14], "-e", "prod"))[0] == (
        f"neo4j-migrate up --to {B[:14]} --env prod"
    )
    broken.write_text("CREATE (:A);\n\nCREATE INDEX a FOR (n:A) ON (n.x);\n")
    path = far.project.folder / B
    path.write_text("X;\n")
    (way, *_) = commands(typed(far, way))
    assert way == "neo4j-migrate up --up-count 1 --env prod"
    path.write_text("CREATE (:B);\n")
    assert typed(far, way).code == 0
    assert (far.count("A"), far.count("B"), far.count("C")) == (1, 1, 0)


def test_what_was_permitted_stays_so(far: Site) -> None:
    """Else two permissions that a run needs would be asked for in turn, for ever."""
    lost = far.add(B, "CREATE (:B);\n")
    assert far("up", "-e", "prod").code == 0
    lost.unlink()
    far.add(A, "CREATE (:A);\n")
    far.add("20260101000001-late.cypher", "CREATE (:C);\n")
    said = far("up", "-e", "prod")
    for _ in range(3):
        ways = [way for way in commands(said) if "--allow" in way]
        said = typed(far, ways[0])
    assert said.code == 0, said.err
    assert (far.count("A"), far.count("C")) == (1, 1)


def test_a_fault_of_the_tool_names_the_same_target(
    far: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    far.add(A, "CREATE (:A);\n")

    async def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("neo4j_migrate_magic.engine.perform.Performer.perform", broken)
    said = far("up", "--env", "prod")
    assert said.code == 1
    assert commands(said) == ["neo4j-migrate status --env prod"]


def test_cypher_shell_is_led_to_the_server(site: Site) -> None:
    """Its own default is a server on this machine, maybe the wrong one."""
    site.add(
        A, "CREATE INDEX a FOR (n:A) ON (n.x);\nCREATE INDEX a FOR (n:B) ON (n.x);\n"
    )
    said = site("up")
    found = re.search(r"cypher-shell .*?(?=  |$)", said.err, re.MULTILINE)
    assert found, said.err
    words = shlex.split(found[0])
    assert words[:5] == ["cypher-shell", "-a", site.graph.uri, "-d", "neo4j"]
    assert site.graph.rows(words[-1])


def test_what_the_configuration_says_is_not_repeated(site: Site) -> None:
    site.add(A, "CREATE (:A);\n")
    assert commands(site("status")) == ["neo4j-migrate up"]


def test_an_interrupted_run_says_where_to_go_on(
    far: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line is prose; the command in it is whole."""
    far.add(A, "CREATE (:A);\n")

    async def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "neo4j_migrate_magic.engine.perform.Performer.perform", interrupted
    )
    said = far("up", "--env", "prod")
    assert said.code == 130
    assert "neo4j-migrate status --env prod" in said.text or (
        "Run neo4j-migrate up --env prod to go on." in said.text
    )
