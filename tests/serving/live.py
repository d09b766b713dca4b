"""A real server on a free port, and a plain client that shows every message."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import grpc
import numpy as np

from analysis_engine.serving.limits import AdmissionLimits, ServingConfig
from gateway.settings import Settings
from gateway.standalone import ENGINE, EmbeddedServer
from practice.analysis.v1 import analysis_pb2 as pb
from practice.analysis.v1 import analysis_pb2_grpc
from practice.rpc.status import error_from_rpc

if TYPE_CHECKING:
    from pathlib import Path

    from practice.rpc.errors import ErrorCode, PracticeError

RATE_HZ = 16_000

#: This machine may be busy with other things while tests run: only the hard cap refuses.
PATIENT_ADMISSION = AdmissionLimits(max_busy=10.0, max_lag_s=60.0, retry_after_s=0.05)
PATIENT = ServingConfig(admission=PATIENT_ADMISSION)

Response = pb.StreamingAnalyzeResponse


def config_message(**fields: Any) -> pb.StreamConfig:
    """Return a valid config of the tests' own format, with changes."""
    values: dict[str, Any] = {
        "encoding": pb.AUDIO_ENCODING_LINEAR16,
        "sample_rate_hz": RATE_HZ,
        **fields,
    }
    return pb.StreamConfig(**values)


def clicks(seconds: float, bpm: float = 120.0, rate_hz: int = RATE_HZ) -> bytes:
    """Return LINEAR16 strokes at a steady tempo: 30 ms of decaying tone and noise each.

    Their pitch changes: of one pitch they would be a metronome, and nobody's playing.
    """
    sample_count = round(seconds * rate_hz)
    signal = np.zeros(sample_count + rate_hz)
    time_s = np.arange(round(0.03 * rate_hz)) / rate_hz
    noise = np.random.default_rng(7).standard_normal(time_s.size)
    for number, start in enumerate(np.arange(0.1, seconds, 60.0 / bpm)):
        pitch_hz = (1_000.0, 750.0, 1_120.0, 840.0, 1_330.0)[number % 5]
        stroke = np.exp(-time_s / 0.008) * (np.sin(2 * np.pi * pitch_hz * time_s) + 0.3 * noise)
        first = round(start * rate_hz)
        signal[first : first + stroke.size] += 0.5 * stroke
    return (np.clip(signal[:sample_count], -1, 1) * 32_767).astype("<i2").tobytes()


def chunked(audio: bytes, chunk_bytes: int = RATE_HZ // 10 * 2) -> list[bytes]:
    """Cut into chunks, 100 ms each unless told otherwise."""
    return [audio[start : start + chunk_bytes] for start in range(0, len(audio), chunk_bytes)]


class LiveCall:
    """One StreamingAnalyze call, message by message."""

    def __init__(self, call: Any) -> None:
        self.call = call

    async def write(self, request: pb.StreamingAnalyzeRequest | bytes) -> None:
        """Write; when the server has ended the stream already, reading shows why."""
        with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await self.call.write(request)

    async def config(self, **fields: Any) -> None:
        await self.write(pb.StreamingAnalyzeRequest(config=config_message(**fields)))

    async def audio(self, data: bytes, first_sample: int | None = None) -> None:
        chunk = pb.AudioChunk(data=data, first_sample=first_sample)
        await self.write(pb.StreamingAnalyzeRequest(audio=chunk))

    async def control(self, **action: Any) -> None:
        await self.write(pb.StreamingAnalyzeRequest(control=pb.Control(**action)))

    async def send(self, chunks: Iterable[bytes], *, and_close: bool = False) -> None:
        for chunk in chunks:
            await self.audio(chunk)
        if and_close:
            await self.close()

    async def close(self) -> None:
        await self.call.done_writing()

    async def read(self) -> Response:
        """Return the next response; fails when the stream has ended."""
        message = await self.call.read()
        assert message is not grpc.aio.EOF, f"the stream ended: {await self.call.code()}"
        response: Response = message
        return response

    async def ready(self, **fields: Any) -> pb.StreamReady:
        """Send the config and return the server's first answer."""
        await self.config(**fields)
        response = await self.read()
        assert response.WhichOneof("payload") == "ready"
        return response.ready

    async def read_until(self, kind: str, matches: Callable[[Any], bool] | None = None) -> Any:
        """Read on to the first response of a kind and return its payload."""
        while True:
            response = await self.read()
            if response.WhichOneof("payload") == kind:
                payload = getattr(response, kind)
                if matches is None or matches(payload):
                    return payload

    async def rest(self) -> list[Response]:
        """Return everything up to the end of the stream, which must be OK."""
        responses: list[Response] = []
        while (message := await self.call.read()) is not grpc.aio.EOF:
            responses.append(message)
        assert await self.call.code() is grpc.StatusCode.OK
        return responses

    async def error(self, read_before: list[Response] | None = None) -> PracticeError:
        """Read on to the end of the stream, which must be an error, and return it."""
        try:
            while (message := await self.call.read()) is not grpc.aio.EOF:
                if read_before is not None:
                    read_before.append(message)
        except grpc.aio.AioRpcError as failure:
            return error_from_rpc(failure)
        raise AssertionError(f"no error but {await self.call.code()}")


class LiveClient:
    """Opens calls on one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.stub: Any = analysis_pb2_grpc.AnalysisServiceStub(channel)

    def open(self, metadata: Sequence[tuple[str, str]] = ()) -> LiveCall:
        return LiveCall(self.stub.StreamingAnalyze(metadata=tuple(metadata)))

    async def analyze(self, audio: bytes, **fields: Any) -> pb.AnalyzeClipResponse:
        request = pb.AnalyzeClipRequest(config=config_message(**fields), audio=audio)
        response: pb.AnalyzeClipResponse = await self.stub.AnalyzeClip(request)
        return response

    async def whole(self, audio: bytes, **fields: Any) -> list[Response]:
        """Stream everything in 100 ms chunks and return every response after `ready`."""
        call = self.open()
        await call.ready(**fields)
        sending = asyncio.create_task(call.send(chunked(audio), and_close=True))
        responses = await call.rest()
        await sending
        return responses


#: Channel options of a client that takes in little of what it does not read.
SMALL_BUFFERS = (("grpc.http2.lookahead_bytes", 4096), ("grpc.http2.bdp_probe", 0))

ServerFactory = Callable[..., contextlib.AbstractAsyncContextManager[EmbeddedServer]]


@contextlib.asynccontextmanager
async def embedded_server(
    data_dir: Path, authenticator: Any = None, metrics: Any = None, **limits: Any
) -> AsyncIterator[EmbeddedServer]:
    """Serve on free ports; limits are named as in `ServingConfig`."""
    settings = Settings(
        grpc_port=0, http_port=0, metrics_port=0, data_dir=data_dir, drain_seconds=5.0
    )
    serving = dataclasses.replace(PATIENT, **limits)
    async with EmbeddedServer(
        settings, serving=serving, authenticator=authenticator, sink=metrics, only=ENGINE
    ) as server:
        yield server


@contextlib.asynccontextmanager
async def connect(
    server: EmbeddedServer, options: Sequence[tuple[str, int]] = ()
) -> AsyncIterator[LiveClient]:
    """Yield a client on a connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1), *options]
    async with grpc.aio.insecure_channel(server.address, options=options) as channel:
        yield LiveClient(channel)


def assert_error(error: PracticeError, code: ErrorCode, field: str | None = None) -> None:
    assert (error.code, error.field) == (code, field), error.message


async def server_is_empty(server: EmbeddedServer) -> None:
    """Wait for the server to notice that every stream has ended."""
    async with asyncio.timeout(10):
        while server.stream_count:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)


def results_of(responses: Iterable[Response]) -> list[Any]:
    """Return windows, single beats, events and the summary in order, without acks and framing."""
    results: list[Any] = []
    for response in responses:
        kind = response.WhichOneof("payload")
        if kind == "beats":
            results += response.beats.beats
        elif kind in {"window", "event", "summary"}:
            results.append(getattr(response, kind))
    return results
