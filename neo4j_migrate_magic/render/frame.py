"""Results as pandas DataFrames, with the same dtypes for no rows and many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    import pandas as pd
except ImportError as error:  # an installation with --no-deps
    raise ImportError(
        "a DataFrame needs pandas, which is not installed here: pip install pandas"
    ) from error

from neo4j_migrate_magic.model import MigrationKind, Outcome, State

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence
    from enum import Enum

    from neo4j_migrate_magic.model import Log, QueryResult, Report, Server, Status


def status_frame(status: Status) -> pd.DataFrame:
    """Give a row per migration, in order of version, with the version as index."""
    rows = status.rows
    frame = pd.DataFrame(
        {
            "name": _texts(row.name for row in rows),
            "state": _category([row.state for row in rows], State),
            "applied_at": _times([row.applied_at for row in rows]),
            "duration": _spans([row.duration_ms for row in rows]),
            "kind": _category([row.kind for row in rows], MigrationKind),
            "reversible": pd.array([row.reversible for row in rows], dtype="boolean"),
            "checksum": _texts(row.checksum or None for row in rows),
            "by": _texts(row.by or None for row in rows),
            "path": _texts(str(row.path) if row.path else None for row in rows),
            "note": _texts(row.note or None for row in rows),
        }
    )
    frame.index = _versions(row.version for row in rows)
    frame.attrs = {**_origin(status.server), "as_of": status.now.isoformat()}
    return frame


def report_frame(report: Report) -> pd.DataFrame:
    """Give a row per migration of a run, with the version as index."""
    rows = report.migrations
    frame = pd.DataFrame(
        {
            "name": _texts(row.name for row in rows),
            "outcome": _category([row.outcome for row in rows], Outcome),
            "steps": pd.array([row.steps for row in rows], dtype="int64"),
            "steps_run": pd.array([row.steps_run for row in rows], dtype="int64"),
            "duration": _spans([row.duration_ms for row in rows]),
        }
    )
    frame.index = _versions(row.version for row in rows)
    frame.attrs = {**_origin(report.server), "direction": report.direction.value}
    return frame


def log_frame(log: Log) -> pd.DataFrame:
    """Give a row per event, newest first."""
    rows = log.entries
    frame = pd.DataFrame(
        {
            "at": _times([row.at for row in rows]),
            "what": _texts(row.what for row in rows),
            "version": _texts(row.version for row in rows),
            "name": _texts(row.name for row in rows),
            "by": _texts(row.by or None for row in rows),
            "tool": _texts(row.detail.get("tool") for row in rows),
            "duration": _spans([row.detail.get("duration_ms") for row in rows]),
            "error": _texts(row.detail.get("error") for row in rows),
            "run_id": _texts(row.run_id or None for row in rows),
        }
    )
    frame.attrs = _origin(log.server)
    return frame


def rows_frame(result: QueryResult) -> pd.DataFrame:
    """Give the rows of a query, with the names of its columns."""
    return pd.DataFrame(result.rows, columns=pd.Index(result.keys))


def _texts(values: Iterable[str | None]) -> Any:
    return pd.array(list(values), dtype="string")


def _versions(values: Iterable[str]) -> Any:
    return pd.Index(list(values), dtype="string", name="version")


def _category(values: Sequence[Enum], known: type[Enum]) -> Any:
    return pd.Categorical(
        [value.value for value in values], categories=[one.value for one in known]
    )


def _times(values: Sequence[Any]) -> Any:
    # pandas chooses the unit by what it meets, and each major version another one
    return pd.Series(pd.to_datetime(list(values), utc=True)).astype(
        "datetime64[us, UTC]"
    )


def _spans(values: Sequence[int | None]) -> Any:
    found = pd.to_timedelta(pd.Series(list(values), dtype="Int64"), unit="ms")
    return found.astype("timedelta64[ms]")


def _origin(server: Server) -> dict[Hashable, Any]:
    return {"database": server.database, "uri": server.address}
