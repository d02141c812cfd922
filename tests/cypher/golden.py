"""The folder of traps: Cypher files, and beside each what it is cut into."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "golden" / "cypher"


@dataclass(frozen=True)
class Case:
    """One file of the folder.

    `expected` is either an error with its place, or a list of statements. Of a
    statement, `refused` gives the code with which a server refuses to explain it (a
    server that is not named accepts it), and `really` what it is for the server
    where we cannot know or it is only explained.
    """

    name: str
    text: str
    expected: Any

    @property
    def readable(self) -> bool:
        return isinstance(self.expected, list)

    @property
    def queries(self) -> list[dict[str, Any]]:
        """What a server is asked to explain: each statement, or an unreadable file."""
        if self.readable:
            return self.expected
        return [{"kind": "unreadable", "text": self.text, **self.expected}]


def cases() -> list[Case]:
    return [
        Case(
            path.stem,
            path.read_bytes().decode(),
            json.loads(path.with_suffix(".expected").read_text(encoding="utf-8")),
        )
        for path in sorted(FOLDER.glob("*.cypher"))
    ]
