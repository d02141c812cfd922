"""The block that an error leaves on stderr, taken apart and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.cli.conftest import Shown
from tests.errors.catalogue import CODES
from tests.errors.commands import refused

_HEAD = re.compile(r"^error (\S+)  (.*\S) +exit (\d+)$", re.MULTILINE)
_PART = re.compile(r"^  (why|where|kept|next) +(.*)$")
_ORDER = ("why", "where", "kept", "next")


@dataclass
class Block:
    """An error as it was printed: its head, and its parts with their lines."""

    code: str
    what: str
    exit_code: int
    parts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ways(self) -> list[str]:
        """The commands to type, without what they do."""
        return [re.split(r" {4,}", line)[0] for line in self.parts.get("next", [])]


def block_of(shown: Shown) -> Block:
    """Read the one error block of what a command left."""
    ((code, what, exit_code),) = _HEAD.findall(shown.err)
    block = Block(code, what.strip(), int(exit_code))
    lines: list[str] = []
    below = shown.err.partition(f"error {code}")[2].splitlines()[1:]
    for line in below:
        found = _PART.match(line)
        if found:
            lines = block.parts.setdefault(found[1], [])
            lines.append(found[2])
        elif line.startswith(" "):
            lines.append(line.strip())
        else:  # what is said after it, of the sandbox
            break
    return block


def check(shown: Shown, code: str) -> Block:
    """See that an error is one block, with its code, exit code, parts and a way on."""
    block = block_of(shown)

    assert code == block.code
    assert block.exit_code == shown.code
    assert shown.code in (*CODES[code][1], 8)
    assert "Traceback" not in shown.err
    assert block.what
    assert list(block.parts) == [part for part in _ORDER if part in block.parts]
    assert block.parts.get("why")
    assert block.ways
    assert {way: refused(way) for way in block.ways} == dict.fromkeys(block.ways)
    return block
