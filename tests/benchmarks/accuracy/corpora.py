from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.clips import Clip


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
