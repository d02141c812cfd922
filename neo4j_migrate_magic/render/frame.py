"""Results as pandas DataFrames, with the same dtypes for no rows and many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    import pandas as pd
except ImportError as error:  # an installation with --no-deps
    raise ImportError(
        "a DataFrame needs pandas, which is not installed here: pip install pandas"
    ) from error

from neo4j_migrate_magic.model.shown import columns as room
from neo4j_migrate_magic.render.columns import (
    Column,
    Kind,
    diagnosis_columns,
    explanation_columns,
    log_columns,
    report_columns,
    status_columns,
    verification_columns,
    view_columns,
)
from neo4j_migrate_magic.render.seen import LogTable, StatusTable, log_seen, status_seen

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from neo4j_migrate_magic.model import (
        Diagnosis,
        Explanation,
        Log,
        MigrationView,
        QueryResult,
        Report,
        Server,
        Status,
        Verification,
    )
    from neo4j_migrate_magic.render.seen import Table


class _SeenFrame(pd.DataFrame):
    """A DataFrame that a notebook shows as the command shows its result.

    What is drawn are the values that it has now. Once it has other columns than those
    it was made with, and for everything made from it, pandas draws.
    """

    _table: type[Table]

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str | None:
        if not pd.get_option("display.notebook_repr_html"):
            return None
        table = self._seen()
        if table is None:
            return super()._repr_html_()  # type: ignore[misc, no-any-return]
        return table.html()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        table = self._seen()
        printer.text(repr(self) if table is None else table.text(room()))

    def _seen(self) -> Table | None:
        """Read the values as they are; None where they are not ours any more."""
        dtypes = {str(name): str(dtype) for name, dtype in self.dtypes.items()}
        wanted = self._table.dtypes
        if list(dtypes) != list(wanted) or dtypes != dict(wanted):
            return None
        if len(self.columns) != len(wanted) or self.index.name != self._table.index:
            return None
        rows = self.reset_index() if self._table.index else self
        found = [
            {str(name): _plain(value) for name, value in row.items()}
            for row in rows.to_dict("records")
        ]
        return self._table.read(found, {str(k): str(v) for k, v in self.attrs.items()})


class StatusFrame(_SeenFrame):
    """The frame of a `status`."""

    _table = StatusTable


class LogFrame(_SeenFrame):
    """The frame of a `log`."""

    _table = LogTable


def status_frame(status: Status, *, every: bool = False) -> StatusFrame:
    """Give a row per migration, in order of version, with the version as index.

    `reversible` is a nullable boolean: of a file that is pending nobody knows.

    Args:
        status: What to show.
        every: Whether a notebook shows all rows of a long one, too.
    """
    frame = StatusFrame(_made(status_columns(status.rows), index="version"))
    frame.attrs = _origin(status.server) | status_seen(status, every=every)
    return frame


def log_frame(log: Log) -> LogFrame:
    """Give a row per event, newest first."""
    frame = LogFrame(_made(log_columns(log)))
    frame.attrs = _origin(log.server) | log_seen(log)
    return frame


def report_frame(report: Report) -> pd.DataFrame:
    """Give a row per migration of a run, with the version as index."""
    frame = _made(report_columns(report), index="version")
    frame.attrs = {**_origin(report.server), "direction": report.direction.value}
    return frame


def verification_frame(found: Verification) -> pd.DataFrame:
    """Give a row per problem."""
    frame = _made(verification_columns(found))
    frame.attrs = _origin(found.server)
    return frame


def diagnosis_frame(found: Diagnosis) -> pd.DataFrame:
    """Give a row per check."""
    frame = _made(diagnosis_columns(found))
    frame.attrs = _origin(found.server) if found.server else {}
    return frame


def view_frame(view: MigrationView) -> pd.DataFrame:
    """Give a row per statement."""
    frame = _made(view_columns(view))
    frame.attrs = {**_origin(view.server), "version": view.row.version}
    return frame


def explanation_frame(found: Explanation) -> pd.DataFrame:
    """Give a row per code."""
    return _made(explanation_columns(found))


def rows_frame(result: QueryResult) -> pd.DataFrame:
    """Give the rows of a query, with the names of its columns."""
    return pd.DataFrame(result.rows, columns=pd.Index(result.keys))


def _made(columns: Sequence[Column], *, index: str | None = None) -> pd.DataFrame:
    data = {one.name: _values(one) for one in columns if one.name != index}
    frame = pd.DataFrame(data)
    for one in columns:
        if one.name == index:
            frame.index = pd.Index(one.values, dtype="string", name=index)
    return frame


def _values(column: Column) -> Any:
    match column.kind:
        case Kind.TEXT:
            return pd.array(column.values, dtype="string")
        case Kind.COUNT:
            return pd.array(column.values, dtype="int64")
        case Kind.NUMBER:
            return pd.array(column.values, dtype="Int64")
        case Kind.TRUTH:
            return pd.array(column.values, dtype="boolean")
        case Kind.TIME:
            # pandas chooses the unit by what it meets, and each major version another
            times = pd.Series(pd.to_datetime(column.values, utc=True))
            return times.astype("datetime64[us, UTC]")
        case Kind.SPAN:
            spans = pd.to_timedelta(pd.Series(column.values, dtype="Int64"), unit="ms")
            return spans.astype("timedelta64[ms]")
        case known:
            words = [one.value for one in known]
            return pd.Categorical(column.values, categories=words)


def _plain(value: Any) -> Any:
    """Give a value of a frame as Python has it; None where it is missing."""
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, pd.Timedelta):
        return value // pd.Timedelta(milliseconds=1)
    return value


def _origin(server: Server) -> dict[Hashable, Any]:
    # an address with a user in it is refused long before it is one
    return {"database": server.database, "uri": server.address}
