"""The host of the commands in a notebook: where they run, ask, and put what they give."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from neo4j_migrate_magic.cli.embed import PROGRAM
from neo4j_migrate_magic.cli.host import App
from neo4j_migrate_magic.cli.progress import Progress
from neo4j_migrate_magic.errors import AuthError, BadOptionError, Next, NoInputError
from neo4j_migrate_magic.model import WrittenMigration
from neo4j_migrate_magic.notebook.progress import CellProgress
from neo4j_migrate_magic.notebook.session import TARGET
from neo4j_migrate_magic.notebook.targets import chosen
from neo4j_migrate_magic.notebook.terminal import CellTerminal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from neo4j_migrate_magic.migrator import Migrator
    from neo4j_migrate_magic.model import Event
    from neo4j_migrate_magic.notebook.session import Session

T = TypeVar("T")


class NotebookApp(App):
    """One command's host; `ctx.obj` of the tree.

    Args:
        session: What lasts from cell to cell.
        text: What the cell of a `%%migration` has below its first line.
        mode: How progress is shown: ``auto``, ``html``, ``text`` or ``none``.
        env: The environment to use where no target is named or chosen.
    """

    notebook = True
    terminal: CellTerminal

    def __init__(
        self,
        session: Session,
        *,
        text: str | None = None,
        mode: str = "auto",
        env: str = "",
    ) -> None:
        super().__init__(CellTerminal(kernel=session.kernel))
        self.session = session
        self.typed = PROGRAM
        self.no_raise = False
        self.variable = ""
        """The variable that gets the result."""
        self.texts, self.first_line = "the cell", 2  # the first one is the magic's
        self.names = frozenset(session.shell.user_ns)
        self._text = text
        self._mode = mode
        self._env = env
        self.given: frozenset[str] = frozenset()
        """The settings that the command itself has."""
        self._emit: Callable[[Any], None] | None = None

    @cached_property
    def progress(self) -> Progress:
        """What a run tells: an output that changes, or lines in a terminal."""
        kernel, mode = self.session.kernel, self._mode
        if mode == "html" or (mode == "auto" and kernel):
            return CellProgress(self.terminal)
        found = Progress(self.terminal)
        found.quiet = mode == "none"
        return found

    def take(self, name: str, value: Any) -> None:
        """Keep a global option; of a cell `-o` names a variable, not a file."""
        match name:
            case "no_raise":
                self.no_raise = True
            case "password_var":
                self.options["password"] = self._variable(value, "--password-var")
            case "output" if self._text is not None:
                self.may_keep(value)
                self.variable = value
            case _:
                super().take(name, value)

    def begin(self, *, streams: bool) -> None:
        """Make ready for a command; the notebook's target fills what was not said."""
        self.given = frozenset(self.options)
        pinned = self.session.pinned
        if not self.given & TARGET:
            if pinned is not None:
                self.options = {**pinned.options, **self.options}
            elif self._env:
                self.options["env"] = self._env
        super().begin(streams=streams)

    def _made(self) -> Migrator:
        from neo4j_migrate_magic.migrator import Migrator

        pinned = self.session.pinned
        driver = pinned.driver if pinned and not self.given & TARGET else None
        return Migrator(
            driver=driver,
            on_event=self.hear,
            connect=self.session.connect,
            **self.options,
        )

    def run(
        self, work: Callable[[Migrator], Awaitable[T]], *, connect: bool = True
    ) -> T:
        """Do the work on the session's loop; an interrupt ends it in an orderly way."""
        if connect:
            self._ask_for_password()
        try:
            return super().run(work, connect=connect)
        except AuthError:  # what was typed is not asked for twice, unless it is wrong
            self.session.passwords.clear()
            raise

    def complete(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait until work is done; an interrupt cancels it, and its end is waited for."""

        async def heard(emit: Callable[[Any], None]) -> T:
            self._emit = emit
            return await work

        try:
            return self.session.bridge.run(heard, self._heard, self._pulse)
        finally:
            self.progress.rest()
            if inspect.getcoroutinestate(work) == inspect.CORO_CREATED:
                work.close()  # it was cancelled before its first step

    def hear(self, event: Event) -> None:
        """Hear of an event, on whatever thread: it is told in the cell's."""
        if self._emit is None:
            self._heard(event)
        else:
            self._emit(event)

    def _heard(self, event: Event) -> None:
        super().hear(event)

    def _pulse(self) -> None:
        if isinstance(self.progress, CellProgress):
            self.progress.pulse()

    def _ask_for_password(self) -> None:
        """Ask for a password that is wanted and that nobody gave, where that can be."""
        settings = self.migrator.settings
        if settings.uri is None or settings.password or not settings.username:
            return
        if settings.uri == "sandbox" or "password" in settings.commands:
            return
        key = (settings.uri, settings.username)
        if key not in self.session.passwords:
            prompt = f"password of {settings.username} at {settings.uri}: "
            try:
                self.session.passwords[key] = self.terminal.secret(prompt)
            except NoInputError:
                return  # without one, what the server says is the better error
        self.options["password"] = self.session.passwords[key]
        self.options.pop("password_env", None)
        self.options.pop("password_file", None)
        self._migrator = None

    def permit(self, question: str) -> None:
        """Refuse to change a protected environment that the cell does not name.

        Raises:
            ProtectedError: Its name, its database's or the yes is not in the command.
        """
        from neo4j_migrate_magic import config

        settings = self.migrator.settings
        if not settings.protected:
            return
        named = "env" in self.given
        if named and self.yes and self.confirm is not None:
            self.migrator.confirm = self.confirm
            return
        command = self.typed if named else f"{self.typed} --env {settings.env}"
        why = "a notebook changes it only where the command names all of it"
        raise config.unconfirmed(settings, why, command)

    def stdin(self) -> str:
        """Give the text of the cell.

        Raises:
            BadOptionError: It is a line, which has none.
        """
        if self._text is None:
            raise BadOptionError(
                "a line has no text to read",
                why="the text of a migration is the rest of a cell",
                kept="nothing was done",
                next=[Next("%%migration NAME", "as the first line of a cell")],
            )
        return self._text

    def cell(self, text: str) -> None:
        """Put a cell with a text below the one that runs."""
        self.session.shell.set_next_input(text)

    def may_keep(self, name: str) -> None:
        """Refuse what is no name of a variable.

        Raises:
            BadOptionError: It is none.
        """
        if not name.isidentifier():
            raise BadOptionError(
                f"{name!r} is no name of a variable",
                why="a name has letters, digits and _",
                kept="nothing was done",
                next=[Next("%%migration NAME --var made", "for instance")],
            )

    def keep(self, name: str, result: Any) -> None:
        """Keep a result as a variable of the notebook."""
        self.session.shell.user_ns[name] = result

    def _variable(self, name: str, option: str) -> Any:
        try:
            return self.session.variable(name)
        except KeyError:
            raise BadOptionError(
                f"{option}: the notebook has no variable {name!r}",
                why="it is looked up when the command runs",
                kept="nothing was done",
                next=[Next(f"{name} = …", "in a cell before this one")],
            ) from None

    def connect(self, target: str | None, *, driver: str | None, clear: bool) -> str:
        """Choose the target of the notebook's commands, or say which it is."""
        opened = None if driver is None else self._variable(driver, "--driver")
        return chosen(self, target, driver=opened, name=driver or "", clear=clear)

    def show(self, result: Any) -> None:
        """Print a result before a question; what a cell gives is shown as its output."""
        if (
            self.answer.wanted
            or self.output
            or not isinstance(result, WrittenMigration)
        ):
            super().show(result)

    def farewell(self) -> None:
        """Say what is left running, once in a session."""
        if self._sandbox and self._sandbox not in self.session.told:
            self.session.told.add(self._sandbox)
            super().farewell()

    def secrets(self) -> set[str]:
        """Give what must not stand in any output."""
        return super().secrets() | set(self.session.passwords.values()) - {""}
