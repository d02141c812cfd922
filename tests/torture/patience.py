"""Seconds in place of half-minutes, for runs in this process."""

from __future__ import annotations

import pytest

from neo4j_migrate_magic.database.connection import Database


def shorten(monkeypatch: pytest.MonkeyPatch, *, lease: float) -> None:
    """Shorten the lease, and how long our own statements may take."""
    for module in ("lock", "heartbeat", "commit"):
        monkeypatch.setattr(f"neo4j_migrate_magic.history.{module}.LEASE", lease)
    monkeypatch.setattr("neo4j_migrate_magic.database.connection._SILENCE", 1.0)
    limits = {**(Database.write.__kwdefaults__ or {}), "timeout": 2.0}
    monkeypatch.setattr(Database.write, "__kwdefaults__", limits)
