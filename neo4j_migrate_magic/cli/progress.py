"""What a run tells while it works, as lines on stderr; the last facts are kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import (
    LockWaiting,
    RunFinished,
    RunStarted,
    RunStopped,
    SandboxProgress,
    StepStarted,
)
from neo4j_migrate_magic.render.report import event_line, live_line, stopped_line

if TYPE_CHECKING:
    from neo4j_migrate_magic.cli.terminal import Terminal
    from neo4j_migrate_magic.model import Event, Report, Step

_PAUSE = 10.0  # seconds between plain lines about one and the same wait
_FRAME = 0.1  # and between changes of a line that is replaced


class Progress:
    """A listener for the events of a run.

    Args:
        terminal: Where the lines go.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.quiet = False
        self.steps = False
        """Whether each step has a line."""
        self._report: Report | None = None
        self._step: Step | None = None
        self._begun = False
        self._ended = False
        self._told: tuple[str, float] = ("", 0.0)

    def __call__(self, event: Event) -> None:
        """Hear of an event."""
        match event:
            case RunStarted():
                self._begun = True
            case StepStarted(_, step):
                self._step = step
            case RunStopped(report):
                self._report = report
            case RunFinished(report):
                self._report, self._ended = report, True
        if not self.quiet:
            self._show(event)

    def interrupted(self) -> str:
        """Say what an interrupt left."""
        if self._begun and self._report is None:
            return "interrupted: see neo4j-migrate status for what was kept"
        return stopped_line(self._report, self._step, ended=self._ended)

    def _show(self, event: Event) -> None:
        if isinstance(event, (SandboxProgress, LockWaiting)):
            self._show_wait(event)
            return
        if isinstance(event, StepStarted):
            self._terminal.live(live_line(event))
            return
        line = event_line(event, steps=self.steps)
        if line:
            self._terminal.err(line)

    def _show_wait(self, event: SandboxProgress | LockWaiting) -> None:
        """Show how far a wait is: often where a line can change, else seldom."""
        what = event.what if isinstance(event, SandboxProgress) else "lock"
        last, when = self._told
        now = time.monotonic()
        animated = self._terminal.animated
        if what == last and now - when < (_FRAME if animated else _PAUSE):
            return
        self._told = (what, now)
        if animated:
            self._terminal.live(event_line(event))
        else:
            self._terminal.err(event_line(event))
