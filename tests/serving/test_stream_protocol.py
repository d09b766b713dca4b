"""The stream's protocol over a real server: what is said, in which order, and what is refused."""

from __future__ import annotations

import uuid
from typing import Any

import grpc
import pytest

from analysis_engine.serving.limits import PaceLimit
from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode
from tests.serving.live import (
    RATE_HZ,
    LiveClient,
    ServerFactory,
    assert_error,
    chunked,
    clicks,
    config_message,
    connect,
    results_of,
    server_is_empty,
)

SECOND = clicks(1.0)


async def test_the_first_answer_says_how_to_go_on(client: LiveClient) -> None:
    ready = await client.open().ready(target_bpm=96.0)
    assert uuid.UUID(ready.stream_id).version == 7
    assert ready.config == config_message(
        target_bpm=96.0,
        channel_count=1,
        window_seconds=4.0,
        hop_seconds=0.5,
        strictness=pb.STRICTNESS_NORMAL,
        pace=pb.PACE_REAL_TIME,
        stream_id=ready.stream_id,
    )
    assert ready.next_sample == 0
    assert len(ready.resume_token) == 16
    assert ready.max_chunk_bytes == 65_536
    assert ready.engine_version


async def test_a_chosen_stream_id_is_kept(client: LiveClient) -> None:
    stream_id = str(uuid.uuid4())
    assert (await client.open().ready(stream_id=stream_id)).stream_id == stream_id


async def test_acks_follow_the_audio_about_once_a_second(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.send(chunked(clicks(3.05)))
    acked = [(await call.read_until("ack")).through_sample for _ in range(3)]
    assert acked == [RATE_HZ, 2 * RATE_HZ, 3 * RATE_HZ]


async def test_a_second_config_is_refused(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.config()
    assert_error(await call.error(), ErrorCode.CONFIG_REPEATED, "config")
    assert await call.call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_audio_before_the_config_is_refused(client: LiveClient) -> None:
    call = client.open()
    await call.audio(SECOND)
    assert_error(await call.error(), ErrorCode.CONFIG_MISSING, "config")
    assert await call.call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_control_before_the_config_is_refused(client: LiveClient) -> None:
    call = client.open()
    await call.control(pause=pb.Pause())
    assert_error(await call.error(), ErrorCode.CONFIG_MISSING, "config")


async def test_a_half_close_without_a_config_is_refused(client: LiveClient) -> None:
    call = client.open()
    await call.close()
    assert_error(await call.error(), ErrorCode.CONFIG_MISSING, "config")


async def test_an_empty_payload_is_refused(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.write(pb.StreamingAnalyzeRequest())
    assert_error(await call.error(), ErrorCode.FIELD_INVALID, "payload")
    assert await call.call.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"encoding": pb.AUDIO_ENCODING_UNSPECIFIED}, "config.encoding"),
        ({"encoding": 9}, "config.encoding"),
        ({"sample_rate_hz": 0}, "config.sample_rate_hz"),
        ({"sample_rate_hz": 7_999}, "config.sample_rate_hz"),
        ({"sample_rate_hz": 96_001}, "config.sample_rate_hz"),
        ({"channel_count": 3}, "config.channel_count"),
        ({"target_bpm": 19.9}, "config.target_bpm"),
        ({"target_bpm": float("nan")}, "config.target_bpm"),
        ({"beats_per_bar": 17}, "config.beats_per_bar"),
        ({"window_seconds": 0.9}, "config.window_seconds"),
        ({"hop_seconds": 4.1}, "config.hop_seconds"),
        ({"input_latency_seconds": -0.1}, "config.input_latency_seconds"),
        ({"stream_id": "not a uuid"}, "config.stream_id"),
        ({"resume_token": b"without a stream_id"}, "config.stream_id"),
        ({"resume_token": bytes(257)}, "config.resume_token"),
    ],
)
async def test_a_config_outside_the_contract_is_refused_by_field(
    client: LiveClient, fields: dict[str, Any], field: str
) -> None:
    call = client.open()
    await call.config(**fields)
    assert_error(await call.error(), ErrorCode.FIELD_INVALID, field)
    assert await call.call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_session_needs_someone_known(client: LiveClient) -> None:
    call = client.open()
    await call.config(session_id=str(uuid.uuid4()))
    assert_error(await call.error(), ErrorCode.UNAUTHENTICATED, "config.session_id")
    assert await call.call.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (bytes(3201), {}),
        (bytes(3202), {"channel_count": 2}),
        (bytes(3202), {"encoding": pb.AUDIO_ENCODING_FLOAT32}),
    ],
)
async def test_bytes_that_are_no_whole_samples_are_refused(
    client: LiveClient, data: bytes, fields: dict[str, Any]
) -> None:
    call = client.open()
    await call.ready(**fields)
    await call.audio(data)
    assert_error(await call.error(), ErrorCode.PARTIAL_SAMPLE, "audio.data")
    assert await call.call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_chunk_may_hold_64_kib_and_not_more(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.audio(bytes(65_536))
    assert (await call.read_until("ack")).through_sample >= RATE_HZ
    await call.audio(bytes(65 * 1024))
    assert_error(await call.error(), ErrorCode.CHUNK_TOO_LARGE, "audio.data")
    assert await call.call.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("request_message", "field"),
    [
        (pb.StreamingAnalyzeRequest(audio=pb.AudioChunk()), "audio.data"),
        (
            pb.StreamingAnalyzeRequest(audio=pb.AudioChunk(data=b"ab", first_sample=-1)),
            "audio.first_sample",
        ),
        (pb.StreamingAnalyzeRequest(control=pb.Control()), "control.action"),
        (
            pb.StreamingAnalyzeRequest(control=pb.Control(set_target_bpm=19.0)),
            "control.set_target_bpm",
        ),
        (
            pb.StreamingAnalyzeRequest(control=pb.Control(set_target_bpm=float("nan"))),
            "control.set_target_bpm",
        ),
    ],
)
async def test_a_message_outside_the_contract_is_refused_by_field(
    client: LiveClient, request_message: pb.StreamingAnalyzeRequest, field: str
) -> None:
    call = client.open()
    await call.ready()
    await call.write(request_message)
    assert_error(await call.error(), ErrorCode.FIELD_INVALID, field)


async def test_a_missing_stretch_moves_the_clock_and_is_an_event(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.audio(SECOND)
    await call.audio(SECOND, first_sample=3 * RATE_HZ)
    event = await call.read_until("event", lambda event: event.kind == pb.EVENT_KIND_GAP)
    assert event.sample == RATE_HZ
    assert await call.read_until("ack", lambda ack: ack.through_sample > 3 * RATE_HZ)


async def test_what_was_received_already_is_trimmed(client: LiveClient) -> None:
    audio = clicks(12.0)
    plain = await client.whole(audio)
    call = client.open()
    await call.ready()
    sent = 0
    for chunk in chunked(audio):
        overlap = min(sent, RATE_HZ // 20)
        start = sent - overlap
        await call.audio(audio[2 * start : 2 * sent] + chunk, first_sample=start)
        sent += len(chunk) // 2
    await call.audio(SECOND, first_sample=0)  # nothing new in it
    await call.close()
    assert await call.rest() == plain


async def test_a_half_close_and_a_finish_both_end_with_the_summary(client: LiveClient) -> None:
    audio = clicks(6.0)
    half_closed = results_of(await client.whole(audio))
    call = client.open()
    await call.ready()
    await call.send(chunked(audio))
    await call.control(finish=pb.Finish())
    finished = results_of(await call.rest())
    assert half_closed == finished
    assert isinstance(finished[-1], pb.StreamSummary)
    assert finished[-1].audio_seconds == pytest.approx(6.0)


async def test_a_stream_without_audio_still_has_a_summary(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.close()
    assert [item.WhichOneof("payload") for item in await call.rest()] == ["ack", "summary"]


async def test_beats_come_only_when_asked_for(client: LiveClient) -> None:
    audio = clicks(8.0)
    kinds = {item.WhichOneof("payload") for item in await client.whole(audio)}
    assert "beats" not in kinds
    kinds = {item.WhichOneof("payload") for item in await client.whole(audio, emit_beats=True)}
    assert {"window", "beats", "ack", "summary"} <= kinds


async def test_a_pause_stops_the_clock(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.audio(SECOND)
    await call.control(pause=pb.Pause())
    await call.send([SECOND] * 3)
    await call.control(resume=pb.Resume())
    await call.audio(SECOND)
    await call.close()
    assert (await call.rest())[-1].summary.audio_seconds == pytest.approx(2.0)


async def test_a_cancelled_call_leaves_no_stream_behind(serve: ServerFactory) -> None:
    async with serve() as server, connect(server) as client:
        call = client.open()
        await call.ready()
        await call.audio(SECOND)
        assert server.stream_count == 1
        call.call.cancel()
        await server_is_empty(server)
        assert await client.whole(SECOND)


async def test_audio_faster_than_agreed_is_refused_with_a_wait(serve: ServerFactory) -> None:
    pace = PaceLimit(burst_s=3.0, speed=1.5)
    async with serve(real_time=pace) as server, connect(server) as client:
        call = client.open()
        await call.ready()
        await call.send([SECOND] * 8)
        error = await call.error()
        assert_error(error, ErrorCode.PACE_EXCEEDED)
        assert await call.call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert error.limit == "audio pace"
        assert error.retry_after_s is not None
        assert 0.0 < error.retry_after_s <= 1.0 / 1.5


async def test_thirty_seconds_may_come_at_once(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.send([SECOND] * 30)
    await call.close()
    assert (await call.rest())[-1].summary.audio_seconds == pytest.approx(30.0)


async def test_files_have_their_own_pace(serve: ServerFactory) -> None:
    limits = {"real_time": PaceLimit(1.0, 1.0), "as_fast_as_possible": PaceLimit(10.0, 0.001)}
    async with serve(**limits) as server, connect(server) as client:
        fast = {"pace": pb.PACE_AS_FAST_AS_POSSIBLE}
        assert await client.whole(clicks(6.0), **fast)
        call = client.open()
        await call.ready(**fast)
        await call.send([SECOND] * 6)
        assert_error(await call.error(), ErrorCode.PACE_EXCEEDED)


async def test_quiet_on_the_wire_ends_the_stream_resumably(serve: ServerFactory) -> None:
    async with serve(idle_timeout_s=0.2) as server, connect(server) as client:
        call = client.open()
        ready = await call.ready()
        await call.audio(SECOND)
        goodbye = await call.read_until("going_away")
        assert goodbye.resume_token == ready.resume_token
        assert_error(await call.error(), ErrorCode.STREAM_IDLE)
        assert await call.call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        again = client.open()
        resumed = await again.ready(stream_id=ready.stream_id, resume_token=goodbye.resume_token)
        assert resumed.next_sample == RATE_HZ


async def test_no_config_at_all_times_out(serve: ServerFactory) -> None:
    async with serve(idle_timeout_s=0.1) as server, connect(server) as client:
        assert_error(await client.open().error(), ErrorCode.STREAM_IDLE)


async def test_a_paused_stream_is_not_idle(serve: ServerFactory) -> None:
    async with serve(idle_timeout_s=0.2, max_pause_s=1.0) as server, connect(server) as client:
        call = client.open()
        await call.ready()
        await call.audio(SECOND)
        await call.control(pause=pb.Pause())
        watch = client.open()  # an active neighbour runs into the limit first
        await watch.ready()
        assert_error(await watch.error(), ErrorCode.STREAM_IDLE)
        await call.control(resume=pb.Resume())
        await call.close()
        assert (await call.rest())[-1].WhichOneof("payload") == "summary"


async def test_a_stream_that_is_too_long_says_goodbye_and_can_be_summed_up(
    serve: ServerFactory,
) -> None:
    async with serve(max_stream_s=2.5) as server, connect(server) as client:
        call = client.open()
        ready = await call.ready()
        await call.send([SECOND] * 3)
        goodbye = await call.read_until("going_away")
        assert_error(await call.error(), ErrorCode.STREAM_TOO_LONG)
        assert await call.call.code() is grpc.StatusCode.OUT_OF_RANGE
        again = client.open()
        resumed = await again.ready(stream_id=ready.stream_id, resume_token=goodbye.resume_token)
        assert resumed.next_sample == 2.5 * RATE_HZ
        await again.close()
        assert (await again.rest())[-1].summary.audio_seconds == pytest.approx(2.5)


async def test_a_gap_beyond_the_longest_stream_is_refused(client: LiveClient) -> None:
    call = client.open()
    await call.ready()
    await call.audio(SECOND, first_sample=1_400_000_000)
    assert_error(await call.error(), ErrorCode.STREAM_TOO_LONG)
