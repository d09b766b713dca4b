"""What a client does when the server says no for now: full, idle, too long, too fast."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from analysis_engine.serving.limits import AdmissionLimits, PaceLimit, ServingConfig
from practice.analysis.v1 import analysis_pb2 as pb
from practice.media import MediaError
from practice.rpc.errors import ErrorCode, PracticeError
from practice_client import AudioBlock, LiveStream, ReconnectPolicy
from practice_client.live_stream import ConnectionState
from tests.client.playing import SAMPLE_RATE_HZ, clicks, play, summary_of, windows_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager

    from gateway.standalone import EmbeddedServer
    from practice_client.live_stream import Result

    StartServer = Callable[[ServingConfig], AbstractAsyncContextManager[EmbeddedServer]]

QUICK = ReconnectPolicy(first_delay_s=0.02, max_delay_s=0.1)


async def test_a_full_server_is_tried_again_when_it_said(
    start_server: StartServer, config: pb.StreamConfig
) -> None:
    limits = ServingConfig(
        admission=AdmissionLimits(max_streams=1, resume_reserve=0.0, retry_after_s=0.05)
    )
    async with start_server(limits) as server:

        async def one_stream() -> pb.StreamSummary:
            async with LiveStream(server.address, config, policy=QUICK) as stream:
                return summary_of(await play(stream, clicks(3.0)))

        summaries = await asyncio.gather(*(one_stream() for _ in range(4)))
    assert [s.audio_seconds for s in summaries] == pytest.approx([3.0] * 4, abs=0.05)


async def test_an_idle_stream_goes_on_when_there_is_sound_again(
    start_server: StartServer, config: pb.StreamConfig
) -> None:
    audio = clicks(6.0)
    half = 3 * SAMPLE_RATE_HZ * 2
    async with (
        start_server(ServingConfig(idle_timeout_s=0.2)) as server,
        LiveStream(server.address, config, policy=QUICK) as stream,
    ):
        await stream.send(audio[:half])
        while stream.state is not ConnectionState.RECONNECTING:  # noqa: ASYNC110 - has no event
            await asyncio.sleep(0.02)
        assert server.stream_count == 0
        results = await play(stream, audio[half:])
        assert stream.restarted_at_samples == ()
    assert summary_of(results).audio_seconds == pytest.approx(6.0, abs=0.05)
    ends = [window.end_sample for window in windows_of(results)]
    assert ends == sorted(set(ends))


async def test_a_stream_that_is_too_long_still_gets_its_summary(
    start_server: StartServer, config: pb.StreamConfig
) -> None:
    results: list[Result] = []
    async with (
        start_server(ServingConfig(max_stream_s=3.0)) as server,
        LiveStream(server.address, config, policy=QUICK) as stream,
    ):
        await stream.send(clicks(5.0))
        with pytest.raises(PracticeError) as caught:  # noqa: PT012 - the last item is the error
            async for result in stream:
                results.append(result)  # noqa: PERF401 - a list of what came before it
        assert caught.value.code is ErrorCode.STREAM_TOO_LONG
        with pytest.raises(PracticeError):
            await stream.send(clicks(1.0))
    assert summary_of(results).audio_seconds == pytest.approx(3.0, abs=0.05)


async def test_audio_that_comes_too_fast_waits_and_goes_on(
    start_server: StartServer, config: pb.StreamConfig
) -> None:
    config.pace = pb.PACE_REAL_TIME
    limits = ServingConfig(real_time=PaceLimit(burst_s=2.0, speed=20.0))
    async with (
        start_server(limits) as server,
        LiveStream(server.address, config, policy=QUICK, replay_s=2.0) as stream,
    ):
        results = await play(stream, clicks(8.0))
    assert summary_of(results).audio_seconds == pytest.approx(8.0, abs=0.05)
    ends = [window.end_sample for window in windows_of(results)]
    assert ends == [SAMPLE_RATE_HZ // 2 * (hop + 1) for hop in range(len(ends))]


async def test_a_server_that_goes_down_politely_is_waited_for(
    start_server: StartServer, config: pb.StreamConfig
) -> None:
    from tests.client.tcp_proxy import TcpProxy  # noqa: PLC0415

    audio = clicks(8.0)
    half = 4 * SAMPLE_RATE_HZ * 2
    async with start_server(ServingConfig()) as first, TcpProxy(first.address) as proxy:
        async with LiveStream(proxy.address, config, policy=QUICK) as stream:
            await stream.send(audio[:half])
            async for result in stream:
                if isinstance(result, pb.WindowResult) and result.end_sample >= 3 * SAMPLE_RATE_HZ:
                    break
            await first.stop(grace_s=1.0)
            async with start_server(ServingConfig()) as second:
                proxy.upstream = second.address
                results = await play(stream, audio[half:])
        assert summary_of(results).audio_seconds == pytest.approx(8.0, abs=0.05)
        assert windows_of(results)[-1].end_sample >= 7.5 * SAMPLE_RATE_HZ


class BrokenSource:
    """A source that gives a little and then fails."""

    encoding = pb.AUDIO_ENCODING_LINEAR16
    sample_rate_hz = SAMPLE_RATE_HZ
    channel_count = 1
    is_live = False
    duration_s = None
    name = "broken"

    def __init__(self) -> None:
        self.is_closed = False

    async def blocks(self) -> AsyncGenerator[AudioBlock, None]:
        yield AudioBlock(clicks(1.0))
        raise MediaError("broken: the file is damaged")

    async def close(self) -> None:
        self.is_closed = True


async def test_a_source_that_fails_is_told_to_the_reader_and_closed(
    server_address: str, config: pb.StreamConfig
) -> None:
    source = BrokenSource()
    async with LiveStream(server_address, config) as stream:
        stream.start_pump(source)
        with pytest.raises(MediaError, match="damaged"):
            async for _ in stream:
                pass
    assert source.is_closed
