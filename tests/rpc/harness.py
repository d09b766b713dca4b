"""A real server on a free port, the whole chain around a servicer that does as it is told."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import grpc
from prometheus_client import CollectorRegistry

from practice.analysis.v1 import analysis_pb2, analysis_pb2_grpc
from practice.rpc.drain import Drain
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import AnonymousOnLoopback, Principal, principal_of
from practice.rpc.server import make_server
from practice.rpc.server_options import ServerOptions
from practice.rpc.services import Services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from practice.rpc.principals import Authenticator

SERVICE = "practice.analysis.v1.AnalysisService"
CLIP = "/practice.analysis.v1.AnalysisService/AnalyzeClip"
LIVE = "/practice.analysis.v1.AnalysisService/StreamingAnalyze"


class OrderedTrouble(analysis_pb2_grpc.AnalysisServiceServicer):
    """Does what the test put into `on_clip` and `on_stream`."""

    def __init__(self) -> None:
        self.on_clip: Callable[[Any, Any], Any] = self.answer
        self.on_stream: Callable[[Any, Any], Any] = self.echo
        self.principals: list[Principal] = []
        self.ended: asyncio.Queue[BaseException | None] = asyncio.Queue()

    async def answer(self, request: Any, context: Any) -> Any:
        return analysis_pb2.AnalyzeClipResponse()

    async def echo(self, requests: Any, context: Any) -> None:
        async for request in requests:
            event = analysis_pb2.StreamEvent(sample=len(request.audio.data))
            await context.write(analysis_pb2.StreamingAnalyzeResponse(event=event))

    async def AnalyzeClip(self, request: Any, context: Any) -> Any:
        self.principals.append(principal_of(context))
        return await self.on_clip(request, context)

    async def StreamingAnalyze(self, request_iterator: Any, context: Any) -> None:
        try:
            await self.on_stream(request_iterator, context)
        except BaseException as error:
            self.ended.put_nowait(error)
            raise
        self.ended.put_nowait(None)


class TokenTable:
    """An authenticator with two known tokens."""

    async def authenticate(self, token: str | None, peer: str) -> Principal:
        if token not in {"ada", "bob"}:
            raise PracticeError(ErrorCode.UNAUTHENTICATED, "Log in first.")
        return Principal(token)


class Running:
    """A started server and what a test wants to look at."""

    def __init__(self, authenticator: Authenticator, longest_unary_s: float) -> None:
        self.drain = Drain()
        self.registry = CollectorRegistry()
        self.services = Services()
        self.servicer = OrderedTrouble()
        self.server = make_server(
            authenticator=authenticator,
            drain=self.drain,
            registry=self.registry,
            options=ServerOptions(),
            longest_unary_s=longest_unary_s,
        )
        analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(self.servicer, self.server)
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{self.port}")
        self.stub: Any = analysis_pb2_grpc.AnalysisServiceStub(self.channel)

    def count(self, sample: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(sample, labels)


@contextlib.asynccontextmanager
async def running(
    authenticator: Authenticator | None = None, longest_unary_s: float = 30.0
) -> AsyncIterator[Running]:
    server = Running(authenticator or AnonymousOnLoopback("127.0.0.1"), longest_unary_s)
    await server.services.add_to(server.server, [SERVICE])
    await server.server.start()
    try:
        yield server
    finally:
        await server.channel.close()
        await server.server.stop(None)
