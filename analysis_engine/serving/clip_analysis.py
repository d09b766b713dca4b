"""One clip in one call, worked off in slices so that no live stream waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from analysis_engine.results import Beat, StreamEvent, StreamSummary, WindowResult
from analysis_engine.serving import codec
from analysis_engine.serving.live_streams import check_session_id
from analysis_engine.tracking.tracker import Tracker
from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError

if TYPE_CHECKING:
    from analysis_engine.config import StreamConfig
    from analysis_engine.results import Output
    from analysis_engine.serving.admission import Admission
    from analysis_engine.serving.limits import ServingConfig
    from analysis_engine.serving.pacing import FastQuota
    from practice.rpc.principals import Principal


class ClipAnalysis:
    """Analyses whole clips with the live streams' own tracker.

    Parameters
    ----------
    limits
        Serving limits.
    admission
        Says whether there is room.
    fast_quota
        Pace of clips and files per principal.
    """

    def __init__(self, limits: ServingConfig, admission: Admission, fast_quota: FastQuota) -> None:
        self._limits = limits
        self._admission = admission
        self._fast_quota = fast_quota

    async def analyze(
        self, request: pb.AnalyzeClipRequest, principal: Principal
    ) -> pb.AnalyzeClipResponse:
        """Return what a live stream would have said, with only the final record of each beat.

        Raises
        ------
        PracticeError
            PARTIAL_SAMPLE, CLIP_TOO_LONG, PACE_EXCEEDED, RATE_LIMITED or SERVER_FULL.
        """
        check_session_id(request.config, principal)
        config = codec.to_stream_config(request.config)
        clip_s = self._checked_length_s(request.audio, config)
        with self._admission.enter(principal):
            now_s = asyncio.get_running_loop().time()
            self._fast_quota.bucket_of(principal.subject, now_s).charge(clip_s, now_s)
            return _to_response(await self._track(request.audio, config))

    def _checked_length_s(self, audio: bytes, config: StreamConfig) -> float:
        frame_count, rest = divmod(len(audio), config.bytes_per_frame)
        if rest:
            raise PracticeError(
                ErrorCode.PARTIAL_SAMPLE,
                f"{len(audio)} bytes are no whole number of samples of {config.bytes_per_frame} "
                "bytes each.",
                field="audio",
            )
        clip_s = frame_count / config.sample_rate_hz
        if clip_s > self._limits.max_clip_s:
            raise PracticeError(
                ErrorCode.CLIP_TOO_LONG,
                f"A clip holds at most {self._limits.max_clip_s:g} s; stream longer recordings.",
                field="audio",
            )
        return clip_s

    async def _track(self, audio: bytes, config: StreamConfig) -> list[Output]:
        tracker = Tracker(config)
        data = memoryview(audio)
        slice_samples = max(1, int(self._limits.slice_s * config.sample_rate_hz))
        slice_bytes = slice_samples * config.bytes_per_frame
        outputs: list[Output] = []
        for start in range(0, len(data), slice_bytes):
            outputs += tracker.process(data[start : start + slice_bytes])
            await asyncio.sleep(0)
        return outputs + tracker.finish()


def _to_response(outputs: list[Output]) -> pb.AnalyzeClipResponse:
    response = pb.AnalyzeClipResponse()
    for output in outputs:
        if isinstance(output, WindowResult):
            response.windows.append(codec.window_to_pb(output))
        elif isinstance(output, Beat):
            if output.final:
                response.beats.append(codec.beat_to_pb(output))
        elif isinstance(output, StreamEvent):
            response.events.append(codec.event_to_pb(output))
        elif isinstance(output, StreamSummary):
            response.summary.CopyFrom(codec.summary_to_pb(output))
    return response
