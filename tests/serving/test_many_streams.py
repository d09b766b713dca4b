"""Many streams at once: the server says when it is full, and nobody pays for somebody else."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
from typing import TYPE_CHECKING

import grpc
import pytest

from analysis_engine.serving.limits import AdmissionLimits, OutboxLimits
from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.status import error_from_rpc
from tests.serving.live import (
    PATIENT_ADMISSION,
    RATE_HZ,
    SMALL_BUFFERS,
    LiveCall,
    LiveClient,
    ServerFactory,
    assert_error,
    chunked,
    clicks,
    connect,
    results_of,
    server_is_empty,
)

if TYPE_CHECKING:
    from gateway.standalone import EmbeddedServer

SECOND = clicks(1.0)


async def summary_when_there_is_room(client: LiveClient, audio: bytes) -> pb.StreamSummary:
    """Stream a clip, coming back as often as the server says to."""
    while True:
        try:
            summary: pb.StreamSummary = (await client.whole(audio))[-1].summary
        except grpc.aio.AioRpcError as failure:
            await asyncio.sleep(wait_of_a_full_server(failure))
        else:
            return summary


def wait_of_a_full_server(failure: grpc.aio.AioRpcError) -> float:
    error = error_from_rpc(failure)
    assert_error(error, ErrorCode.SERVER_FULL)
    assert failure.code() is grpc.StatusCode.UNAVAILABLE
    assert error.retry_after_s is not None
    return error.retry_after_s


@pytest.mark.timeout(120)
@pytest.mark.parametrize("channel_count", [20, 1])
async def test_two_hundred_streams_at_once_all_get_their_summary(
    serve: ServerFactory, channel_count: int
) -> None:
    admission = dataclasses.replace(PATIENT_ADMISSION, max_streams=60, retry_after_s=0.2)
    async with serve(admission=admission) as server, contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connect(server)) for _ in range(channel_count)]
        summaries = await asyncio.gather(
            *(
                summary_when_there_is_room(clients[index % channel_count], SECOND)
                for index in range(200)
            )
        )
    assert [summary.audio_seconds for summary in summaries] == [pytest.approx(1.0)] * 200


async def test_a_client_that_opens_and_resets_harms_nobody_else(serve: ServerFactory) -> None:
    audio = clicks(10.0)
    async with serve() as server, connect(server) as honest, connect(server) as rapid:
        quiet_run = results_of(await honest.whole(audio, emit_beats=True))
        resetting = asyncio.create_task(open_and_reset(rapid, bursts=20, streams=50))
        told = results_of(await honest.whole(audio, emit_beats=True))
        reset_count = await resetting
        await server_is_empty(server)
    assert told == quiet_run
    assert reset_count == 1_000


async def open_and_reset(client: LiveClient, *, bursts: int, streams: int) -> int:
    """Open streams and reset them right after their config; returns how many."""
    reset_count = 0
    for _ in range(bursts):
        calls = [client.open() for _ in range(streams)]
        writes = [asyncio.create_task(call.config()) for call in calls]
        await asyncio.sleep(0)
        reset_count += sum(call.call.cancel() for call in calls)
        for write in writes:
            write.cancel()  # grpc.aio leaves it waiting for ever
        await asyncio.gather(*writes, return_exceptions=True)
    return reset_count


@pytest.mark.parametrize(
    "limits",
    [
        AdmissionLimits(max_streams=1, max_busy=10.0, max_lag_s=60.0),
        AdmissionLimits(max_busy=-1.0, busy_lag_s=-1.0, max_lag_s=60.0),
        AdmissionLimits(max_busy=10.0, max_lag_s=-1.0),
    ],
    ids=["cap", "cpu", "lag"],
)
async def test_a_full_server_says_so_before_it_takes_audio(
    serve: ServerFactory, limits: AdmissionLimits
) -> None:
    async with serve(admission=limits) as server, connect(server) as client:
        first = client.open()
        await first.config()
        if limits.max_streams == 1:
            await first.read()
            refused = client.open()
            await refused.config()
        else:
            refused = first
        error = await refused.error()
        assert_error(error, ErrorCode.SERVER_FULL)
        assert await refused.call.code() is grpc.StatusCode.UNAVAILABLE
        assert error.limit == "streams per server"
        assert error.retry_after_s is not None
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await client.analyze(SECOND)
        assert_error(error_from_rpc(failure.value), ErrorCode.SERVER_FULL)


async def test_a_slow_reader_loses_old_windows_and_nothing_else(serve: ServerFactory) -> None:
    limits = OutboxLimits(write_deadline_s=0.05, cut_after_s=60.0, high_water=4)
    audio = clicks(60.0)
    fast = {"pace": pb.PACE_AS_FAST_AS_POSSIBLE, "hop_seconds": 0.1, "emit_beats": True}
    async with serve(outbox=limits) as server, connect(server, SMALL_BUFFERS) as client:
        whole = results_of(await client.whole(audio, **fast))
        call = client.open()
        ready = await call.ready(**fast)
        await call.send(chunked(audio))
        await call.close()
        session = server._engine._live_streams._connections[ready.stream_id].session  # type: ignore[union-attr]
        while session.next_sample < 60 * RATE_HZ:  # noqa: ASYNC110 - only reading would tell, and end the test
            await asyncio.sleep(0.01)
        slow = results_of(await call.rest())
    windows = [item for item in slow if isinstance(item, pb.WindowResult)]
    dropped = sum(window.dropped_windows for window in windows)
    assert dropped > 0
    assert len(windows) + dropped == sum(isinstance(item, pb.WindowResult) for item in whole)
    for window in windows:
        window.ClearField("dropped_windows")
        assert window in whole
    others = [item for item in slow if not isinstance(item, pb.WindowResult)]
    assert others == [item for item in whole if not isinstance(item, pb.WindowResult)]


async def test_garbage_harms_nobody_else(client: LiveClient, shared_server: EmbeddedServer) -> None:
    audio = clicks(10.0)
    quiet_run = results_of(await client.whole(audio, emit_beats=True))
    async with contextlib.AsyncExitStack() as stack:
        others = [await stack.enter_async_context(connect(shared_server)) for _ in range(3)]
        vandals = [asyncio.create_task(vandal(others[seed % 3], seed)) for seed in range(30)]
        assert results_of(await client.whole(audio, emit_beats=True)) == quiet_run
        errors = [error for error in await asyncio.gather(*vandals) if error]
    # What the server says bears the call's id; a client whose write fails makes up its own error.
    reasons = {error.code for error in errors if error.request_id}
    assert {ErrorCode.FIELD_INVALID, ErrorCode.MALFORMED_REQUEST} <= reasons
    assert ErrorCode.INTERNAL not in reasons


async def vandal(client: LiveClient, seed: int) -> PracticeError | None:
    """Send what nobody should; returns what the server made of it."""
    chance = random.Random(seed)
    raw = client.channel.stream_stream(
        "/practice.analysis.v1.AnalysisService/StreamingAnalyze",
        request_serializer=lambda data: data,
        response_deserializer=pb.StreamingAnalyzeResponse.FromString,
    )
    call = LiveCall(raw())
    if chance.random() < 0.8:
        config = pb.StreamConfig(
            encoding=chance.choice(["AUDIO_ENCODING_LINEAR16", "AUDIO_ENCODING_MULAW"]),
            sample_rate_hz=chance.choice([8_000, 96_000]),
            channel_count=chance.choice([1, 2]),
            pace=pb.PACE_AS_FAST_AS_POSSIBLE,
        )
        await call.write(pb.StreamingAnalyzeRequest(config=config).SerializeToString())
    for _ in range(chance.randrange(1, 6)):
        await call.write(garbage(chance))
    await call.close()
    try:
        await call.rest()
    except grpc.aio.AioRpcError as failure:
        return error_from_rpc(failure)
    return None


def garbage(chance: random.Random) -> bytes:
    """Return bytes that are no message, or a message of random fields."""
    audio = pb.AudioChunk(data=chance.randbytes(8 * chance.randrange(0, 4_000)))
    if chance.random() < 0.3:
        audio.first_sample = chance.randrange(-(2**40), 2**40)
    target = chance.choice([float("nan"), float("inf"), -1.0, 0.0, 1e300, 100.0])
    messages = [
        pb.StreamingAnalyzeRequest(audio=audio),
        pb.StreamingAnalyzeRequest(control=pb.Control(set_target_bpm=target)),
        pb.StreamingAnalyzeRequest(control=pb.Control(pause=pb.Pause())),
        pb.StreamingAnalyzeRequest(control=pb.Control(resume=pb.Resume())),
        pb.StreamingAnalyzeRequest(config=pb.StreamConfig(sample_rate_hz=chance.getrandbits(30))),
        pb.StreamingAnalyzeRequest(),
    ]
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(1, 500))
    return chance.choice(messages).SerializeToString()


async def test_a_clip_and_live_streams_do_not_wait_for_each_other(client: LiveClient) -> None:
    live_audio, clip = clicks(5.0), clicks(90.0)
    alone = results_of(await client.whole(live_audio))
    call = client.open()
    await call.ready()
    clips = [asyncio.create_task(client.analyze(clip)) for _ in range(2)]
    told = []
    for index, chunk in enumerate(chunked(live_audio)):
        await call.audio(chunk)
        if index % 10 == 9:
            while (response := await call.read()).WhichOneof("payload") != "ack":
                told.append(response)
    assert not any(task.done() for task in clips)  # answered in the middle of the clips
    await call.close()
    assert results_of(told + await call.rest()) == alone
    for answer in await asyncio.gather(*clips):
        assert answer.summary.audio_seconds == pytest.approx(90.0)
    assert len(live_audio) == 5 * RATE_HZ * 2
