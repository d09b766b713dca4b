"""Tempo against a target, and the slope of tempo over time."""

from __future__ import annotations

import math
from typing import Final

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
_OCTAVES: Final = {ratio: math.log2(ratio) for ratio in DOTTED_RATIOS}


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
    octaves = math.log2(raw_bpm / target_bpm)
    return min(ratios, key=lambda ratio: abs(octaves - _OCTAVES[ratio]))


class TempoTrend:
    """Least-squares slope of tempo over time, from sums that are kept up to date."""

    def __init__(self) -> None:
        self._count = 0
        self._time_sum_s = self._bpm_sum = self._square_sum_s2 = self._product_sum = 0.0

    def add(self, time_s: float, bpm: float) -> None:
        """Take a reading."""
        self._count += 1
        self._move(time_s, bpm, 1.0)

    def remove(self, time_s: float, bpm: float) -> None:
        """Forget a reading that was added."""
        self._count -= 1
        self._move(time_s, bpm, -1.0)

    def _move(self, time_s: float, bpm: float, sign: float) -> None:
        self._time_sum_s += sign * time_s
        self._bpm_sum += sign * bpm
        self._square_sum_s2 += sign * time_s * time_s
        self._product_sum += sign * time_s * bpm

    def bpm_per_minute(self, span_s: float) -> float | None:
        """Return the slope over readings that span ``span_s``, or None for less than 20 s."""
        if self._count < 3 or span_s < DRIFT_MIN_SPAN_S:
            return None
        spread = self._square_sum_s2 - self._time_sum_s**2 / self._count
        together = self._product_sum - self._time_sum_s * self._bpm_sum / self._count
        return 60.0 * together / spread
