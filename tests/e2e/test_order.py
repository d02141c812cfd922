"""Order and targets on a server: words for versions, late files, `repair --renumber`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from neo4j_migrate_magic import Migrator
from neo4j_migrate_magic.database.errors import no_answer
from neo4j_migrate_magic.engine import run
from neo4j_migrate_magic.history.commit import Committer
from tests.e2e.conftest import Site

pytestmark = pytest.mark.server


def both(label: str) -> str:
    return f"// @up\nCREATE (:{label});\n// @down\nMATCH (n:{label}) DELETE n;\n"


@pytest.fixture
def four(site: Site) -> Site:
    """Four files, nothing applied."""
    for day, label in enumerate("ABCD", 1):
        site.add(f"2026010{day}000000-{label.lower()}.cypher", both(label))
    return site


def left(site: Site) -> str:
    return "".join(
        str(row[0])
        for row in site.graph.rows(
            "MATCH (n:A|B|C|D) RETURN labels(n)[0] AS l ORDER BY l"
        )
    )


def test_words_lead_up_and_down(four: Site) -> None:
    """Each leaves the version that it names as the newest applied one."""
    for args, expected in (
        (("up", "--to", "zero"), ""),
        (("up", "--to", "current"), ""),
        (("up", "--to", "20260102"), "AB"),
        (("up", "--to", "20260101"), "AB"),
        (("up", "--to", "latest"), "ABCD"),
        (("down", "--to", "current"), "ABCD"),
        (("down", "--to", "20260103"), "ABC"),
        (("down", "--to", "20260101000000"), "A"),
        (("down", "--to", "zero"), ""),
    ):
        said = four(*args)
        assert (said.code, left(four)) == (0, expected), args


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("up", "--to", "2026"), "AMBIGUOUS"),
        (("up", "--to", "2027"), "UNKNOWN"),
        (("down", "--to", "20260103"), "UNKNOWN"),
        (("down", "--to", "latest"), "UNKNOWN"),
        (("up", "--allow-late", "2027"), "UNKNOWN"),
        (("repair", "2027", "--renumber"), "UNKNOWN"),
        (("baseline", "zero", "--yes"), "UNKNOWN"),
        (("show", "zero"), "UNKNOWN"),
    ],
)
def test_a_word_that_names_nothing_changes_nothing(
    four: Site, args: tuple[str, ...], code: str
) -> None:
    four("up", "--up-count", "2")
    before = four.everything()

    assert four(*args).error == (f"USAGE.{code}_VERSION", 2)
    assert before == four.everything()


def test_a_late_file_is_renamed_to_the_newest_and_then_applied(four: Site) -> None:
    """The history says that it may be, and the log that it was; no record is touched."""
    late = four.project.folder / "20260102000000-b.cypher"
    text = late.read_text()
    late.rename(four.project.root / "b")
    assert four("up").code == 0
    (four.project.root / "b").rename(late)
    before = four.records()

    stopped = four("up")
    assert stopped.error == ("INTEGRITY.LATE", 7)
    assert "neo4j-migrate repair 20260102000000 --renumber" in stopped.err
    assert four("status", "--exit-code").code == 7
    renamed = four("repair", "20260102", "--renumber")

    (new,) = four.project.folder.glob("*-b.cypher")
    assert (renamed.code, renamed.err) == (0, "")
    assert renamed.out.split() == [
        "migrations/20260102000000-b.cypher",
        "is",
        "now",
        f"migrations/{new.name}",
    ]
    assert new.name[:14] > "20260104000000"
    assert new.read_text() == text
    assert (before, four.lock_is_free()) == (four.records(), True)
    told = four("log", new.name[:14]).out
    assert told == four("log", "20260102").out
    assert told.count("\n") == 1
    assert f"  repaired  {new.name[:14]}-b  " in told
    assert told.endswith("  renumbered from 20260102000000\n")
    detail = four.graph.one(
        "MATCH (e:_MigrateEvent {what: 'repaired'}) RETURN e.detail"
    )
    assert json.loads(str(detail))["renumbered"] == {
        "from": "20260102000000",
        "to": new.name[:14],
    }
    assert four("status", "--exit-code").code == 4
    assert four("up").code == 0
    assert left(four) == "ABCD"
    assert four("status", "--exit-code").code == 0


def test_what_the_history_knows_keeps_its_name(four: Site) -> None:
    """An applied one, a part-way one, and one whose file is gone."""
    four.add(
        "20260105000000-half.cypher",
        "CREATE INDEX i FOR (n:I) ON (n.i);\nCREATE (:E {e: 1 / 0});",
    )
    assert four("up").code == 8
    (four.project.folder / "20260101000000-a.cypher").unlink()
    names = sorted(p.name for p in four.project.folder.iterdir())
    before = four.everything()

    for version, code, words in (
        ("20260102", ("USAGE.BAD_OPTION", 2), "it is applied"),
        ("20260105", ("USAGE.BAD_OPTION", 2), "it is part-way"),
        ("20260101", ("INTEGRITY.MISSING", 7), "has no file"),
    ):
        said = four("repair", version, "--renumber")
        assert (said.error, words in said.text) == (code, True), said.err

    assert names == sorted(p.name for p in four.project.folder.iterdir())
    assert before == four.everything()


def test_nothing_is_renamed_under_a_run_that_is_at_work(four: Site) -> None:
    """It may be applying the file just now."""
    four.graph.rows(
        "CREATE (:_MigrateProject {project: 'default', token: 7, format: 1,"
        " owner: 'ann@laptop/4711/run', acquired_at: datetime.realtime(),"
        " expires_at: datetime.realtime() + duration('PT1M')})"
    )

    said = four("repair", "20260101", "--renumber", "--lock-timeout", "100ms")

    assert said.error == ("LOCK.HELD", 9)
    assert "ann@laptop/4711/run" in said.err
    assert said.part("next").startswith(
        "neo4j-migrate repair 20260101 --renumber --lock-timeout 10m "
    )
    assert (four.project.folder / "20260101000000-a.cypher").exists()


def test_a_file_that_a_run_applied_meanwhile_keeps_its_name(
    four: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was pending when the lock was asked for, and is not when it is held."""
    take = run.take

    async def after_a_run(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(run, "take", take)
        async with Migrator(config=four.project.config) as other:
            await other.up(count=1)
        return await take(*args, **options)

    monkeypatch.setattr(run, "take", after_a_run)

    said = four("repair", "20260101", "--renumber")

    assert said.error == ("USAGE.BAD_OPTION", 2)
    assert "it is applied" in said.part("why")
    assert (four.project.folder / "20260101000000-a.cypher").exists()
    assert four.events() == ["applied"]


def test_a_renaming_that_the_log_does_not_tell_is_said(
    four: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is renamed first: the log tells of nothing that is not so."""

    async def lost(*_: object, **__: object) -> None:
        raise no_answer("h:1", "nobody")

    monkeypatch.setattr(Committer, "alone", lost)

    said = four("repair", "20260101", "--renumber")

    assert said.error == ("SERVER.UNREACHABLE", 10)
    (new,) = four.project.folder.glob("*-a.cypher")
    assert said.part("kept") == (
        f"migrations/20260101000000-a.cypher is now migrations/{new.name}; the log does"
        " not tell of it"
    )
    assert four.events() == []


@pytest.mark.parametrize(
    "more", [("--mark", "applied"), ("--accept-checksum",), ("--step", "1")]
)
def test_one_correction_at_a_time(four: Site, more: tuple[str, ...]) -> None:
    said = four("repair", "20260101", "--renumber", *more)

    assert said.error == ("USAGE.BAD_OPTION", 2)
    assert len(list(four.project.folder.glob("20260101*"))) == 1


def test_where_late_files_are_allowed_they_are_pending(four: Site) -> None:
    """`order` is a setting of the project; `status`, `verify` and `up` agree."""
    config = four.project.config
    late = four.project.folder / "20260102000000-b.cypher"
    late.rename(four.project.root / "b")
    assert four("up").code == 0
    (four.project.root / "b").rename(late)
    config.write_text(config.read_text() + 'order = "allow-late"\n')

    assert four("verify").code == 0
    said = four("status", "--exit-code")
    assert (said.code, "late" in said.text) == (4, False)
    assert four("up").code == 0
    assert left(four) == "ABCD"


def test_a_diff_shows_all_that_was_edited(four: Site) -> None:
    """Both statements, of which `verify` names the first; 4 for who wants a code."""
    path = four.add("20260101000000-a.cypher", "// @up\nCREATE (:A);\nCREATE (:Z);\n")
    four("up")
    same = four("show", "20260101", "--diff", "--exit-code")
    assert (same.code, same.out) == (0, "")
    assert "its file is what was applied" in same.err

    path.write_text("// why\n// @up\nCREATE (:Other);\nCREATE (:Last);\n")
    said = four("show", "20260101", "--diff")
    assert said.code == 0
    assert said.out.splitlines() == [
        "--- as applied",
        "+++ migrations/20260101000000-a.cypher",
        "@@ -2,2 +3,2 @@",
        "-CREATE (:A);",
        "-CREATE (:Z);",
        "+CREATE (:Other);",
        "+CREATE (:Last);",
    ]
    assert four("show", "20260101", "--diff", "--exit-code").code == 4

    path.write_text("// @up\n// a remark\nCREATE (:A);\nCREATE (:Z);\n")
    remark = four("show", "20260101", "--diff")
    assert "+// a remark" in remark.out
    assert "every statement is as applied" in remark.err
    assert four("verify").code == 0


def test_a_diff_needs_two_texts(four: Site) -> None:
    four("up", "--up-count", "1")
    (four.project.folder / "20260101000000-a.cypher").unlink()

    assert four("show", "20260104", "--diff").error == ("USAGE.BAD_OPTION", 2)
    assert four("show", "20260101", "--diff").error == ("INTEGRITY.MISSING", 7)
    assert four("show", "20260104", "--exit-code").error == ("USAGE.BAD_OPTION", 2)
    assert four("show", "20260104", "--diff", "--source").code == 2
