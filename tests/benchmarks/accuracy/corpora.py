from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.clips import Clip
from benchmarks.accuracy.comparison import Comparison


def steady_clip(bpm: float = 120.0, duration_s: float = 30.0, **changes: Any) -> Clip:
    beats_s = np.arange(0.5, duration_s, 60 / bpm)
    fields: dict[str, Any] = {
        "name": "clip",
        "part": "b",
        "scenario": "steady",
        "instrument": "piano",
        "path": Path("clip.flac"),
        "duration_s": duration_s,
        "beats_s": beats_s,
        "tempo": np.stack([beats_s, np.full(len(beats_s), bpm)], axis=1),
        "onsets_s": np.stack([beats_s, beats_s], axis=1),
        "target_bpm": bpm,
        "hint_bpm": bpm,
        "timing_sd_ms": 0.0,
    }
    return Clip(**(fields | changes))


def windows_at(bpm: float, until_s: float = 30.0) -> tuple[tuple[float, float], ...]:
    return tuple((float(t), bpm) for t in np.arange(1.0, until_s, 0.5))


def comparison_of(
    clips: Sequence[Clip], with_target: bool = True, **answers: Sequence[Answer]
) -> Comparison:
    by_tracker = {
        tracker: {answer.clip: answer for answer in given} for tracker, given in answers.items()
    }
    mode = "with target" if with_target else "no target"
    return Comparison(mode, with_target, clips, by_tracker)


def pulseless_clip(**changes: Any) -> Clip:
    nothing = np.zeros((0, 2))
    fields: dict[str, Any] = {
        "beats_s": np.zeros(0), "tempo": nothing, "onsets_s": nothing, "part": "n"
    }  # fmt: skip
    return steady_clip(**(fields | changes))
