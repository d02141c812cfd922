"""What the HTML of a result is made of; nothing gets into it without being escaped."""

from __future__ import annotations

import re
from enum import Enum
from html import escape
from typing import TYPE_CHECKING

from neo4j_migrate_magic.render.words import clean, in_notebook, relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neo4j_migrate_magic.errors import Next
    from neo4j_migrate_magic.model import Server

_CLASS = "neo4j-migrate"
_EMPTY = re.compile(r"(?<=\n)\n")
_GAP = re.compile(" {2,}")  # keeps words apart in a line; HTML would close it

# The class twice: a front end has rules of its own for tables in its outputs. There is
# no background anywhere, and every colour is the front end's, where it has one.
_STYLE = f"""<style>
.{_CLASS}.{_CLASS} {{line-height: 1.45}}
.{_CLASS}.{_CLASS} p {{margin: 0 0 .4em}}
.{_CLASS}.{_CLASS} table {{table-layout: auto; border-collapse: collapse; margin: 0 0 .5em; font-size: 92%; font-variant-numeric: tabular-nums}}
.{_CLASS}.{_CLASS} th, .{_CLASS}.{_CLASS} td {{text-align: left; vertical-align: top; padding: .25em 1em .25em .5em; border: 0 solid transparent; border-bottom: 1px solid rgba(128, 128, 128, .25); overflow-wrap: break-word}}
.{_CLASS}.{_CLASS} th {{font-weight: 600; white-space: nowrap; border-bottom-color: rgba(128, 128, 128, .6)}}
.{_CLASS}.{_CLASS} td.whole {{white-space: nowrap}}
.{_CLASS}.{_CLASS} td.number {{white-space: nowrap; text-align: right}}
.{_CLASS}.{_CLASS} tr.marked td:first-child {{border-left: 3px solid var(--jp-error-color1, #d64545)}}
.{_CLASS}.{_CLASS} pre {{margin: .1em 0 .5em; padding: 0 0 0 .8em; border: 0 solid rgba(128, 128, 128, .4); border-left-width: 2px; background: none; color: inherit; font-size: 92%; font-family: var(--jp-code-font-family, monospace); white-space: pre-wrap; overflow-wrap: anywhere}}
.{_CLASS}.{_CLASS} code {{background: none; color: inherit; padding: 0; font-family: var(--jp-code-font-family, monospace)}}
.{_CLASS}.{_CLASS} .line {{opacity: .7; font-size: 85%}}
.{_CLASS}.{_CLASS} .quiet {{opacity: .7}}
.{_CLASS}.{_CLASS} .badge {{display: inline-block; border: 1px solid currentColor; border-radius: .8em; padding: 0 .6em; font-size: 90%; line-height: 1.5; white-space: nowrap}}
.{_CLASS}.{_CLASS} .good {{color: var(--jp-success-color1, #2e8b3d)}}
.{_CLASS}.{_CLASS} .todo {{color: var(--jp-info-color1, #2b83a6)}}
.{_CLASS}.{_CLASS} .odd {{color: var(--jp-warn-color1, #c77700)}}
.{_CLASS}.{_CLASS} .bad {{color: var(--jp-error-color1, #d64545); font-weight: 600}}
</style>"""


class Html(str):
    """A text that is HTML already; every other one is escaped where it is used."""

    __slots__ = ()


class Tone(Enum):
    """How much a word asks to be looked at."""

    GOOD = "good"
    TODO = "todo"
    ODD = "odd"
    BAD = "bad"
    QUIET = "quiet"


def fragment(*parts: str) -> str:
    """Put parts together into what a cell shows."""
    return f'<div class="{_CLASS}">{_STYLE}{joined(parts)}</div>'


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Put parts behind each other."""
    return Html(between.join(map(html, parts)))


def html(text: str) -> Html:
    """Escape a text: nothing in it is markup, drives a terminal or turns the text."""
    if isinstance(text, Html):
        return text
    lines = [escape(clean(line)) for line in text.split("\n")]
    return Html(_GAP.sub(" &ensp;", "<br>".join(lines)))


def paragraph(*parts: str) -> Html:
    """Make a paragraph; none where there is nothing to say."""
    inner = joined(parts)
    return Html(f"<p>{inner}</p>" if inner else "")


def strong(text: str) -> Html:
    """Make a text stand out."""
    return Html(f"<strong>{html(text)}</strong>")


def quiet(text: str) -> Html:
    """Make a text stand back."""
    return Html(f'<span class="quiet">{html(text)}</span>' if text else "")


def badge(word: str, tone: Tone) -> Html:
    """Make a word with a coloured frame; the word says it, too."""
    return Html(f'<span class="badge {tone.value}">{html(word)}</span>')


def line_of(number: int) -> Html:
    """Name the line of a file that what follows begins at."""
    return Html(f'<div class="line">line {number}</div>')


def code(text: str) -> Html:
    """Set a name or a command as code."""
    return Html(f"<code>{html(text)}</code>")


def block(text: str) -> Html:
    """Set a text with its own lines; tabs become blanks."""
    lines = text.replace("\r\n", "\n").expandtabs(4).split("\n")
    return _lines([escape(clean(line)) for line in lines])


def difference(lines: Sequence[str]) -> Html:
    """Set the lines of a diff, each in the colour of its sign."""
    tones = {"-": Tone.BAD, "+": Tone.GOOD}
    drawn = [
        f'<span class="{tones[line[0]].value}">{escape(clean(line))}</span>'
        if line[:1] in tones
        else escape(clean(line))
        for line in lines
    ]
    return _lines(drawn) if drawn else Html("")


def _lines(lines: Sequence[str]) -> Html:
    text = "\n".join(lines)
    # an empty line would end the HTML where a notebook is converted to Markdown
    return Html(f"<pre>{_EMPTY.sub('&#10;', text)}</pre>")


def whole(text: str) -> Html:
    """Make a table's cell that is not broken: a version, a time, a state."""
    return Html(f'<td class="whole">{html(text)}</td>')


def number(text: str) -> Html:
    """Make a table's cell that ends at the right."""
    return Html(f'<td class="number">{html(text)}</td>')


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    marked: Iterable[int] = (),
    *,
    lead: str = "",
) -> Html:
    """Make a table; a column that is empty in every row is left out.

    Args:
        headers: The names of the columns; without any there is no such row.
        rows: The cells, each as long as `headers`; what is no ``td`` becomes one.
        marked: The numbers of the rows that stand out.
        lead: What stands before the first row, in all columns.
    """
    if not rows:
        return Html("")
    used = [n for n in range(len(headers)) if any(_filled(row[n]) for row in rows)]
    names = "".join(f"<th>{html(headers[n])}</th>" for n in used)
    head = f"<thead><tr>{names}</tr></thead>\n" if any(headers) else ""
    out = frozenset(marked)
    body = "\n".join(
        ('<tr class="marked">' if at in out else "<tr>")
        + _cells([row[n] for n in used])
        + "</tr>"
        for at, row in enumerate(rows)
    )
    over = f'<tr><td colspan="{len(used)}">{html(lead)}</td></tr>\n' if lead else ""
    return Html(f"<table>{head}<tbody>{over}{body}</tbody></table>")


def _filled(cell: str) -> bool:
    return cell not in ("", whole(""), number(""))


def _cells(cells: Iterable[str]) -> str:
    return "".join(
        cell
        if isinstance(cell, Html) and cell.startswith("<td")
        else f"<td>{html(cell)}</td>"
        for cell in cells
    )


def ways(found: Iterable[Next], folder: str | None = None) -> Html:
    """List commands to type, as a cell takes them, each with what it does."""
    return joined(
        paragraph(
            code(in_notebook(relative(way.command, folder))),
            "  " if way.label else "",
            quiet(in_notebook(way.label)),
        )
        for way in found
    )


def said(server: Server | None, text: str) -> Html:
    """Say what is true of a target."""
    return strong(text if server is None else f"{server}: {text}")
