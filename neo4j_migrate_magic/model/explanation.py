"""What `explain` tells: the page of an error's code, or a list of codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from neo4j_migrate_magic.errors import Next


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """One code: what it means, why it happens, what is kept, what to do.

    `exit_codes` has the usual one first; `about` says what its whole area is about.
    """

    code: str
    exit_codes: tuple[int, ...]
    about: str
    means: str
    why: str
    kept: str
    next: tuple[Next, ...]
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation(Shown):
    """The pages that were asked for; several are shown as a list."""

    pages: tuple[CodePage, ...]

    def frame(self) -> pd.DataFrame:
        """Give a row per code as a DataFrame."""
        from neo4j_migrate_magic.render.frame import explanation_frame

        return explanation_frame(self)
