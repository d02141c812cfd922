"""A protected environment on a real server: refused, nothing is in the database."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.cli.terminal import Terminal
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

ONE = "20260101000000"
CHANGES: tuple[tuple[str, ...], ...] = (
    ("up",),
    ("down",),
    ("baseline", ONE),
    ("repair", ONE, "--mark", "pending"),
    ("repair", "history"),
    ("unlock",),
    ("unlock", "--holder", "x"),
)


@pytest.fixture
def prod(site: Site) -> Site:
    """A project of one migration, whose server is that of a protected environment."""
    uri = site.graph.uri
    site.project.config.write_text(f'[env.prod]\nuri = "{uri}"\nprotected = true\n')
    site.add(
        f"{ONE}-a.cypher", "// @up\nCREATE (:A);\n// @down\nMATCH (n:A) DELETE n;\n"
    )
    return site


def answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
    """Somebody at the terminal, who says always the same; what they were asked."""
    asked: list[str] = []

    def ask(self: Terminal, question: str) -> str:
        asked.append(question)
        return answer

    monkeypatch.setattr(Terminal, "answers", True)
    monkeypatch.setattr(Terminal, "ask", ask)
    return asked


def test_refused_or_declined_it_leaves_nothing(
    prod: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No record, no lock, no constraint of the tool's own, no name of one."""
    before = prod.everything()

    refused = [prod(*line, "--env", "prod").error for line in CHANGES]
    wrong = [
        prod(*line, "--env", "prod", "--yes", "--confirm", "people").error
        for line in CHANGES
    ]
    answering(monkeypatch, "")
    declined = [prod(*line, "--env", "prod").error for line in CHANGES]

    assert set(refused) == {("ENV.PROTECTED", 2)}
    assert set(wrong) == {("ENV.CONFIRM_MISMATCH", 2)}
    assert set(declined) == {("ENV.DECLINED", 3)}
    assert before == prod.everything()


def test_the_home_database_is_named_after_the_server_was_asked(
    prod: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typed once, it permits the one command; the next one asks again."""
    asked = answering(monkeypatch, "neo4j")

    up, down = prod("up", "--env", "prod"), prod("down", "--env", "prod")

    assert (up.code, down.code) == (0, 0)
    assert ["neo4j@prod is protected" in question for question in asked] == [True] * 2
    assert "up  neo4j@prod" in up.err
    assert prod.events() == ["applied", "rolled back"]


def test_baseline_shows_what_it_would_record_and_asks_once(
    prod: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is asked for in place of a yes."""
    asked = answering(monkeypatch, "neo4j")

    said = prod("baseline", ONE, "--env", "prod")

    assert said.code == 0
    assert f"{ONE}-a" in said.err
    assert len(asked) == 1
    assert asked[0].startswith("record 1 migration as applied")
    assert asked[0].endswith("neo4j@prod is protected; type neo4j to go on: ")


def test_a_dead_lock_is_released_by_who_names_the_database(
    prod: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A yes is not enough."""
    permitted = ("--env", "prod", "--yes", "--confirm", "neo4j")
    assert prod("up", *permitted).code == 0
    prod.graph.rows(
        "MATCH (l:_MigrateProject) SET l.owner = 'somebody/x', l.expires_at ="
        " datetime.realtime() - duration('PT1M')"
    )

    refused = prod("unlock", "--env", "prod", "--yes")
    held = not prod.lock_is_free()
    released = prod("unlock", *permitted)

    assert refused.error == ("ENV.PROTECTED", 2)
    assert held
    assert released.code == 0
    assert prod.lock_is_free()


def test_a_variable_that_points_elsewhere_is_refused_for_reading_too(
    prod: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`status` of another server would be taken for that of production."""
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    beside = prod("status", "--env", "prod")
    monkeypatch.setenv("NEO4J_MIGRATE_URI", "bolt://127.0.0.1:1")

    said = prod("status", "--env", "prod")

    assert (beside.code, said.error) == (0, ("ENV.URI_REDIRECTED", 2))
    assert "neo4j@prod" in beside.err
    assert said.part("why") == "its uri comes from NEO4J_MIGRATE_URI"
