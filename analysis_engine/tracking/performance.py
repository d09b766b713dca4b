"""The player's recent intervals, and the scores of a window made from them."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analysis_engine.scoring import intervals as scoring

if TYPE_CHECKING:
    from analysis_engine.config import StreamConfig

#: Scores look back over at least this many beats, and intervals.
MIN_LOOK_BACK: Final = 8
# Whatever came before this is another time.
_OLDEST_S: Final = 30.0
# 16 s of window at eight onsets a second.
_KEPT: Final = 128


@dataclass(frozen=True, slots=True)
class LevelInterval:
    """Time between two onsets one beat apart, brought to the target's metrical level.

    ``end_s`` is the time of the second; ``period_s`` the player's local period there; ``noise_s``
    the engine's own noise on one onset, brought to the same level.
    """

    end_s: float
    interval_s: float
    period_s: float
    noise_s: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Accuracy and steadiness of a window, None where there are too few intervals."""

    accuracy: float | None = None
    steadiness: float | None = None


class IntervalBook:
    """Keeps the newest intervals of one beat.

    Parameters
    ----------
    config
        Window and strictness.
    """

    def __init__(self, config: StreamConfig) -> None:
        self._window_s = config.window_s
        self._strictness = config.strictness
        self._intervals: deque[LevelInterval] = deque(maxlen=_KEPT)

    def add(self, interval: LevelInterval) -> None:
        """Take an interval."""
        self._intervals.append(interval)

    def scores(self, end_s: float, target_bpm: float | None) -> Scores:
        """Score the window that ends at ``end_s``."""
        used = self._looked_back_over(end_s)
        if len(used) < scoring.MIN_INTERVALS:
            return Scores()
        values_s = [i.interval_s for i in used]
        periods_s = [i.period_s for i in used]
        noise_s = math.sqrt(sum(i.noise_s**2 for i in used) / len(used))
        steadiness = scoring.steadiness(values_s, periods_s, self._strictness, noise_s)
        if target_bpm is None:
            return Scores(steadiness, steadiness)
        accuracy = scoring.accuracy(values_s, 60.0 / target_bpm, self._strictness, noise_s)
        return Scores(accuracy, steadiness)

    def _looked_back_over(self, end_s: float) -> list[LevelInterval]:
        """Intervals of the window or of the last 8 beats, whichever is longer; at least 8 of them.

        With several onsets a beat there are several intervals to each.
        """
        fresh = [i for i in self._intervals if i.end_s > end_s - _OLDEST_S]
        if not fresh:
            return fresh
        span_s = max(self._window_s, MIN_LOOK_BACK * fresh[-1].period_s)
        inside = [i for i in fresh if i.end_s > end_s - span_s]
        return inside if len(inside) >= MIN_LOOK_BACK else fresh[-MIN_LOOK_BACK:]
