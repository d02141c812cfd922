"""Load a Python migration and call its functions: the only place that executes one."""

from __future__ import annotations

import asyncio
import contextvars
import importlib.util
import inspect
import sys
import threading
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neo4j_migrate_magic.engine.checks import place_of
from neo4j_migrate_magic.engine.client import BlockingClient
from neo4j_migrate_magic.errors import ImportFailedError, NoUpError, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from neo4j_migrate_magic.engine.client import Client
    from neo4j_migrate_magic.model import Direction, Migration


_PREFIX = "neo4j_migrate_magic_migration_"


def load(migration: Migration, direction: Direction, root: Path) -> Callable[..., Any]:
    """Execute a migration's text and give its `up` or `down`.

    Args:
        migration: A Python migration with a file.
        direction: Which function.
        root: The config's folder; it is on `sys.path` while the file loads.

    Raises:
        ImportFailedError: The file raised.
        NoUpError: It has no such function after all.
    """
    if migration.path is None:
        raise AssertionError("Python text without a file is never executed")
    # a stable name of its own: two files never share a module, one file always does
    name = f"{_PREFIX}{migration.version}"
    spec = importlib.util.spec_from_file_location(name, migration.path)
    if spec is None:
        raise AssertionError(f"{migration.path} is no file of Python's")
    module = importlib.util.module_from_spec(spec)
    with _importable(root):
        sys.modules[name] = module
        try:
            _execute(migration, module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise ImportFailedError(
                f"{migration.title} does not import",
                why=f"{type(error).__name__}: {error}",
                where=raised_at(error, migration),
                kept="nothing was touched",
                next=[("neo4j-migrate up", "after correcting the file")],
            ) from error
    function = getattr(module, direction.value, None)
    if not callable(function):
        raise NoUpError(
            f"{migration.title} has no function {direction.value}(client)",
            why="it was in the text, and is not there once the file was loaded",
            where=place_of(migration, None),
            next=[(f"neo4j-migrate {direction.value}", "after writing it")],
        )
    return function  # type: ignore[no-any-return] # whatever the file defined


def _execute(migration: Migration, module: ModuleType) -> None:
    """Execute the text that was read, and is recorded.

    The file may be another by now; and Python would take the compiled text of an
    edit before it, where both are of one second and one length.
    """
    text = migration.source.removeprefix("\ufeff")
    code = compile(text, str(migration.path), "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102 (the user's migration)


@contextmanager
def _importable(root: Path) -> Iterator[None]:
    """Put a folder first on `sys.path` for a while.

    What was imported from it meanwhile is forgotten afterwards by `sys.modules`: the
    next project in this process may have another module of that name, and the next run
    another text in this one.
    """
    before = set(sys.modules)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        if str(root) in sys.path:
            sys.path.remove(str(root))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules.get(name), "__file__", None)
            if file and not name.startswith(_PREFIX) and _inside(file, root):
                sys.modules.pop(name, None)


def _inside(file: str, root: Path) -> bool:
    """Whether a module is the project's own: in its folder, and in no library there."""
    try:
        parts = Path(file).relative_to(root).parts
    except ValueError:
        return False
    return not {"site-packages", "dist-packages"} & set(parts)


def raised_at(error: BaseException, migration: Migration) -> Place | None:
    """Give the line of the migration's own file that an exception went through last."""
    if isinstance(error, SyntaxError) and error.filename == str(migration.path):
        return place_of(migration, error.lineno)
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(migration.path)
    ]
    return place_of(migration, lines[-1] if lines else None)


async def call(function: Callable[..., Any], client: Client, root: Path) -> None:
    """Await ``async def up(client)`` here, or run ``def up(client)`` in a thread.

    A cancellation of the call stops a thread's client, not the thread: a daemon,
    it ends with the process.
    """
    with _importable(root):
        if inspect.iscoroutinefunction(function):
            await function(client)
            return
        loop = asyncio.get_running_loop()
        blocking = BlockingClient(client, loop)
        done: asyncio.Future[None] = loop.create_future()
        # with our context: a notebook finds by it the cell that what is printed is for
        here = contextvars.copy_context()
        threading.Thread(
            target=here.run,
            args=(_in_thread, function, blocking, done),
            name="neo4j-migrate-migration",
            daemon=True,
        ).start()
        try:
            await done
        finally:
            blocking.close()


def _in_thread(
    function: Callable[..., Any], client: BlockingClient, done: asyncio.Future[None]
) -> None:
    failure: BaseException | None = None
    try:
        result = function(client)
        if inspect.iscoroutine(result):  # nobody would await it: nothing was done
            result.close()
            failure = TypeError(
                f"{function.__name__} gave a coroutine: write async def"
            )
        elif inspect.isgenerator(result) or inspect.isasyncgen(result):
            failure = TypeError("it gave a generator, which does nothing by itself")
    except BaseException as error:  # noqa: BLE001 (told to the loop, which raises it)
        failure = error
    loop = done.get_loop()
    if loop.is_closed():
        return  # the run is over; nobody listens any more
    loop.call_soon_threadsafe(_tell, done, failure)


def _tell(done: asyncio.Future[None], failure: BaseException | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    elif isinstance(failure, StopIteration):  # no future may hold one
        done.set_exception(RuntimeError("StopIteration"))
    else:
        done.set_exception(failure)
