"""What streams sounded like: their points over time, and sums over every hour.

On PostgreSQL the points lie in monthly partitions, or in hypertables where TimescaleDB can be
loaded; on SQLite in plain tables (see `storage`).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import IntEnum
from typing import Final

from sqlalchemy import (
    REAL,
    BigInteger,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
)
from sqlalchemy.orm import Mapped, mapped_column

from session_service.db.columns import Base, Stamped, rule

#: SQLite counts rows in one kind of integer only.
COUNT: Final = BigInteger().with_variant(Integer, "sqlite")


class Metric(IntEnum):
    """What is summed up; the numbers are kept and never change."""

    BPM = 1
    RAW_BPM = 2
    ACCURACY = 3
    TEMPO_ACCURACY = 4
    STEADINESS = 5
    DEVIATION_PERCENT = 6
    OFFSET_MS = 7


#: The metrics of windows, by their columns; that of beats is OFFSET_MS.
WINDOW_METRICS: Final = {
    "bpm": Metric.BPM,
    "raw_bpm": Metric.RAW_BPM,
    "accuracy": Metric.ACCURACY,
    "tempo_accuracy": Metric.TEMPO_ACCURACY,
    "steadiness": Metric.STEADINESS,
    "deviation_percent": Metric.DEVIATION_PERCENT,
}


class MetricStream(Base, Stamped):
    """A stream of a practice session; its points' times count from `started_at`."""

    __tablename__ = "metric_streams"
    __table_args__ = (
        Index("ix_metric_streams_user_id_started_at", "user_id", "started_at"),
        rule("sample_rate_hz", "sample_rate_hz BETWEEN 8000 AND 96000"),
    )

    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("practice_sessions.id"), primary_key=True
    )
    stream_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    sample_rate_hz: Mapped[int]
    # From the summary, once the stream has ended.
    audio_s: Mapped[float | None] = mapped_column(Double)
    active_s: Mapped[float | None] = mapped_column(Double)
    locked_s: Mapped[float | None] = mapped_column(Double)
    held_bpm: Mapped[float | None] = mapped_column(Double)
    accuracy: Mapped[float | None] = mapped_column(Double)
    steadiness: Mapped[float | None] = mapped_column(Double)
    timing_sd_ms: Mapped[float | None] = mapped_column(Double)


class WindowMetric(Base):
    """One window; the contract's WindowResult says what the columns are."""

    __tablename__ = "window_metrics"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "stream_id"], ["metric_streams.session_id", "metric_streams.stream_id"]
        ),
        rule("order", "end_sample > start_sample"),
        {"postgresql_partition_by": "RANGE (recorded_at)", "sqlite_with_rowid": False},
    )

    session_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stream_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    end_sample: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # It follows from end_sample; a partitioned table wants it in the key.
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    start_sample: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[int] = mapped_column(SmallInteger)
    bpm: Mapped[float | None] = mapped_column(REAL)
    raw_bpm: Mapped[float | None] = mapped_column(REAL)
    metrical_ratio: Mapped[float | None] = mapped_column(REAL)
    confidence: Mapped[float | None] = mapped_column(REAL)
    accuracy: Mapped[float | None] = mapped_column(REAL)
    tempo_accuracy: Mapped[float | None] = mapped_column(REAL)
    steadiness: Mapped[float | None] = mapped_column(REAL)
    deviation_percent: Mapped[float | None] = mapped_column(REAL)
    drift_bpm_per_minute: Mapped[float | None] = mapped_column(REAL)
    level_dbfs: Mapped[float] = mapped_column(REAL)
    beat_count: Mapped[int] = mapped_column(SmallInteger)


class BeatMetric(Base):
    """One beat, by its final record; the contract's Beat says what the columns are."""

    __tablename__ = "beat_metrics"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "stream_id"], ["metric_streams.session_id", "metric_streams.stream_id"]
        ),
        {"postgresql_partition_by": "RANGE (recorded_at)", "sqlite_with_rowid": False},
    )

    session_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    stream_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    beat_index: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # Beats are counted anew when a stream is opened again after its server was lost: a beat_index
    # may then come twice, at two places.
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    sample: Mapped[int] = mapped_column(BigInteger)
    onset_sample: Mapped[int | None] = mapped_column(BigInteger)
    beat_in_bar: Mapped[int] = mapped_column(SmallInteger)
    confidence: Mapped[float] = mapped_column(REAL)
    strength: Mapped[float] = mapped_column(REAL)
    offset_ms: Mapped[float | None] = mapped_column(REAL)


class HourlyMetric(Base):
    """Sums over the points of one session in one hour (UTC): mean and deviation follow."""

    __tablename__ = "hourly_metrics"
    __table_args__ = (
        rule("n", "n > 0"),
        rule("bounds", "lowest <= highest"),
        {"sqlite_with_rowid": False},
    )

    session_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    metric: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(COUNT)
    total: Mapped[float] = mapped_column(Double)
    total_squares: Mapped[float] = mapped_column(Double)
    lowest: Mapped[float] = mapped_column(Double)
    highest: Mapped[float] = mapped_column(Double)
