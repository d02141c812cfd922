"""Each code has a page, and `explain` shows it: without a project, without a server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from neo4j_migrate_magic import errors
from neo4j_migrate_magic.render.explain import catalogue
from tests.cli.conftest import Run
from tests.errors.catalogue import CODES, NOTES
from tests.errors.commands import refused

PAGES = catalogue()
EXITS = {**{code: exits for code, (_, exits) in CODES.items()}, **NOTES}


def test_each_code_has_a_page_and_each_page_a_code() -> None:
    """Neither is forgotten when the other comes or goes."""
    assert set(EXITS) == set(PAGES)


def test_each_code_that_is_written_in_the_source_is_known() -> None:
    """Also those of diagnostics, which no class has."""
    package = Path(errors.__file__).parents[1]
    written = {
        code
        for path in package.rglob("*.py")
        for code in re.findall(r'"([A-Z]{2,}\.[A-Z_]{3,})"', path.read_text("utf-8"))
    }

    assert written - set(EXITS) == set()
    assert {"CONFIG.WARNING", "RUN.INTERRUPTED", "STATUS.PENDING"} <= written


def test_what_has_no_code_of_its_own_is_never_raised() -> None:
    """A class that only stands above others would show the code of a bug."""
    above = {
        getattr(errors, name)
        for name in errors.__all__
        if name not in {kind.__name__ for kind, _ in CODES.values()}
    }
    assert {kind.__name__ for kind in above} == {
        *("ConfigError", "FileError", "IntegrityError", "MigrateError", "Next"),
        *("Place", "PlanError", "ProtectionError", "RunError", "ServerError"),
        "UsageError",
    }


@pytest.mark.parametrize("code", EXITS)
def test_a_page_has_all_parts_and_commands_that_can_be_typed(code: str) -> None:
    """Its exit codes are those of the class, its example shows the code."""
    page = PAGES[code]

    assert EXITS[code] == page.exit_codes
    for text in (page.means, page.why, page.kept):
        assert text.endswith(".")
        assert "{" not in text
        assert len(text) < 300
    assert page.next != ()
    for way in page.next:
        assert (way.command, refused(way.command)) == (way.command, None)
        assert way.label != ""
    first = page.example.splitlines()[0]
    command = first.removeprefix("$ ")
    assert f"$ {command}" == first
    if code != "USAGE.BAD_OPTION":  # its example is one that cannot be typed
        assert (command, refused(command)) == (command, None)
    assert (f"error {code}  " in page.example) == (code in CODES)


@pytest.mark.parametrize("code", EXITS)
def test_explain_prints_the_page(cli: Run, folder: Path, code: str) -> None:
    """However it is written; nothing stands beside it, and no line is too long."""
    shown, lower = cli("explain", code), cli("explain", code.lower())

    assert (shown.code, shown.err) == (0, "")
    assert shown.out == lower.out
    assert shown.out.startswith(f"{code}  ")
    head = shown.out.splitlines()[0]
    assert head.endswith("exit " + " or ".join(map(str, EXITS[code])))
    for word in ("why", "kept", "next"):
        assert f"\n  {word:<5}  " in shown.out
    assert list(folder.iterdir()) == []


def test_explain_alone_lists_every_code_with_a_line(cli: Run, folder: Path) -> None:
    """In the order in which a newcomer meets them, by area."""
    shown = cli("explain")

    assert (shown.code, shown.err) == (0, "")
    for code in EXITS:
        assert f"\n  {code} " in f"\n{shown.out}"
    assert shown.out.index("USAGE.") < shown.out.index("BUG.")
    assert "ends with exit code 8" in shown.out
    assert "  next   neo4j-migrate explain CODE" in shown.out


@pytest.mark.parametrize("area", sorted({code.split(".")[0] for code in EXITS}))
def test_explain_lists_an_area(cli: Run, area: str) -> None:
    """Its own codes and no others; of an area with one code it is that page."""
    codes = [code for code in EXITS if code.split(".")[0] == area]

    shown = cli("explain", area.lower())

    assert shown.code == 0
    if len(codes) == 1:
        assert shown.out == cli("explain", codes[0]).out
    else:
        listed = re.findall(r"^  ([A-Z_]+\.[A-Z_]+) ", shown.out, re.MULTILINE)
        assert sorted(codes) == sorted(listed)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("LOCK.HLED", "did you mean LOCK.HELD?"),
        ("lock_held", "did you mean LOCK.HELD?"),
        ("STATEMENT_FAILED", "did you mean UP.STATEMENT_FAILED?"),
        ("servr", "did you mean SERVER?"),
        ("xyzzy", "the areas are USAGE, CONFIG, ENV, "),
        ("", "the areas are USAGE, CONFIG, ENV, "),
    ],
)
def test_explain_of_an_unknown_word(cli: Run, word: str, why: str) -> None:
    """It says what was probably meant, and ends with 2."""
    shown = cli("explain", word)

    assert shown.code == 2
    assert shown.out == ""
    assert f"error USAGE.BAD_OPTION  there is no error code {word!r}" in shown.err
    assert why in shown.err
    assert "neo4j-migrate explain" in shown.err


def test_an_error_names_its_page_when_it_is_asked_to_tell_more(
    cli: Run, folder: Path
) -> None:
    """With -v, below the other ways; without, the block is as short as it can be."""
    short, long = cli("status"), cli("status", "-v")

    assert "explain" not in short.err
    assert "neo4j-migrate explain CONFIG.NOT_FOUND" in long.err.splitlines()[-1]


def test_pages_fit_a_narrow_terminal(cli: Run, folder: Path) -> None:
    """Prose is wrapped; codes and commands never are."""
    from neo4j_migrate_magic.model import Explanation
    from neo4j_migrate_magic.render.explain import explanation

    for page in PAGES.values():
        text = explanation(Explanation(pages=(page,)), columns=60)
        prose = text.partition("\n  next ")[0].splitlines()
        assert [line for line in prose if len(line) > 60] == []
