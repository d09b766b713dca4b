"""Progress: streams of practice sessions, their windows and beats over time, and hourly sums."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from session_service.db import timescale
from session_service.db.migrations.tables import instant, reference, rule
from session_service.db.stamps import create_stamp_trigger

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WINDOW_VALUES: Final = (
    "bpm",
    "raw_bpm",
    "metrical_ratio",
    "confidence",
    "accuracy",
    "tempo_accuracy",
    "steadiness",
    "deviation_percent",
    "drift_bpm_per_minute",
)


def upgrade() -> None:
    """Go to this revision."""
    is_timescale = timescale.is_loadable(op.get_bind())
    _create_streams()
    _create_windows(is_partitioned=not is_timescale)
    _create_beats(is_partitioned=not is_timescale)
    if is_timescale:
        timescale.install(op)
    else:
        _create_hourly()


def downgrade() -> None:
    """Go back to the one before."""
    if timescale.is_installed(op.get_bind()):
        timescale.remove(op)
    else:
        op.drop_table("hourly_metrics")
    for table in ("beat_metrics", "window_metrics", "metric_streams"):
        op.drop_table(table)


def _create_streams() -> None:
    op.create_table(
        "metric_streams",
        reference("metric_streams", "session_id", "practice_sessions.id"),
        sa.Column("stream_id", sa.Uuid, nullable=False),
        reference("metric_streams", "user_id", "users.id"),
        instant("started_at"),
        sa.Column("sample_rate_hz", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.Double)
            for name in ("audio_s", "active_s", "locked_s", "held_bpm", "accuracy", "steadiness")
        ),
        sa.Column("timing_sd_ms", sa.Double),
        instant("created_at", is_stamp=True),
        instant("updated_at", is_stamp=True),
        sa.PrimaryKeyConstraint("session_id", "stream_id", name="pk_metric_streams"),
        rule("metric_streams", "sample_rate_hz", "sample_rate_hz BETWEEN 8000 AND 96000"),
    )
    create_stamp_trigger(op, "metric_streams")
    op.create_index(
        "ix_metric_streams_user_id_started_at", "metric_streams", ["user_id", "started_at"]
    )


def _create_windows(*, is_partitioned: bool) -> None:
    _create_points(
        "window_metrics",
        sa.Column("end_sample", sa.BigInteger, nullable=False),
        sa.Column("start_sample", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        *(sa.Column(name, sa.REAL) for name in _WINDOW_VALUES),
        sa.Column("level_dbfs", sa.REAL, nullable=False),
        sa.Column("beat_count", sa.SmallInteger, nullable=False),
        rule("window_metrics", "order", "end_sample > start_sample"),
        key="end_sample",
        is_partitioned=is_partitioned,
    )


def _create_beats(*, is_partitioned: bool) -> None:
    _create_points(
        "beat_metrics",
        sa.Column("beat_index", sa.BigInteger, nullable=False),
        sa.Column("sample", sa.BigInteger, nullable=False),
        sa.Column("onset_sample", sa.BigInteger),
        sa.Column("beat_in_bar", sa.SmallInteger, nullable=False),
        sa.Column("confidence", sa.REAL, nullable=False),
        sa.Column("strength", sa.REAL, nullable=False),
        sa.Column("offset_ms", sa.REAL),
        key="beat_index",
        is_partitioned=is_partitioned,
    )


def _create_points(table: str, *parts: Any, key: str, is_partitioned: bool) -> None:
    options: dict[str, Any] = {"sqlite_with_rowid": False}
    if is_partitioned:
        options["postgresql_partition_by"] = "RANGE (recorded_at)"
    stream = ["session_id", "stream_id"]
    op.create_table(
        table,
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("stream_id", sa.Uuid, nullable=False),
        instant("recorded_at"),
        *parts,
        sa.PrimaryKeyConstraint(*stream, key, "recorded_at", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            stream,
            [f"metric_streams.{column}" for column in stream],
            name=f"fk_{table}_session_id_stream_id",
        ),
        **options,
    )


def _create_hourly() -> None:
    op.create_table(
        "hourly_metrics",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("metric", sa.SmallInteger, nullable=False),
        instant("hour"),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        *(
            sa.Column(name, sa.Double, nullable=False)
            for name in ("total", "total_squares", "lowest", "highest")
        ),
        sa.PrimaryKeyConstraint("session_id", "metric", "hour", name="pk_hourly_metrics"),
        rule("hourly_metrics", "n", "n > 0"),
        rule("hourly_metrics", "bounds", "lowest <= highest"),
        sqlite_with_rowid=False,
    )
