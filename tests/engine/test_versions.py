"""Words for versions: prefixes, latest, current, zero, wherever a version is taken."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.engine.checks import Folder
from neo4j_migrate_magic.engine.planner import plan_up
from neo4j_migrate_magic.engine.rollback import rollback_order
from neo4j_migrate_magic.engine.survey import Survey, status_of
from neo4j_migrate_magic.engine.verify import verify
from neo4j_migrate_magic.engine.versions import find_end, find_start, find_version
from neo4j_migrate_magic.errors import (
    AmbiguousVersionError,
    LateError,
    UnknownVersionError,
)
from neo4j_migrate_magic.model import Plan, State
from tests.engine.plans import ONE, THREE, TWO, history, migration, record

FOUR = migration("20260104000000")
FOLDER = Folder(migrations=[ONE, TWO, THREE, FOUR])
V1, V2, V3, V4 = (m.version for m in (ONE, TWO, THREE, FOUR))
ALL = {V1, V2, V3, V4}
UNKNOWN, AMBIGUOUS = UnknownVersionError, AmbiguousVersionError


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (V2, V2),
        ("20260102", V2),
        ("20260103000", V3),
        ("latest", V4),
        ("current", V2),
        ("2026010", AMBIGUOUS),
        ("2", AMBIGUOUS),
        ("2027", UNKNOWN),
        (f"{V1}0", UNKNOWN),
        ("", UNKNOWN),
        ("zero", UNKNOWN),
        ("LATEST", UNKNOWN),
        ("m", UNKNOWN),
        ("\uff12\uff10", UNKNOWN),
        ("2026 0101", UNKNOWN),
    ],
)
def test_a_word_names_one_migration_or_is_refused(
    word: str, expected: str | type[Exception]
) -> None:
    if isinstance(expected, str):
        assert expected == find_version(word, ALL, current=V2, latest=V4)
        return
    with pytest.raises(expected) as caught:
        find_version(word, ALL, current=V2, latest=V4)
    assert caught.value.exit_code == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["latest", "current"])
def test_where_there_is_none_a_word_says_so(word: str) -> None:
    with pytest.raises(UNKNOWN, match=f"no migration is the {word} one"):
        find_version(word, ALL)


@pytest.mark.parametrize(
    ("word", "current", "expected"),
    [
        ("zero", V2, ""),
        ("zero", None, ""),
        ("current", None, ""),
        ("current", V2, V2),
        ("latest", None, V4),
        ("20260103", None, V3),
    ],
)
def test_a_run_may_end_before_every_version(
    word: str, current: str | None, expected: str
) -> None:
    assert expected == find_end(word, ALL, current=current, latest=V4)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("2026", "2026"), ("20991231", "20991231"), ("zero", ""), ("latest", V4)],
)
def test_a_list_may_begin_anywhere(word: str, expected: str) -> None:
    """What fits several, or none, is where the list begins all the same."""
    assert expected == find_start(word, current=V2, latest=V4)


def test_a_list_does_not_begin_at_a_name() -> None:
    with pytest.raises(UNKNOWN):
        find_start("add_person")


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("zero", []),
        (V1, []),
        ("current", []),
        ("20260103", [V3]),
        (V4, [V3, V4]),
        ("latest", [V3, V4]),
        ("2026010", AMBIGUOUS),
        ("2027", UNKNOWN),
    ],
)
def test_up_ends_with_the_version_that_it_is_told(
    to: str, expected: list[str] | type[Exception]
) -> None:
    """Two are applied; the end is inclusive."""
    found = history(record(ONE), record(TWO))
    if isinstance(expected, list):
        assert expected == _planned(plan_up(FOLDER, found, {}, to=to))
        return
    with pytest.raises(expected):
        plan_up(FOLDER, found, {}, to=to)


@pytest.mark.parametrize("to", ["zero", "current", "latest"])
def test_up_to_a_word_in_an_empty_folder_is_nothing_to_do(to: str) -> None:
    """A pipeline may name its end before the first migration is there."""
    assert _planned(plan_up(Folder(migrations=[]), history(), {}, to=to)) == []


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("zero", [V3, V2, V1]),
        ("20260101", [V3, V2]),
        (V2, [V3]),
        ("current", []),
        (V3, []),
        ("latest", UNKNOWN),
        (V4, UNKNOWN),
        ("20260104", UNKNOWN),
        ("202601", AMBIGUOUS),
        ("2027", UNKNOWN),
    ],
)
def test_down_ends_with_a_version_that_stays_applied(
    to: str, expected: list[str] | type[Exception]
) -> None:
    """Three are applied, the fourth has a file alone."""
    found = history(record(ONE), record(TWO), record(THREE))
    if isinstance(expected, list):
        order = rollback_order(found, to=to, files=ALL)
        assert expected == [r.version for r in order]
        return
    with pytest.raises(expected):
        rollback_order(found, to=to, files=ALL)


def test_down_to_the_latest_of_an_empty_folder_takes_nothing_back() -> None:
    """A folder named wrongly must not empty the database."""
    with pytest.raises(UNKNOWN):
        rollback_order(history(record(ONE)), to="latest")


def test_a_prefix_of_one_applied_and_one_pending_means_the_applied_one_to_down() -> (
    None
):
    later = migration("20260102120000")
    found = history(record(ONE), record(TWO), record(THREE))
    order = rollback_order(found, to="20260102", files=ALL | {later.version})
    assert [r.version for r in order] == [V3]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), LateError),
        (("20260101",), LateError),
        (("20260101", "20260102"), [V1, V2, V4]),
        ((V1, V2, "current"), [V1, V2, V4]),
        (("2026010",), AMBIGUOUS),
        (("2027",), UNKNOWN),
    ],
)
def test_late_files_are_named_one_by_one(
    words: tuple[str, ...], expected: list[str] | type[Exception]
) -> None:
    """The third is applied, two are older; a name that is not late does no harm."""
    found = history(record(THREE))
    if isinstance(expected, list):
        plan = plan_up(FOLDER, found, {}, allow_late=frozenset(words))
        assert expected == _planned(plan)
        return
    with pytest.raises(expected):
        plan_up(FOLDER, found, {}, allow_late=frozenset(words))


def test_late_files_behind_the_end_do_not_stop_a_run() -> None:
    found = history(record(TWO))
    assert _planned(plan_up(FOLDER, found, {}, to="zero")) == []
    with pytest.raises(LateError) as caught:
        plan_up(FOLDER, found, {}, to=V1)
    assert f"neo4j-migrate repair {V1} --renumber" in [
        way.command for way in caught.value.next
    ]


@pytest.mark.parametrize(
    ("strict", "state", "problems"), [(True, State.LATE, 1), (False, State.PENDING, 0)]
)
def test_what_may_come_late_is_pending_and_no_problem(
    strict: bool, state: State, problems: int
) -> None:
    """`order = "allow-late"` holds for `status` and `verify` as for `up`."""
    folder = Folder(migrations=[ONE, TWO])
    found = Survey(
        folder=folder, history=history(record(TWO)), details={}, strict=strict
    )
    assert [state, State.APPLIED] == [row.state for row in status_of(found).rows]
    assert problems == len(verify(found).problems)


def _planned(plan: Plan) -> list[str]:
    return [one.migration.version for one in plan.migrations]
