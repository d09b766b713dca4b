"""Small signals with exact truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.dsp.pcm import mulaw_table
from analysis_engine.results import Beat, Output, StreamSummary, WindowResult, WindowState
from analysis_engine.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterable

RATE_HZ = 22_050


def notes(
    onsets_s: Iterable[float],
    seconds: float,
    sample_rate_hz: int = RATE_HZ,
    pitches: tuple[int, ...] = (60, 64, 67, 72),
    decay_s: float = 0.25,
) -> np.ndarray:
    """Plucked tones at the given times, float64 in -1..1."""
    out = np.zeros(int(seconds * sample_rate_hz) + 1)
    for index, onset_s in enumerate(onsets_s):
        start = round(onset_s * sample_rate_hz)
        length = min(out.size - start, int(4 * decay_s * sample_rate_hz))
        if length <= 0:
            continue
        at_s = np.arange(length) / sample_rate_hz
        pitch_hz = 440.0 * 2 ** ((pitches[index % len(pitches)] - 69) / 12)
        tone = sum(np.sin(2 * np.pi * pitch_hz * k * at_s) / k for k in (1, 2, 3, 4))
        out[start : start + length] += 0.2 * tone * np.exp(-at_s / decay_s)
    return out[: int(seconds * sample_rate_hz)]


def steady(bpm: float, seconds: float, sample_rate_hz: int = RATE_HZ) -> np.ndarray:
    """One note a beat, from 0.3 s on."""
    return notes(np.arange(0.3, seconds, 60.0 / bpm), seconds, sample_rate_hz)


def encoded(samples: np.ndarray, encoding: Encoding = Encoding.LINEAR16) -> bytes:
    """Samples as PCM."""
    if encoding is Encoding.FLOAT32:
        return samples.astype("<f4").tobytes()
    if encoding is Encoding.LINEAR16:
        return np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    table = mulaw_table()
    order = np.argsort(table, kind="stable")
    nearest = np.clip(np.searchsorted(table[order], samples), 0, 255)
    return order[nearest].astype(np.uint8).tobytes()


def config(target_bpm: float | None = None, **changes: object) -> StreamConfig:
    """A plain stream."""
    plain: dict[str, object] = {"encoding": Encoding.LINEAR16, "sample_rate_hz": RATE_HZ}
    return StreamConfig(**{**plain, "target_bpm": target_bpm, **changes})  # type: ignore[arg-type]


def track(
    samples: np.ndarray, stream: StreamConfig, chunk_bytes: int | None = None
) -> list[Output]:
    """Everything a stream says about the samples."""
    tracker = Tracker(stream)
    data = encoded(samples, stream.encoding)
    step = chunk_bytes or stream.sample_rate_hz // 10 * stream.bytes_per_frame
    outputs: list[Output] = []
    for start in range(0, len(data), step):
        outputs += tracker.process(data[start : start + step])
    return outputs + tracker.finish()


def windows(outputs: list[Output]) -> list[WindowResult]:
    """The windows."""
    return [o for o in outputs if isinstance(o, WindowResult)]


def locked(
    outputs: list[Output], after_s: float = 0.0, rate_hz: int = RATE_HZ
) -> list[WindowResult]:
    """The locked windows that end after a time."""
    return [
        w
        for w in windows(outputs)
        if w.state is WindowState.LOCKED and w.end_sample > after_s * rate_hz
    ]


def told(outputs: list[Output]) -> list[Beat]:
    """First records."""
    return [o for o in outputs if isinstance(o, Beat) and not o.final]


def finals(outputs: list[Output]) -> list[Beat]:
    """Last records."""
    return [o for o in outputs if isinstance(o, Beat) and o.final]


def summary(outputs: list[Output]) -> StreamSummary:
    """The last word."""
    last = outputs[-1]
    assert isinstance(last, StreamSummary)
    return last


def median_bpm(found: list[WindowResult]) -> float:
    """Median tempo of windows that have one."""
    return float(np.median([w.bpm for w in found if w.bpm is not None]))
