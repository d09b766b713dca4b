"""Between the contract's messages and the domain."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from practice.progress.v1 import progress_pb2 as pb
from session_service.progress import rules
from session_service.progress.model import Metric
from session_service.progress.rules import Bucket
from session_service.progress.service import Scope
from session_service.wire import to_timestamp

if TYPE_CHECKING:
    from session_service.progress.service import PieceDay, Series
    from session_service.progress.sums import Sums

METRICS: Final = {
    pb.METRIC_BPM: Metric.BPM,
    pb.METRIC_RAW_BPM: Metric.RAW_BPM,
    pb.METRIC_ACCURACY: Metric.ACCURACY,
    pb.METRIC_TEMPO_ACCURACY: Metric.TEMPO_ACCURACY,
    pb.METRIC_STEADINESS: Metric.STEADINESS,
    pb.METRIC_DEVIATION_PERCENT: Metric.DEVIATION_PERCENT,
    pb.METRIC_OFFSET_MS: Metric.OFFSET_MS,
}
BUCKETS: Final = {
    pb.BUCKET_UNSPECIFIED: Bucket.DAY,
    pb.BUCKET_MINUTE: Bucket.MINUTE,
    pb.BUCKET_HOUR: Bucket.HOUR,
    pb.BUCKET_DAY: Bucket.DAY,
    pb.BUCKET_WEEK: Bucket.WEEK,
    pb.BUCKET_MONTH: Bucket.MONTH,
}


def series_scope(request: pb.QueryTimeSeriesRequest, now: datetime) -> Scope:
    """Return what a series is asked about.

    Raises
    ------
    PracticeError
        FIELD_INVALID for an unknown time zone.
    """
    return Scope(
        start=_instant(request.start_time),
        end=_end(request, now),
        zone=rules.zone_of(request.time_zone),
        user_id=_id(request, "user_id"),
        session_id=_id(request, "session_id"),
        piece_id=_id(request, "piece_id"),
    )


def progress_scope(request: pb.GetPieceProgressRequest, now: datetime) -> Scope:
    """Return what progress is asked about; raises as `series_scope`."""
    end = _end(request, now)
    has_start = request.HasField("start_time")
    return Scope(
        start=_instant(request.start_time) if has_start else end - rules.DEFAULT_PROGRESS,
        end=end,
        zone=rules.zone_of(request.time_zone),
        user_id=_id(request, "user_id"),
        piece_id=uuid.UUID(request.piece_id),
    )


def to_series(series: Series) -> pb.QueryTimeSeriesResponse:
    """Return a series as the contract has it."""
    return pb.QueryTimeSeriesResponse(
        points=[
            pb.SeriesPoint(start_time=to_timestamp(start), statistics=to_statistics(sums))
            for start, sums in series.points.items()
        ],
        total=to_statistics(series.total),
    )


def to_piece_day(day: PieceDay) -> pb.PieceDay:
    """Return a day as the contract has it."""
    return pb.PieceDay(
        date=day.day.isoformat(),
        held_bpm=day.held_bpm,
        stream_count=day.stream_count,
        accuracy=to_statistics(day.accuracy),
        steadiness=to_statistics(day.steadiness),
    )


def to_statistics(sums: Sums | None) -> pb.Statistics | None:
    """Return what follows from sums."""
    if sums is None:
        return None
    return pb.Statistics(
        n=sums.n,
        mean=sums.mean,
        min=sums.lowest,
        max=sums.highest,
        standard_deviation=sums.standard_deviation,
    )


def _instant(timestamp: Any) -> datetime:
    instant: datetime = timestamp.ToDatetime(tzinfo=UTC)
    return instant


def _end(request: Any, now: datetime) -> datetime:
    return _instant(request.end_time) if request.HasField("end_time") else now


def _id(request: Any, field: str) -> uuid.UUID | None:
    return uuid.UUID(getattr(request, field)) if request.HasField(field) else None
