"""What a magic gives back for what a command returned."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import MigrateError, Next
from neo4j_migrate_magic.model import Log, Status
from neo4j_migrate_magic.render.words import in_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Text(str):
    """A text that a cell shows as it is, without quotation marks."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self).removesuffix("\n"))


class FoundError(MigrateError):
    """A command came to its end, and what it found must stop the notebook."""

    def __init__(self, code: str, what: str, exit_code: int, way: Next) -> None:
        super().__init__(what, next=[way])
        self.code = code  # type: ignore[misc] # that of what was found
        self.exit_code = exit_code


def given(
    result: Any, leading: Callable[[Next], Next], *, all_rows: bool = False
) -> Any:
    """Turn a command's result into what a cell works with.

    `status` and `log` are data, and so a DataFrame; where pandas is not installed the
    result itself is as good to look at.

    Args:
        result: What the command returned.
        leading: Completes a command to type.
        all_rows: Whether a long status is shown whole.
    """
    match result:
        case Status() if find_spec("pandas"):
            from neo4j_migrate_magic.render.frame import status_frame

            frame = status_frame(result, every=all_rows)
            if "next" in frame.attrs:
                frame.attrs["next"] = leading(Next(frame.attrs["next"], "")).command
            return frame
        case Log() if find_spec("pandas"):
            return result.frame()
        case str():
            return Text(result)
        case _:
            return result


def verdict(
    result: Any, words: Sequence[str], leading: Callable[[Next], Next]
) -> FoundError | None:
    """Give the error of a result whose exit code is not 0; None for others."""
    exit_code = getattr(result, "exit_code", 0)
    if not isinstance(exit_code, int) or not exit_code:
        return None
    from neo4j_migrate_magic.render.json import diagnostics_of

    found = [one for one in diagnostics_of(result) if one["severity"] == "error"]
    code = found[0]["code"] if found else "STATUS.PENDING"
    command = " ".join(words)
    what = f"{command} found {len(found) or 'something'} to look at"
    again = leading(Next(" ".join(["neo4j-migrate", *words]), ""))
    way = Next(f"{in_notebook(again.command)} --no-raise", "")
    return FoundError(code, what, exit_code, way)
