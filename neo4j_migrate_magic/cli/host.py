"""What every command is handed: the options, a way to run, a place to tell things."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from neo4j_migrate_magic.cli.progress import Progress
from neo4j_migrate_magic.errors import (
    DeclinedError,
    Next,
    NoInputError,
)
from neo4j_migrate_magic.render.words import clean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from neo4j_migrate_magic.cli.terminal import Terminal
    from neo4j_migrate_magic.migrator import Migrator
    from neo4j_migrate_magic.model import Correction

T = TypeVar("T")

_SECRETS = ("NEO4J_PASSWORD", "NEO4J_MIGRATE_PASSWORD")


class App:
    """The host of the commands in a shell; `ctx.obj` of the tree.

    Args:
        terminal: Where output goes.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.progress = Progress(terminal)
        self.options: dict[str, Any] = {}
        """The settings given as options, by their names in `config`."""
        self.quiet = False
        self.verbose = 0
        self.trace = False
        self.yes = self.no_input = False
        self._migrator: Migrator | None = None
        self._sandbox = ""

    def take(self, name: str, value: Any) -> None:
        """Keep a global option; the one that stands last counts."""
        match name:
            case "quiet":
                self.quiet = self.progress.quiet = True
            case "verbose":
                self.verbose += value
                self.progress.steps = True
            case "trace":
                self.trace = True
            case "yes":
                self.yes = True
            case "no_input":
                self.no_input = True
            case "no_color":
                self.terminal.plain = True
            case _:
                self.options[name] = value

    def show(self, result: Any) -> None:
        """Print a result."""
        from neo4j_migrate_magic.cli.output import show

        show(result, self)

    def preview(self, planned: Correction) -> None:
        """Say beside the result what a command is about to write."""
        from neo4j_migrate_magic.cli.output import preview

        preview(planned, self)

    def tell(self, text: str) -> None:
        """Say something beside the result, unless the user wants it quiet."""
        if not self.quiet:
            self.terminal.err(text)

    def warn(self, text: str) -> None:
        """Say what may be wrong."""
        self.terminal.err(f"warning  {clean(text)}")

    def ask(self, question: str, command: str) -> None:
        """Ask before something that is hard to take back; ``--yes`` answers.

        Args:
            question: What would be done, without the question mark.
            command: The same command with its answer, for where nobody can answer.

        Raises:
            NoInputError: Nobody can answer.
            DeclinedError: The answer was no.
        """
        if self.yes:
            return
        if self.no_input or not self.terminal.answers:
            raise NoInputError(
                f"nobody is here to be asked: {question}?",
                kept="nothing was changed",
                next=[Next(command, "answers yes")],
            )
        if self.terminal.ask(f"{question}? [y/N] ").lower() not in ("y", "yes"):
            raise DeclinedError(
                f"not done: {question}",
                why="the answer was no",
                kept="nothing was changed",
                next=[Next(command, "answers yes")],
            )

    @property
    def migrator(self) -> Migrator:
        """The migrator of the project; it is connected by `run` alone."""
        if self._migrator is None:
            from neo4j_migrate_magic.migrator import Migrator

            self._migrator = Migrator(on_event=self.progress, **self.options)
            for warning in self._migrator.settings.warnings:
                self.warn(warning)
        return self._migrator

    def run(self, work: Callable[[Migrator], Awaitable[T]]) -> T:
        """Connect, do the work, close; a signal stops it in an orderly way."""
        from neo4j_migrate_magic.cli import interrupts

        return interrupts.run(self._connected(work))

    async def _connected(self, work: Callable[[Migrator], Awaitable[T]]) -> T:
        async with self.migrator as migrator:
            try:
                return await work(migrator)
            finally:
                self._note_sandbox(migrator)

    def _note_sandbox(self, migrator: Migrator) -> None:
        from neo4j_migrate_magic.config import SANDBOX

        if migrator.settings.uri == SANDBOX:
            server = migrator.database.server
            version = f" (Neo4j {server.version})" if server.version else ""
            self._sandbox = f"bolt://{server.address}{version}"

    def farewell(self) -> None:
        """Say what is left running, after the result."""
        if self._sandbox:
            self.tell(
                f"sandbox left running at {self._sandbox};"
                " stop it with neo4j-migrate sandbox stop"
            )

    def secrets(self) -> set[str]:
        """Give what must not stand in any output."""
        names = {*_SECRETS, str(self.options.get("password_env", ""))}
        found = {os.environ.get(name, "") for name in names}
        # Settings that cannot be had have no password; nor has a fault in reading them.
        with suppress(Exception):
            if self._migrator is not None:
                found.add(self._migrator.settings.password or "")
        return found - {""}

    def hold(self, data: str, said: str) -> None:
        """Print something and wait for a signal, as a server in the foreground does."""
        from neo4j_migrate_magic.cli.interrupts import handled

        over = threading.Event()
        with handled(lambda *_: over.set()):
            self.terminal.out(data)
            self.tell(said)
            while not over.wait(0.5):  # without a limit Windows hears no Ctrl-C
                pass
