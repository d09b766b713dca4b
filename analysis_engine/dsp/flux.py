"""Hand-made onset activation: multi-band SuperFlux with a running mean taken off.

S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013: the
difference to the frame two hops back, whose neighbouring bands are maximum-filtered, so that a
vibrato does not look like onsets.

The learned network took its place; it stays to measure what learning gives.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.dsp.kernel import copy, kernel

LAG: Final = 2
# The flux peaks when the attack has slid into the middle of the 48 ms window.
LATENCY_S: Final = 0.030
# Where the three groups of bands end: below about 200 Hz, 1 kHz, 6.5 kHz.
_GROUP_ENDS: Final = (15, 36, BAND_COUNT)
_GROUP_WEIGHTS: Final = (np.float32(1.0), np.float32(1.35), np.float32(1.6))

# Room noise drowns the flux unless its own mean of the last 0.2 s is taken off.
_MEAN_KEEP: Final = np.float32(np.exp(-HOP_S / 0.21))
_PEAK_DECAY: Final = np.float32(0.5 ** (HOP_S / 2.3))
_PEAK_FLOOR: Final = np.float32(0.8)
# Sharpens the activation: weak flux is rarely an onset on the beat.
_POWER: Final = np.float32(1.5)


class FluxState(NamedTuple):
    """Streaming state of the detector.

    ``bands`` (LAG, 60) float32 ring; ``cursor`` [oldest row] int64; ``levels`` [mean,
    peak] float32.
    """

    bands: np.ndarray
    cursor: np.ndarray
    levels: np.ndarray


def make_state() -> FluxState:
    """Return a detector at rest."""
    return FluxState(
        np.zeros((LAG, BAND_COUNT), np.float32),
        np.zeros(1, np.int64),
        np.array([0.0, _PEAK_FLOOR], np.float32),
    )


@kernel(fastmath=True)
def superflux(previous, current):
    """Sum over bands of max(0, current - max of three neighbouring previous bands), float32."""
    total = np.float32(0.0)
    first = 0
    for group in range(3):
        part = np.float32(0.0)
        for band in range(first, _GROUP_ENDS[group]):
            reference = previous[band]
            if band > 0:
                reference = max(reference, previous[band - 1])
            if band < BAND_COUNT - 1:
                reference = max(reference, previous[band + 1])
            part += max(np.float32(0.0), current[band] - reference)
        total += _GROUP_WEIGHTS[group] * part
        first = _GROUP_ENDS[group]
    return total


@kernel(fastmath=True)
def step(state, bands, out) -> None:
    """Advance by one frame.

    Parameters
    ----------
    state : FluxState
    bands : float32 (60,)
        Compressed bands of the front end.
    out : float32 (2,)
        [onset activation 0..1 relative to the recent peak, flux above its running mean].
    """
    ring, cursor, levels = state
    oldest = ring[cursor[0]]
    flux = superflux(oldest, bands)
    copy(bands, oldest)
    cursor[0] = (cursor[0] + 1) % LAG
    above = max(np.float32(0.0), flux - levels[0])
    levels[0] = _MEAN_KEEP * levels[0] + (np.float32(1.0) - _MEAN_KEEP) * flux
    levels[1] = max(levels[1] * _PEAK_DECAY, _PEAK_FLOOR, above)
    out[0] = (above / levels[1]) ** _POWER
    out[1] = above
