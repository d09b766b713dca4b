"""The 10 ms front end: 16 kHz samples to compressed band energies and a level."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.fft import BIN_COUNT, FftPlan, magnitude_spectrum, make_fft_plan
from analysis_engine.dsp.filterbank import BAND_COUNT, FilterBank, band_magnitudes, make_filter_bank
from analysis_engine.dsp.kernel import kernel
from analysis_engine.dsp.logarithm import log
from analysis_engine.dsp.resample import ENGINE_RATE_HZ

HOP_SAMPLES: Final = 160
HOP_S: Final = HOP_SAMPLES / ENGINE_RATE_HZ
FRAME_SAMPLES: Final = 768
FRAMES_PER_S: Final = 100

# A peak hold of 8 s half-life sets the compression's reference: gain does not matter.
_PEAK_DECAY: Final = np.float32(0.5 ** (HOP_S / 8.0))
# That of a sine of -28 dBFS: below it, the reference stays put, so that hiss is not blown up.
_PEAK_FLOOR: Final = np.float32(0.03)
# The reference rises by at most 2 dB a frame: the first note after silence, or out of a noise,
# stands above it like any other onset instead of being all bands at their loudest at once.
_PEAK_RISE: Final = np.float32(1.26)
_COMPRESSION: Final = np.float32(100.0)
_POWER_FLOOR: Final = 1e-10
#: Index into `FrontEndState.tracking`: the magnitude that bands are compressed against.
PEAK: Final = 2
# One-pole DC blocker at about 13 Hz: y[n] = x[n] - x[n-1] + pole y[n-1].
_DC_POLE: Final = 0.995
_POLE_1: Final = np.float32(_DC_POLE)
_POLE_2: Final = np.float32(_DC_POLE**2)
_POLE_3: Final = np.float32(_DC_POLE**3)
_POLE_4: Final = np.float32(_DC_POLE**4)
_OLD_SAMPLES: Final = FRAME_SAMPLES - HOP_SAMPLES


class FrontEndState(NamedTuple):
    """Streaming state of one front end.

    ``samples`` (768,) float32 newest last, free of DC but for the hop that is being filled;
    ``fill`` [samples since the last frame] int64; ``tracking`` [DC input, DC output, peak] float32;
    ``window`` (768,) and ``magnitudes`` (bins,) are constant and scratch.
    """

    samples: np.ndarray
    fill: np.ndarray
    tracking: np.ndarray
    window: np.ndarray
    magnitudes: np.ndarray
    plan: FftPlan
    bank: FilterBank


@cache
def _hann() -> np.ndarray:
    """Return the window, scaled so that a full-scale sine in one bin has magnitude 1."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(FRAME_SAMPLES) + 0.5) / FRAME_SAMPLES)
    return np.asarray(window * 2.0 / window.sum(), np.float32)


def make_front_end() -> FrontEndState:
    """Return a front end at rest."""
    return FrontEndState(
        np.zeros(FRAME_SAMPLES, np.float32),
        np.zeros(1, np.int64),
        np.array([0.0, 0.0, _PEAK_FLOOR], np.float32),
        _hann(),
        np.zeros(BIN_COUNT, np.float32),
        make_fft_plan(),
        make_filter_bank(),
    )


@kernel
def fill_hop(state, samples):
    """Take samples until a hop is full; returns how many.

    Parameters
    ----------
    state : FrontEndState
    samples : float32 (n,)
    """
    fill = state.fill
    taken = min(samples.size, HOP_SAMPLES - fill[0])
    hop = state.samples[_OLD_SAMPLES + fill[0] :]
    for i in range(taken):
        hop[i] = samples[i]
    fill[0] += taken
    return taken


@kernel
def hop_is_full(state):
    """Return whether a frame is due."""
    return state.fill[0] == HOP_SAMPLES


@kernel
def _remove_dc(hop, tracking):
    """Block DC in place; four outputs at a time are computed from the one before them."""
    before, out = tracking[0], tracking[1]
    for i in range(0, HOP_SAMPLES, 4):
        a, b, c, d = hop[i], hop[i + 1], hop[i + 2], hop[i + 3]
        rise_a, rise_b, rise_c, rise_d = a - before, b - a, c - b, d - c
        before = d
        hop[i] = rise_a + _POLE_1 * out
        hop[i + 1] = rise_b + _POLE_1 * rise_a + _POLE_2 * out
        hop[i + 2] = rise_c + _POLE_1 * rise_b + _POLE_2 * rise_a + _POLE_3 * out
        rises = rise_d + _POLE_1 * rise_c + _POLE_2 * rise_b + _POLE_3 * rise_a
        out = rises + _POLE_4 * out
        hop[i + 3] = out
    tracking[0] = before
    # Keeps denormals out of a decaying tail.
    tracking[1] = out if abs(out) > np.float32(1e-12) else np.float32(0.0)


@kernel(fastmath=True)
def _mean_power(hop):
    power = np.float32(0.0)
    for i in range(hop.size):
        power += hop[i] * hop[i]
    return power / np.float32(HOP_SAMPLES) + np.float32(_POWER_FLOOR)


@kernel(fastmath=True)
def _compress(tracking, bands):
    """Logarithm of the bands against the held peak, in place."""
    before = tracking[PEAK]
    peak = max(before * _PEAK_DECAY, _PEAK_FLOOR)
    for band in range(BAND_COUNT):
        peak = max(peak, bands[band])
    peak = min(peak, _PEAK_RISE * before)
    tracking[PEAK] = peak
    gain = _COMPRESSION / peak
    for band in range(BAND_COUNT):
        bands[band] = log(np.float32(1.0) + gain * bands[band])


@kernel
def analyse_frame(state, out):
    """Compress the newest 768 samples into bands and make room for the next hop.

    Parameters
    ----------
    state : FrontEndState
        With a full hop.
    out : float32 (60,)
        log(1 + 100 M / peak), 0 .. 4.6 and a little more while the peak rises.

    Returns
    -------
    float
        Mean power of the newest 10 ms; full scale sine is 0.5.
    """
    samples = state.samples
    newest = samples[_OLD_SAMPLES:]
    _remove_dc(newest, state.tracking)
    power = _mean_power(newest)
    magnitude_spectrum(state.plan, samples, state.window, state.magnitudes)
    for i in range(_OLD_SAMPLES):
        samples[i] = samples[i + HOP_SAMPLES]
    state.fill[0] = 0
    band_magnitudes(state.bank, state.magnitudes, out)
    _compress(state.tracking, out)
    return power
