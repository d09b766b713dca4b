"""What one stream has for its practice session and has not given away yet."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from practice.progress.v1 import progress_pb2
from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis_engine.serving.limits import RecordingLimits
    from analysis_engine.serving.metrics_sink import MetricsSink
    from practice.analysis.v1 import analysis_pb2 as pb

_RETRY_S: Final = 0.05
_NS_PER_S: Final = 1_000_000_000


class Recording:
    """Gathers windows and final beats, and hands them over about once a second.

    Overflow policy: while the sink has no room, the newest are kept here up to a bound, and the
    oldest are dropped and counted.

    Parameters
    ----------
    sink
        Takes the batches.
    owner
        Subject of the stream's principal.
    session_id, stream_id
        What the points belong to.
    sample_rate_hz
        The stream's.
    limits
        Bounds.
    """

    def __init__(
        self,
        sink: MetricsSink,
        *,
        owner: str,
        session_id: str,
        stream_id: str,
        sample_rate_hz: int,
        limits: RecordingLimits,
    ) -> None:
        self.kept_through_sample = 0
        self.dropped_count = 0
        self._sink = sink
        self._owner = owner
        self._limits = limits
        self._batch = progress_pb2.WriteMetricsRequest(
            session_id=session_id, stream_id=stream_id, sample_rate_hz=sample_rate_hz
        )
        self._in_flight = 0
        self._has_landed = asyncio.Event()

    def add(self, response: pb.StreamingAnalyzeResponse) -> None:
        """Keep a window, the final records of beats, or the summary; nothing else."""
        if response.HasField("window"):
            self._batch.windows.append(response.window)
        elif response.HasField("beats"):
            self._batch.beats.extend(beat for beat in response.beats.beats if beat.final)
        elif response.HasField("summary"):
            self._batch.summary.CopyFrom(response.summary)

    @property
    def is_waiting(self) -> bool:
        """Whether there is anything that has not been handed over."""
        batch = self._batch
        return bool(batch.windows or batch.beats or batch.HasField("summary"))

    def keep(self, through_sample: int, on_kept: Callable[[int], None]) -> bool:
        """Hand over what waits, if anything does.

        Parameters
        ----------
        through_sample
            How far the stream has come.
        on_kept
            Called with it once everything up to there is durable.

        Returns
        -------
        bool
            Whether the sink had room.
        """
        if self.is_waiting:
            return self._hand_over(through_sample, on_kept)
        if not self._in_flight:
            self.kept_through_sample = through_sample
            on_kept(through_sample)
        return True

    def _hand_over(self, through_sample: int, on_kept: Callable[[int], None]) -> bool:
        if not self._batch.HasField("stream_start_time"):
            heard_ns = through_sample * _NS_PER_S // self._batch.sample_rate_hz
            self._batch.stream_start_time.FromNanoseconds(time.time_ns() - heard_ns)
        on_durable = partial(self._on_durable, through_sample, on_kept)
        if not self._sink.offer(self._owner, self._batch, on_durable):
            self._drop_oldest()
            return False
        self._in_flight += 1
        for field in ("windows", "beats", "summary"):
            self._batch.ClearField(field)
        return True

    def _on_durable(self, through_sample: int, on_kept: Callable[[int], None]) -> None:
        self._in_flight -= 1
        self.kept_through_sample = max(self.kept_through_sample, through_sample)
        self._has_landed.set()
        on_kept(through_sample)

    def _drop_oldest(self) -> None:
        for points in (self._batch.windows, self._batch.beats):
            excess = len(points) - self._limits.max_waiting
            if excess > 0:
                del points[:excess]
                if not self.dropped_count:
                    structlog.get_logger().error("metrics_dropped", stream_id=self._batch.stream_id)
                self.dropped_count += excess

    async def settle(self, through_sample: int) -> None:
        """Wait until everything is durable.

        Raises
        ------
        PracticeError
            STORE_UNAVAILABLE when that takes too long; what waits is still here then.
        """
        try:
            async with asyncio.timeout(self._limits.settle_timeout_s):
                while self.is_waiting or self._in_flight:
                    await self._settle_some(through_sample)
        except TimeoutError as error:
            raise PracticeError(
                ErrorCode.STORE_UNAVAILABLE,
                "The session's metrics could not be kept yet; resume the stream to try again.",
                retry_after_s=1.0,
            ) from error

    async def _settle_some(self, through_sample: int) -> None:
        if self.is_waiting and not self._hand_over(through_sample, lambda _: None):
            await asyncio.sleep(_RETRY_S)  # the sink tells nobody when it has room again
            return
        self._has_landed.clear()
        await self._has_landed.wait()
