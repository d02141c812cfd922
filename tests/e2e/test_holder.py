"""Whoever meets a lock is told who holds it, and what for."""

from __future__ import annotations

import json
import time

import pytest

from tests.e2e.conftest import Site

pytestmark = pytest.mark.server

SLEEPS = """\
import asyncio


async def up(client):
    await asyncio.sleep(60)
"""


def test_the_holder_is_told_with_its_command(site: Site) -> None:
    """By `status`, and to a run that waits for it; `unlock` spares it."""
    site.add("20260101000000-sleeps.py", SLEEPS)
    with site.process("up") as run:
        try:
            limit = time.monotonic() + 60
            while site.lock_is_free() and time.monotonic() < limit:
                time.sleep(0.05)
            lock = json.loads(site("status", "--json").out)["data"]["lock"]
            status, unlock = site("status"), site("unlock")
            waits = site("up", "--lock-timeout", "500ms")
        finally:
            run.kill()

    assert (lock["command"], lock["pid"], lock["live"]) == ("up", run.pid, True)
    who = f"(pid {run.pid}, up) since "
    assert f"lock held by {lock['user']}@{lock['host']} {who}" in status.text
    assert who in waits.text
    assert unlock.error == ("LOCK.HELD", 9)
    assert waits.error == ("LOCK.HELD", 9)
