"""Accuracy and steadiness: how far intervals of one beat are from a period.

Both are 100 (1 - mean_k min(1, |IOI_k - T| / (t T))); accuracy takes T from the target, steadiness
from the player's own local period.
"""

from __future__ import annotations

import math
from itertools import repeat
from typing import TYPE_CHECKING, Final

from analysis_engine.config import Strictness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: t, the deviation at which an interval scores 0, as a fraction of the period.
INTERVAL_SPAN: Final = {
    Strictness.STRICT: 0.125,
    Strictness.NORMAL: 0.25,
    Strictness.LENIENT: 0.5,
}
#: Below this many intervals there is no score.
MIN_INTERVALS: Final = 4
#: An interval longer than this many periods spans a rest or an unplayed beat.
LONGEST_PERIODS: Final = 1.75
#: The engine never forgives more than this much of its own noise.
MAX_NOISE_S: Final = 0.010


def noise_shrink(mean_square_s2: float, noise_s: float) -> float:
    """Return the share of the deviation that is the player's.

    sqrt(max(0, 1 - 2 f^2 / mean(IOI - T)^2)).

    Parameters
    ----------
    mean_square_s2
        Mean squared deviation of the intervals, s^2.
    noise_s
        The engine's own onset noise f, s; at most 10 ms counts. An interval has two onsets.
    """
    if mean_square_s2 <= 0.0:
        return 1.0
    noise = min(noise_s, MAX_NOISE_S)
    return math.sqrt(max(0.0, 1.0 - 2.0 * noise**2 / mean_square_s2))


def accuracy(
    intervals_s: Iterable[float], period_s: float, strictness: Strictness, noise_s: float = 0.0
) -> float | None:
    """Score intervals against a given period, 0..100, or None below 4 intervals.

    Parameters
    ----------
    intervals_s
        n intervals.
    period_s
        The period that was asked for.
    strictness
        Chooses t from `INTERVAL_SPAN`.
    noise_s
        The engine's own onset noise, taken off.
    """
    deviations_s = [interval_s - period_s for interval_s in intervals_s]
    return _score(deviations_s, repeat(period_s), strictness, noise_s)


def steadiness(
    intervals_s: Iterable[float],
    periods_s: Iterable[float],
    strictness: Strictness,
    noise_s: float = 0.0,
) -> float | None:
    """Score intervals against the player's own local period, 0..100, or None below 4 intervals.

    Parameters
    ----------
    intervals_s
        n intervals.
    periods_s
        The local period at each, foretold without the onset that ends the interval: no degree of
        freedom is lost to it.
    strictness
        Chooses t from `INTERVAL_SPAN`.
    noise_s
        The engine's own onset noise, taken off.
    """
    periods_s = list(periods_s)
    deviations_s = [
        interval_s - period_s for interval_s, period_s in zip(intervals_s, periods_s, strict=True)
    ]
    return _score(deviations_s, periods_s, strictness, noise_s)


def _score(
    deviations_s: Sequence[float],
    periods_s: Iterable[float],
    strictness: Strictness,
    noise_s: float,
) -> float | None:
    # A window has a dozen intervals: NumPy would take ten times as long.
    count = len(deviations_s)
    if count < MIN_INTERVALS:
        return None
    shrink = noise_shrink(sum(d * d for d in deviations_s) / count, noise_s)
    scale = shrink / INTERVAL_SPAN[strictness]
    pairs = zip(deviations_s, periods_s, strict=False)
    lost = sum(min(1.0, scale * abs(deviation_s) / period_s) for deviation_s, period_s in pairs)
    return 100.0 * (1.0 - lost / count)
