"""How far a run is, in one output of the cell that ends as what really was done."""

from __future__ import annotations

import html
import time
from typing import TYPE_CHECKING, Any

from IPython.display import display

from neo4j_migrate_magic.cli.progress import Progress
from neo4j_migrate_magic.model import (
    LockWaiting,
    MigrationFinished,
    RunFinished,
    RunStarted,
    RunStopped,
    SandboxProgress,
    ServerWaiting,
    StepFinished,
    StepProgress,
    StepStarted,
)
from neo4j_migrate_magic.render.report import event_line, live_line
from neo4j_migrate_magic.render.words import clean, duration, in_notebook, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from neo4j_migrate_magic.cli.terminal import Terminal
    from neo4j_migrate_magic.model import Event, Report

_FRAME = 0.2  # seconds between two changes of the output
_WAITS = (LockWaiting, ServerWaiting, SandboxProgress)


class CellProgress(Progress):
    """A listener that keeps one output of a cell up to date.

    The output is a display of its own, changed in place: a stored notebook has its
    last state, where a widget or a redrawn line would store an old one.

    Args:
        terminal: Where an interrupt's words go.
        show: Makes the output; as `IPython.display.display`.
    """

    def __init__(self, terminal: Terminal, show: Callable[..., Any] = display) -> None:
        super().__init__(terminal)
        self._display = show
        self._handle: Any = None
        self._head, self._line = "", ""
        self._done, self._total = 0, 0
        self._step_began: tuple[StepStarted, float] | None = None
        self._seen: StepProgress | None = None  # how far that step was, at last
        self._drawn = 0.0
        self._dirty = False

    def __call__(self, event: Event) -> None:
        """Hear of an event."""
        self.keep(event)
        if self.quiet or self._terminal.muted:
            return
        if isinstance(event, StepProgress):  # `pulse` tells it in its turn
            self._seen = event
            return
        self._step_began = self._seen = None
        match event:
            case RunStarted(plan):
                self._head = event_line(event).replace("   ", "  ")
                self._total = sum(
                    max(len(one.steps) - one.start + 1, 0) for one in plan.migrations
                )
            case StepStarted():
                self._step_began = (event, time.monotonic())
                self._line = live_line(event, 0.0).strip()
            case StepFinished():
                self._done += 1
            case MigrationFinished():
                self._line = event_line(event).strip()
            case RunFinished(report) | RunStopped(report):
                self._end(report, stopped=isinstance(event, RunStopped))
                return
            case _ if isinstance(event, _WAITS):
                self._line = event_line(event).strip()
        self._dirty = True
        self._draw()

    def pulse(self) -> None:
        """Show for how long the step under way has run."""
        if self._step_began is not None and not self.quiet:
            event, began = self._step_began
            waited = time.monotonic() - began
            self._line = live_line(event, waited, self._seen).strip()
            self._dirty = True
        self._draw()

    def rest(self) -> None:
        """Leave what is true for good: nothing is under way any more."""
        self._step_began = None
        if self._handle is not None and self._dirty:
            self._draw(now=True)

    def failed(self, report: Report | None) -> None:
        """Take note that a run stopped at an error."""
        if report is not None and self._head:
            self._end(report, stopped=True)

    def _end(self, report: Report, *, stopped: bool) -> None:
        if not self._head:  # there was nothing to do: the result says so
            return
        done = f"{self._done} of {plural(self._total, 'step')} done"
        took = duration(report.duration_ms)
        self._line = f"stopped: {done}" if stopped else f"{done} in {took}"
        self._dirty = True
        self._draw(now=True)

    def _draw(self, *, now: bool = False) -> None:
        moment = time.monotonic()
        if not self._dirty or (not now and moment - self._drawn < _FRAME):
            return
        self._drawn, self._dirty = moment, False
        bundle = self._bundle()
        if self._handle is None:
            self._handle = self._display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def _bundle(self) -> dict[str, str]:
        lines = [line for line in (self._head, in_notebook(clean(self._line))) if line]
        bar = (
            f'<progress value="{self._done}" max="{self._total}"></progress> '
            f"{self._done}/{self._total} steps"
            if self._total
            else ""
        )
        parts = [html.escape(lines[0]), bar, *map(html.escape, lines[1:])]
        body = "<br>".join(part for part in parts if part)
        return {
            "text/plain": "\n".join(lines),
            "text/html": f'<div style="font-family: monospace">{body}</div>',
        }
