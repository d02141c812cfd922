"""A box table, in Unicode or ASCII, that fits the width there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from neo4j_migrate_magic.render.words import clean, padded, width

if TYPE_CHECKING:
    from collections.abc import Sequence

BOX = "┌─┬┐│├┼┤└┴┘"
"""The characters of a box; an output that cannot encode them gets ASCII ones."""

_NARROWEST = 14
_KEPT = 19  # a column that holds times at most is not wrapped


class _Lines(NamedTuple):
    """The characters that a box is drawn with."""

    flat: str = "─"
    upright: str = "│"
    top: str = "┌┬┐"
    middle: str = "├┼┤"
    bottom: str = "└┴┘"


_ASCII = _Lines("-", "|", "+++", "+++", "+++")


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    columns: int | None = None,
    unicode: bool = True,
) -> str:
    """Draw a table.

    Args:
        headers: The first line.
        rows: The others, each as long as `headers`.
        columns: The width to fit into, by wrapping cells; None means any.
        unicode: Whether box characters may be used.
    """
    lines = _Lines() if unicode else _ASCII
    texts = [[clean(cell) for cell in row] for row in (headers, *rows)]
    widths = _widths(texts, columns)
    drawn = [_row(row, widths, lines) for row in texts]
    return "\n".join(
        [
            _rule(widths, lines.flat, lines.top),
            drawn[0],
            _rule(widths, lines.flat, lines.middle),
            *drawn[1:],
            _rule(widths, lines.flat, lines.bottom),
        ]
    )


def _widths(rows: Sequence[Sequence[str]], columns: int | None) -> list[int]:
    natural = [max(map(width, column)) for column in zip(*rows, strict=True)]
    if columns is None:
        return natural
    widths = list(natural)
    frame = 3 * len(widths) + 1
    while sum(widths) + frame > columns:
        wide = [n for n, most in enumerate(natural) if most > _KEPT]
        widest = max(wide, key=lambda n: widths[n], default=None)
        if widest is None or widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _rule(widths: Sequence[int], flat: str, corners: str) -> str:
    cells = (flat * (size + 2) for size in widths)
    return corners[0] + corners[1].join(cells) + corners[2]


def _row(row: Sequence[str], widths: Sequence[int], lines: _Lines) -> str:
    cells = [_wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    drawn = []
    for number in range(height):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        inner = f" {lines.upright} ".join(map(padded, parts, widths))
        drawn.append(f"{lines.upright} {inner} {lines.upright}")
    return "\n".join(drawn)


def _wrapped(text: str, size: int) -> list[str]:
    """Cut a text into pieces of a width, at a blank where one is near."""
    pieces: list[str] = []
    while width(text) > size:
        end = next(
            n for n in range(len(text), 0, -1) if width(text[:n]) <= size or n == 1
        )
        blank = text.rfind(" ", 1, end + 1)
        cut = blank if blank > end // 2 else end
        pieces.append(text[:cut])
        text = text[cut:].lstrip(" ")
    return [*pieces, text]
