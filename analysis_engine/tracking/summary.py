"""The whole stream in numbers, in bounded memory: histograms and running sums."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final

from analysis_engine.results import Expression, StreamSummary, WindowResult, WindowState
from analysis_engine.scoring import tempo
from analysis_engine.tracking.histogram import Histogram
from analysis_engine.tracking.totals import DeviationTotal, LatenessTotal, SwingTotal

if TYPE_CHECKING:
    from analysis_engine.config import StreamConfig
    from analysis_engine.tracking.performance import LevelInterval

_HELD_BEATS: Final = 16
_HELD_SPREAD: Final = 0.04
_LOWEST_BPM: Final = 5.0
_LOG_STEP: Final = 0.002
_LOG_BINS: Final = math.ceil(math.log(2000.0 / _LOWEST_BPM) / _LOG_STEP)


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
        self._lateness = LatenessTotal()
        self._swing = SwingTotal()
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

    def add_onset(self, late_s: float, noise_s: float) -> None:
        """Take how late an onset was on the player's own grid, and the engine's noise on it."""
        self._lateness.add(late_s, noise_s)

    def add_divided_beat(self, log_ratio: float) -> None:
        """Take log(first / second part) of a beat that one onset divides."""
        self._swing.add(log_ratio)

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

    def add_interval(self, interval: LevelInterval, asked_s: float | None) -> None:
        """Take one interval; ``asked_s`` is the period of the target, None without one."""
        own_s = interval.interval_s - interval.period_s
        self._steadiness.add(own_s, interval.period_s, interval.noise_s)
        if asked_s is None:
            self._accuracy.add(own_s, interval.period_s, interval.noise_s)
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
            timing_sd_ms=self._lateness.sd_ms(),
            onset_noise_ms=self._lateness.noise_ms(),
            swing_ratio=self._swing.ratio(),
            swing_beat_count=self._swing.divided_beats,
            deviation_percent=self._deviation_sum / targeted if targeted else None,
            drift_bpm_per_minute=self._drift_bpm_per_minute(),
            mood_s=dict(self._mood_s),
            meditation_s=self._meditation_s,
        )

    def _drift_bpm_per_minute(self) -> float | None:
        if self._first_s is None:
            return None
        return self._trend.bpm_per_minute(self._last_s - self._first_s)
