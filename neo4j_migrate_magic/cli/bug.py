"""A fault of ours: its traceback goes to a file that can be sent to us."""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
import tempfile
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from neo4j_migrate_magic.cli.usage import without_user
from neo4j_migrate_magic.database.values import without_values
from neo4j_migrate_magic.errors import BugError, Next

if TYPE_CHECKING:
    from collections.abc import Collection

_PACKAGES = ("neo4j-migrate-magic", "neo4j", "click", "pandas", "ipython")
_PACKAGE = __name__.partition(".")[0]
_OURS = (
    str(Path(__file__).parent.parent),
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
)
_USER_INFO = re.compile(r"//\S*@")


def bug_error(error: BaseException, secrets: Collection[str]) -> BugError:
    """Write a report of an exception that nobody expected, and give its error.

    Args:
        error: The exception; also an error of ours that says it is a bug.
        secrets: What the report must not have in it.
    """
    report = redacted("\n".join([*_facts(), "", *_traceback(error), ""]), secrets)
    try:
        # mkstemp's files are their owner's alone
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="neo4j-migrate-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            file.write(report)
        where = f"report: {file.name}"
    except OSError as unwritable:
        where = f"no report could be written ({unwritable.strerror}):\n{report}"
    if isinstance(error, BugError):
        error.why = f"{error.why}\n{where}"
        return error
    said = redacted(f"{type(error).__name__}: {error}".splitlines()[0], secrets)
    bug = BugError(
        said,
        why=f"a fault of neo4j-migrate itself\n{where}",
        next=[Next("neo4j-migrate status", "see what was kept")],
    )
    bug.__cause__ = error
    return bug


def _traceback(error: BaseException) -> list[str]:
    """Write an exception and those it came from: no line of a user's file, no value.

    A migration may have data in its text, and a server's message quotes what it met.
    """
    before = error.__cause__
    if before is None and not error.__suppress_context__:
        before = error.__context__
    lines = [*_traceback(before), ""] if before is not None else []
    frames = traceback.extract_tb(error.__traceback__)
    told = [
        frame
        if frame.filename.startswith(_OURS)
        else traceback.FrameSummary(frame.filename, frame.lineno, frame.name, line="")
        for frame in frames
    ]
    lines.append("Traceback (most recent call last):")
    lines += "".join(traceback.StackSummary.from_list(told).format()).splitlines()
    text = str(error)
    if type(error).__module__.partition(".")[0] in ("neo4j", _PACKAGE):
        text = without_values(text)
    return [*lines, f"{type(error).__qualname__}: {text}"]


def redacted(text: str, secrets: Collection[str]) -> str:
    """Take secrets and users in addresses out of a text."""
    return _USER_INFO.sub("//***@", without(text, secrets))


def without(text: str, secrets: Collection[str]) -> str:
    """Take secrets out of a text."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
        text = text.replace(repr(secret)[1:-1], "***")
    return text


def _facts() -> list[str]:
    facts = [f"python {platform.python_version()} on {platform.platform()}"]
    for package in _PACKAGES:
        try:
            facts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return [*facts, f"command: {' '.join(map(without_user, sys.argv[1:]))}"]
