"""The flights project, up to its end and down to nothing, on both servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import neo4j
import pandas as pd
import pytest

from neo4j_migrate_magic import Migrator
from tests.flights import oracle

if TYPE_CHECKING:
    from collections.abc import Mapping

FLIGHTS = Path(__file__).parents[2] / "notebooks" / "flights"
MIGRATIONS = sorted(path.stem for path in (FLIGHTS / "migrations").glob("2*"))
LOADED = 3
"""Migrations after which the database holds what the CSV files hold, as they hold it."""


def test_left_out_columns_repeat_others() -> None:
    """The columns that are not loaded can be had from those that are."""
    table = oracle.table("flights")
    assert (table.hour * 100 + table.minute == table.sched_dep_time).all()

    local = pd.to_datetime(table.time_hour).dt.tz_convert("America/New_York")
    hours = pd.to_datetime(table[["year", "month", "day", "hour"]])
    assert (local.dt.tz_localize(None) == hours).all()


@pytest.mark.server
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
                found = oracle.fingerprint(driver)
                assert before[applied] == found, f"down of {MIGRATIONS[applied]}"
                if applied == LOADED:
                    check_loaded(driver, found)


def check_loaded(driver: neo4j.Driver, found: oracle.Fingerprint) -> None:
    """The loads brought every value of every table, and nothing else."""
    assert found["labels"] == {
        "Airport": 1_458,
        "Airline": 16,
        "Plane": 3_322,
        "Flight": 336_776,
    }
    assert found["types"] == {}

    properties = found["properties"]
    columns = oracle.loaded_flights().count()
    flights = {("Flight", key): (int(count),) for key, count in columns.items()}
    assert flights == {key: properties[key] for key in properties if key[0] == "Flight"}
    reference = {
        (*key, name): float(figure)
        for key, figures in properties.items()
        if key not in flights
        for name, figure in zip(("count", "sum"), figures[1::2], strict=True)
    }
    assert pytest.approx(oracle.reference_figures()) == reference

    check_flights(driver)


def check_flights(driver: neo4j.Driver) -> None:
    """Every column of the flights adds up, in total, by day and by names."""
    expected = oracle.flight_sums()
    texts = {"id", "carrier", "tailnum", "origin", "dest"}
    sums = [
        f"sum({f'size(f.{key})' if key in texts else f'f.{key}'})" for key in expected
    ]
    (found,) = oracle.rows(
        driver, f"MATCH (f:Flight) WITH properties(f) AS f RETURN {', '.join(sums)}"
    )
    assert expected == dict(zip(expected, found, strict=True))
    assert all(isinstance(total, int) for total in found), "an integer became a float"

    days = """
    MATCH (f:Flight) RETURN f.date AS day, count(*), sum(f.distance) ORDER BY day
    """
    assert oracle.flights_by_day() == [
        [day.to_native(), *figures] for day, *figures in oracle.rows(driver, days)
    ]

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
           sum(f.flight), sum(f.distance), sum(f.dep_delay), count(DISTINCT p)
    ORDER BY origin, dest, carrier
    """
    assert oracle.flights_by_names() == oracle.rows(driver, links)

    check_flights_untouched(driver)
    check_routes(driver)

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
    airports, planes, flights = map(oracle.table, ("airports", "planes", "flights"))
    used = len(oracle.used_airports())
    no_airport, no_plane = (
        len(oracle.unlisted_airports()),
        len(oracle.unlisted_planes()),
    )
    assert found["labels"] == {
        "Airline": len(oracle.table("airlines")),
        "Airport": used,
        "ArchivedAirport": len(airports) + no_airport - used,
        "ArchivedValue": planes.speed.count(),
        "Flight": len(flights),
        "Manufacturer": planes.manufacturer.nunique(),
        "Plane": len(planes) + no_plane,
        "Unlisted": no_airport + no_plane,
    }
    assert found["types"] == {
        "ORIGIN": len(flights),
        "DESTINATION": len(flights),
        "OPERATED_BY": len(flights),
        "FLOWN_WITH": flights.tailnum.count(),
        "MADE_BY": len(planes),
        "ROUTE": flights.groupby(["origin", "dest"]).ngroups,
    }


def check_flights_untouched(driver: neo4j.Driver) -> None:
    """The flights keep their keys and figures; their relationships carry nothing."""
    expected = oracle.flight_sums()
    kept = ("id", "flight", "dep_time", "arr_time", "dep_delay", "arr_delay")
    sums = """
    MATCH (f:Flight) WITH properties(f) AS f
    RETURN sum(size(f.id)), sum(f.flight), sum(f.dep_time), sum(f.arr_time),
           sum(f.dep_delay), sum(f.arr_delay)
    """
    assert [[expected[key] for key in kept]] == oracle.rows(driver, sums)

    bare = "MATCH (:Flight)-[r]->() RETURN sum(size(keys(r)))"
    assert oracle.rows(driver, bare) == [[0]]


def check_routes(driver: neo4j.Driver) -> None:
    """The derived relationships say what pandas says."""
    routes = """
    MATCH (o:Airport)-[r:ROUTE]->(d:Airport)
    RETURN o.faa AS origin, d.faa AS dest, properties(r)
    """
    found = {
        (origin, dest, key): value
        for origin, dest, properties in oracle.rows(driver, routes)
        for key, value in properties.items()
    }
    assert pytest.approx(oracle.routes()) == found
