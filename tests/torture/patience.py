"""Seconds in place of minutes: for runs in this process, and for a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import neo4j
import pytest

from neo4j_migrate_magic.database.connection import Database
from neo4j_migrate_magic.sandbox import Sandbox
from tests.conftest import VERSIONS, Graph

LIMIT = 2.0
"""Seconds that a statement of ours may take in such a run."""

_KEEP_ALIVE = {  # drivers take 3 s of silence for the end, not the default's 2 min
    "server.bolt.connection_keep_alive": "1s",
    "server.bolt.connection_keep_alive_probes": "3",
    "db.transaction.monitor.check.interval": "500ms",  # not 2 s: of limits in seconds
}


def shorten(monkeypatch: pytest.MonkeyPatch, *, lease: float) -> None:
    """Shorten the lease, and how long our own statements may take."""
    for module in ("lock", "heartbeat", "commit"):
        monkeypatch.setattr(f"neo4j_migrate_magic.history.{module}.LEASE", lease)
    monkeypatch.setattr("neo4j_migrate_magic.database.connection._SILENCE", 1.0)
    limits = {**(Database.write.__kwdefaults__ or {}), "timeout": LIMIT}
    monkeypatch.setattr(Database.write, "__kwdefaults__", limits)


@contextmanager
def watchful(version: str) -> Iterator[Graph]:
    """A server whose drivers notice within seconds that a line is silent."""
    with (
        Sandbox(version=VERSIONS[version], settings=_KEEP_ALIVE) as uri,
        neo4j.GraphDatabase.driver(uri, notifications_min_severity="OFF") as driver,
    ):
        yield Graph(uri, driver)
