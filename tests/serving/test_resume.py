"""A stream goes on after a break as though nothing had happened, for its owner and nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import TYPE_CHECKING

import grpc
import pytest

from analysis_engine.serving.limits import OutboxLimits, PaceLimit, ResumeLimits
from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode
from practice.rpc.principals import Principal
from tests.serving.live import (
    RATE_HZ,
    SMALL_BUFFERS,
    LiveCall,
    LiveClient,
    Response,
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


class NamedByToken:
    """Takes the access token for the caller's name."""

    async def authenticate(self, token: str | None, peer: str) -> Principal:
        return Principal(token or "anonymous")


def bearer(name: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {name}")]


async def collect(call: LiveCall, into: list[Response]) -> None:
    """Read until the call is cancelled."""
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            into.append(await call.read())


async def broken_call(
    client: LiveClient, server: EmbeddedServer, audio: bytes
) -> tuple[pb.StreamReady, list[Response]]:
    """Send audio and break the call as soon as something was heard, with more under way."""
    call = client.open()
    ready = await call.ready(emit_beats=True, target_bpm=120.0, hop_seconds=0.1)
    received = [await heard_after(call, chunked(audio))]
    reading = asyncio.create_task(collect(call, received))
    await asyncio.sleep(0)
    call.call.cancel()
    await reading
    await server_is_empty(server)
    return ready, received


async def heard_after(call: LiveCall, chunks: list[bytes]) -> Response:
    await call.send(chunks)
    return await call.read()


async def parked_call(client: LiveClient, server: EmbeddedServer, seconds: int) -> pb.StreamReady:
    """Break a call whose audio has all arrived."""
    call = client.open()
    ready = await call.ready()
    await call.send([SECOND] * seconds)
    await call.read_until("ack", lambda ack: ack.through_sample == seconds * RATE_HZ)
    call.call.cancel()
    await server_is_empty(server)
    return ready


async def resumed_call(
    client: LiveClient, ready: pb.StreamReady, received_count: int | None
) -> tuple[LiveCall, pb.StreamReady]:
    call = client.open()
    return call, await call.ready(
        stream_id=ready.stream_id,
        resume_token=ready.resume_token,
        received_results=received_count,
    )


@pytest.mark.parametrize("cut_s", [0.35, 3.0, 7.77, 11.9])
async def test_a_resumed_stream_tells_exactly_what_an_unbroken_one_tells(
    serve: ServerFactory, cut_s: float
) -> None:
    audio = clicks(12.0)
    async with serve() as server, connect(server) as client:
        whole = await client.whole(audio, emit_beats=True, target_bpm=120.0, hop_seconds=0.1)
        cut_byte = round(cut_s * RATE_HZ) * 2
        ready, before = await broken_call(client, server, audio[:cut_byte])
        count = len([item for item in before if item.WhichOneof("payload") != "ack"])
        call, resumed = await resumed_call(client, ready, count)
        assert 0 < resumed.next_sample <= cut_byte // 2
        await call.send(chunked(audio[2 * resumed.next_sample :]))
        await call.close()
        assert results_of(before + await call.rest()) == results_of(whole)


async def test_what_was_not_sent_before_the_break_comes_first(serve: ServerFactory) -> None:
    audio = clicks(12.0)
    async with serve() as server, connect(server) as client:
        whole = await client.whole(audio, emit_beats=True)
        call = client.open()
        ready = await call.ready(emit_beats=True)
        await call.send(chunked(audio[: 16 * RATE_HZ]))  # 8 s
        before: list[Response] = []
        while not before or before[-1].ack.through_sample < 8 * RATE_HZ:
            before.append(await call.read())
        call.call.cancel()
        await server_is_empty(server)
        again, resumed = await resumed_call(client, ready, None)
        assert resumed.next_sample == 8 * RATE_HZ
        await again.send(chunked(audio[16 * RATE_HZ :]))
        await again.close()
        assert results_of(before + await again.rest()) == results_of(whole)


async def test_audio_sent_again_after_a_break_changes_nothing(serve: ServerFactory) -> None:
    audio = clicks(12.0)
    async with serve() as server, connect(server) as client:
        whole = await client.whole(audio)
        ready = await parked_call(client, server, 8)
        call, resumed = await resumed_call(client, ready, 0)
        start = resumed.next_sample - RATE_HZ
        for chunk in chunked(audio[2 * start :]):
            await call.audio(chunk, first_sample=start)
            start += len(chunk) // 2
        await call.close()
        assert (await call.rest())[-1].summary.audio_seconds == whole[-1].summary.audio_seconds


async def test_a_replay_fits_into_the_pace(serve: ServerFactory) -> None:
    pace = PaceLimit(burst_s=30.0, speed=1.5)
    async with serve(real_time=pace) as server, connect(server) as client:
        ready = await parked_call(client, server, 4)
        again, _ = await resumed_call(client, ready, None)
        for first_s in range(25):
            await again.audio(SECOND, first_sample=first_s * RATE_HZ)
        await again.close()
        assert (await again.rest())[-1].summary.audio_seconds == pytest.approx(25.0)


async def test_only_the_newest_token_holds_once_the_client_has_gone_on(
    serve: ServerFactory,
) -> None:
    async with serve() as server, connect(server) as client:
        first = await parked_call(client, server, 1)
        call, second = await resumed_call(client, first, None)
        assert second.resume_token != first.resume_token
        await call.audio(SECOND)
        await call.read_until("ack")
        call.call.cancel()
        await server_is_empty(server)
        stale = client.open()
        await stale.config(stream_id=first.stream_id, resume_token=first.resume_token)
        assert_error(await stale.error(), ErrorCode.RESUME_TOKEN_WRONG, "config.resume_token")
        assert await stale.call.code() is grpc.StatusCode.PERMISSION_DENIED
        _, third = await resumed_call(client, second, None)
        assert third.next_sample == 2 * RATE_HZ


async def test_a_token_holds_until_its_successor_has_arrived(serve: ServerFactory) -> None:
    async with serve() as server, connect(server) as client:
        first = await parked_call(client, server, 1)
        lost, _ = await resumed_call(client, first, None)
        lost.call.cancel()  # the client never saw the new token
        await server_is_empty(server)
        _, ready = await resumed_call(client, first, None)
        assert ready.next_sample == RATE_HZ


@pytest.mark.parametrize("token", [b"", b"wrong", bytes(16)])
async def test_a_wrong_token_is_refused_and_harms_nothing(
    serve: ServerFactory, token: bytes
) -> None:
    async with serve() as server, connect(server) as client:
        ready = await parked_call(client, server, 1)
        thief = client.open()
        await thief.config(stream_id=ready.stream_id, resume_token=token)
        assert_error(await thief.error(), ErrorCode.RESUME_TOKEN_WRONG, "config.resume_token")
        assert await thief.call.code() is grpc.StatusCode.PERMISSION_DENIED
        _, resumed = await resumed_call(client, ready, None)
        assert resumed.next_sample == RATE_HZ


@pytest.mark.parametrize("with_token", [True, False])
@pytest.mark.parametrize("is_live", [True, False])
async def test_someone_elses_stream_is_refused(
    serve: ServerFactory, with_token: bool, is_live: bool
) -> None:
    async with serve(NamedByToken()) as server, connect(server) as client:
        call = client.open(bearer("clara"))
        ready = await call.ready()
        await call.audio(SECOND)
        await call.read_until("ack")
        if not is_live:
            call.call.cancel()
            await server_is_empty(server)
        thief = client.open(bearer("johannes"))
        await thief.config(
            stream_id=ready.stream_id, resume_token=ready.resume_token if with_token else b""
        )
        assert_error(await thief.error(), ErrorCode.STREAM_NOT_YOURS, "config.stream_id")
        assert await thief.call.code() is grpc.StatusCode.PERMISSION_DENIED
        if is_live:
            await call.close()
            assert (await call.rest())[-1].HasField("summary")


async def test_the_owner_takes_a_stream_over_from_a_dead_connection(client: LiveClient) -> None:
    old = client.open()
    ready = await old.ready()
    await old.send([SECOND] * 2)
    await old.read_until("ack", lambda ack: ack.through_sample == 2 * RATE_HZ)
    new, resumed = await resumed_call(client, ready, None)
    assert resumed.next_sample == 2 * RATE_HZ
    assert_error(await old.error(), ErrorCode.STREAM_TAKEN_OVER)
    assert await old.call.code() is grpc.StatusCode.ABORTED
    await new.send([SECOND] * 2)
    await new.close()
    assert (await new.rest())[-1].summary.audio_seconds == pytest.approx(4.0)


async def test_a_stream_whose_ready_was_lost_begins_again(client: LiveClient) -> None:
    stream_id = str(uuid.uuid4())
    lost = client.open()
    await lost.ready(stream_id=stream_id)
    ready = await client.open().ready(stream_id=stream_id)
    assert ready.next_sample == 0
    assert_error(await lost.error(), ErrorCode.STREAM_TAKEN_OVER)


async def test_an_unknown_stream_is_begun_again_on_the_same_clock(client: LiveClient) -> None:
    stream_id = str(uuid.uuid4())
    call = client.open()
    await call.config(stream_id=stream_id, resume_token=bytes(16))
    error = await call.error()
    assert_error(error, ErrorCode.STREAM_NOT_RESUMABLE)
    assert error.precondition == f"stream {stream_id}"
    again = client.open()
    assert (await again.ready(stream_id=stream_id)).next_sample == 0
    await again.audio(SECOND, first_sample=60 * RATE_HZ)
    await again.close()
    acks = [item.ack for item in await again.rest() if item.HasField("ack")]
    assert acks[-1].through_sample == 61 * RATE_HZ


async def test_a_count_below_zero_is_refused_and_harms_nothing(serve: ServerFactory) -> None:
    async with serve() as server, connect(server) as client:
        ready = await parked_call(client, server, 1)
        call = client.open()
        await call.config(
            stream_id=ready.stream_id, resume_token=ready.resume_token, received_results=-1
        )
        assert_error(await call.error(), ErrorCode.FIELD_INVALID, "config.received_results")
        _, resumed = await resumed_call(client, ready, 0)
        assert resumed.next_sample == RATE_HZ
        assert not resumed.config.HasField("received_results")


async def test_a_broken_stream_is_forgotten_in_time(serve: ServerFactory) -> None:
    async with (
        serve(resume=ResumeLimits(retention_s=1e-6)) as server,
        connect(server) as client,
    ):
        ready = await parked_call(client, server, 1)
        call = client.open()
        await call.config(stream_id=ready.stream_id, resume_token=ready.resume_token)
        assert_error(await call.error(), ErrorCode.STREAM_NOT_RESUMABLE)


async def test_only_so_many_broken_streams_are_kept(serve: ServerFactory) -> None:
    async with serve(resume=ResumeLimits(max_parked=1)) as server, connect(server) as client:
        forgotten = await parked_call(client, server, 1)
        kept = await parked_call(client, server, 1)
        call = client.open()
        await call.config(stream_id=forgotten.stream_id, resume_token=forgotten.resume_token)
        assert_error(await call.error(), ErrorCode.STREAM_NOT_RESUMABLE)
        _, resumed = await resumed_call(client, kept, None)
        assert resumed.next_sample == RATE_HZ


async def test_a_stream_keeps_its_format(client: LiveClient) -> None:
    call = client.open()
    ready = await call.ready()
    await call.audio(SECOND)
    await call.read_until("ack")
    other = client.open()
    await other.config(
        stream_id=ready.stream_id, resume_token=ready.resume_token, sample_rate_hz=44_100
    )
    assert_error(await other.error(), ErrorCode.FIELD_INVALID, "config.sample_rate_hz")
    await call.close()
    assert (await call.rest())[-1].HasField("summary")


async def test_a_paused_stream_stays_paused(serve: ServerFactory) -> None:
    async with serve() as server, connect(server) as client:
        call = client.open()
        ready = await call.ready()
        await call.audio(SECOND)
        await call.read_until("ack")
        await call.control(pause=pb.Pause())
        await call.control(set_target_bpm=90.0)
        await call.call.write(pb.StreamingAnalyzeRequest(audio=pb.AudioChunk(data=SECOND)))
        parked = server._engine._live_streams._connections[ready.stream_id].session  # type: ignore[union-attr]
        while not parked.is_paused:  # noqa: ASYNC110 - a pause is not answered
            await asyncio.sleep(0.01)
        call.call.cancel()
        await server_is_empty(server)
        again, resumed = await resumed_call(client, ready, None)
        assert resumed.config.target_bpm == 90.0
        await again.audio(SECOND)
        await again.control(resume=pb.Resume())
        await again.audio(SECOND)
        await again.close()
        assert (await again.rest())[-1].summary.audio_seconds == pytest.approx(2.0)


@pytest.mark.parametrize("received_count", [None, 0])
async def test_a_summary_that_got_lost_is_told_again(
    serve: ServerFactory, received_count: int | None
) -> None:
    async with serve() as server, connect(server) as client:
        call = client.open()
        ready = await call.ready()
        await call.send([SECOND] * 6)
        await call.close()
        told = await call.rest()
        again, _ = await resumed_call(client, ready, received_count)
        await again.close()
        repeated = await again.rest()
        assert repeated[-1] == told[-1]
        assert len(repeated) == (1 if received_count is None else len(results_of(told)))


async def test_a_client_that_never_reads_is_cut_off_and_can_go_on(serve: ServerFactory) -> None:
    limits = OutboxLimits(write_deadline_s=0.05, cut_after_s=1.0, high_water=8)
    audio = clicks(60.0)
    fast = {"pace": pb.PACE_AS_FAST_AS_POSSIBLE, "hop_seconds": 0.1, "emit_beats": True}
    async with serve(outbox=limits) as server, connect(server, SMALL_BUFFERS) as client:
        whole = await client.whole(audio, **fast)
        call = client.open()
        ready = await call.ready(**fast)
        await call.send(chunked(audio))
        await server_is_empty(server)  # it does not wait for ever
        received: list[Response] = []
        assert_error(await call.error(received), ErrorCode.READER_TOO_SLOW)
        assert await call.call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        count = len([item for item in received if item.WhichOneof("payload") != "ack"])
        again, resumed = await resumed_call(client, ready, count)
        await again.send(chunked(audio[2 * resumed.next_sample :]))
        await again.close()
        told = received + await again.rest()
        beats = [item for item in results_of(told) if isinstance(item, pb.Beat)]
        assert beats == [item for item in results_of(whole) if isinstance(item, pb.Beat)]
        assert told[-1] == whole[-1]
