"""MetricsService: translates and decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from practice.progress.v1 import progress_pb2 as pb
from practice.progress.v1 import progress_pb2_grpc
from session_service.actors import actor_of
from session_service.progress import codec
from session_service.progress.batches import Batch

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from practice.rpc.calls import Context
    from session_service.db.database import Database
    from session_service.progress.service import Metrics
    from session_service.repeats.service import Repeats

METRICS_SERVICE: Final[str] = pb.DESCRIPTOR.services_by_name["MetricsService"].full_name


class MetricsServicer(progress_pb2_grpc.MetricsServiceServicer):
    """Metrics over grpc.aio.

    Parameters
    ----------
    database
        Runs units of work that only read.
    metrics
        Does it.
    repeats
        Runs mutations once.
    now
        The clock, where a request leaves out the end.
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        repeats: Repeats,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._repeats = repeats
        self._now = now

    async def WriteMetrics(
        self, request: pb.WriteMetricsRequest, context: Context
    ) -> pb.WriteMetricsResponse:
        """Add points."""
        actor = actor_of(context)

        def write(session: Session) -> pb.WriteMetricsResponse:
            outcome = self._metrics.write(session, actor, Batch(actor.user_id, request))
            return pb.WriteMetricsResponse(
                new_windows=outcome.new_windows, new_beats=outcome.new_beats
            )

        return await self._repeats.once(actor.user_id, request, pb.WriteMetricsResponse, write)

    async def QueryTimeSeries(
        self, request: pb.QueryTimeSeriesRequest, context: Context
    ) -> pb.QueryTimeSeriesResponse:
        """Return one metric over time."""
        actor, scope = actor_of(context), codec.series_scope(request, self._now())
        metric, bucket = codec.METRICS[request.metric], codec.BUCKETS[request.bucket]
        series = await self._database.read(
            lambda session: self._metrics.series(session, actor, metric, bucket, scope)
        )
        return codec.to_series(series)

    async def GetPieceProgress(
        self, request: pb.GetPieceProgressRequest, context: Context
    ) -> pb.GetPieceProgressResponse:
        """Return how a piece got on."""
        actor, scope = actor_of(context), codec.progress_scope(request, self._now())
        days = await self._database.read(
            lambda session: self._metrics.piece_days(session, actor, scope)
        )
        return pb.GetPieceProgressResponse(days=[codec.to_piece_day(day) for day in days])
