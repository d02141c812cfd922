"""The magics: a line, or a cell, handed to the command tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.magic import (
    Magics,
    cell_magic,
    line_magic,
    magics_class,
    no_var_expand,
    output_can_be_silenced,
)
from IPython.display import display
from traitlets import Any as Anything

from neo4j_migrate_magic.cli.embed import call_line
from neo4j_migrate_magic.cli.ways import in_prose
from neo4j_migrate_magic.errors import MigrateError
from neo4j_migrate_magic.notebook.app import NotebookApp
from neo4j_migrate_magic.notebook.bridge import NotWaitedForError
from neo4j_migrate_magic.notebook.errors import Groups, shown
from neo4j_migrate_magic.notebook.progress import CellProgress
from neo4j_migrate_magic.notebook.results import given, verdict
from neo4j_migrate_magic.render.words import clean

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from neo4j_migrate_magic.notebook.session import Session


@magics_class
class MigrateMagic(Magics):
    """`%migrate`, `%%migration` and their twins.

    The traits take anything and are looked at when they are used: a bad value that
    `%config` refuses would stay in the configuration and end a later reload.
    """

    env = Anything("", help="The environment that commands use; none: settings decide.")
    short_errors = Anything(True, help="Errors as a few lines, not as a traceback.")
    progress = Anything("auto", help="How a run shows: auto, html, text or none.")
    for _trait in (env, short_errors, progress):
        _trait.tag(config=True)
    del _trait

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._session = session

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def migrate(self, line: str) -> Any:
        """Run a command of neo4j-migrate."""
        return self._call(line, self._app(None))

    @no_var_expand  # and not silenced by a `;` at its end, with which Cypher ends
    @cell_magic
    def migration(self, line: str, cell: str) -> Any:
        """Write a new migration file with the text of the cell."""
        return self._call(line, self._app(cell), first=("create", "--from-stdin"))

    def _app(self, text: str | None) -> NotebookApp:
        return NotebookApp(
            self._session,
            text=text,
            mode=str(self.progress),
            env=str(self.env or ""),
        )

    def _call(self, line: str, app: NotebookApp, first: tuple[str, ...] = ()) -> Any:
        try:
            return self._given(call_line(line, app, first=first), app)
        except MigrateError as error:
            self._tell_more(error, app)
            if app.no_raise and error.report is not None:
                app.terminal.err(f"{error.code}: {error}")
                return error.report
            caught: BaseException = error
        except KeyboardInterrupt as cut:
            caught = KeyboardInterrupt(_said(cut, app))
        except Groups as error:
            caught = error
        finally:
            app.terminal.close()
        if app.answer.wanted:
            self._tell_json(caught, app)
        # outside the `except`, which would make what was caught its context again
        full = not self.short_errors or app.trace
        raise shown(caught, app.redacted, full=full)

    def _given(self, result: Any, app: NotebookApp) -> Any:
        """Give the cell its result, print what is to be printed, stop where it must."""
        app.farewell()
        if app.answer.wanted or app.output:
            app.finish(result)
            found = None
        else:
            found = given(result, app.leading, all_rows=app.all_rows)
            if app.variable:
                app.keep(app.variable, found)
        problem = verdict(result, app.answer.words, app.leading)
        if problem is not None and not app.no_raise:
            if found is not None:
                display(found)  # type: ignore[no-untyped-call] # IPython's
            raise problem
        return found

    def _tell_more(self, error: MigrateError, app: NotebookApp) -> None:
        """Put into the cell what the few lines of an error have no room for."""
        if isinstance(app.progress, CellProgress):
            app.progress.failed(error.report)
        _, _, more = error.why.partition("\n")
        if more and self.short_errors and not app.answer.wanted:
            app.terminal.err(app.redacted("\n".join(map(clean, more.splitlines()))))

    def _tell_json(self, error: BaseException, app: NotebookApp) -> None:
        if isinstance(error, MigrateError):
            app.answer.error(error)


def _said(cut: KeyboardInterrupt, app: NotebookApp) -> str:
    """Say what an interrupt left, as far as that is known by now."""
    if isinstance(cut, NotWaitedForError) and app.progress.report is None:
        said = "interrupted; the clean-up goes on: see neo4j-migrate status"
    else:
        said = app.progress.interrupted()
    return in_prose(said, app.leading)
