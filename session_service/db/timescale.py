"""What only TimescaleDB does: hypertables, continuous aggregates, compression, retention.

It is used where the extension can be loaded when the tables are made (it stands in
``shared_preload_libraries`` and its files are there). Without it the same tables are partitioned
by month, and the sums are kept by whoever adds points.

``op`` is the module ``alembic.op``, as a revision has it.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, text

#: Points lie in chunks of this length.
CHUNK: Final = "7 days"
#: Points older than this are compressed: queries by session read one segment of a chunk.
COMPRESSED_AFTER: Final = "14 days"
#: Points older than this are dropped; the hours' sums stay.
KEPT_FOR: Final = "5 years"

_COMPRESSION: Final = (
    "timescaledb.compress, timescaledb.compress_segmentby = 'session_id, stream_id', "
    "timescaledb.compress_orderby = 'recorded_at'"
)
#: Numbers of the metrics (see `session_service.progress.model.Metric`) by column.
_WINDOW_METRICS: Final = {
    "bpm": 1,
    "raw_bpm": 2,
    "accuracy": 3,
    "tempo_accuracy": 4,
    "steadiness": 5,
    "deviation_percent": 6,
}
_BEAT_METRICS: Final = {"offset_ms": 7}
_HOURLY: Final = {
    "window_metrics": ("hourly_windows", _WINDOW_METRICS),
    "beat_metrics": ("hourly_beats", _BEAT_METRICS),
}
_SUMS: Final = """
    count({column}) AS {column}_n, sum({column}::float8) AS {column}_total,
    sum({column}::float8 * {column}::float8) AS {column}_total_squares,
    min({column}) AS {column}_lowest, max({column}) AS {column}_highest
"""
# Not only what is materialised: an answer has the newest points, too.
_AGGREGATE: Final = """
    CREATE MATERIALIZED VIEW {view}
    WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT session_id, time_bucket(INTERVAL '1 hour', recorded_at) AS hour, {sums}
    FROM {table} GROUP BY session_id, hour WITH NO DATA
"""
_HOURS: Final = """
    SELECT session_id, {number}::smallint AS metric, hour, {column}_n AS n,
        {column}_total AS total, {column}_total_squares AS total_squares,
        {column}_lowest::float8 AS lowest, {column}_highest::float8 AS highest
    FROM {view} WHERE {column}_n > 0
"""


def is_loadable(connection: Connection) -> bool:
    """Whether the extension is there, loaded, and may be created."""
    if connection.dialect.name != "postgresql":
        return False
    is_available = text("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'")
    if connection.execute(is_available).first() is None:
        return False
    loaded = connection.execute(text("SHOW shared_preload_libraries")).scalar_one()
    return "timescaledb" in str(loaded)


def is_installed(connection: Connection) -> bool:
    """Whether this database's points lie in hypertables."""
    if connection.dialect.name != "postgresql":
        return False
    view = text("SELECT 1 FROM pg_views WHERE viewname = 'hourly_metrics'")
    return connection.execute(view).first() is not None


def install(op: Any) -> None:
    """Turn the plain tables of points into hypertables, with everything around them."""
    op.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    for table, (view, metrics) in _HOURLY.items():
        for statement in _hypertable(table):
            op.execute(statement)
        op.execute(_aggregate(table, view, metrics))
        op.execute(
            f"SELECT add_continuous_aggregate_policy('{view}', start_offset => INTERVAL '4 years', "
            "end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '30 minutes')"
        )
    op.execute(_all_hours())


def remove(op: Any) -> None:
    """Undo `install`, but for the extension and the tables of points."""
    op.execute("DROP VIEW hourly_metrics")
    for view, _ in _HOURLY.values():
        op.execute(f"DROP MATERIALIZED VIEW {view}")


def _hypertable(table: str) -> list[str]:
    return [
        f"SELECT create_hypertable('{table}', by_range('recorded_at', INTERVAL '{CHUNK}'))",
        f"ALTER TABLE {table} SET ({_COMPRESSION})",
        f"SELECT add_compression_policy('{table}', INTERVAL '{COMPRESSED_AFTER}')",
        f"SELECT add_retention_policy('{table}', INTERVAL '{KEPT_FOR}')",
    ]


def _aggregate(table: str, view: str, metrics: dict[str, int]) -> str:
    sums = ", ".join(_SUMS.format(column=column) for column in metrics)
    return _AGGREGATE.format(view=view, table=table, sums=sums)


def _all_hours() -> str:
    parts = [
        _HOURS.format(view=view, column=column, number=number)
        for view, metrics in _HOURLY.values()
        for column, number in metrics.items()
    ]
    return f"CREATE VIEW hourly_metrics AS {' UNION ALL '.join(parts)}"
