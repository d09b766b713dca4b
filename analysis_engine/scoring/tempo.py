"""Tempo against a target, and the slope of tempo over time."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from analysis_engine.config import Strictness

#: Deviation from the target at which tempo_accuracy reaches 0, as a fraction of the target.
TEMPO_SPAN: Final = {
    Strictness.STRICT: 0.10,
    Strictness.NORMAL: 0.20,
    Strictness.LENIENT: 0.40,
}
#: A slope needs this much time under it.
DRIFT_MIN_SPAN_S: Final = 20.0

PLAIN_RATIOS: Final = (1 / 4, 1 / 3, 1 / 2, 1.0, 2.0, 3.0, 4.0)
DOTTED_RATIOS: Final = (1 / 4, 1 / 3, 1 / 2, 3 / 4, 1.0, 3 / 2, 2.0, 3.0, 4.0)


def deviation_percent(bpm: float, target_bpm: float) -> float:
    """Return 100 (bpm / target - 1); positive is fast."""
    return 100.0 * (bpm / target_bpm - 1.0)


def tempo_accuracy(bpm: float, target_bpm: float, strictness: Strictness) -> float:
    """Return 100 max(0, 1 - |bpm / target - 1| / s), 0..100, s from `TEMPO_SPAN`."""
    return 100.0 * max(0.0, 1.0 - abs(bpm / target_bpm - 1.0) / TEMPO_SPAN[strictness])


def ratio_distance(raw_bpm: float, target_bpm: float, ratio: float) -> float:
    """Return |log2| between raw_bpm / ratio and the target, in octaves."""
    return abs(math.log2(raw_bpm / ratio / target_bpm))


def nearest_ratio(raw_bpm: float, target_bpm: float, *, dotted: bool) -> float:
    """Return the metrical ratio that brings raw_bpm / ratio nearest to the target."""
    ratios = DOTTED_RATIOS if dotted else PLAIN_RATIOS
    return min(ratios, key=lambda ratio: ratio_distance(raw_bpm, target_bpm, ratio))


def drift_bpm_per_minute(times_s: np.ndarray, bpm: np.ndarray) -> float | None:
    """Return the least-squares slope of tempo, or None for less than 20 s of it.

    Parameters
    ----------
    times_s, bpm : float (n,)
        Tempo readings in order of time.
    """
    if times_s.size < 3 or times_s[-1] - times_s[0] < DRIFT_MIN_SPAN_S:
        return None
    centred = times_s - times_s.mean()
    return float(60.0 * np.dot(centred, bpm) / np.dot(centred, centred))
