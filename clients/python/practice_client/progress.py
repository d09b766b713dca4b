"""What practice sounded like over time, as the server has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import grpc

from practice.progress.v1 import progress_pb2, progress_pb2_grpc
from practice.rpc.status import error_from_rpc

if TYPE_CHECKING:
    from types import TracebackType

    from practice_client.endpoint import Endpoint

_TIMEOUT_S: Final = 30.0


class Progress:
    """The metrics of one server; an async context manager.

    Parameters
    ----------
    endpoint
        Server, with an access token.

    Raises
    ------
    PracticeError
        From every method: what the server said, with code and field.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._channel = endpoint.open_channel()
        self._stub: Any = progress_pb2_grpc.MetricsServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._channel.close()

    async def write(
        self, request: progress_pb2.WriteMetricsRequest
    ) -> progress_pb2.WriteMetricsResponse:
        """Add what was heard offline; the same again changes nothing."""
        answer: progress_pb2.WriteMetricsResponse = await self._call("WriteMetrics", request)
        return answer

    async def series(
        self, request: progress_pb2.QueryTimeSeriesRequest
    ) -> progress_pb2.QueryTimeSeriesResponse:
        """Return one metric over time."""
        answer: progress_pb2.QueryTimeSeriesResponse = await self._call("QueryTimeSeries", request)
        return answer

    async def of_piece(
        self, request: progress_pb2.GetPieceProgressRequest
    ) -> progress_pb2.GetPieceProgressResponse:
        """Return how a piece got on, day by day."""
        answer: progress_pb2.GetPieceProgressResponse = await self._call(
            "GetPieceProgress", request
        )
        return answer

    async def _call(self, name: str, request: object) -> Any:
        try:
            return await getattr(self._stub, name)(
                request, timeout=_TIMEOUT_S, metadata=self._endpoint.metadata
            )
        except grpc.RpcError as error:
            raise error_from_rpc(error) from error
