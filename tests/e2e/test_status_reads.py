"""Verbs that look write nothing, lock nothing, run nothing, whatever there is to see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

MIXED = (
    "CREATE INDEX a FOR (n:A) ON (n.a);\nCREATE (:A);\nMATCH (n:A) SET n.x = 1 / 0;\n"
)


def pending(site: Site) -> None:
    """Nobody has ever run anything here."""
    site.add("20260101000000-a.cypher", "CREATE (:NeverSeenBefore {never: 1});")


def all_applied(site: Site) -> None:
    """There is nothing to do."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    assert site("up").code == 0


def part_way(site: Site) -> None:
    """A run stopped in the middle of a file."""
    site.add("20260101000000-a.cypher", MIXED)
    assert site("up").code == 8


def edited_and_missing(site: Site) -> None:
    """The folder is not what was applied."""
    one = site.add("20260101000000-a.cypher", "CREATE (:A);")
    two = site.add("20260102000000-b.cypher", "CREATE (:B);")
    assert site("up").code == 0
    one.unlink()
    two.write_text("CREATE (:C);")


def locked(site: Site) -> None:
    """Another run is at work."""
    site.add("20260101000000-a.cypher", "CREATE (:A);")
    site.graph.rows(
        "CREATE (:_MigrateProject {project: 'default', token: 7, format: 1,"
        " owner: 'ann@laptop/4711/run', acquired_at: datetime.realtime(),"
        " expires_at: datetime.realtime() + duration('PT1M')})"
    )


def python_that_writes_at_import(site: Site) -> None:
    """A file that nobody should execute just to look."""
    site.add(
        "20260101000000-p.py",
        "from pathlib import Path\n\nPath('executed').touch()\n\n\ndef up(client): ...\n",
    )


STATES = [
    pending,
    all_applied,
    part_way,
    edited_and_missing,
    locked,
    python_that_writes_at_import,
]


@pytest.mark.parametrize("state", STATES)
def test_status_leaves_everything_as_it_was(
    each_site: Site, state: Callable[[Site], None]
) -> None:
    """Nodes, schema, and even the names of labels and properties."""
    state(each_site)
    before = each_site.everything()

    first, second = each_site("status"), each_site("status")

    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out
    assert before == each_site.everything()
    assert not (each_site.project.root / "executed").exists()


@pytest.mark.parametrize("state", STATES)
def test_the_other_verbs_that_look_leave_everything_as_it_was(
    each_site: Site, state: Callable[[Site], None]
) -> None:
    """They say what they find by their exit code alone."""
    state(each_site)
    before = each_site.everything()

    codes = {
        args: each_site(*args).code
        for args in (
            ("show", "20260101"),
            ("show", "20260101", "--source"),
            ("verify",),
            ("log",),
            ("doctor",),
        )
    }

    disagree = 7 if state is edited_and_missing else 0
    assert set(codes.values()) <= {0, 7}
    assert (codes["verify",], codes["doctor",]) == (
        disagree,
        7 if state is locked else disagree,  # the lock was made without our constraints
    )
    assert before == each_site.everything()
    assert not (each_site.project.root / "executed").exists()


def test_an_empty_project_on_an_empty_database(each_site: Site) -> None:
    """Neither verb finds anything to do, and none of them writes a thing."""
    before = each_site.everything()

    status, up, down = each_site("status"), each_site("up"), each_site("down")

    assert [status.code, up.code, down.code] == [0, 0, 0]
    assert "neo4j-migrate create NAME" in status.err
    assert up.out == f"nothing to apply: no migrations on {each_site.where}\n"
    assert down.out == f"nothing to roll back on {each_site.where}\n"
    assert before == each_site.everything()
    assert each_site.graph.one("MATCH (n) RETURN count(n)") == 0
