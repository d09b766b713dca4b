"""Uneven subdivision: how much longer the first half of a beat is than the second."""

from __future__ import annotations

import math
from typing import Final

#: An onset this far into its beat (as a share) divides it in two; nearer to either beat it is
#: something else.
_FIRST_SHARE: Final = 0.25
_LAST_SHARE: Final = 0.75
#: Below this many divided beats there is no ratio.
MIN_DIVIDED_BEATS: Final = 8


def log_ratio(beat_s: float, between_s: float, next_beat_s: float) -> float | None:
    """Return log(first / second part) of a beat with one onset between, None when it is no half.

    Parameters
    ----------
    beat_s, between_s, next_beat_s
        Increasing onset times of a beat, of the onset that divides it, and of the next beat.
    """
    share = (between_s - beat_s) / (next_beat_s - beat_s)
    if not _FIRST_SHARE < share < _LAST_SHARE:
        return None
    return math.log(share / (1.0 - share))


def ratio(median_log_ratio: float, divided_beats: int) -> float | None:
    """Return long to short part, 1.0 when straight, or None below 8 divided beats.

    Which part comes first does not count: on a pulse that is followed from off-beat to off-beat
    it is the other one.
    """
    if divided_beats < MIN_DIVIDED_BEATS:
        return None
    return math.exp(abs(median_log_ratio))
