"""What a cell shows of each result: text and HTML that say the same, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from neo4j_migrate_magic.errors import Next
from neo4j_migrate_magic.model import (
    Direction,
    LockView,
    MigrationView,
    Outcome,
    QueryResult,
    Report,
    State,
    Step,
    StepKind,
    Verification,
)
from neo4j_migrate_magic.render.bundle import SHOWN, bundle
from neo4j_migrate_magic.render.explain import explain
from tests.render.shown import EVIL, results
from tests.render.test_view import FOLDER, view
from tests.render.values import (
    APPLIED,
    FAILED,
    LOCK,
    NOON,
    PENDING,
    SERVER,
    done,
    report,
    row,
    status,
)

TARGET = "neo4j@127.0.0.1:7687"
ONLY = {"div", "style", "p", "strong", "span", "code", "pre", "br"} | {
    *("table", "thead", "tbody", "tr", "th", "td")
}


class Seen(HTMLParser):
    """What a browser makes of a fragment: tags, attributes, rows of cells, text."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.marked: list[int] = []
        self.text = ""
        self.feed(re.sub("<style>.*?</style>", "", fragment, flags=re.DOTALL))
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
            if ("class", "marked") in attrs:
                self.marked.append(len(self.rows) - 1)
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data


def seen(result: Any, **more: Any) -> Seen:
    found = Seen(bundle(result, **more)["text/html"])
    assert not found.open
    return found


@pytest.mark.parametrize("name", results())
def test_ipython_shows_each_result_as_text_and_as_html(name: str) -> None:
    """With and without the magics: the result itself knows how."""
    formatted, _ = DisplayFormatter().format(results()[name])

    assert set(formatted) == {"text/plain", "text/html"}
    assert formatted["text/html"].startswith('<div class="neo4j-migrate">')
    assert "a name" in formatted["text/plain"]


def test_every_result_that_is_shown_is_tested() -> None:
    assert {one.__name__ for one in SHOWN} == set(results())


@pytest.mark.parametrize("name", results())
def test_nothing_that_somebody_wrote_becomes_markup(name: str) -> None:
    """Names, errors and notes come from files and from the database."""
    found = bundle(results(EVIL)[name])
    page = Seen(found["text/html"])

    assert page.tags <= ONLY
    assert page.attributes <= {"class", "colspan"}
    assert not page.open
    assert "<img src=x onerror=alert(1)>&\"'" in page.text  # as text it is all there
    if name == "Explanation":  # its text is of our own files
        del found["text/plain"]
    for shown in found.values():
        assert not {"\x1b", "\u202e"} & set(shown)


@pytest.mark.parametrize("name", results())
def test_html_needs_nothing_and_knows_no_background(name: str) -> None:
    """It is good in a stored notebook, without a network, on light and on dark."""
    html = bundle(results()[name])["text/html"]

    assert not re.search(r"<script|<link|url\(|@import|https?://", html)
    assert "background" not in html.replace("background: none", "")


def test_a_status_says_where_when_and_what_stands_out() -> None:
    page = seen(status(APPLIED, FAILED, PENDING))

    assert f"{TARGET}: 1 applied, 1 part-way, 1 pending; lock free" in page.text
    assert "as of 2026-11-25 12:00:00 UTC" in page.text
    head, applied, failed, pending = page.rows
    assert "applied at (UTC)" in head
    assert applied[:5] == [
        *("20261101081200", "add_orders", "applied"),
        *("2026-11-01 08:12:04", "4.1s"),
    ]
    assert failed[2] == "failed"
    assert failed[-1] == "failed at step 2 of 3"
    assert pending[2] == "pending"
    assert page.marked == [2]
    assert "migrate up" not in page.text


def test_a_column_that_is_empty_is_left_out() -> None:
    assert seen(status(PENDING)).rows[0] == ["version", "name", "state"]


def test_without_rows_there_is_a_line() -> None:
    page = seen(status())

    assert "0 applied, 0 pending" in page.text
    assert "table" not in page.tags


def test_a_long_status_has_the_rows_that_a_terminal_shows() -> None:
    many = [replace(APPLIED, version=f"{20260101000000 + n}") for n in range(60)]
    found = status(*many, FAILED, PENDING)
    page = seen(found)

    assert page.rows[1] == ["… 40 applied before \u2002.frame() has them"]
    assert len(page.rows) == 1 + 1 + 20 + 2
    assert page.rows[page.marked[0]][1] == "split_name"
    assert "… 40 applied before" in bundle(found)["text/plain"]


def test_every_state_is_a_word() -> None:
    """Colour is never the only thing that tells."""
    rows = [row(f"{n}", "m", state) for n, state in enumerate(State)]

    cells = seen(status(*rows)).rows[1:]

    assert [cell[2] for cell in cells] == [state.value for state in State]


def test_a_report_has_a_line_and_a_row_for_each_migration() -> None:
    given = report(done(counters={"nodes_created": 1200}), done())
    page = seen(given)

    assert f"applied 2 migrations, 4 steps in 2m34s on {TARGET}" in page.text
    assert page.rows[1] == [
        *("20261122091400", "split_name", "applied"),
        *("2 of 3", "0.4s", "nodes +1,200"),
    ]
    assert page.marked == []
    assert "nodes +1,200" in bundle(given)["text/plain"]


def test_a_run_with_nothing_to_do_is_one_line() -> None:
    found = bundle(report())

    assert (
        found["text/plain"] == f"up to date at 20261125101500 (414 applied) on {TARGET}"
    )
    assert "table" not in Seen(found["text/html"]).tags


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            report(done(), done(Outcome.PART_WAY)),
            [
                "stopped at 20261122091400-split_name: part-way",
                f"before it: applied 1 migration, 2 steps in 2m34s on {TARGET}",
            ],
        ),
        (
            report(done(Outcome.UNTOUCHED)),
            [f"stopped at 20261122091400-split_name: not applied on {TARGET}"],
        ),
        (
            report(done(Outcome.UNTOUCHED), direction=Direction.DOWN),
            [f"stopped at 20261122091400-split_name: not rolled back on {TARGET}"],
        ),
    ],
)
def test_a_run_that_was_stopped_does_not_say_that_all_is_done(
    given: Report, expected: list[str]
) -> None:
    """And what `down` left alone is still applied."""
    found = bundle(given)
    page = Seen(found["text/html"])

    assert found["text/plain"].splitlines()[: len(expected)] == expected
    assert all(line in page.text for line in expected)
    stopped = given.migrations[-1].outcome is Outcome.PART_WAY
    assert bool(page.marked) is stopped
    assert "up to date" not in page.text


def test_a_view_shows_statements_as_they_are_written() -> None:
    """With their steps and how far each is; paths inside the folder are short."""
    found = bundle(view(), folder=FOLDER)
    html = found["text/html"]
    page = Seen(html)

    assert "<pre>CREATE INDEX a\n  FOR (n:A)</pre>" in html
    assert "2 \u2002autocommit \u2002rerunnable \u2002failed" in page.text.replace(
        "  ", " "
    )
    assert ["file", "migrations/20261122091400-split_name.cypher"] in page.rows
    assert FOLDER not in html + found["text/plain"]
    assert "/ by zero" in page.text


def test_an_empty_line_of_a_statement_does_not_end_the_html() -> None:
    """It would in Markdown, and what follows would be markup."""
    text = "MATCH (n)\n\n\nRETURN n"
    statement = replace(view().steps[0].statements[0], text=text)
    steps = (Step(index=1, kind=StepKind.DATA, hash="", statements=(statement,)),)
    html = bundle(view(steps=steps, states=view().states[:1]))["text/html"]

    assert text in Seen(html).text
    assert "\n\n" not in html


def test_a_statement_that_reads_like_a_command_stays_as_it_is() -> None:
    """What is shown is what ran."""
    text = "RETURN 'neo4j-migrate up'"
    statement = replace(view().steps[0].statements[0], text=text)
    steps = (Step(index=1, kind=StepKind.DATA, hash="", statements=(statement,)),)
    found = bundle(view(steps=steps, states=view().states[:1]))

    assert text in found["text/plain"]
    assert text in Seen(found["text/html"]).text


def test_steps_that_cannot_be_read_name_the_way_to_their_text() -> None:
    given: MigrationView = view(steps=(), states=())

    for shown in bundle(given).values():
        assert "%migrate show 20261122091400 --source" in shown


def test_problems_and_checks_name_commands_as_a_cell_takes_them() -> None:
    for name in ("Verification", "Diagnosis"):
        for shown in bundle(results()[name]).values():
            assert "%migrate repair a name" in shown
            assert "neo4j-migrate repair" not in shown


def test_no_problems_are_no_empty_table() -> None:
    found = Verification(problems=(), compared=3, server=SERVER)

    assert f"{TARGET}: no problems in 3 migrations" in seen(found).text


def test_a_page_of_a_code_has_no_prompt_of_a_shell() -> None:
    for shown in bundle(explain("LOCK.HELD")).values():
        assert "%migrate up --lock-timeout 5s" in shown
        assert "$ " not in shown


def test_an_area_is_a_table_of_its_codes() -> None:
    codes = [row[0] for row in seen(explain("config")).rows[1:]]

    assert codes == [page.code for page in explain("config").pages]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (LockView(lock=None, now=NOON, server=SERVER), "the lock is free"),
        (LockView(lock=LOCK, now=NOON, server=SERVER), "is held by deploy@ci-7"),
        (LockView(lock=LOCK, now=NOON, server=SERVER, done="released"), "released"),
    ],
)
def test_a_lock(given: LockView, expected: str) -> None:
    for shown in bundle(given).values():
        assert f"{TARGET}: " in shown
        assert expected in shown


def test_rows_are_shown_up_to_sixty() -> None:
    """Plainly; the frame has them all."""
    many = QueryResult(rows=[[n, None] for n in range(100)], keys=["n", "name"])
    page = seen(many)

    assert page.rows[1] == ["0", "null"]
    assert len(page.rows) == 1 + 60
    assert "the first 60 of 100 rows; .frame() has them all" in page.text


def test_a_statement_without_rows_says_what_it_changed() -> None:
    nothing = QueryResult(rows=[], keys=[], counters={"nodes_created": 2})

    assert bundle(nothing)["text/plain"] == "0 rows      nodes +2"
    assert "nodes +2" in seen(nothing).text


def test_paths_of_the_working_directory_are_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stored notebook does not tell where it was run."""
    monkeypatch.chdir(tmp_path)
    given = replace(
        results()["WrittenMigration"], path=tmp_path / "migrations" / "x.cypher"
    )

    for shown in given._repr_mimebundle_().values():
        assert str(tmp_path) not in shown
        assert "migrations/x.cypher" in shown


def test_lines_fit_where_there_is_a_terminal() -> None:
    given = replace(results()["SandboxAnswer"], next=(Next("neo4j-migrate up", "go"),))

    assert "%migrate up    go" in bundle(given, columns=40)["text/plain"]
    for line in bundle(status(APPLIED, FAILED), columns=60)["text/plain"].splitlines():
        assert len(line) <= 60
