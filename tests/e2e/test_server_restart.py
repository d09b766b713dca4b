"""A practice stream outlives its server: `practice serve` is ended and started again under it."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from practice.analysis.v1 import analysis_pb2 as pb
from practice_client import LiveStream, ReconnectPolicy
from tests.gateway.processes import environment, served
from tests.serving.live import RATE_HZ, chunked, clicks, config_message

if TYPE_CHECKING:
    from pathlib import Path

AUDIO = clicks(24.0)
HALF = len(AUDIO) // 2


async def take(stream: LiveStream, into: list[object]) -> None:
    async for result in stream:
        into.append(result)  # noqa: PERF401 - others watch the list as it grows


async def heard_until(results: list[object], sample: int) -> None:
    """Wait until a window that ends there has been told."""
    while not any(  # noqa: ASYNC110 - the list tells nobody
        isinstance(item, pb.WindowResult) and item.end_sample >= sample for item in results
    ):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "drained"])
async def test_a_stream_goes_on_with_the_next_server(tmp_path: Path, how: signal.Signals) -> None:
    env = environment(tmp_path)
    results: list[object] = []
    async with served("--grpc-port", "0", env=env) as (first, address):
        port = address.rpartition(":")[2]
        policy = ReconnectPolicy(first_delay_s=0.05, max_delay_s=0.2, give_up_after_s=100.0)
        config = config_message(emit_beats=True, target_bpm=120.0)
        async with LiveStream(address, config, policy=policy) as stream:
            taking = asyncio.create_task(take(stream, results))
            for chunk in chunked(AUDIO[:HALF]):
                await stream.send(chunk)
            await heard_until(results, 11 * RATE_HZ)
            first.send_signal(how)
            await first.wait()
            async with served("--grpc-port", port, env=env):
                for chunk in chunked(AUDIO[HALF:]):
                    await stream.send(chunk)
                await stream.finish()
                await taking
    windows = [item for item in results if isinstance(item, pb.WindowResult)]
    ends = [window.end_sample for window in windows]
    assert ends == sorted(set(ends)), "the clock never jumps back, and nothing is told twice"
    assert windows[-1].state == pb.WINDOW_STATE_LOCKED
    assert windows[-1].bpm == pytest.approx(120.0, rel=0.01)
    beats = [item for item in results if isinstance(item, pb.Beat) and item.final]
    assert max(beat.sample for beat in beats) > 22 * RATE_HZ
    assert isinstance(results[-1], pb.StreamSummary)
