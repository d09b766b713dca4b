"""The live stream against a real server: whole, cut, killed, refused."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from practice.analysis.v1 import analysis_pb2 as pb
from practice.rpc.errors import ErrorCode, PracticeError
from practice_client import LiveStream, Overflow, ReconnectPolicy
from tests.client.playing import (
    BLOCK_BYTES,
    SAMPLE_RATE_HZ,
    beats_of,
    clicks,
    play,
    summary_of,
    windows_of,
    without_loss_marks,
)
from tests.client.tcp_proxy import TcpProxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from practice_client.live_stream import Result

QUICK = ReconnectPolicy(first_delay_s=0.02, max_delay_s=0.1)


async def test_a_stream_tells_windows_beats_and_last_the_summary(
    server_address: str, config: pb.StreamConfig
) -> None:
    async with LiveStream(server_address, config) as stream:
        assert stream.ready.config.window_seconds == 4.0
        results = await play(stream, clicks(10.0))
    windows = windows_of(results)
    assert [window.end_sample for window in windows] == [
        SAMPLE_RATE_HZ // 2 * (hop + 1) for hop in range(len(windows))
    ]
    assert len(windows) in {19, 20}
    assert beats_of(results)
    assert summary_of(results).audio_seconds == pytest.approx(10.0, abs=0.05)


async def test_earlier_tempi_reach_the_server_and_settle_the_level(
    server_address: str, config: pb.StreamConfig
) -> None:
    config.ClearField("target_bpm")
    async with LiveStream(server_address, config, tempo_prior=[60, (62, 3)]) as stream:
        told = [(tempo.bpm, tempo.weight) for tempo in stream.ready.config.tempo_prior.tempi]
        results = await play(stream, clicks(12.0))
    assert told == [(60.0, 1.0), (62.0, 3.0)]
    assert summary_of(results).median_bpm == pytest.approx(60.0, rel=0.02)


async def test_a_cut_stream_tells_the_same_as_an_uninterrupted_one(
    server_address: str, config: pb.StreamConfig
) -> None:
    audio = clicks(12.0)
    async with LiveStream(server_address, config) as stream:
        whole = without_loss_marks(await play(stream, audio))
    async with TcpProxy(server_address) as proxy:

        async def cut_twice() -> None:
            for part in (0.3, 0.7):
                await proxy.wait_for_upstream_bytes(int(part * len(audio)))
                proxy.cut()

        cutting = asyncio.create_task(cut_twice())
        async with LiveStream(proxy.address, config, policy=QUICK, replay_s=3.0) as stream:
            cut = without_loss_marks(await play(stream, audio))
            assert stream.restarted_at_samples == ()
        await cutting
        assert proxy.connection_count >= 3
    assert cut == whole


async def test_a_killed_server_starts_again_on_the_same_clock(
    start_server_process: Callable[
        [], AbstractAsyncContextManager[tuple[str, asyncio.subprocess.Process]]
    ],
    config: pb.StreamConfig,
) -> None:
    audio = clicks(20.0)
    half = len(audio) // 2
    results: list[Result] = []
    async with (
        start_server_process() as (address, first),
        TcpProxy(address) as proxy,
        LiveStream(proxy.address, config, policy=QUICK) as stream,
    ):
        stream_id = stream.stream_id
        for begin in range(0, half, BLOCK_BYTES):
            await stream.send(audio[begin : begin + BLOCK_BYTES])
        async for result in stream:
            results.append(result)
            if isinstance(result, pb.WindowResult) and result.end_sample >= 9 * SAMPLE_RATE_HZ:
                break
        first.kill()
        await first.wait()
        async with start_server_process() as (second_address, _):
            proxy.upstream = second_address
            for begin in range(half, len(audio), BLOCK_BYTES):
                await stream.send(audio[begin : begin + BLOCK_BYTES])
            await stream.finish()
            results.extend([result async for result in stream])
            assert stream.stream_id == stream_id
            (begin_sample,) = stream.restarted_at_samples
            assert 8 * SAMPLE_RATE_HZ <= begin_sample <= 10 * SAMPLE_RATE_HZ
    ends = [window.end_sample for window in windows_of(results)]
    assert ends == sorted(set(ends))
    assert ends[-1] >= 19.5 * SAMPLE_RATE_HZ
    told = [beat for beat in beats_of(results) if not beat.final]
    assert [beat.beat_index for beat in told] == list(range(len(told)))
    assert all(a.sample < b.sample for a, b in pairwise(told))
    keys = [(beat.beat_index, beat.final) for beat in beats_of(results)]
    assert len(keys) == len(set(keys))
    assert summary_of(results).audio_seconds == pytest.approx(20.0, abs=0.05)


async def test_pause_stops_the_sample_clock(server_address: str, config: pb.StreamConfig) -> None:
    async with LiveStream(server_address, config) as stream:
        await stream.send(clicks(3.0))
        await stream.pause()
        await stream.send(clicks(5.0))
        assert stream.next_sample == 3 * SAMPLE_RATE_HZ
        await stream.resume()
        await stream.send(clicks(2.0))
        await stream.finish()
        results = [result async for result in stream]
    assert summary_of(results).audio_seconds == pytest.approx(5.0, abs=0.05)


async def test_a_new_target_holds_from_its_place_on_and_over_a_cut(
    server_address: str, config: pb.StreamConfig
) -> None:
    config.ClearField("target_bpm")
    async with (
        TcpProxy(server_address) as proxy,
        LiveStream(proxy.address, config, policy=QUICK) as stream,
    ):
        await stream.send(clicks(4.0))
        await stream.set_target(100.0)
        proxy.cut()
        await stream.send(clicks(8.0))
        await stream.finish()
        results = [result async for result in stream]
        assert stream.ready.config.target_bpm in {0.0, 100.0}
    for window in windows_of(results):
        if window.end_sample <= 4 * SAMPLE_RATE_HZ:
            assert not window.HasField("deviation_percent")
    assert any(window.HasField("deviation_percent") for window in windows_of(results))


async def test_a_gap_is_told_and_shifts_nothing(
    server_address: str, config: pb.StreamConfig
) -> None:
    async with LiveStream(server_address, config) as stream:
        await stream.send(clicks(2.0))
        stream.skip(SAMPLE_RATE_HZ)
        await stream.send(clicks(2.0))
        await stream.finish()
        results = [result async for result in stream]
    gaps = [r for r in results if isinstance(r, pb.StreamEvent) and r.kind == pb.EVENT_KIND_GAP]
    assert [gap.sample for gap in gaps] == [2 * SAMPLE_RATE_HZ]
    assert summary_of(results).audio_seconds == pytest.approx(5.0, abs=0.05)


async def test_wrong_configuration_surfaces_with_code_reason_and_field(
    server_address: str, config: pb.StreamConfig
) -> None:
    config.sample_rate_hz = 4_000
    with pytest.raises(PracticeError) as caught:
        async with LiveStream(server_address, config):
            pytest.fail("a stream at 4 kHz was accepted")
    assert caught.value.code is ErrorCode.FIELD_INVALID
    assert caught.value.field == "config.sample_rate_hz"


async def test_no_server_is_a_clear_error_soon(config: pb.StreamConfig) -> None:
    policy = ReconnectPolicy(first_delay_s=0.01, max_delay_s=0.01, connect_within_s=0.05)
    async with TcpProxy("127.0.0.1:1") as proxy:  # nothing listens behind it
        with pytest.raises(PracticeError) as caught:
            async with LiveStream(proxy.address, config, policy=policy):
                pytest.fail("connected to nothing")
    assert caught.value.code is ErrorCode.SERVER_UNREACHABLE


async def test_partial_frames_and_audio_after_finish_are_refused(
    server_address: str, config: pb.StreamConfig
) -> None:
    async with LiveStream(server_address, config) as stream:
        with pytest.raises(ValueError, match="whole number"):
            await stream.send(b"\0\0\0")
        await stream.finish()
        await stream.finish()
        with pytest.raises(RuntimeError, match="finished"):
            await stream.send(b"\0\0")
        summary_of([result async for result in stream])


async def test_live_audio_beyond_the_replay_buffer_becomes_a_gap(
    server_address: str, config: pb.StreamConfig
) -> None:
    async with (
        TcpProxy(server_address) as proxy,
        LiveStream(
            proxy.address, config, policy=QUICK, replay_s=2.0, overflow=Overflow.DROP_OLDEST
        ) as stream,
    ):
        upstream, proxy.upstream = proxy.upstream, "127.0.0.1:1"
        proxy.cut()
        await stream.send(clicks(10.0))
        assert stream.dropped_samples == pytest.approx(8 * SAMPLE_RATE_HZ, abs=2 * 800)
        proxy.upstream = upstream
        await stream.finish()
        results = [result async for result in stream]
    events = [item for item in results if isinstance(item, pb.StreamEvent)]
    assert [e.sample for e in events if e.kind == pb.EVENT_KIND_GAP] == [0]
    assert summary_of(results).audio_seconds == pytest.approx(10.0, abs=0.05)


@pytest.mark.parametrize("says_what_it_has", [True, False])
async def test_another_program_can_go_on_with_the_token(
    server_address: str, config: pb.StreamConfig, says_what_it_has: bool
) -> None:
    audio = clicks(6.0)
    half = 3 * SAMPLE_RATE_HZ * 2
    async with LiveStream(server_address, config) as stream:
        await stream.send(audio[:half])
        async for result in stream:
            if isinstance(result, pb.WindowResult) and result.end_sample == 3 * SAMPLE_RATE_HZ:
                break
        config.stream_id = stream.stream_id
        config.resume_token = stream.resume_token
        if says_what_it_has:
            config.received_results = stream.received_results or 0
    async with LiveStream(server_address, config) as later:
        assert later.next_sample == 3 * SAMPLE_RATE_HZ
        results = await play(later, audio[half:])
    assert summary_of(results).audio_seconds == pytest.approx(6.0, abs=0.05)
    ends = [result.end_sample for result in results if isinstance(result, pb.WindowResult)]
    assert min(ends) > 3 * SAMPLE_RATE_HZ, "what the first program was told is not told again"
    assert len(set(ends)) == len(ends)
