"""What the other verbs say, mostly one sentence, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neo4j_migrate_magic.render.answers import (
    init_lines,
    lock_line,
    row_values,
    rows_line,
)
from neo4j_migrate_magic.render.html.parts import (
    Tone,
    badge,
    code,
    fragment,
    paragraph,
    quiet,
    said,
    strong,
    table,
    ways,
    whole,
)
from neo4j_migrate_magic.render.words import in_notebook, relative

if TYPE_CHECKING:
    from neo4j_migrate_magic.config import InitResult
    from neo4j_migrate_magic.model import (
        Correction,
        LockView,
        QueryResult,
        SandboxAnswer,
    )


def lock_html(view: LockView) -> str:
    """Show the lock as it was found, or what was done about it."""
    state = badge("held", Tone.ODD) if view.held and not view.done else ""
    return fragment(paragraph(said(view.server, lock_line(view)), "  ", state))


def correction_html(made: Correction, folder: str | None) -> str:
    """Show what was written into the history, and of which migrations."""
    rows = [[*_named(title), ""] for title in made.titles]
    rows += [
        [*_named(title), f"left out: {why}"] for title, why in made.skipped.items()
    ]
    return fragment(
        paragraph(said(made.server, relative(made.said, folder))),
        table(("version", "name", "note"), rows),
    )


def _named(title: str) -> list[str]:
    version, _, name = title.partition("-")
    return [whole(version), name]


def sandbox_html(answer: SandboxAnswer, folder: str | None) -> str:
    """Show where the sandbox runs, and what to type next."""
    running = answer.uri is not None
    facts = {
        "uri": code(answer.uri or ""),
        "version": f"Neo4j {answer.version}" if answer.version else "",
        "pid": "" if answer.pid is None else str(answer.pid),
        "home": relative(answer.home or "", folder),
    }
    state = badge("running" if running else "not running", _tone(running=running))
    line = in_notebook(relative(answer.said, folder))
    return fragment(
        paragraph(strong(line), "  ", state),
        table(
            ("", ""),
            [[whole(quiet(w)), text] for w, text in facts.items() if text and running],
        ),
        ways(answer.next, folder),
    )


def _tone(*, running: bool) -> Tone:
    return Tone.GOOD if running else Tone.QUIET


def init_html(result: InitResult, folder: str | None) -> str:
    """Show what `init` found or made."""
    return fragment(*map(paragraph, init_lines(result, folder)))


def query_html(result: QueryResult) -> str:
    """Show the rows of a query, the first ones of many."""
    return fragment(
        table(result.keys or [""], row_values(result)),
        paragraph(quiet(rows_line(result))),
    )
