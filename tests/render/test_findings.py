"""Problems and checks as lines: each with what helps, nothing that drives a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from neo4j_migrate_magic.errors import Next, Place
from neo4j_migrate_magic.model import (
    Check,
    Diagnosis,
    Problem,
    ProblemKind,
    Verdict,
    Verification,
)
from neo4j_migrate_magic.render.findings import diagnosis, verification
from tests.render.values import SERVER

FOLDER = "/home/ann/graph"
EDITED = Problem(
    kind=ProblemKind.EDITED,
    version="20261101081200",
    title="20261101081200-add_orders",
    what="statement 2 changed",
    where=Place(f"{FOLDER}/migrations/20261101081200-add_orders.cypher", 4, 1),
    diff=("- SET o.total = 0", "+ SET o.total = 0.0"),
    next=(
        Next(
            f"git checkout -- {FOLDER}/migrations/20261101081200-add_orders.cypher",
            "undo the edit",
        ),
        Next("neo4j-migrate repair 20261101081200 --accept-checksum", "or accept it"),
    ),
)
LATE = Problem(
    kind=ProblemKind.LATE,
    version="20261031000000",
    title="20261031000000-tags",
    what="older than the newest applied one",
    next=(Next("neo4j-migrate up --allow-late 20261031000000", "apply it"),),
)


def found(*problems: Problem) -> Verification:
    return Verification(problems=problems, compared=414, server=SERVER)


def test_every_problem_has_its_place_its_diff_and_its_ways_out() -> None:
    assert (
        verification(found(LATE, EDITED), folder=FOLDER)
        == """\
late     20261031000000-tags   older than the newest applied one
  next   neo4j-migrate up --allow-late 20261031000000    apply it
edited   20261101081200-add_orders   statement 2 changed
         migrations/20261101081200-add_orders.cypher:4:1
         - SET o.total = 0
         + SET o.total = 0.0
  next   git checkout -- migrations/20261101081200-add_orders.cypher    undo the edit
         neo4j-migrate repair 20261101081200 --accept-checksum          or accept it
2 problems in 414 migrations"""
    )


def test_a_file_that_cannot_be_used_stands_in_the_same_columns() -> None:
    """Its word is the longest one."""
    unusable = Problem(
        kind=ProblemKind.UNUSABLE,
        version="20261101081200",
        title="20261101081200-add_orders",
        what="has nothing to apply",
        code="FILE.NO_UP",
    )
    first, second, *_ = verification(found(unusable, LATE)).splitlines()
    assert [line.index("2026") for line in (first, second)] == [9, 9]


def test_no_problem_is_said_in_one_line() -> None:
    assert verification(found()) == "no problems in 414 migrations"


def test_a_narrow_terminal_gets_each_label_below_its_command() -> None:
    """Commands are never broken: they are there to be copied."""
    lines = verification(found(EDITED), columns=40, folder=FOLDER).splitlines()

    at = lines.index(
        "  next   git checkout -- migrations/20261101081200-add_orders.cypher"
    )
    assert lines[at + 1] == "             undo the edit"


def check(verdict: Verdict, area: str, what: str, **more: Any) -> Check:
    return Check(verdict=verdict, area=area, what=what, **more)


def test_a_check_that_is_not_ok_has_its_command_below_it() -> None:
    checks = (
        check(Verdict.OK, "files", f"3 migrations in {FOLDER}/migrations"),
        check(Verdict.WARN, "clock", "it is behind", next=Next("timedatectl", "see")),
        check(
            Verdict.FAIL, "history", "gone", next=Next("neo4j-migrate repair history")
        ),
        check(Verdict.FAIL, "schema", "failed:\nbecause of this"),
    )

    assert (
        diagnosis(Diagnosis(checks=checks), folder=FOLDER)
        == """\
ok    files    3 migrations in migrations
warn  clock    it is behind
               timedatectl    see
fail  history  gone
               neo4j-migrate repair history
fail  schema   failed:
               because of this"""
    )


@pytest.mark.parametrize(
    ("failed", "code"),
    [((), 0), ((2,), 2), ((2, 7), 7), ((7, 10, 2), 10), ((6,), 2)],
)
def test_the_gravest_check_that_failed_gives_the_exit_code(
    failed: tuple[int, ...], code: int
) -> None:
    """A warning never does."""
    checks = [check(Verdict.FAIL, "server", "x", exit_code=n) for n in failed]
    warned = check(Verdict.WARN, "lock", "x", exit_code=10)
    assert Diagnosis(checks=(warned, *checks)).exit_code == code


def test_nothing_that_a_terminal_would_act_on_is_written() -> None:
    """Titles, statements, places, commands and the server's words come from outside."""
    evil = "\x1b[2J\u202e\x07"
    problem = Problem(
        kind=ProblemKind.EDITED,
        version="20261101081200",
        title=f"20261101081200-{evil}",
        what=evil,
        where=Place(f"migrations/{evil}.cypher", 1),
        diff=(f"- {evil}",),
        next=(Next(f"git checkout -- {evil}", evil),),
    )
    checks = (check(Verdict.WARN, "schema", evil, next=Next(evil, evil)),)

    texts = [verification(found(problem)), diagnosis(Diagnosis(checks=checks))]

    for text in texts:
        assert not set(evil) & set(text) - set("[2J")
        assert "\\x1b[2J\\u202e\\x07" in text
