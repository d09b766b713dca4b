"""The player's own local grid: where the beat was due, by their last beats."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

#: Beats the grid is fitted over, the newest included.
GRID_BEATS: Final = 8
MIN_GRID_BEATS: Final = 4


def newest_offset_s(positions: np.ndarray, onsets_s: np.ndarray) -> float | None:
    """Return how late the newest onset is against the line through all of them, s.

    The newest onset pulls the line towards itself, so its residual is divided by sqrt(1 - leverage)
    (the standardised residual): its spread is then the player's.

    Parameters
    ----------
    positions : float (n,)
        Beat numbers on the grid, increasing.
    onsets_s : float (n,)
        Onset times.
    """
    if positions.size < MIN_GRID_BEATS:
        return None
    centred = positions - positions.mean()
    spread = float(np.dot(centred, centred))
    slope = float(np.dot(centred, onsets_s)) / spread
    residual = float(onsets_s[-1] - onsets_s.mean() - slope * centred[-1])
    leverage = 1.0 / positions.size + float(centred[-1]) ** 2 / spread
    return residual / math.sqrt(1.0 - leverage)
