"""What every command is handed: the options, a way to run, a place to tell things."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from neo4j_migrate_magic.cli import imports
from neo4j_migrate_magic.cli.answer import JSON, JSONL, Answer
from neo4j_migrate_magic.cli.signals import Signals
from neo4j_migrate_magic.errors import BadOptionError, Next
from neo4j_migrate_magic.render.words import clean, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine

    from neo4j_migrate_magic.cli.progress import Progress
    from neo4j_migrate_magic.cli.terminal import Terminal
    from neo4j_migrate_magic.config import Settings
    from neo4j_migrate_magic.migrator import Migrator
    from neo4j_migrate_magic.model import Correction, Event, SandboxAnswer

T = TypeVar("T")

_A_PASSWORD = 8  # characters, which Neo4j asks of one at least
_SECRETS = ("NEO4J_PASSWORD", "NEO4J_MIGRATE_PASSWORD")


class App:
    """The host of the commands in a shell; `ctx.obj` of the tree.

    Args:
        terminal: Where output goes.
    """

    notebook = False
    """Whether there are cells and variables of a notebook."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.answer = Answer(terminal, self.redacted, self.leading)
        self.typed = "neo4j-migrate"
        """The command, to be typed again with what was missing."""
        self.options: dict[str, Any] = {}
        """The settings given as options, by their names in `config`."""
        self.chosen: dict[str, Any] = {}
        """The global options as they were typed, by their names."""
        self.limits: dict[str, list[tuple[str, Any]]] = {}
        """By its verb, how far a run was to go, and what it was permitted."""
        self.quiet = False
        self.verbose = 0
        self.trace = False
        self.signals = Signals()
        """What answers the process's signals, where the process is ours."""
        self.lean = False
        """Whether the driver may be imported without numpy and pandas; see `imports`."""
        self.all_rows = False
        """Whether a terminal shows every row, however many there are."""
        self.output = ""
        """The file that data go to; empty: stdout."""
        self.yes = self.no_input = False
        self.confirm: str | None = None
        self.texts = "stdin"
        """What `stdin` reads, as the place of an error in it is named."""
        self.first_line = 1
        """The number of the first line of what `stdin` gives."""
        self.names: Collection[str] = ()
        """What a notebook has names for, and a file has not."""
        self.writes = False
        """Whether something is being written that no event tells of."""
        self.result: Any = None
        """What the command returned, once it has."""
        self._migrator: Migrator | None = None
        self._sandbox = ""

    @cached_property
    def progress(self) -> Progress:
        """What a run tells, as lines; made when it is needed: `--help` has no run."""
        from neo4j_migrate_magic.cli.progress import Progress

        return Progress(self.terminal)

    def take(self, name: str, value: Any) -> None:
        """Keep a global option; the one that stands last counts."""
        match name:
            case "quiet":
                self.quiet = self.progress.quiet = True
            case "verbose":
                self.verbose += value
                self.progress.steps = True
            case "trace" | "yes" | "no_input" | "confirm" | "output":
                setattr(self, name, value)
            case "no_color":
                self.terminal.plain = True
            case "json" | "format":
                self.answer.format = JSON if name == "json" else value
            case "no_raise" | "password_var":
                option = f"--{name.replace('_', '-')}"
                raise _no_notebook(option, "it is about cells and their variables")
            case _:
                self.options[name] = value

    def begin(self, *, streams: bool) -> None:
        """Make ready for a command whose options are all taken.

        Args:
            streams: Whether it has events to give a line each.

        Raises:
            BadOptionError: It has none and was asked for them, or data have no place.
        """
        answer = self.answer
        if answer.format == JSONL and not streams:
            answer.format = JSON
            raise BadOptionError(
                f"{' '.join(answer.words)} has no --format jsonl",
                why="lines are for the events of up and down",
                next=[Next(f"neo4j-migrate {' '.join(answer.words)} --json", "")],
            )
        self.terminal.muted = answer.wanted and not self.verbose
        self.no_input = self.no_input or answer.wanted
        if self.output:
            self.terminal.write_to(self.output)

    def show(self, result: Any) -> None:
        """Print a result; a program gets it once, at the end: see `finish`."""
        if not self.answer.wanted:
            from neo4j_migrate_magic.cli.output import show

            show(result, self)

    def finish(self, result: Any) -> None:
        """Give the result of the command, and say what is left running."""
        self.show(result)
        self.farewell()
        if self.answer.wanted:
            self.answer.result(result, getattr(result, "exit_code", 0))
        self.terminal.whole()

    def hear(self, event: Event) -> None:
        """Hear of an event of the core."""
        self.progress(event)
        self.answer.hear(event)

    def preview(self, planned: Correction) -> None:
        """Say beside the result what a command is about to write."""
        from neo4j_migrate_magic.cli.output import preview

        preview(planned, self)

    def tell(self, text: str) -> None:
        """Say something beside the result, unless the user wants it quiet."""
        if not self.quiet:
            self.terminal.err(text)

    def say(self, text: str) -> None:
        """Tell a line that may go on below, where it is too long for the terminal."""
        self.tell("\n".join(wrapped(text, self.terminal.columns, indent="  ")))

    def warn(self, text: str) -> None:
        """Say what may be wrong."""
        self.answer.note("CONFIG.WARNING", text)
        columns, line = self.terminal.columns, f"warning  {clean(text)}"
        self.terminal.err("\n".join(wrapped(line, columns, indent=" " * 9)))

    def ask(self, question: str) -> None:
        """Ask before something that is hard to take back; ``--yes`` answers.

        Of a protected environment the database's name is asked for: see `permit`.

        Args:
            question: What would be done, without the question mark.

        Raises:
            NoInputError: Nobody can answer.
            DeclinedError: The answer was no.
        """
        from neo4j_migrate_magic.cli import consent

        if self.migrator.settings.protected:
            self.permit(question)
        elif not self.yes:
            consent.ask(self, question)

    def stdin(self) -> str:
        """Give the text that was handed to the command; a notebook gives its cell's.

        Raises:
            ParseError: It is not UTF-8.
            BadOptionError: There is none.
        """
        return self.terminal.read()

    def cell(self, text: str) -> None:
        """Put a cell with a text below the one that runs.

        Raises:
            BadOptionError: Nothing here has cells.
        """
        raise _no_notebook("--cell", "it puts a cell below the one that runs")

    def may_keep(self, name: str) -> None:
        """Refuse the name of a variable that `keep` could not set; before the work.

        Raises:
            BadOptionError: It is no name, or nothing here has variables.
        """
        raise _no_notebook("--var", "it names a variable of the notebook")

    def keep(self, name: str, result: Any) -> None:
        """Keep a result as a variable of the notebook.

        Raises:
            BadOptionError: Nothing here has variables.
        """
        self.may_keep(name)

    def connect(self, target: str | None, *, driver: str | None, clear: bool) -> str:
        """Choose the target of a notebook's commands, or say which it is.

        Raises:
            BadOptionError: There is no notebook.
        """
        raise BadOptionError(
            "connect needs a notebook",
            why="in a shell each command names its target",
            kept="nothing was done",
            next=[Next("neo4j-migrate status --uri URI", "asks a server")],
        )

    def permit(self, question: str) -> None:
        """Have a change of a protected environment permitted; others need not be.

        Args:
            question: What would be done, without the question mark.

        Raises:
            ProtectionError: It was not permitted by options, and nobody can answer.
            DeclinedError: The answer was no.
        """
        from neo4j_migrate_magic.cli import consent

        if self.migrator.settings.protected:
            consent.permit(self, question)

    @cached_property
    def settings(self) -> Settings:
        """The settings of the project, for a command that connects to nothing."""
        from neo4j_migrate_magic import config

        found = config.load(self.options, os.environ, Path.cwd())
        for warning in found.warnings:
            self.warn(warning)
        return found

    @property
    def migrator(self) -> Migrator:
        """The migrator of the project; it is connected by `run` alone."""
        if self._migrator is None:
            self._migrator = self._made()
            for warning in self._migrator.settings.warnings:
                self.warn(warning)
        return self._migrator

    def _made(self) -> Migrator:
        with imports.lean(self.lean):
            from neo4j_migrate_magic.migrator import Migrator

        return Migrator(on_event=self.hear, **self.options)

    def run(
        self, work: Callable[[Migrator], Awaitable[T]], *, connect: bool = True
    ) -> T:
        """Connect, do the work, close; a signal stops it in an orderly way."""
        from neo4j_migrate_magic.cli import interrupts  # noqa: F401 (takes its time)

        return self.complete(
            self._connected(work) if connect else self._unconnected(work)
        )

    def write(self, work: Callable[[Migrator], Awaitable[T]]) -> T:
        """Do work, as `run` does, that writes and tells of no run."""
        self.writes = True
        return self.run(work)

    def complete(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait until work is done; a signal cancels it, and its end is waited for."""
        from neo4j_migrate_magic.cli import interrupts

        try:
            return interrupts.run(work)
        finally:
            self.progress.rest()

    async def _unconnected(self, work: Callable[[Migrator], Awaitable[T]]) -> T:
        return await work(self.migrator)

    async def _connected(self, work: Callable[[Migrator], Awaitable[T]]) -> T:
        async with self.migrator as migrator:
            try:
                return await work(migrator)
            finally:
                self.answer.server = migrator.database.server
                self._note_sandbox(migrator)

    @property
    def may_start_sandbox(self) -> bool:
        """Whether a local server may be starting, as far as is known."""
        from neo4j_migrate_magic.config import SANDBOX

        return self._migrator is None or self._migrator.settings.uri == SANDBOX

    def _note_sandbox(self, migrator: Migrator) -> None:
        from neo4j_migrate_magic.config import SANDBOX

        if migrator.settings.uri == SANDBOX:
            server = migrator.database.server
            version = f" (Neo4j {server.version})" if server.version else ""
            self._sandbox = f"bolt://{server.address}{version}"

    def farewell(self) -> None:
        """Say what is left running, after the result."""
        if self._sandbox:
            running = f"sandbox left running at {self._sandbox}"
            stop = self.leading(Next("neo4j-migrate sandbox stop", "stops it"))
            self.answer.note("SANDBOX.RUNNING", running, severity="info", next=[stop])
            said, columns = f"{running}; stop it with", self.terminal.columns
            if columns is None or width(f"{said} {stop.command}") <= columns:
                self.tell(f"{said} {stop.command}")
            else:  # a command is never cut
                self.say(said)
                self.tell(f"  {stop.command}")

    def leading(self, way: Next) -> Next:
        """Complete a command to type: it works on what this one worked on."""
        from neo4j_migrate_magic.cli import ways

        return ways.completed(way, self, self._migrator)

    def secrets(self) -> set[str]:
        """Give what must not stand in any output."""
        names = {*_SECRETS, str(self.options.get("password_env", ""))}
        found = {os.environ.get(name, "") for name in names}
        # Settings that cannot be had have no password; nor has a fault in reading them.
        with suppress(Exception):
            if self._migrator is not None:
                found.add(self._migrator.settings.password or "")
        return found - {""}

    def redacted(self, text: str) -> str:
        """Take passwords out of a text; a short one may be any word, and stays."""
        from neo4j_migrate_magic.cli.bug import without

        return without(text, {s for s in self.secrets() if len(s) >= _A_PASSWORD})

    def hold(self, running: SandboxAnswer, said: str, runs: Callable[[], bool]) -> bool:
        """Print where something runs and wait for a signal, as a server does.

        Args:
            running: What was started.
            said: What is told beside its address.
            runs: Whether it still does; asked twice a second.

        Returns:
            Whether a signal came; else it ended by itself.
        """
        from neo4j_migrate_magic.cli.interrupts import handled

        over = threading.Event()
        with handled(lambda *_: over.set()):
            if self.answer.wanted:
                self.answer.result(running, 0)
            else:
                self.terminal.out(running.uri or "")
            self.tell(said)
            while not over.wait(0.5):  # without a limit Windows hears no Ctrl-C
                if not runs():
                    return over.is_set()  # a Ctrl-C reaches the server, too
        return True


def _no_notebook(option: str, why: str) -> BadOptionError:
    return BadOptionError(
        f"{option} needs a notebook",
        why=why,
        kept="nothing was done",
        next=[Next("neo4j-migrate create NAME", "makes a file to edit, here")],
    )
