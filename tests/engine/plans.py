"""Migrations, records and a history made on paper, for the planner's tests."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from neo4j_migrate_magic.files import parse_cypher
from neo4j_migrate_magic.model import (
    Direction,
    History,
    Lock,
    Migration,
    Record,
    RecordDetail,
    RecordState,
    Server,
)

SERVER = Server(version="5.26.30", database="neo4j", address="127.0.0.1:7687")
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
MIXED = """\
// @up
CREATE CONSTRAINT p_id FOR (p:P) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT p_x FOR (p:P) REQUIRE p.x IS UNIQUE;
CREATE INDEX p_a FOR (p:P) ON (p.a);
CREATE INDEX p_b FOR (p:P) ON (p.b);
MATCH (p:P) SET p.a = 1;
MATCH (p:P) RETURN count(p);
MATCH (p:P) CALL (p) { SET p.b = 2 } IN TRANSACTIONS;
SHOW DATABASES;
DROP INDEX p_a;
CREATE INDEX p_a FOR (p:P) ON (p.a, p.b);
"""


def migration(version: str, text: str = "CREATE (n:N);") -> Migration:
    path = Path(f"migrations/{version}-m.cypher")
    return parse_cypher(text, version, "m", path)


def record(of: Migration, **values: object) -> Record:
    plain: dict[str, object] = {
        "version": of.version,
        "name": of.name,
        "kind": of.kind,
        "origin": "run",
        "state": RecordState.APPLIED,
        "direction": Direction.UP,
        "step": 2,
        "steps": 1,
        "checksum": of.checksum,
        "reversible": True,
        "sequence": int(of.version[6:8]),
        "run_id": "run",
    }
    return Record(**{**plain, **values})  # type: ignore[arg-type]


def history(*records: Record, lock: Lock | None = None) -> History:
    return History(records=tuple(records), lock=lock, now=NOW, server=SERVER)


def detail(of: Migration, **values: object) -> RecordDetail:
    parts = {"source", "steps_done", "inverse", "intent", "down_from"}
    inner = {k: v for k, v in values.items() if k not in parts}
    outer = {"source": of.source, **{k: v for k, v in values.items() if k in parts}}
    return RecordDetail(record=record(of, **inner), **outer)  # type: ignore[arg-type]


ONE, TWO, THREE = (migration(f"2026010{n}000000") for n in (1, 2, 3))
