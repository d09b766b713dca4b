"""The 10 ms front end: 16 kHz samples to compressed band energies and a level."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numba import njit

from analysis_engine.dsp.fft import FFT_SIZE, FftPlan, magnitude_spectrum, make_fft_plan
from analysis_engine.dsp.filterbank import (
    BAND_COUNT,
    FilterBank,
    band_magnitudes,
    bin_count,
    make_filter_bank,
)
from analysis_engine.dsp.resample import ENGINE_RATE_HZ

HOP_SAMPLES: Final = 160
HOP_S: Final = HOP_SAMPLES / ENGINE_RATE_HZ
FRAME_SAMPLES: Final = 768
FRAMES_PER_S: Final = 100

_BINS: Final = bin_count()
# A peak hold of 8 s half-life sets the compression's reference: gain does not matter.
_PEAK_DECAY: Final = np.float32(0.5 ** (HOP_S / 8.0))
# About -75 dBFS of a sine: below it, the reference stays put, so that hiss is not blown up.
_PEAK_FLOOR: Final = np.float32(0.004)
_COMPRESSION: Final = np.float32(100.0)
_POWER_FLOOR: Final = 1e-10
# One-pole DC blocker at about 13 Hz.
_DC_POLE: Final = np.float32(0.995)


class FrontEndState(NamedTuple):
    """Streaming state of one front end.

    ``samples`` (768,) float32 newest last; ``fill`` [samples since the last frame] int64;
    ``tracking`` [DC input, DC output, peak] float32; ``window`` (768,), ``frame`` (1024,) and
    ``magnitudes`` (bins,) are scratch and constants.
    """

    samples: np.ndarray
    fill: np.ndarray
    tracking: np.ndarray
    window: np.ndarray
    frame: np.ndarray
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
        np.zeros(FFT_SIZE, np.float32),
        np.zeros(_BINS, np.float32),
        make_fft_plan(),
        make_filter_bank(),
    )


@njit(nogil=True, cache=True)
def push_sample(state, sample):
    """Take one sample (DC removed); returns whether a frame is due."""
    samples, fill, tracking = state.samples, state.fill, state.tracking
    blocked = sample - tracking[0] + _DC_POLE * tracking[1]
    tracking[0] = sample
    # Keeps denormals out of a decaying tail.
    tracking[1] = blocked if abs(blocked) > np.float32(1e-12) else np.float32(0.0)
    samples[FRAME_SAMPLES - HOP_SAMPLES + fill[0]] = tracking[1]
    fill[0] += 1
    return fill[0] == HOP_SAMPLES


@njit(nogil=True, cache=True, fastmath=True)
def analyse_frame(state, out):
    """Compress the newest 768 samples into bands and make room for the next hop.

    Parameters
    ----------
    state : FrontEndState
    out : float32 (60,)
        log(1 + 100 M / peak), 0 .. 4.6 and a little more while the peak rises.

    Returns
    -------
    float
        Mean power of the newest 10 ms; full scale sine is 0.5.
    """
    samples, frame, window = state.samples, state.frame, state.window
    for i in range(FRAME_SAMPLES):
        frame[i] = samples[i] * window[i]
    power = np.float32(0.0)
    for i in range(FRAME_SAMPLES - HOP_SAMPLES, FRAME_SAMPLES):
        power += samples[i] * samples[i]
    for i in range(FRAME_SAMPLES - HOP_SAMPLES):
        samples[i] = samples[i + HOP_SAMPLES]
    state.fill[0] = 0
    magnitude_spectrum(state.plan, frame, state.magnitudes.size, state.magnitudes)
    band_magnitudes(state.bank, state.magnitudes, out)
    peak = max(state.tracking[2] * _PEAK_DECAY, _PEAK_FLOOR)
    for band in range(BAND_COUNT):
        peak = max(peak, out[band])
    state.tracking[2] = peak
    gain = _COMPRESSION / peak
    for band in range(BAND_COUNT):
        out[band] = np.log(np.float32(1.0) + gain * out[band])
    return power / np.float32(HOP_SAMPLES) + np.float32(_POWER_FLOOR)
