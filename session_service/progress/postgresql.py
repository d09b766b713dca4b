"""Points in PostgreSQL: COPY into a temporary table, then once and for all into the partitions.

With TimescaleDB `hourly_metrics` is a view over its continuous aggregates, and there is nothing
to add up here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from session_service.progress.batches import BEAT_COLUMNS, WINDOW_COLUMNS
from session_service.progress.model import WINDOW_METRICS, Metric

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from session_service.progress.batches import Row

WINDOWS: Final = "window_metrics"
BEATS: Final = "beat_metrics"

# Any number will do, as long as every program takes the same.
_PARTITION_LOCK: Final = 0x7072_6164
_KEY_TYPES: Final = ("uuid", "uuid", "int8", "timestamptz", "int8")
_RECORDED_AT: Final = 3


@dataclass(frozen=True, slots=True)
class _Kind:
    """A table of points: its columns with their types, and which of them are summed up."""

    table: str
    columns: Sequence[str]
    types: Sequence[str]
    metrics: Mapping[str, Metric]


_WINDOWS: Final = _Kind(
    WINDOWS, WINDOW_COLUMNS, (*_KEY_TYPES, "int2", *["float4"] * 10, "int2"), WINDOW_METRICS
)
_BEATS: Final = _Kind(
    BEATS,
    BEAT_COLUMNS,
    (*_KEY_TYPES, "int8", "int2", *["float4"] * 3),
    {"offset_ms": Metric.OFFSET_MS},
)

_INSERT: Final = """
    INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming_{table}
    ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING RETURNING *
"""
# In the order of the key, so that two programs never wait for each other's rows.
_ADD_AND_SUM: Final = """
    WITH fresh AS ({insert}),
    points AS (
        SELECT session_id, metric, date_trunc('hour', recorded_at, 'UTC') AS hour,
            value::float8 AS value
        FROM fresh CROSS JOIN LATERAL (VALUES {values}) AS each_metric (metric, value)
        WHERE value IS NOT NULL
    ),
    sums AS (
        INSERT INTO hourly_metrics
            (session_id, metric, hour, n, total, total_squares, lowest, highest)
        SELECT session_id, metric, hour, count(*), sum(value), sum(value * value), min(value),
            max(value)
        FROM points GROUP BY session_id, metric, hour ORDER BY session_id, metric, hour
        ON CONFLICT (session_id, metric, hour) DO UPDATE SET
            n = hourly_metrics.n + excluded.n,
            total = hourly_metrics.total + excluded.total,
            total_squares = hourly_metrics.total_squares + excluded.total_squares,
            lowest = least(hourly_metrics.lowest, excluded.lowest),
            highest = greatest(hourly_metrics.highest, excluded.highest)
    )
    SELECT count(*) FROM fresh
"""
_ADD: Final = "WITH fresh AS ({insert}) SELECT count(*) FROM fresh"


class PostgresqlPoints:
    """Partitions by month, made when they are needed; or hypertables, which make their own."""

    def prepare(self, session: Session, instants: Collection[datetime]) -> None:
        """Make the partitions for points of about these times.

        A new partition locks what its foreign key refers to: made after a stream's row, it could
        wait for somebody who waits for that row.
        """
        months = {month_of(instant) for instant in instants}
        for table in (WINDOWS, BEATS):
            if _is_partitioned(session, table):
                make_partitions(session, table, months)

    def add_windows(self, session: Session, rows: Sequence[Row]) -> int:
        """Add windows; returns how many were new."""
        return _add(session, _WINDOWS, rows)

    def add_beats(self, session: Session, rows: Sequence[Row]) -> int:
        """Add beats; returns how many were new."""
        return _add(session, _BEATS, rows)


def _add(session: Session, kind: _Kind, rows: Sequence[Row]) -> int:
    if not rows:
        return 0
    is_partitioned = _is_partitioned(session, kind.table)
    if is_partitioned:
        make_partitions(session, kind.table, {month_of(row[_RECORDED_AT]) for row in rows})
    _copy(session, kind, rows)
    insert = _INSERT.format(table=kind.table, columns=", ".join(kind.columns))
    values = ", ".join(f"({int(metric)}, {column})" for column, metric in kind.metrics.items())
    statement = (_ADD_AND_SUM if is_partitioned else _ADD).format(insert=insert, values=values)
    return int(session.execute(text(statement)).scalar_one())


def _is_partitioned(session: Session, table: str) -> bool:
    kind = text("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(:table)")
    return bool(session.execute(kind, {"table": table}).scalar_one())


def _copy(session: Session, kind: _Kind, rows: Sequence[Row]) -> None:
    connection = session.connection()
    incoming = f"incoming_{kind.table}"
    connection.execute(
        text(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming} (LIKE {kind.table}) "
            "ON COMMIT DELETE ROWS"
        )
    )
    driver: Any = connection.connection.driver_connection
    names = ", ".join(kind.columns)
    statement = f"COPY {incoming} ({names}) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(kind.types)
        for row in rows:
            copy.write_row(row)


def month_of(instant: datetime) -> datetime:
    """Return the beginning of an instant's month, in UTC."""
    utc = instant.astimezone(UTC)
    return datetime(utc.year, utc.month, 1, tzinfo=UTC)


def make_partitions(session: Session, table: str, months: Collection[datetime]) -> None:
    """Make the partitions that are missing, whoever else may be about to."""
    for month in sorted(months):
        name = f"{table}_{month:%Y_%m}"
        is_there = text("SELECT to_regclass(:name) IS NOT NULL")
        if session.execute(is_there, {"name": name}).scalar_one():
            continue
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _PARTITION_LOCK})
        after = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
        session.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} "
                f"FOR VALUES FROM ('{month.isoformat()}') TO ('{after.isoformat()}')"
            )
        )
