"""What the network listens to: every 20 ms, how much each band rose and how loud it is.

S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013: the
rise is the difference to the frame two hops back, whose neighbouring bands are maximum-filtered.
Each band's own recent mean is taken off, or room noise drowns the rise.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.dsp.kernel import copy, kernel

LAG: Final = 2
FRAMES_PER_TICK: Final = 2
TICK_S: Final = FRAMES_PER_TICK * HOP_S
#: Rise of each band, then its level.
INPUT_COUNT: Final = 2 * BAND_COUNT

_MEAN_KEEP: Final = np.float32(np.exp(-HOP_S / 0.4))
_MEAN_TAKE: Final = np.float32(1.0) - _MEAN_KEEP


class NoveltyState(NamedTuple):
    """Streaming state.

    ``ring`` (LAG, 62) float32, older bands with a zero on either side; ``mean`` (60,) float32
    recent mean of the rise; ``cursor`` [row of the ring that is oldest, frames in this tick] int64.
    """

    ring: np.ndarray
    mean: np.ndarray
    cursor: np.ndarray


def make_state() -> NoveltyState:
    """Return a state that has heard silence."""
    return NoveltyState(
        np.zeros((LAG, BAND_COUNT + 2), np.float32),
        np.zeros(BAND_COUNT, np.float32),
        np.zeros(2, np.int64),
    )


@kernel(fastmath=True)
def step(state, bands, out):
    """Take one frame; returns whether it completed a tick.

    Parameters
    ----------
    state : NoveltyState
    bands : float32 (60,)
        Compressed bands of the front end.
    out : float32 (120,)
        The tick so far: the larger rise of its frames in each band, then the mean level. Whole
        when True is returned; the caller must not write into it in between.
    """
    ring, mean, cursor = state
    oldest = ring[cursor[0]]
    below, here, above = oldest[:BAND_COUNT], oldest[1 : BAND_COUNT + 1], oldest[2:]
    rises, levels = out[:BAND_COUNT], out[BAND_COUNT:]
    first = cursor[1] == 0
    for band in range(BAND_COUNT):
        reference = max(below[band], here[band], above[band])
        rise = max(np.float32(0.0), bands[band] - reference)
        over = max(np.float32(0.0), rise - mean[band])
        mean[band] = _MEAN_KEEP * mean[band] + _MEAN_TAKE * rise
        level = np.float32(0.5) * bands[band]
        rises[band] = over if first else max(rises[band], over)
        levels[band] = level if first else levels[band] + level
    copy(bands, here)
    cursor[0] = (cursor[0] + 1) % LAG
    cursor[1] = (cursor[1] + 1) % FRAMES_PER_TICK
    return cursor[1] == 0
