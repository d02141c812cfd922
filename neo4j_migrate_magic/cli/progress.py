"""What a run tells while it works, as lines on stderr; the last facts are kept."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from neo4j_migrate_magic.model import (
    LockWaiting,
    RunFinished,
    RunStarted,
    RunStopped,
    SandboxProgress,
    ServerWaiting,
    StepProgress,
    StepStarted,
)
from neo4j_migrate_magic.render.report import (
    event_line,
    live_line,
    live_wait,
    still_line,
    stopped_line,
)

if TYPE_CHECKING:
    from neo4j_migrate_magic.cli.terminal import Terminal
    from neo4j_migrate_magic.model import Event, Report, Step

    Wait = LockWaiting | SandboxProgress | ServerWaiting

_PAUSE = 10.0  # seconds between plain lines about one and the same wait
_FRAME = 1.0  # and between changes of a line that is replaced


class Progress:
    """A listener for the events of a run.

    Where stderr can have a line that changes, it tells which step is under way;
    elsewhere each step has a line at its start and its end, and one now and then.

    Args:
        terminal: Where the lines go.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.quiet = False
        self.steps = False
        """Whether each step has a line, also where a line can change."""
        self.report: Report | None = None
        """What the run did, once it has come to an end or was stopped."""
        self._step: Step | None = None
        self._begun = False
        self._ended = False
        self._told: tuple[str, float] = ("", 0.0)
        self._under_way: tuple[StepStarted, float] | None = None
        self._seen: StepProgress | None = None  # how far that step was, at last
        self._shown = 0.0  # when the step under way was last told of
        self._lock = threading.Lock()  # the clock is a thread: a step may block ours
        self._clock: _Clock | None = None

    def __call__(self, event: Event) -> None:
        """Hear of an event."""
        self.keep(event)
        if self.quiet or self._terminal.muted:
            return
        with self._lock:
            if isinstance(event, (SandboxProgress, LockWaiting, ServerWaiting)):
                self._show_wait(event)
            elif isinstance(event, StepProgress):
                self._seen = event  # the clock tells it in its turn
            else:
                self._show(event)

    def keep(self, event: Event) -> None:
        """Keep what an interrupt's words will be made of."""
        match event:
            case RunStarted():
                self._begun = True
            case StepStarted(_, step):
                self._step = step
            case RunStopped(report):
                self.report = report
            case RunFinished(report):
                self.report, self._ended = report, True

    def interrupted(self) -> str:
        """Say what an interrupt left."""
        if self._begun and self.report is None:
            return "interrupted: see neo4j-migrate status for what was kept"
        return stopped_line(self.report, self._step, ended=self._ended)

    def rest(self) -> None:
        """Tell nothing more by itself: the run is over."""
        with self._lock:
            self._under_way = None
            if self._clock is not None:
                self._clock.over.set()
                self._clock = None

    def _show(self, event: Event) -> None:
        now, animated = time.monotonic(), self._terminal.animated
        self._under_way = (event, now) if isinstance(event, StepStarted) else None
        self._seen = None
        line = event_line(
            event,
            steps=self.steps or not animated,
            starts=not animated,
            columns=self._terminal.columns,
        )
        if line:
            self._terminal.err(line)
        if self._under_way is None:
            return
        if self._clock is None:
            self._clock = _Clock(self)
            self._clock.start()
        if not animated:
            self._shown = now
        elif now - self._shown >= _FRAME:
            self._show_step(now)

    def tick(self) -> None:
        """Tell of the step under way, if its time has come; the clock asks."""
        with self._lock:
            now = time.monotonic()
            pause = _FRAME if self._terminal.animated else _PAUSE
            # a tick that comes a little early would else be a whole one too late
            if self._under_way is not None and now - self._shown >= pause - _FRAME / 4:
                self._show_step(now)

    def _show_step(self, now: float) -> None:
        if self._under_way is None:
            return
        event, began = self._under_way
        self._shown = now
        waited, columns = now - began, self._terminal.columns
        if self._terminal.animated:
            room = None if columns is None else columns - 1
            self._terminal.live(live_line(event, waited, self._seen, columns=room))
        else:
            line = still_line(event, waited, self._seen, columns=columns)
            self._terminal.err(line)

    def _show_wait(self, event: Wait) -> None:
        """Show how far a wait is: often where a line can change, else seldom."""
        what = (
            event.what if isinstance(event, SandboxProgress) else type(event).__name__
        )
        last, when = self._told
        now = time.monotonic()
        animated = self._terminal.animated
        if what == last and now - when < (_FRAME if animated else _PAUSE):
            return
        self._told = (what, now)
        columns = self._terminal.columns
        if animated:
            room = None if columns is None else columns - 1
            self._terminal.live(live_wait(event, room))
        else:
            self._terminal.err(event_line(event, columns=columns))


class _Clock(threading.Thread):
    """Asks every second; a daemon, so that it holds no process up."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(name="neo4j-migrate-progress", daemon=True)
        self.over = threading.Event()
        self._progress = progress

    def run(self) -> None:
        """Ask until it is over."""
        while not self.over.wait(_FRAME):
            self._progress.tick()
