"""A process that is ours answers SIGINT and SIGTERM from its start to its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

NUMBERS = (signal.SIGINT, signal.SIGTERM)

# A command line in a process of its own, which is sent a signal at a chosen moment.
_SCRIPT = """
import atexit, os, signal, sys
from neo4j_migrate_magic import cli

def strike():
    os.kill(os.getpid(), {number})

def before(owner, name):
    original = getattr(owner, name)

    def struck(*args, **options):
        setattr(owner, name, original)
        strike()
        return original(*args, **options)

    setattr(owner, name, struck)

def after(owner, name):
    original = getattr(owner, name)

    def struck(*args, **options):
        try:
            return original(*args, **options)
        finally:
            setattr(owner, name, original)
            strike()

    setattr(owner, name, struck)

signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored here
{at}
sys.argv = ["neo4j-migrate", *{args}]
code = cli.main()
{then}
sys.exit(code)
"""


def struck(
    number: int, at: str, *args: str, then: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command line that is sent a signal where a line of Python says."""
    script = _SCRIPT.format(number=int(number), at=at, args=args, then=then)
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "at",
    [
        "from neo4j_migrate_magic.cli import shell; before(shell, 'call')",
        "from neo4j_migrate_magic.cli.host import App; before(App, 'finish')",
        "from neo4j_migrate_magic.cli import output; before(output, 'show')",
        "import builtins; before(builtins, '__import__')",
    ],
    ids=["before the command", "after it", "before its result", "at an import"],
)
def test_until_the_result_is_printed_a_signal_ends_in_one_line(
    number: int, at: str
) -> None:
    """The exit code is the signal's; nothing else is said."""
    done = struck(number, at, "explain", "LOCK.HELD")

    assert done.stderr == "interrupted: nothing was changed\n"
    assert (done.returncode, done.stdout) == (128 + number, "")


@pytest.mark.parametrize("number", NUMBERS)
def test_while_an_error_is_told_a_signal_still_ends_without_a_traceback(
    number: int,
) -> None:
    at = "from neo4j_migrate_magic.render import error; before(error, 'error_block')"
    done = struck(number, at, "explain", "LOCK.HALD")

    assert done.stderr == "interrupted: nothing was changed\n"
    assert done.returncode == 128 + number


@pytest.mark.parametrize("number", NUMBERS)
def test_a_second_signal_does_not_cut_the_line_of_the_first(number: int) -> None:
    at = (
        "from neo4j_migrate_magic.cli.host import App; before(App, 'finish');"
        "from neo4j_migrate_magic.cli.progress import Progress;"
        "before(Progress, 'interrupted')"
    )
    done = struck(number, at, "explain", "LOCK.HELD")

    assert done.stderr == "interrupted: nothing was changed\n"
    assert done.returncode == 128 + number


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("after(cli.Signals, 'over')", ""),
        ("", "strike()"),
        ("", "atexit.register(strike)"),
        ("atexit.register(strike)", ""),
    ],
    ids=["at once", "behind main", "at exit", "later still"],
)
def test_once_the_result_is_printed_a_signal_changes_nothing(
    number: int, at: str, then: str
) -> None:
    """The exit code is that of the result."""
    done = struck(number, at, "explain", "LOCK.HELD", then=then)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("LOCK.HELD")


def test_the_handlers_of_a_host_stay_its_own() -> None:
    """`main(args)` is a function like any other; so are ignored signals left alone."""
    script = (
        "import signal, sys; from neo4j_migrate_magic.cli import main;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "get = lambda: [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)];"
        "was = get(); main(['explain', 'LOCK.HELD']); assert get() == was;"
        "sys.argv = ['', 'explain', 'LOCK.HELD']; main();"
        "assert get()[1] is signal.SIG_IGN"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_json_is_given_for_what_was_interrupted_at_its_end(tmp_path: Path) -> None:
    at = "from neo4j_migrate_magic.cli.host import App; before(App, 'finish')"
    done = struck(signal.SIGTERM, at, "create", "a", "-d", str(tmp_path), "--json")

    assert done.returncode == 143
    (path,) = tmp_path.iterdir()
    (one,) = json.loads(done.stdout)["diagnostics"]
    assert one["code"] == "RUN.INTERRUPTED"
    assert one["summary"] == f"interrupted after its end: {path} is written"
    assert done.stderr == ""
