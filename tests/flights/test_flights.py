"""The flights project, up to its end and down to nothing, on both servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import neo4j
import pytest

from neo4j_migrate_magic import Migrator
from tests.flights import oracle

if TYPE_CHECKING:
    from collections.abc import Mapping

FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights"
MIGRATIONS = sorted(path.stem for path in (FLIGHTS / "migrations").glob("2*"))
LOADED = 3
"""Migrations after which the database holds what the CSV files hold, as they hold it."""

pytestmark = pytest.mark.server


@pytest.mark.parametrize("version", ["5.26", "newest"])
async def test_up_and_down(version: str, servers: Mapping[str, str]) -> None:
    """Up agrees with the CSV files, and each down gives back what its up took."""
    uri = servers[version]
    with neo4j.GraphDatabase.driver(uri, notifications_min_severity="OFF") as driver:
        before = [oracle.fingerprint(driver)]
        assert before[0]["nodes"] == 0, "the test needs an empty database"

        async with Migrator(uri=uri, config=FLIGHTS / "neo4j-migrate.toml") as migrator:
            for _ in MIGRATIONS:
                await migrator.up(count=1)
                before.append(oracle.fingerprint(driver))
                if len(before) == LOADED + 1:
                    check_loaded(driver, before[-1])
            check_complete(driver, before[-1])

            for applied in reversed(range(len(MIGRATIONS))):
                await migrator.down(count=1)
                assert before[applied] == oracle.fingerprint(driver), MIGRATIONS[
                    applied
                ]
                if applied == LOADED:
                    check_loaded(driver, before[applied])


def check_loaded(driver: neo4j.Driver, found: oracle.Fingerprint) -> None:
    """The loads brought every value of every table, and nothing else."""
    assert found["labels"] == {
        "Airport": 1_458,
        "Airline": 16,
        "Plane": 3_322,
        "Flight": 336_776,
    }
    assert found["types"] == {}

    flights = {k: v for k, v in found["properties"].items() if k[0] == "Flight"}
    assert oracle.expected_flight_properties() == flights
    reference = {
        key: (count, float(total))
        for key, (_, count, _, total) in found["properties"].items()
        if key not in flights
    }
    assert pytest.approx(oracle.expected_reference_properties()) == reference

    names = """
    MATCH (f:Flight)
    RETURN f.origin AS origin, f.dest AS dest, f.carrier AS carrier, count(*),
           sum(f.flight), sum(f.distance), sum(f.dep_delay), count(DISTINCT f.tailnum)
    ORDER BY origin, dest, carrier
    """
    assert oracle.flights_by_names() == oracle.rows(driver, names)


def check_complete(driver: neo4j.Driver, found: oracle.Fingerprint) -> None:
    """All migrations together made what the CSV files say they must."""
    check_counts(found)

    links = """
    MATCH (f:Flight)
    MATCH (f)-[:ORIGIN]->(o), (f)-[:DESTINATION]->(d), (f)-[:OPERATED_BY]->(a)
    OPTIONAL MATCH (f)-[:FLOWN_WITH]->(p)
    RETURN o.faa AS origin, d.faa AS dest, a.carrier AS carrier, count(*),
           sum(f.number), sum(f.distance), sum(f.dep_delay), count(DISTINCT p)
    ORDER BY origin, dest, carrier
    """
    assert oracle.flights_by_names() == oracle.rows(driver, links)

    routes = """
    MATCH (o:Airport)-[r:ROUTE]->(d:Airport)
    RETURN o.faa AS origin, d.faa AS dest, r.flights, r.cancelled,
           round(r.mean_dep_delay, 6), round(r.mean_arr_delay, 6),
           round(r.mean_distance, 6)
    ORDER BY origin, dest
    """
    assert pytest.approx(oracle.routes(), abs=2e-6) == oracle.rows(driver, routes)

    made = """
    MATCH (f:Flight)-[:FLOWN_WITH]->(:Plane)-[:MADE_BY]->(m)
    RETURN m.name AS name, count(*) ORDER BY name
    """
    assert oracle.flights_by_manufacturer() == oracle.rows(driver, made)

    zones = """
    MATCH (a:Airport|ArchivedAirport) WHERE a.tz_area IS NOT NULL
    RETURN a.tz_area AS area, a.tz_city AS city, count(*) ORDER BY area, city
    """
    assert oracle.time_zones() == oracle.rows(driver, zones)

    search = """
    CALL db.index.fulltext.queryNodes('names', 'kennedy') YIELD node
    RETURN node.faa
    """
    assert oracle.rows(driver, search) == [["JFK"]]


def check_counts(found: oracle.Fingerprint) -> None:
    """Labels and relationship types, at the end, count what the CSV files hold."""
    used, planes = len(oracle.USED_AIRPORTS), len(oracle.UNLISTED_PLANES)
    unlisted = len(oracle.UNLISTED_AIRPORTS)
    assert found["labels"] == {
        "Airline": len(oracle.AIRLINES),
        "Airport": used,
        "ArchivedAirport": len(oracle.AIRPORTS) + unlisted - used,
        "ArchivedValue": int(oracle.PLANES.speed.count()),
        "Flight": len(oracle.FLIGHTS),
        "Manufacturer": oracle.PLANES.manufacturer.nunique(),
        "Plane": len(oracle.PLANES) + planes,
        "Unlisted": unlisted + planes,
    }
    assert found["types"] == {
        "ORIGIN": len(oracle.FLIGHTS),
        "DESTINATION": len(oracle.FLIGHTS),
        "OPERATED_BY": len(oracle.FLIGHTS),
        "FLOWN_WITH": int(oracle.FLIGHTS.tailnum.count()),
        "MADE_BY": len(oracle.PLANES),
        "ROUTE": len(oracle.routes()),
    }
