"""Totals over a whole stream: deviations of intervals, lateness of onsets, swing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.scoring import swing
from analysis_engine.scoring.intervals import (
    INTERVAL_SPAN,
    MAX_NOISE_S,
    MIN_INTERVALS,
    noise_shrink,
)
from analysis_engine.tracking.histogram import Histogram

if TYPE_CHECKING:
    from analysis_engine.config import Strictness

# Deviations of 1 period and more are one bin: every strictness scores them 0.
_DEVIATION_BINS: Final = 1000
_LATE_LIMIT_MS: Final = 250.0
_LATE_STEP_MS: Final = 0.5
_SWING_LIMIT_LOG: Final = 1.2
_SWING_STEP_LOG: Final = 0.01


class DeviationTotal:
    """Mean of min(1, |deviation| / t) over all intervals; the engine's noise is taken off last."""

    def __init__(self) -> None:
        self._bins = Histogram(0.0, 1.0 / _DEVIATION_BINS, _DEVIATION_BINS)
        self._square_sum_s2 = 0.0
        self._noise_square_sum_s2 = 0.0

    def add(self, deviation_s: float, period_s: float, noise_s: float) -> None:
        """Take one interval's deviation from its period."""
        self._bins.add(abs(deviation_s) / period_s)
        self._square_sum_s2 += deviation_s**2
        self._noise_square_sum_s2 += noise_s**2

    def score(self, strictness: Strictness) -> float | None:
        """Return 0..100, or None below 4 intervals."""
        count = self._bins.total
        if count < MIN_INTERVALS:
            return None
        noise_s = math.sqrt(self._noise_square_sum_s2 / count)
        shrink = noise_shrink(self._square_sum_s2 / count, noise_s)
        relative = np.minimum(1.0, self._bins.centres * shrink / INTERVAL_SPAN[strictness])
        return 100.0 * (1.0 - float(np.dot(relative, self._bins.counts)) / count)


class LatenessTotal:
    """Spread of the onsets around the player's grid; the engine's noise is taken off last."""

    def __init__(self) -> None:
        bins = round(2 * _LATE_LIMIT_MS / _LATE_STEP_MS)
        self._late_ms = Histogram(-_LATE_LIMIT_MS, _LATE_STEP_MS, bins)
        self._noise_square_sum_s2 = 0.0

    def add(self, late_s: float, noise_s: float) -> None:
        """Take one onset."""
        self._late_ms.add(1000.0 * late_s)
        self._noise_square_sum_s2 += noise_s**2

    def noise_ms(self) -> float | None:
        """Return the noise that is taken off, at most 10 ms; None below 4 onsets."""
        count = self._late_ms.total
        if count < MIN_INTERVALS:
            return None
        return 1000.0 * min(MAX_NOISE_S, math.sqrt(self._noise_square_sum_s2 / count))

    def sd_ms(self) -> float | None:
        """Return the player's robust standard deviation; None below 4 onsets."""
        noise_ms = self.noise_ms()
        if noise_ms is None:
            return None
        return math.sqrt(max(0.0, self._late_ms.robust_sd() ** 2 - noise_ms**2))


class SwingTotal:
    """How unevenly divided beats are divided."""

    def __init__(self) -> None:
        bins = round(2 * _SWING_LIMIT_LOG / _SWING_STEP_LOG)
        self._log_ratios = Histogram(-_SWING_LIMIT_LOG, _SWING_STEP_LOG, bins)

    def add(self, log_ratio: float) -> None:
        """Take one divided beat."""
        self._log_ratios.add(log_ratio)

    @property
    def divided_beats(self) -> int:
        """How many beats one onset divided."""
        return self._log_ratios.total

    def ratio(self) -> float | None:
        """Return long to short part, None where too few beats were divided."""
        if not self.divided_beats:
            return None
        return swing.ratio(self._log_ratios.quantile(0.5), self.divided_beats)
