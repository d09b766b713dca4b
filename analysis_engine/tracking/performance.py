"""The player's recent intervals, and the scores of a window made from them."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.scoring import intervals as scoring

if TYPE_CHECKING:
    from analysis_engine.config import StreamConfig
    from analysis_engine.tracking.beats import Interval

#: Scores look back over at least this many intervals.
MIN_LOOK_BACK: Final = 8
# Whatever came before this is another time.
_OLDEST_S: Final = 30.0
# 16 s of window at four beats a second, and room.
_KEPT: Final = 96

#: The engine's own onset noise (sd, s) for sharp and for soft attacks, as measured on generated
#: performances (``python -m analysis_engine.training.onset_noise``); linear in between.
NOISE_SHARP_S: Final = 0.005
NOISE_SOFT_S: Final = 0.010
_SHARP: Final = 0.35
_SOFT: Final = 0.55


def onset_noise_s(softness: float) -> float:
    """Return the engine's onset noise for an attack of this softness, s."""
    share = min(1.0, max(0.0, (softness - _SHARP) / (_SOFT - _SHARP)))
    return NOISE_SHARP_S + share * (NOISE_SOFT_S - NOISE_SHARP_S)


@dataclass(frozen=True, slots=True)
class LevelInterval:
    """An interval brought to the target's metrical level."""

    end_s: float
    interval_s: float
    noise_s: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Accuracy and steadiness of a window, None where there are too few intervals."""

    accuracy: float | None = None
    steadiness: float | None = None


class IntervalBook:
    """Keeps the newest intervals, normalised to the target's level.

    Parameters
    ----------
    config
        Window and strictness.
    """

    def __init__(self, config: StreamConfig) -> None:
        self._window_s = config.window_s
        self._strictness = config.strictness
        self._intervals: deque[LevelInterval] = deque(maxlen=_KEPT)

    def add(self, interval: Interval, end_s: float, ratio: float) -> LevelInterval:
        """Take an interval between played beats; ``ratio`` is raw_bpm / bpm."""
        noise_s = onset_noise_s(interval.softness) * ratio
        level = LevelInterval(end_s, interval.interval_s * ratio, noise_s)
        self._intervals.append(level)
        return level

    def local_period_s(self) -> tuple[float, int] | None:
        """Fitted period over the newest 8 intervals and their number; None below 4."""
        recent = self._values(list(self._intervals)[-MIN_LOOK_BACK:])
        if recent.size < scoring.MIN_INTERVALS:
            return None
        return scoring.local_period_s(recent), recent.size

    def scores(self, end_s: float, target_bpm: float | None) -> Scores:
        """Score the window that ends at ``end_s``."""
        fresh = [i for i in self._intervals if i.end_s > end_s - _OLDEST_S]
        inside = [i for i in fresh if i.end_s > end_s - self._window_s]
        used = inside if len(inside) >= MIN_LOOK_BACK else fresh[-MIN_LOOK_BACK:]
        if len(used) < scoring.MIN_INTERVALS:
            return Scores()
        values = self._values(used)
        noise_s = math.sqrt(sum(i.noise_s**2 for i in used) / len(used))
        steadiness = scoring.steadiness(values, self._strictness, noise_s)
        if target_bpm is None:
            return Scores(steadiness, steadiness)
        accuracy = scoring.accuracy(values, 60.0 / target_bpm, self._strictness, noise_s)
        return Scores(accuracy, steadiness)

    @staticmethod
    def _values(intervals: list[LevelInterval]) -> np.ndarray:
        return np.array([i.interval_s for i in intervals], np.float64)
