"""Streaming resampling of any rate to the engine's 16 kHz by a polyphase windowed sinc.

J. O. Smith, "Digital Audio Resampling", gives the scheme; the window is Kaiser's. SciPy's `firwin`
designs the same filter and is the oracle in the tests, but takes seconds to import at start-up.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.kernel import copy, kernel

ENGINE_RATE_HZ: Final = 16_000
# Bands end at 6.5 kHz, so the transition may reach up to the alias of 6.5 kHz.
PASS_HZ: Final = 6_500.0
STOP_HZ: Final = 9_500.0
ATTENUATION_DB: Final = 50.0
# Rates with a larger ratio take the nearest of this many phases: 1/1024 sample is -60 dB.
MAX_PHASES: Final = 1024
# Dot products of whole multiples of this run in vector registers to the end: a rest of single steps
# costs more than the zeros that fill it.
_LANES: Final = 32


class ResamplerState(NamedTuple):
    """Filter and streaming position of one resampler.

    ``phases`` is (phase count, taps) float32, zeros for the oldest samples up to a round number of
    taps; ``history`` holds taps - 1 input samples; ``position`` is [step numerator, step
    denominator, whole part, fraction numerator] int64.
    """

    phases: np.ndarray
    history: np.ndarray
    position: np.ndarray


@lru_cache(maxsize=32)
def design_phases(sample_rate_hz: int) -> np.ndarray:
    """Return the (phases, taps) float32 filter bank for one input rate; taps run oldest first."""
    if sample_rate_hz == ENGINE_RATE_HZ:
        return np.ones((1, 1), np.float32)
    up = ENGINE_RATE_HZ // math.gcd(ENGINE_RATE_HZ, sample_rate_hz)
    phase_count = min(up, MAX_PHASES)
    # Below 16 kHz the input's own Nyquist limits the band.
    ratio = min(1.0, sample_rate_hz / ENGINE_RATE_HZ)
    pass_hz, stop_hz = PASS_HZ * ratio, STOP_HZ * ratio
    transition = (stop_hz - pass_hz) / (sample_rate_hz / 2)
    taps = math.ceil((ATTENUATION_DB - 7.95) / (2.285 * math.pi * transition))
    beta = 0.1102 * (ATTENUATION_DB - 8.7)
    length = taps * phase_count
    cutoff_hz = (pass_hz + stop_hz) / 2
    at = np.arange(length) - (length - 1) / 2
    prototype = np.sinc(2 * cutoff_hz / (sample_rate_hz * phase_count) * at)
    prototype *= np.kaiser(length, beta)
    bank = prototype.reshape(taps, phase_count).T[:, ::-1]
    bank /= bank.sum(axis=1, keepdims=True)
    return np.ascontiguousarray(bank, dtype=np.float32)


@lru_cache(maxsize=32)
def _padded_phases(sample_rate_hz: int) -> np.ndarray:
    phases = design_phases(sample_rate_hz)
    missing = -phases.shape[1] % _LANES if phases.shape[1] > 1 else 0
    return np.pad(phases, ((0, 0), (missing, 0)))


def delay_s(sample_rate_hz: int) -> float:
    """Group delay of the filter in seconds of input."""
    phases = design_phases(sample_rate_hz)
    return float((phases.size - 1) / 2 / (phases.shape[0] * sample_rate_hz))


def make_resampler(sample_rate_hz: int) -> ResamplerState:
    """Return a resampler at rest."""
    divisor = math.gcd(ENGINE_RATE_HZ, sample_rate_hz)
    phases = _padded_phases(sample_rate_hz)
    position = np.array([sample_rate_hz // divisor, ENGINE_RATE_HZ // divisor, 0, 0], np.int64)
    return ResamplerState(phases, np.zeros(phases.shape[1] - 1, np.float32), position)


def output_capacity(sample_count: int, sample_rate_hz: int) -> int:
    """Upper bound of what ``sample_count`` input samples can produce."""
    return sample_count * ENGINE_RATE_HZ // sample_rate_hz + 2


@kernel(fastmath=True)
def _dot(taps, samples):
    total = np.float32(0.0)
    for k in range(taps.size):
        total += taps[k] * samples[k]
    return total


@kernel
def _decimate(taps, work, first, step, sample_count, out):
    """Take every ``step``-th sample from ``first`` on; returns how many."""
    count = max(0, (sample_count - first + step - 1) // step)
    newest = work[first:]
    for i in range(count):
        out[i] = _dot(taps, newest[i * step : i * step + taps.size])
    return count


@kernel
def resample(state, work, sample_count, out):
    """Resample; returns the number of samples written to ``out``.

    Parameters
    ----------
    state : ResamplerState
    work : float32 (>= taps - 1 + sample_count,)
        Holds the new samples from index taps - 1 on; the head is filled from the history.
    sample_count : int
        New samples in ``work``.
    out : float32 (>= output_capacity,)
    """
    phases, history, position = state
    overlap, taps = history.size, phases.shape[1]
    copy(history, work[:overlap])
    denominator = position[1]
    step_whole, step_fraction = position[0] // denominator, position[0] % denominator
    whole, fraction = position[2], position[3]
    copy(work[sample_count : sample_count + overlap], history)
    if denominator == 1:
        count = _decimate(phases[0], work, whole, step_whole, sample_count, out)
        position[2] = whole + count * step_whole - sample_count
        return count
    exact = phases.shape[0] == denominator
    count = 0
    while whole < sample_count:
        phase = fraction if exact else fraction * phases.shape[0] // denominator
        out[count] = _dot(phases[phase], work[whole : whole + taps])
        count += 1
        whole += step_whole
        fraction += step_fraction
        if fraction >= denominator:
            fraction -= denominator
            whole += 1
    position[2] = whole - sample_count
    position[3] = fraction
    return count
