"""Queries about streams, points and hourly sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from session_service.db.columns import UtcDateTime
from session_service.progress.model import (
    WINDOW_METRICS,
    BeatMetric,
    HourlyMetric,
    Metric,
    MetricStream,
    WindowMetric,
)
from session_service.progress.sums import Sums

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session
    from sqlalchemy.sql.compiler import SQLCompiler

    from practice.analysis.v1 import analysis_pb2
    from session_service.progress.batches import Batch

    StreamKey = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Stream:
    """What its points have to fit: whose it is, when it began, and its sample rate."""

    user_id: uuid.UUID
    started_at: datetime
    sample_rate_hz: int


class minute_of(FunctionElement["datetime"]):  # noqa: N801 - an SQL function, named like one
    """The beginning of an instant's minute."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(minute_of, "sqlite")
def _minute_sqlite(element: minute_of, compiler: SQLCompiler, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:00.000000', {instant})"


@compiles(minute_of)
def _minute_postgresql(element: minute_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"date_trunc('minute', {compiler.process(element.clauses, **options)})"


def register_streams(session: Session, batches: Sequence[Batch]) -> Mapping[StreamKey, Stream]:
    """Return the streams of some batches, made from the first batch where they are new."""
    first = {batch.key: batch for batch in reversed(batches)}
    known = _streams(session, first)
    if missing := sorted(set(first) - set(known)):
        # In the order of the key, so that two programs never wait for each other's rows.
        values = [_stream_values(first[key]) for key in missing]
        dialect = session.get_bind().dialect.name
        insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
        session.execute(insert(MetricStream).on_conflict_do_nothing(), values)
        known = _streams(session, first)
    return known


def _streams(session: Session, keys: Collection[StreamKey]) -> Mapping[StreamKey, Stream]:
    query = select(
        MetricStream.session_id,
        MetricStream.stream_id,
        MetricStream.user_id,
        MetricStream.started_at,
        MetricStream.sample_rate_hz,
    ).where(MetricStream.session_id.in_({session_id for session_id, _ in keys}))
    found = {(row[0], row[1]): Stream(*row[2:]) for row in session.execute(query)}
    return {key: found[key] for key in keys if key in found}


def _stream_values(batch: Batch) -> dict[str, Any]:
    return {
        "session_id": batch.session_id,
        "stream_id": batch.stream_id,
        "user_id": batch.owner_id,
        "started_at": batch.started_at,
        "sample_rate_hz": batch.request.sample_rate_hz,
    }


def sum_up(session: Session, key: StreamKey, summary: analysis_pb2.StreamSummary) -> None:
    """Keep a stream's summary; the newest holds."""
    told = {field.name: value for field, value in summary.ListFields()}
    session.execute(
        update(MetricStream)
        .where(MetricStream.session_id == key[0], MetricStream.stream_id == key[1])
        .values(
            audio_s=summary.audio_seconds,
            active_s=summary.active_seconds,
            locked_s=summary.locked_seconds,
            **{name: told.get(name) for name in ("held_bpm", "accuracy", "steadiness")},
            timing_sd_ms=told.get("timing_sd_ms"),
        )
    )


def hourly_sums(
    session: Session,
    session_ids: Select[uuid.UUID],
    metrics: Sequence[Metric],
    start: datetime,
    end: datetime,
) -> list[tuple[Metric, datetime, Sums]]:
    """Return the sums of every hour that begins in a range, over all those sessions."""
    hour = HourlyMetric
    query = (
        select(
            hour.metric,
            hour.hour,
            func.sum(hour.n),
            func.sum(hour.total),
            func.sum(hour.total_squares),
            func.min(hour.lowest),
            func.max(hour.highest),
        )
        .where(
            hour.session_id.in_(session_ids),
            hour.metric.in_([int(metric) for metric in metrics]),
            hour.hour >= start,
            hour.hour < end,
        )
        .group_by(hour.metric, hour.hour)
    )
    rows = session.execute(query).all()
    return [(Metric(metric), when, Sums(int(n), *sums)) for metric, when, n, *sums in rows]


def minute_sums(
    session: Session,
    session_ids: Select[uuid.UUID],
    metric: Metric,
    start: datetime,
    end: datetime,
    *,
    most: int,
) -> list[tuple[datetime, Sums]]:
    """Return the sums of the first minutes in a range, from the points themselves."""
    table, value = _points_of(metric)
    minute = minute_of(table.recorded_at)
    query = (
        select(
            minute,
            func.count(value),
            func.sum(value),
            func.sum(value * value),
            func.min(value),
            func.max(value),
        )
        .where(
            table.session_id.in_(session_ids),
            table.recorded_at >= start,
            table.recorded_at < end,
            value.is_not(None),
        )
        .group_by(minute)
        .order_by(minute)
        .limit(most)
    )
    return [(when, Sums(*sums)) for when, *sums in session.execute(query).all()]


def _points_of(
    metric: Metric,
) -> tuple[type[WindowMetric | BeatMetric], ColumnElement[float] | InstrumentedAttribute[Any]]:
    if metric is Metric.OFFSET_MS:
        return BeatMetric, BeatMetric.offset_ms
    (name,) = (name for name, known in WINDOW_METRICS.items() if known is metric)
    return WindowMetric, getattr(WindowMetric, name)


def held_tempi(
    session: Session, session_ids: Select[uuid.UUID], start: datetime, end: datetime
) -> list[tuple[datetime, float]]:
    """Return when streams began that held a tempo, and the highest that each held, in bpm."""
    query = select(MetricStream.started_at, MetricStream.held_bpm).where(
        MetricStream.session_id.in_(session_ids),
        MetricStream.started_at >= start,
        MetricStream.started_at < end,
        MetricStream.held_bpm.is_not(None),
    )
    return [(when, bpm) for when, bpm in session.execute(query) if bpm is not None]
