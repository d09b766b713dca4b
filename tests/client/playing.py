"""Sound that the client tests send, and how they send it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from practice.analysis.v1 import analysis_pb2 as pb

if TYPE_CHECKING:
    from practice_client.live_stream import LiveStream, Result

SAMPLE_RATE_HZ = 8_000
BLOCK_BYTES = SAMPLE_RATE_HZ // 10 * 2


def clicks(duration_s: float, tempo_bpm: float = 120.0) -> bytes:
    """Decaying tones on every beat, 16-bit mono; of one pitch they would be a metronome."""
    samples = np.zeros(int(duration_s * SAMPLE_RATE_HZ))
    seconds = np.arange(int(0.12 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    for number, onset_s in enumerate(np.arange(0.25, duration_s - 0.2, 60.0 / tempo_bpm)):
        pitch_hz = (880, 660, 990, 740, 1100)[number % 5]
        first = int(onset_s * SAMPLE_RATE_HZ)
        tone = 0.6 * np.exp(-seconds * 40) * np.sin(2 * np.pi * pitch_hz * seconds)
        samples[first : first + tone.size] += tone
    return (samples * 32_767).astype("<i2").tobytes()


async def send_all(stream: LiveStream, data: bytes) -> None:
    """Send in 100 ms blocks, then finish."""
    for first in range(0, len(data), BLOCK_BYTES):
        await stream.send(data[first : first + BLOCK_BYTES])
    await stream.finish()


async def play(stream: LiveStream, data: bytes) -> list[Result]:
    """Send everything while reading everything; the results in their order."""
    sender = asyncio.create_task(send_all(stream, data))
    results = [result async for result in stream]
    await sender
    return results


def windows_of(results: list[Result]) -> list[pb.WindowResult]:
    return [item for item in results if isinstance(item, pb.WindowResult)]


def beats_of(results: list[Result]) -> list[pb.Beat]:
    return [item for item in results if isinstance(item, pb.Beat)]


def summary_of(results: list[Result]) -> pb.StreamSummary:
    last = results[-1]
    assert isinstance(last, pb.StreamSummary)
    return last


def without_loss_marks(results: list[Result]) -> list[Result]:
    """The results with what a slow reader may change taken out."""
    for window in windows_of(results):
        window.dropped_windows = 0
    return results
