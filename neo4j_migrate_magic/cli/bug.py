"""A fault of ours: its traceback goes to a file that can be sent to us."""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import traceback
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from neo4j_migrate_magic.cli.usage import without_user
from neo4j_migrate_magic.errors import BugError, Next

if TYPE_CHECKING:
    from collections.abc import Collection

_PACKAGES = ("neo4j-migrate-magic", "neo4j", "click", "pandas", "ipython")
_USER_INFO = re.compile(r"//\S*@")


def bug_error(error: BaseException, secrets: Collection[str]) -> BugError:
    """Write a report of an exception that nobody expected, and give its error.

    Args:
        error: The exception.
        secrets: What the report must not have in it.
    """
    text = "".join(traceback.format_exception(error))
    report = redacted("\n".join([*_facts(), "", text]), secrets)
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
    said = redacted(f"{type(error).__name__}: {error}".splitlines()[0], secrets)
    return BugError(
        said,
        why=f"a fault of neo4j-migrate itself\n{where}",
        next=[Next("neo4j-migrate status", "see what was kept")],
    )


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
