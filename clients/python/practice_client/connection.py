"""One attempt at a live stream: configuration, then audio one way and results the other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import grpc
import grpc.aio

from practice.analysis.v1 import analysis_pb2 as pb
from practice.analysis.v1.analysis_pb2_grpc import AnalysisServiceStub
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.status import error_from_rpc

if TYPE_CHECKING:
    from types import TracebackType

    from practice_client.endpoint import Endpoint

_CLOSE_TIMEOUT_S: Final = 2.0


class Outgoing(Protocol):
    """Where the connection gets what it sends."""

    async def next_request(self) -> pb.StreamingAnalyzeRequest | None:
        """Return the next message, waiting for it; None when nothing will follow."""
        ...


class Connection:
    """One call of StreamingAnalyze.

    Entering it sends the configuration and waits for `StreamReady`.

    Parameters
    ----------
    endpoint
        Server and token.
    config
        First message.
    ready_timeout_s
        How long the server may take to answer it.

    Raises
    ------
    PracticeError
        What the server or the connection said, whenever it breaks.
    """

    ready: pb.StreamReady

    def __init__(self, endpoint: Endpoint, config: pb.StreamConfig, ready_timeout_s: float) -> None:
        self._endpoint = endpoint
        self._config = config
        self._ready_timeout_s = ready_timeout_s
        self._channel = endpoint.open_channel()
        self._call: Any = None  # grpc.aio.StreamStreamCall; the generated stub is untyped
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._ready_timeout_s):
                self.ready = await self._open()
        except TimeoutError as error:
            await self._close()
            raise PracticeError(
                ErrorCode.SERVER_UNREACHABLE,
                f"{self._endpoint.address} did not answer within {self._ready_timeout_s:g} s",
            ) from error
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()

    def start_sending(self, outgoing: Outgoing) -> None:
        """Send from `outgoing` in the background from now on."""
        self._writer = asyncio.create_task(self._send_all(outgoing), name="practice-stream-writer")
        self._writer.add_done_callback(self._stop_on_defect)

    async def receive(self) -> pb.StreamingAnalyzeResponse | None:
        """Return the next response; None when the server ended the call with OK."""
        try:
            response = await self._call.read()
        except grpc.RpcError as error:
            raise error_from_rpc(error) from error
        except asyncio.CancelledError:
            self._raise_defect()
            if self._call.cancelled() and not _being_cancelled():
                raise PracticeError(ErrorCode.CANCELLED, "the call was cancelled") from None
            raise
        if response is grpc.aio.EOF:
            await self._check_status()
            return None
        answer: pb.StreamingAnalyzeResponse = response
        return answer

    async def drain(self) -> None:
        """Let the server end the call by itself, for a moment."""
        with suppress(PracticeError, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                while await self.receive() is not None:
                    pass

    async def _open(self) -> pb.StreamReady:
        stub = AnalysisServiceStub(self._channel)
        self._call = stub.StreamingAnalyze(metadata=self._endpoint.metadata)
        # A refusal may come before the write is through; it is told by the read.
        with suppress(grpc.RpcError, asyncio.InvalidStateError):
            await self._call.write(pb.StreamingAnalyzeRequest(config=self._config))
        first = await self.receive()
        if first is None or first.WhichOneof("payload") != "ready":
            raise PracticeError(
                ErrorCode.INTERNAL, f"{self._endpoint.address} did not begin with StreamReady"
            )
        return first.ready

    async def _send_all(self, outgoing: Outgoing) -> None:
        # A write that fails is not the news: what the server said is told by the read.
        with suppress(grpc.RpcError, asyncio.InvalidStateError):
            while (request := await outgoing.next_request()) is not None:
                await self._call.write(request)
            await self._call.done_writing()

    def _stop_on_defect(self, writer: asyncio.Task[None]) -> None:
        if not writer.cancelled() and writer.exception() is not None:
            self._call.cancel()

    def _raise_defect(self) -> None:
        writer = self._writer
        if writer is not None and writer.done() and not writer.cancelled():
            defect = writer.exception()
            if defect is not None:
                raise defect

    async def _check_status(self) -> None:
        code = await self._call.code()
        if code is not grpc.StatusCode.OK:
            raise error_from_rpc(
                grpc.aio.AioRpcError(
                    code,
                    await self._call.initial_metadata(),
                    await self._call.trailing_metadata(),
                    await self._call.details(),
                )
            )

    async def _close(self) -> None:
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        if self._call is not None:
            self._call.cancel()
        await self._channel.close()


def _being_cancelled() -> bool:
    """Whether this task itself is asked to stop (and not only the call)."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
