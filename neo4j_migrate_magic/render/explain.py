"""The catalogue of error codes: a page for each, from the files in `pages/`."""

from __future__ import annotations

import difflib
import sys
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import BadOptionError, Next
from neo4j_migrate_magic.model import CodePage, Explanation
from neo4j_migrate_magic.render.error import WIDTH, next_lines
from neo4j_migrate_magic.render.words import wrapped

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_AREAS = (
    *("usage", "config", "env", "file", "status", "plan", "integrity", "run"),
    *("interrupt", "lock", "server", "sandbox", "doctor", "bug"),
)
"""The files, in the order in which a newcomer meets them."""

_RUNS = ("up", "down")
_EIGHT = (
    "A run that kept something before it stopped ends with exit code 8, whatever the"
    " cause; the next run goes on from there."
)
_ONE = Next("neo4j-migrate explain CODE", "one of them, with causes and ways on")


def explain(word: str | None) -> Explanation:
    """Find the page of a code, the codes of an area, or all of them.

    Args:
        word: A code, or an area such as ``config``, in any case; None means all.

    Raises:
        BadOptionError: There is no such code.
    """
    known = catalogue()
    if word is None:
        return Explanation(pages=tuple(known.values()))
    wanted = word.strip().upper()
    if wanted in known:
        return Explanation(pages=(known[wanted],))
    area = [page for page in known.values() if page.code.split(".")[0] == wanted]
    if area:
        return Explanation(pages=tuple(area))
    raise _unknown(word, wanted, known)


def _unknown(word: str, wanted: str, known: Mapping[str, CodePage]) -> BadOptionError:
    reasons = {code.partition(".")[2]: code for code in reversed([*known])}
    areas = {code.split(".")[0]: code.split(".")[0] for code in known}
    names = {**{code: code for code in known}, **reasons, **areas}
    close = difflib.get_close_matches(wanted, names, n=1)
    all_codes = Next("neo4j-migrate explain", "lists all codes")
    if not close:
        return BadOptionError(
            f"there is no error code {word!r}",
            why=f"the areas are {', '.join(areas)}",
            next=[all_codes],
        )
    name = names[close[0]]
    return BadOptionError(
        f"there is no error code {word!r}",
        why=f"did you mean {name}?",
        next=[Next(f"neo4j-migrate explain {name}", ""), all_codes],
    )


@cache
def catalogue() -> Mapping[str, CodePage]:
    """Read every page, by its code."""
    return {page.code: page for area in _AREAS for page in _pages(area)}


def _pages(area: str) -> Iterator[CodePage]:
    path = files(__package__) / "pages" / f"{area}.toml"
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    about = document.pop("area")
    if area != "run":
        for code, entry in document.items():
            yield _page(code, about, entry)
        return
    for verb in _RUNS:
        for reason, entry in document.items():
            code = f"{verb.upper()}.{reason}"
            yield _page(code, about, _filled(entry, verb))


def _page(code: str, about: str, entry: Mapping[str, Any]) -> CodePage:
    return CodePage(
        code=code,
        exit_codes=tuple(entry["exit"]),
        about=about,
        means=entry["means"],
        why=entry["why"],
        kept=entry["kept"],
        next=tuple(Next(*way) for way in entry["next"]),
        example=entry["example"].rstrip("\n"),
    )


def _filled(entry: Any, verb: str) -> Any:
    """Put the verb into a page that both have."""
    match entry:
        case str():
            return entry.replace("{verb}", verb).replace("{VERB}", verb.upper())
        case list():
            return [_filled(part, verb) for part in entry]
        case dict():
            return {key: _filled(part, verb) for key, part in entry.items()}
        case _:
            return entry


def explanation(found: Explanation, *, columns: int | None = None) -> str:
    """Write a page, or a list of codes with a line each.

    Args:
        found: What was found.
        columns: The terminal's width, None without one.
    """
    if len(found.pages) == 1:
        return "\n".join(_whole(found.pages[0], columns))
    return "\n".join(_list(found.pages, columns))


def _whole(page: CodePage, columns: int | None) -> list[str]:
    room = min(columns or WIDTH, WIDTH)
    codes = " or ".join(map(str, page.exit_codes))
    end = f"exit {codes}"
    gap = " " * max(room - len(page.code) - len(end), 3)
    lines = [f"{page.code}{gap}{end}", *wrapped(page.means, room), ""]
    for word, text in (("why", page.why), ("kept", page.kept)):
        lines += wrapped(f"  {word:<5}  {text}", room, indent=" " * 9)
    lines += next_lines(page.next, columns=columns)
    lines.append("")
    for line in page.example.splitlines():
        lines += wrapped(f"  {line}".rstrip(), columns, indent=" " * 11)
    return lines


def _list(pages: tuple[CodePage, ...], columns: int | None) -> list[str]:
    room = min(columns or WIDTH, WIDTH)
    longest = max(len(page.code) for page in pages)
    lines: list[str] = []
    for about, group in groupby(pages, key=lambda page: page.about):
        lines += wrapped(about, room)
        for page in group:
            codes = "/".join(map(str, page.exit_codes))
            row = f"  {page.code:<{longest}}  {codes:>3}  {page.means}"
            lines += wrapped(row, room, indent=" " * (longest + 9))
        lines.append("")
    return [*lines, *wrapped(_EIGHT, room), *next_lines([_ONE], columns=columns)]
