"""A signal between the work and its printed result: one line that says the truth."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

FILE = "20260101000000-a.cypher"

# A command line that is sent a signal when its work is done.
_SCRIPT = """
import os, signal, sys
from neo4j_migrate_magic import cli
from neo4j_migrate_magic.migrator import Migrator
from neo4j_migrate_magic.cli.host import App

def struck(owner):
    original = getattr(owner, {name!r})

    {prefix}def method(*args, **options):
        result = {await_}original(*args, **options)
        os.kill(os.getpid(), {number})
        return result

    setattr(owner, {name!r}, method)

signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored here
struck({owner})
sys.argv = ["neo4j-migrate", *{args}]
sys.exit(cli.main())
"""


def struck(number: int, at: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command line that is sent a signal behind a method."""
    owner, name = at.split(".")
    await_, prefix = ("", "") if owner == "App" else ("await ", "async ")
    script = _SCRIPT.format(
        owner=owner,
        name=name,
        number=int(number),
        args=args,
        await_=await_,
        prefix=prefix,
    )
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def number(request: pytest.FixtureRequest) -> Any:
    """One of the two signals."""
    return request.param


@pytest.mark.parametrize("at", ["App.run", "Migrator.__aexit__"])
def test_up_and_down_say_that_all_was_done(site: Site, number: int, at: str) -> None:
    """The exit code is the signal's all the same, and the lock is free."""
    site.add(FILE, "// @up\nCREATE (:A);\n// @down\nMATCH (a:A) DELETE a;\n")

    up = struck(number, at, "up")
    there = site.count("A")
    down = struck(number, at, "down")

    assert [up.returncode, down.returncode] == [128 + number] * 2
    assert [up.stdout, down.stdout] == ["", ""]
    for done, word in ((up, "applied"), (down, "rolled back")):
        *_, last = done.stderr.splitlines()
        assert last.startswith(f"interrupted after its end: {word} 1 migration, 1 step")
        assert done.stderr.count("interrupted") == 1
    assert (there, site.count("A"), site.records()) == (1, 0, [])
    assert site.lock_is_free()


def test_a_correction_is_not_denied(site: Site, number: int) -> None:
    """Where its result is not known here, it is told where to see it."""
    site.add(FILE, "CREATE (:A);")
    baseline = ("baseline", "latest", "-y")

    looked = struck(number, "Migrator.baseline", *baseline)  # for what to ask about
    before = site.records()
    wrote = struck(number, "App.write", *baseline)

    assert [looked.returncode, wrote.returncode] == [128 + number] * 2
    assert looked.stderr.endswith("interrupted: nothing was changed\n")
    assert before == []
    assert wrote.stderr.endswith(
        "\ninterrupted: neo4j-migrate log and status tell what was done\n"
    )
    assert len(site.records()) == 1
