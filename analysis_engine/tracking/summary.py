"""The whole stream in numbers, in bounded memory: histograms and running sums."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.results import Beat, Expression, StreamSummary, WindowResult, WindowState
from analysis_engine.scoring import tempo
from analysis_engine.scoring.intervals import INTERVAL_SPAN, MIN_INTERVALS, noise_shrink

if TYPE_CHECKING:
    from analysis_engine.config import StreamConfig, Strictness
    from analysis_engine.tracking.performance import LevelInterval

_HELD_BEATS: Final = 16
_HELD_SPREAD: Final = 0.04
_OFFSET_LIMIT_MS: Final = 250.0
_OFFSET_STEP_MS: Final = 0.5
_LOWEST_BPM: Final = 5.0
_LOG_STEP: Final = 0.002
_LOG_BINS: Final = math.ceil(math.log(2000.0 / _LOWEST_BPM) / _LOG_STEP)
# Deviations of 1 period and more are one bin: every strictness scores them 0.
_DEVIATION_BINS: Final = 1000
# A robust sd from the median absolute deviation of a normal distribution.
_MAD_TO_SD: Final = 1.4826


class Histogram:
    """Counts over equal bins; values outside go into the end bins."""

    def __init__(self, low: float, step: float, bins: int) -> None:
        self._low, self._step = low, step
        self._counts = np.zeros(bins, np.uint32)

    @property
    def total(self) -> int:
        """How many values were taken."""
        return int(self._counts.sum())

    @property
    def counts(self) -> np.ndarray:
        """Count of each bin, uint32."""
        return self._counts

    @property
    def centres(self) -> np.ndarray:
        """Centre of each bin."""
        return self._low + self._step * (np.arange(self._counts.size) + 0.5)

    def add(self, value: float) -> None:
        """Take one value."""
        index = int((value - self._low) / self._step)
        self._counts[min(max(index, 0), self._counts.size - 1)] += 1

    def quantile(self, share: float) -> float:
        """Return the value below which ``share`` of the counts lie, interpolated in its bin."""
        return weighted_quantile(self.centres, self._counts, self._step, share)


def weighted_quantile(centres: np.ndarray, counts: np.ndarray, step: float, share: float) -> float:
    """Quantile of binned values; ``centres`` increasing, bins ``step`` wide."""
    cumulative = np.cumsum(counts, dtype=np.float64)
    wanted = share * cumulative[-1]
    index = int(np.searchsorted(cumulative, wanted))
    index = min(index, counts.size - 1)
    before = cumulative[index] - counts[index]
    inside = (wanted - before) / counts[index] if counts[index] else 0.5
    return float(centres[index] + step * (inside - 0.5))


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


class SummaryBook:
    """Adds up windows, beats and intervals; every interval counts once.

    Parameters
    ----------
    config
        The stream's configuration (strictness).
    """

    def __init__(self, config: StreamConfig) -> None:
        self._strictness = config.strictness
        self._active_s = 0.0
        self._locked_s = 0.0
        self._meditation_s = 0.0
        self._mood_s: dict[Expression, float] = {}
        self._log_bpm = Histogram(math.log(_LOWEST_BPM), _LOG_STEP, _LOG_BINS)
        self._tempo_accuracy_sum = 0.0
        self._deviation_sum = 0.0
        self._targeted_windows = 0
        self._trend = tempo.TempoTrend()
        self._first_s: float | None = None
        self._last_s = 0.0
        bins = round(2 * _OFFSET_LIMIT_MS / _OFFSET_STEP_MS)
        self._offsets_ms = Histogram(-_OFFSET_LIMIT_MS, _OFFSET_STEP_MS, bins)
        self._accuracy = DeviationTotal()
        self._steadiness = DeviationTotal()
        self._recent_bpm: deque[float] = deque(maxlen=_HELD_BEATS)
        self._held_bpm: float | None = None

    def add_window(
        self, window: WindowResult, end_s: float, sounding_s: float, hop_s: float
    ) -> None:
        """Take one window result; ``sounding_s`` of the hop was not silence."""
        self._active_s += sounding_s
        if window.state is not WindowState.LOCKED:
            return
        self._locked_s += sounding_s
        if window.mood is not None:
            face = window.mood.expression
            self._mood_s[face] = self._mood_s.get(face, 0.0) + hop_s
        if window.bpm is None:
            return
        self._log_bpm.add(math.log(window.bpm))
        self._first_s = end_s if self._first_s is None else self._first_s
        self._last_s = end_s
        self._trend.add(end_s, window.bpm)
        if window.tempo_accuracy is not None and window.deviation_percent is not None:
            self._targeted_windows += 1
            self._tempo_accuracy_sum += window.tempo_accuracy
            self._deviation_sum += window.deviation_percent

    def add_meditation(self, seconds: float) -> None:
        """Take time spent in meditation."""
        self._meditation_s += seconds

    def add_beat(self, final: Beat) -> None:
        """Take the final record of a beat."""
        if final.offset_ms is not None:
            self._offsets_ms.add(final.offset_ms)

    def add_tempo(self, bpm: float | None) -> None:
        """Take the tempo at a played beat; None breaks a held stretch."""
        if bpm is None:
            self._recent_bpm.clear()
            return
        self._recent_bpm.append(bpm)
        if len(self._recent_bpm) < _HELD_BEATS:
            return
        ordered = sorted(self._recent_bpm)
        middle = 0.5 * (ordered[_HELD_BEATS // 2 - 1] + ordered[_HELD_BEATS // 2])
        widest = max(ordered[-1] / middle - 1.0, 1.0 - ordered[0] / middle)
        if widest <= _HELD_SPREAD:
            self._held_bpm = max(self._held_bpm or 0.0, middle)

    def add_interval(
        self, interval: LevelInterval, asked_s: float | None, local_s: float, fitted: int
    ) -> None:
        """Take one interval.

        Parameters
        ----------
        interval
            At the target's level.
        asked_s
            Period of the target, None without one.
        local_s, fitted
            The player's own period, and over how many intervals it was fitted: the newest
            interval pulled it, so its deviation is scaled by sqrt(n / (n - 1)).
        """
        own = (interval.interval_s - local_s) * math.sqrt(fitted / (fitted - 1))
        self._steadiness.add(own, local_s, interval.noise_s)
        if asked_s is None:
            self._accuracy.add(own, local_s, interval.noise_s)
        else:
            self._accuracy.add(interval.interval_s - asked_s, asked_s, interval.noise_s)

    def summarise(self, audio_s: float, beat_count: int) -> StreamSummary:
        """Return the summary of everything taken so far; without a lock there are no scores."""
        targeted = self._targeted_windows
        if self._locked_s == 0.0:
            return StreamSummary(audio_s, self._active_s, 0.0, 0.0, beat_count)
        return StreamSummary(
            audio_s=audio_s,
            active_s=self._active_s,
            locked_s=self._locked_s,
            coverage=min(1.0, self._locked_s / self._active_s),
            beat_count=beat_count,
            median_bpm=math.exp(self._log_bpm.quantile(0.5)) if self._log_bpm.total else None,
            held_bpm=self._held_bpm,
            accuracy=self._accuracy.score(self._strictness),
            tempo_accuracy=self._tempo_accuracy_sum / targeted if targeted else None,
            steadiness=self._steadiness.score(self._strictness),
            timing_sd_ms=self._timing_sd_ms(),
            deviation_percent=self._deviation_sum / targeted if targeted else None,
            drift_bpm_per_minute=self._drift_bpm_per_minute(),
            mood_s=dict(self._mood_s),
            meditation_s=self._meditation_s,
        )

    def _timing_sd_ms(self) -> float | None:
        if self._offsets_ms.total < MIN_INTERVALS:
            return None
        distance = np.abs(self._offsets_ms.centres - self._offsets_ms.quantile(0.5))
        order = np.argsort(distance, kind="stable")
        counts = self._offsets_ms.counts[order]
        return _MAD_TO_SD * weighted_quantile(distance[order], counts, 0.0, 0.5)

    def _drift_bpm_per_minute(self) -> float | None:
        if self._first_s is None:
            return None
        return self._trend.bpm_per_minute(self._last_s - self._first_s)
