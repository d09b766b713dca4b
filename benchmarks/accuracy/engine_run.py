"""Our engine on a clip, exactly as a live stream would run it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile

from analysis_engine.config import MAX_TARGET_BPM, MIN_TARGET_BPM, Encoding, StreamConfig
from analysis_engine.results import Beat, StreamSummary, WindowResult, WindowState
from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.variants import WHOLE, Variant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from analysis_engine.results import Output
    from benchmarks.accuracy.clips import Clip

SLICE_S: Final = 0.1
PULSELESS_TARGET_BPM: Final = 100.0
"""A student may have set a target and not play: then this is what the engine was told."""


def read_pcm16(path: Path) -> tuple[bytes, int, int]:
    """Read a file as interleaved 16-bit samples: bytes, rate in Hz, channels (1 or 2)."""
    samples, rate_hz = soundfile.read(path, dtype="int16", always_2d=True)
    if samples.shape[1] > 2:
        samples = samples.mean(axis=1, keepdims=True).astype(np.int16)
    return samples.astype("<i2").tobytes(), rate_hz, samples.shape[1]


def run_engine(clip: Clip, *, with_target: bool, variant: Variant = WHOLE) -> Answer:
    """Stream a clip in slices of 100 ms; the target is the clip's hint.

    Processor time is that of the tracker's calls alone.
    """
    data, rate_hz, channel_count = read_pcm16(clip.path)
    config = StreamConfig(
        encoding=Encoding.LINEAR16,
        sample_rate_hz=rate_hz,
        channel_count=channel_count,
        target_bpm=_target_bpm(clip) if with_target else None,
    )
    step = round(SLICE_S * rate_hz) * config.bytes_per_frame
    started_s = time.thread_time()
    tracker = variant.make_tracker(config)
    outputs: list[Output] = []
    for at in range(0, len(data), step):
        outputs += tracker.process(data[at : at + step])
    outputs += tracker.finish()
    cpu_s = time.thread_time() - started_s
    return answer_of_outputs(clip.name, outputs, rate_hz, cpu_s)


def _target_bpm(clip: Clip) -> float | None:
    target_bpm = clip.hint_bpm if clip.has_pulse else PULSELESS_TARGET_BPM
    if target_bpm is None or not MIN_TARGET_BPM <= target_bpm <= MAX_TARGET_BPM:
        return None
    return target_bpm


def answer_of_outputs(
    name: str, outputs: Iterable[Output], rate_hz: int, cpu_s: float | None = None
) -> Answer:
    """Sort a stream's outputs into an answer, in the order in which they were said.

    A beat counts where its first record put it: that is what a student saw. Where the last record
    of the same beat put it is kept beside, as settled.
    """
    first: dict[int, Beat] = {}
    last: dict[int, Beat] = {}
    windows: list[WindowResult] = []
    summary: StreamSummary | None = None
    for output in outputs:
        if isinstance(output, Beat):
            first.setdefault(output.beat_index, output)
            last[output.beat_index] = output
        elif isinstance(output, WindowResult):
            windows.append(output)
        elif isinstance(output, StreamSummary):
            summary = output
    claimed = [w for w in windows if w.state is WindowState.LOCKED and w.bpm is not None]
    return Answer(
        clip=name,
        beats_s=tuple(beat.sample / rate_hz for beat in first.values()),
        reported_s=tuple(beat.told_sample / rate_hz for beat in first.values()),
        settled_s=tuple(_settled_sample(beat) / rate_hz for beat in last.values()),
        ahead_s=_ahead_s(first.values(), rate_hz),
        ahead_settled_s=_ahead_s(last.values(), rate_hz),
        windows=tuple((w.end_sample / rate_hz, w.bpm) for w in claimed if w.bpm is not None),
        confidences=tuple(w.confidence or 0.0 for w in claimed),
        window_states=tuple((w.end_sample / rate_hz, w.state.value) for w in windows),
        deviations=tuple(
            (beat.onset_sample / rate_hz, beat.offset_ms)
            for beat in last.values()
            if beat.onset_sample is not None and beat.offset_ms is not None
        ),
        cpu_s=cpu_s,
        timing_sd_ms=summary.timing_sd_ms if summary else None,
        accuracy=summary.accuracy if summary else None,
    )


def _ahead_s(beats: Iterable[Beat], rate_hz: int) -> tuple[float, ...]:
    ahead = (beat.next_beat_sample for beat in beats)
    return tuple(sample / rate_hz for sample in ahead if sample is not None)


def _settled_sample(beat: Beat) -> int:
    return beat.sample if beat.onset_sample is None else beat.onset_sample
