"""What a command tells a program: one JSON object at its end, or a line per event."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.errors import MigrateError, Next

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neo4j_migrate_magic.cli.terminal import Terminal
    from neo4j_migrate_magic.model import Event, LockView, Report, Server

TABLE, JSON, JSONL = "table", "json", "jsonl"
FORMATS = (TABLE, JSON, JSONL)

INTERRUPTED = "RUN.INTERRUPTED"
"""The code of a run that was asked to end; no error is raised for it."""


class Answer:
    """The answer of one command in JSON, where that was asked for.

    Args:
        terminal: Where it goes.
        redact: Takes secrets out of a text.
        leading: Completes a command to type.
    """

    def __init__(
        self,
        terminal: Terminal,
        redact: Callable[[str], str],
        leading: Callable[[Next], Next],
    ) -> None:
        self.format = TABLE
        self.words: list[str] = []
        """The command, as far as it was understood."""
        self.server: Server | None = None
        """What answered, as soon as something did."""
        self.known: LockView | None = None
        """What is the data also when the command fails: what it had found."""
        self._terminal = terminal
        self._redact = redact
        self._leading = leading
        self._notes: list[dict[str, Any]] = []
        self._began = time.monotonic()
        self._given = False

    @property
    def wanted(self) -> bool:
        """Whether the answer is JSON."""
        return self.format != TABLE

    def hear(self, event: Event) -> None:
        """Write the line of an event, where lines were asked for."""
        if self.format != JSONL:
            return
        from neo4j_migrate_magic.render.json import line
        from neo4j_migrate_magic.render.stream import event_object

        found = event_object(event, datetime.now(timezone.utc))
        if found is not None:
            with suppress(MigrateError):  # the last line will tell; the run goes on
                self._terminal.out(line(found))

    def note(
        self,
        code: str,
        summary: str,
        *,
        severity: str = "warning",
        next: Sequence[Next] = (),
    ) -> None:
        """Keep what is to be told beside the result."""
        if self.wanted:
            from neo4j_migrate_magic.render.json import diagnostic

            self._notes.append(diagnostic(code, summary, severity=severity, next=next))

    def result(self, result: Any, exit_code: int) -> None:
        """Give the result of the command."""
        from neo4j_migrate_magic.render.json import diagnostics_of

        self._give(result, exit_code, diagnostics_of(result))

    def error(self, error: MigrateError) -> bool:
        """Give the error that ended the command; False where nothing can be given.

        What the run had done before it, the error's report, is the data; or what the
        command had found.
        """
        from neo4j_migrate_magic.render.json import error_diagnostic

        return self._failed(error.report, error.exit_code, error_diagnostic(error))

    def interrupted(
        self, said: str, report: Report | None, exit_code: int, next: Sequence[Next]
    ) -> bool:
        """Give what an interrupt left; False where nothing can be given."""
        from neo4j_migrate_magic.render.json import diagnostic

        return self._failed(report, exit_code, diagnostic(INTERRUPTED, said, next=next))

    def _failed(
        self, report: Report | None, exit_code: int, failure: dict[str, Any]
    ) -> bool:
        if self._given:
            return False
        result = report if self.words in (["up"], ["down"]) else self.known
        try:
            self._give(result, exit_code, [failure])
        except MigrateError:
            return False
        return True

    def _give(
        self, result: Any, exit_code: int, diagnostics: list[dict[str, Any]]
    ) -> None:
        """Write the one object, once."""
        if self._given:
            return
        from importlib.metadata import version

        from neo4j_migrate_magic.render.json import data_of, envelope, line, shortened

        command = " ".join(self.words)
        found = envelope(
            command,
            data=data_of(command, result),
            exit_code=exit_code,
            tool_version=version("neo4j-migrate-magic"),
            server=self.server,
            diagnostics=_mapped(
                [self._led(one) for one in [*diagnostics, *self._notes]], self._redact
            ),
            timing_ms=int((time.monotonic() - self._began) * 1000),
        )
        if self.format == JSONL:
            found = _last(found)
        self._given = True
        self._terminal.out(line(shortened(found, _working_directory())))

    def _led(self, diagnostic: dict[str, Any]) -> dict[str, Any]:
        """Complete the commands of a diagnostic."""
        ways = [Next(way["command"], way["label"]) for way in diagnostic["next"]]
        led = [self._leading(way)._asdict() for way in ways]
        return {**diagnostic, "next": led}


def asked_for(args: Sequence[str]) -> str:
    """Find the format in a line that could not be read to its end."""
    words = list(args[: args.index("--")] if "--" in args else args)
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        if option == "--json":
            return JSON
        if option == "--format" and (value if equals else following) in (JSON, JSONL):
            return value if equals else following
    return TABLE


def _last(found: dict[str, Any]) -> dict[str, Any]:
    from neo4j_migrate_magic.render.data import moment
    from neo4j_migrate_magic.render.stream import LAST

    return {"event": LAST, "at": moment(datetime.now(timezone.utc)), **found}


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case list():
            return [_mapped(one, change) for one in value]
        case dict():
            return {key: _mapped(one, change) for key, one in value.items()}
        case _:
            return value


def _working_directory() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None
