"""AnalysisService: translates between grpc and the live streams, and decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf.message import DecodeError

from practice.analysis.v1 import analysis_pb2 as pb
from practice.analysis.v1 import analysis_pb2_grpc
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import principal_of

if TYPE_CHECKING:
    from analysis_engine.serving.clip_analysis import ClipAnalysis
    from analysis_engine.serving.live_streams import LiveStreams
    from practice.rpc.calls import Context

SERVICE_NAME: Final[str] = pb.DESCRIPTOR.services_by_name["AnalysisService"].full_name


class AnalysisServicer(analysis_pb2_grpc.AnalysisServiceServicer):
    """The analysis service over grpc.aio.

    Parameters
    ----------
    live_streams
        Serves `StreamingAnalyze`.
    clips
        Serves `AnalyzeClip`.
    """

    def __init__(self, live_streams: LiveStreams, clips: ClipAnalysis) -> None:
        self._live_streams = live_streams
        self._clips = clips

    async def StreamingAnalyze(self, request_iterator: Any, context: Context) -> None:  # noqa: ARG002 - read/write API
        """Serve one live connection."""
        await self._live_streams.serve(GrpcWire(context), principal_of(context))

    async def AnalyzeClip(
        self, request: pb.AnalyzeClipRequest, context: Context
    ) -> pb.AnalyzeClipResponse:
        """Answer one clip."""
        return await self._clips.analyze(request, principal_of(context))


class GrpcWire:
    """A `Wire` over a call's read/write interface."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def read(self) -> pb.StreamingAnalyzeRequest | None:
        """Return the next request, or None after the client's half-close.

        Raises
        ------
        PracticeError
            MALFORMED_REQUEST for bytes that are no message.
        """
        try:
            message: Any = await self._context.read()
        except DecodeError as error:
            raise PracticeError(
                ErrorCode.MALFORMED_REQUEST, "The bytes are no StreamingAnalyzeRequest."
            ) from error
        return None if message is grpc.aio.EOF else message

    async def write(self, response: pb.StreamingAnalyzeResponse) -> None:
        """Hand a response to the transport."""
        await self._context.write(response)
