"""The log, what `verify` and `doctor` found, and the pages of codes, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import Verdict
from neo4j_migrate_magic.render.html.parts import (
    Html,
    Tone,
    badge,
    block,
    code,
    difference,
    fragment,
    joined,
    paragraph,
    quiet,
    said,
    strong,
    table,
    ways,
    whole,
)
from neo4j_migrate_magic.render.html.status import utc
from neo4j_migrate_magic.render.log import told
from neo4j_migrate_magic.render.words import in_notebook, plural, relative

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neo4j_migrate_magic.model import (
        Check,
        CodePage,
        Diagnosis,
        Explanation,
        Log,
        LogEntry,
        Problem,
        Verification,
    )

_WHAT = {
    "applied": Tone.GOOD,
    "rolled back": Tone.GOOD,
    "failed": Tone.BAD,
    "repaired": Tone.ODD,
    "taken over": Tone.ODD,
}
_VERDICTS = {Verdict.OK: Tone.GOOD, Verdict.WARN: Tone.ODD, Verdict.FAIL: Tone.BAD}
_LOG = ("at (UTC)", "what", "version", "name", "by", "")


def log_html(log: Log) -> str:
    """Show what happened, newest first."""
    line = f"log of {log.server}: {plural(len(log.entries), 'event')}"
    return entries_html(log.entries, line=line, more=log.more)


def entries_html(entries: Sequence[LogEntry], *, line: str, more: bool) -> str:
    """Show entries of a log.

    Args:
        entries: The entries.
        line: What is said above them.
        more: Whether there are older ones.
    """
    older = "… and older ones; --limit N shows more" if more else ""
    none = "" if entries else "nothing has happened yet"
    rows = [_entry(one) for one in entries]
    marked = [n for n, one in enumerate(entries) if _WHAT.get(one.what) is Tone.BAD]
    return fragment(
        paragraph(strong(line)),
        table(_LOG, rows, marked),
        paragraph(quiet(older)),
        paragraph(none),
    )


def _entry(entry: LogEntry) -> list[str]:
    return [
        whole(utc(entry.at)),
        whole(badge(entry.what, _WHAT.get(entry.what, Tone.QUIET))),
        whole(entry.version or ""),
        entry.name or "",
        whole(entry.by),
        "  ".join(told(entry)),
    ]


def verification_html(found: Verification, folder: str | None) -> str:
    """Show every problem with its diff and its ways out."""
    compared = plural(found.compared, "migration")
    count = plural(len(found.problems), "problem") if found.problems else "no problems"
    state = badge("ok", Tone.GOOD) if not found.problems else ""
    return fragment(
        paragraph(said(found.server, f"{count} in {compared}"), "  ", state),
        *(_problem(one, folder) for one in found.problems),
    )


def _problem(problem: Problem, folder: str | None) -> Html:
    where = relative(str(problem.where), folder) if problem.where else ""
    return joined(
        [
            paragraph(
                badge(problem.kind.value, Tone.ODD),
                "  ",
                strong(problem.title),
                f"  {problem.what}",
            ),
            paragraph(quiet(where)),
            difference(problem.diff),
            ways(problem.next, folder),
        ]
    )


def diagnosis_html(found: Diagnosis, folder: str | None) -> str:
    """Show a row per check, with the command for what is not well."""
    count = plural(len(found.checks), "check")
    bad = sum(check.verdict is not Verdict.OK for check in found.checks)
    line = f"{count}, {bad} to look at" if bad else f"{count}, all well"
    marked = [n for n, c in enumerate(found.checks) if c.verdict is Verdict.FAIL]
    rows = [_check(check, folder) for check in found.checks]
    return fragment(
        paragraph(said(found.server, line)),
        table(("verdict", "area", "what", "next"), rows, marked),
    )


def _check(check: Check, folder: str | None) -> list[str]:
    way = check.next
    return [
        whole(badge(check.verdict.value, _VERDICTS[check.verdict])),
        whole(check.area),
        relative(check.what, folder),
        ways([way], folder) if way else "",
    ]


def explanation_html(found: Explanation) -> str:
    """Show a page, or a list of codes with a row each."""
    if len(found.pages) == 1:
        return fragment(_page(found.pages[0]))
    rows: list[list[str]] = [
        [whole(code(page.code)), _codes(page), in_notebook(page.means)]
        for page in found.pages
    ]
    return fragment(table(("code", "exit", "means"), rows))


def _page(page: CodePage) -> Html:
    rows: list[list[str]] = [
        [whole(quiet("why")), in_notebook(page.why)],
        [whole(quiet("kept")), in_notebook(page.kept)],
        [whole(quiet("next")), ways(page.next)],
    ]
    return joined(
        [
            paragraph(strong(page.code), quiet(f"  exit {_codes(page)}")),
            paragraph(in_notebook(page.means)),
            table(("", ""), rows),
            block(in_cells(page.example)),
        ]
    )


def in_cells(text: str) -> str:
    """Write commands, also those after a shell's prompt, as a cell takes them."""
    return in_notebook(text).replace("$ %", "%")


def _codes(page: CodePage) -> str:
    return " or ".join(map(str, page.exit_codes))
