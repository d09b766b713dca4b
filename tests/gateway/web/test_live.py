"""Live analysis over WebSocket, beside gRPC on the same sound."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from gateway.settings import Settings
from gateway.standalone import EmbeddedServer
from gateway.web.live import PATH
from practice.analysis.v1 import analysis_pb2 as pb
from practice.json_format import message_to_dict
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import Principal
from tests.serving.live import (
    PATIENT,
    chunked,
    clicks,
    config_message,
    results_of,
    server_is_empty,
)
from tests.serving.live import connect as grpc_connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


SITE = "https://practice.example"
FAST = pb.PACE_AS_FAST_AS_POSSIBLE

pytestmark = pytest.mark.asyncio(loop_scope="module")


class OpenOrAda:
    """Lets in who has no token, as anybody, and Ada by hers."""

    async def authenticate(self, token: str | None, peer: str) -> Principal:
        if token not in {None, "ada"}:
            raise PracticeError(ErrorCode.TOKEN_INVALID, "Log in again.")
        return Principal(token or "anonymous")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServer]:
    settings = Settings(
        grpc_port=0,
        http_port=0,
        metrics_port=0,
        data_dir=tmp_path_factory.mktemp("data"),
        cors_origins=SITE,
    )
    async with EmbeddedServer(settings, serving=PATIENT, authenticator=OpenOrAda()) as running:
        yield running


def opened(server: EmbeddedServer, *protocols: str, **options: Any) -> connect:
    url = f"ws://{server.http_address}{PATH}"
    return connect(
        url,
        subprotocols=[Subprotocol(name) for name in protocols] or None,
        compression=None,
        **options,
    )


async def send(socket: ClientConnection, **payload: Any) -> None:
    await socket.send(pb.StreamingAnalyzeRequest(**payload).SerializeToString())


async def receive(socket: ClientConnection) -> pb.StreamingAnalyzeResponse:
    frame = await socket.recv()
    assert isinstance(frame, bytes)
    return pb.StreamingAnalyzeResponse.FromString(frame)


async def whole(socket: ClientConnection, sound: bytes, **config: Any) -> list[Any]:
    """Stream everything and return every response; the stream must end well."""

    async def talk() -> None:
        await send(socket, config=config_message(**config))
        for chunk in chunked(sound):
            await send(socket, audio=pb.AudioChunk(data=chunk))
        await send(socket, control=pb.Control(finish={}))

    talking = asyncio.create_task(talk())
    responses = [
        pb.StreamingAnalyzeResponse.FromString(frame)
        async for frame in socket
        if isinstance(frame, bytes)
    ]
    await talking
    assert (socket.close_code, responses[-1].WhichOneof("payload")) == (1000, "summary")
    return responses


async def end_of(socket: ClientConnection) -> tuple[int, str]:
    """Read on to the end and return how it was closed."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.recv()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def test_the_same_sound_gets_the_same_answers_as_over_grpc(server: EmbeddedServer) -> None:
    sound = clicks(8.0)
    asked = {"target_bpm": 120.0, "emit_beats": True, "pace": FAST}
    async with grpc_connect(server) as client, opened(server) as socket:
        over_grpc = results_of(await client.whole(sound, **asked))
        over_websocket = results_of(await whole(socket, sound, **asked))
    assert len(over_grpc) > 20
    assert over_websocket == over_grpc


async def test_json_says_the_same_in_text(server: EmbeddedServer) -> None:
    sound = clicks(3.0)
    async with grpc_connect(server) as client:
        over_grpc = [message_to_dict(item) for item in results_of(await client.whole(sound))]
    async with opened(server, "practice.json") as socket:
        assert socket.subprotocol == "practice.json"
        config = {"encoding": "LINEAR16", "sample_rate_hz": 16_000}
        await socket.send(json.dumps({"config": config}))
        for chunk in chunked(sound):
            data = base64.b64encode(chunk).decode()
            await socket.send(json.dumps({"audio": {"data": data}}))
        await socket.send(json.dumps({"control": {"finish": {}}}))
        frames = [json.loads(frame) async for frame in socket]
    assert next(iter(frames[0])) == "ready"
    shown = {"window", "event", "summary"}
    assert [item[kind] for item in frames for kind in item if kind in shown] == over_grpc


async def test_a_broken_connection_is_resumed_as_over_grpc(server: EmbeddedServer) -> None:
    sound = clicks(6.0)
    half = len(sound) // 2
    async with opened(server) as socket:
        await send(socket, config=config_message())
        ready = (await receive(socket)).ready
        for chunk in chunked(sound[:half]):
            await send(socket, audio=pb.AudioChunk(data=chunk))
        while (await receive(socket)).ack.through_sample < 16_000:
            pass
        socket.transport.abort()
    await server_is_empty(server)
    asked = {"stream_id": ready.stream_id, "resume_token": ready.resume_token}
    async with opened(server) as socket:
        await send(socket, config=config_message(**asked))
        again = (await receive(socket)).ready
        assert 16_000 <= again.next_sample <= half // 2
        rest = sound[again.next_sample * 2 :]
        for chunk in chunked(rest):
            await send(socket, audio=pb.AudioChunk(data=chunk))
        await send(socket, control=pb.Control(finish={}))
        last = None
        async for frame in socket:
            assert isinstance(frame, bytes)
            last = pb.StreamingAnalyzeResponse.FromString(frame)
    assert last is not None
    assert last.summary.audio_seconds == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("frame", "code", "reason"),
    [
        ("hello", 4003, "MALFORMED_REQUEST"),
        (b"\xff\xff\xff", 4003, "MALFORMED_REQUEST"),
        (b"", 4003, "FIELD_INVALID"),
        (
            pb.StreamingAnalyzeRequest(audio=pb.AudioChunk(data=b"\0\0")).SerializeToString(),
            4003,
            "CONFIG_MISSING field=config",
        ),
        (bytes(200_000), 1009, ""),
    ],
)
async def test_what_is_no_stream_is_closed_with_the_reason(
    server: EmbeddedServer, frame: str | bytes, code: int, reason: str
) -> None:
    async with opened(server) as socket:
        await socket.send(frame)
        closed = await end_of(socket)
    assert closed[0] == code
    assert closed[1].startswith(reason)
    await server_is_empty(server)


@pytest.mark.parametrize("text", ["{", "[" * 50_000, '{"config": {"unheard": 1}}', "null"])
async def test_json_that_is_none_is_closed_with_the_reason(
    server: EmbeddedServer, text: str
) -> None:
    async with opened(server, "practice.json") as socket:
        await socket.send(text)
        code, reason = await end_of(socket)
    assert code == 4003
    assert reason.startswith(("MALFORMED_REQUEST", "FIELD_INVALID"))


async def test_a_mistake_in_the_middle_leaves_the_stream_resumable(server: EmbeddedServer) -> None:
    async with opened(server) as socket:
        await send(socket, config=config_message())
        await receive(socket)
        await send(socket, audio=pb.AudioChunk(data=b"\0\0\0"))
        assert (await end_of(socket))[1].startswith("PARTIAL_SAMPLE field=audio.data")


@pytest.mark.parametrize("protocols", [(), ("practice.json",), ("practice.protobuf",)])
async def test_browsers_bring_their_token_as_a_subprotocol(
    server: EmbeddedServer, protocols: tuple[str, ...]
) -> None:
    offered = (*protocols, "practice.bearer.somebody")
    async with opened(server, *offered) as socket:
        assert socket.subprotocol == (protocols[0] if protocols else None)
        code, reason = await end_of(socket)
    assert code == 4016
    assert reason.startswith("TOKEN_INVALID")
    assert "somebody" not in reason


async def test_a_token_in_the_header_says_whose_stream_it_is(server: EmbeddedServer) -> None:
    headers = {"authorization": "Bearer ada"}
    async with opened(server, additional_headers=headers) as socket:
        await send(socket, config=config_message())
        ready = (await receive(socket)).ready
        await send(socket, audio=pb.AudioChunk(data=clicks(0.5)))
        async with opened(server) as other:
            stolen = {"stream_id": ready.stream_id, "resume_token": ready.resume_token}
            await send(other, config=config_message(**stolen))
            assert (await end_of(other))[0] == 4007


async def test_only_pages_of_the_listed_sites_get_in(server: EmbeddedServer) -> None:
    async with opened(server, origin=SITE) as socket:
        await send(socket, config=config_message())
        assert (await receive(socket)).HasField("ready")
    with pytest.raises(InvalidStatus) as refused:
        async with opened(server, origin="https://elsewhere.example"):
            pass
    assert refused.value.response.status_code == 403
