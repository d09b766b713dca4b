"""The blocking stream is the same stream, for programs without asyncio."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from practice.media import MediaError
from practice.rpc.errors import PracticeError
from practice_client import FileSource, SyncLiveStream
from tests.client.playing import SAMPLE_RATE_HZ, clicks, summary_of, windows_of

if TYPE_CHECKING:
    from pathlib import Path

    from practice.analysis.v1 import analysis_pb2 as pb
    from practice_client.live_stream import Result


def _send_then_read(address: str, config: pb.StreamConfig) -> list[Result]:
    with SyncLiveStream(address, config) as stream:
        stream.send(clicks(3.0))
        stream.set_target(90.0)
        stream.pause()
        stream.resume()
        stream.send(clicks(3.0))
        stream.finish()
        return list(stream)


async def test_one_thread_sends_and_then_reads(
    server_address: str, config: pb.StreamConfig
) -> None:
    results = await asyncio.to_thread(_send_then_read, server_address, config)
    assert windows_of(results)
    assert summary_of(results).audio_seconds == pytest.approx(6.0, abs=0.05)


def _pump(address: str, config: pb.StreamConfig, path: Path) -> list[Result]:
    with SyncLiveStream(address, config) as stream:
        stream.start_pump(FileSource(path, real_time=False))
        return list(stream)


async def test_a_whole_source_is_pumped_in_the_background(
    server_address: str, config: pb.StreamConfig, clicks_wav: Path
) -> None:
    results = await asyncio.to_thread(_pump, server_address, config, clicks_wav)
    assert windows_of(results)[-1].end_sample >= 9.5 * SAMPLE_RATE_HZ
    assert summary_of(results).audio_seconds == pytest.approx(10.0, abs=0.05)


async def test_a_source_that_breaks_is_raised_to_the_reader(
    server_address: str, config: pb.StreamConfig, clicks_wav: Path, tmp_path: Path
) -> None:
    import soundfile  # noqa: PLC0415

    whole = tmp_path / "whole.flac"
    samples, _ = soundfile.read(clicks_wav)
    soundfile.write(whole, samples, SAMPLE_RATE_HZ)
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    with pytest.raises(MediaError):
        await asyncio.to_thread(_pump, server_address, config, whole)


async def test_an_error_is_raised_in_the_callers_thread(
    server_address: str, config: pb.StreamConfig
) -> None:
    config.window_seconds = 99.0
    thread_count = threading.active_count()
    with pytest.raises(PracticeError, match=r".") as caught:
        await asyncio.to_thread(_send_then_read, server_address, config)
    assert caught.value.field == "config.window_seconds"
    assert threading.active_count() <= thread_count + 1  # to_thread's own worker stays


def test_nothing_works_before_it_is_open(config: pb.StreamConfig) -> None:
    with pytest.raises(RuntimeError, match="not open"):
        SyncLiveStream("localhost:1", config).finish()
