"""How the decoder weighs its states: by a beat, by an onset, by a place, and by a fresh start."""

from __future__ import annotations

from typing import Final

import numpy as np

from analysis_engine.dsp.kernel import kernel
from analysis_engine.dsp.novelty import FRAMES_PER_TICK

# Indices into DecoderState.numbers (float32).
BEAT_GAIN: Final = 0
HALF_GAIN: Final = 1
SUBDIVISION_GAIN: Final = 2
MISS_GAIN: Final = 3
FLOOR: Final = 4
CEILING: Final = 5
RESTART: Final = 6
FIRST_ONSET: Final = 7
ONSET_GAIN: Final = 8
REOPENING: Final = 9
RECENT: Final = 10
USUAL: Final = 11
MEMORY_GAIN: Final = 12
LIFTED: Final = 13
TOTAL: Final = 14
AGE: Final = 15

# The ratio madmom's observation model uses: non-beat states share what the beat zone leaves.
NON_BEAT_SHARES: Final = np.float32(15.0)
# Less than one in so many and one is no onset at all.
_NON_ONSET_SHARES: Final = np.float32(5.0)


@kernel(fastmath=True)
def _scale_segment(mass, first, period, position, length, factor):
    """Multiply a segment of a ring in place; returns how much its mass changed.

    Segments are a few states long: plain steps are quicker than slices.
    """
    if position >= period:
        position -= period
    at, end = first + position, first + period
    part = np.float32(0.0)
    for _ in range(length):
        state = mass[at]
        part += state
        mass[at] = state * factor
        at += 1
        if at == end:
            at = first
    return part * (factor - np.float32(1.0))


@kernel(fastmath=True)
def log_ratio(probability, numbers, shares):
    """Log likelihood ratio of a probability that one state holds against ``shares`` others."""
    p = min(max(probability, numbers[FLOOR]), numbers[CEILING])
    return np.log(shares * p / (np.float32(1.0) - p))


@kernel(fastmath=True)
def observe(state, activation, onset):
    """Weigh the zones by the likelihood of this tick relative to "no beat here".

    Returns that weight for the beat zone.
    """
    grid, mass, origin, numbers = state.grid, state.mass, state.origin, state.numbers
    ratio = log_ratio(activation, numbers, NON_BEAT_SHARES)
    onset_ratio = max(log_ratio(onset, numbers, _NON_ONSET_SHARES), np.float32(0.0))
    gain = numbers[BEAT_GAIN if ratio > 0 else MISS_GAIN]
    beat = np.exp(gain * ratio + numbers[ONSET_GAIN] * onset_ratio)
    for ring in range(origin.size):
        state.sums[ring] += _scale_segment(
            mass, grid.start[ring], grid.period[ring], origin[ring], grid.zone[ring], beat
        )
    if onset_ratio > 0 and numbers[HALF_GAIN] + numbers[SUBDIVISION_GAIN] > 0:
        _observe_subdivisions(state, onset_ratio)
    return beat


@kernel(fastmath=True)
def _observe_subdivisions(state, onset_ratio):
    grid, mass, origin, numbers = state.grid, state.mass, state.origin, state.numbers
    half = np.exp(numbers[HALF_GAIN] * onset_ratio)
    other = np.exp(numbers[SUBDIVISION_GAIN] * onset_ratio)
    for ring in range(origin.size):
        for row in range(1, grid.segments.shape[1]):
            phase, length = grid.segments[ring, row, 0], grid.segments[ring, row, 1]
            if length == 0:
                continue
            factor = half if grid.segments[ring, row, 2] == 1 else other
            position = origin[ring] + phase
            state.sums[ring] += _scale_segment(
                mass, grid.start[ring], grid.period[ring], position, length, factor
            )


@kernel(fastmath=True)
def weigh_last(state, factor) -> None:
    """Weigh what had its beat one tick ago by a factor."""
    grid, mass, origin = state.grid, state.mass, state.origin
    for ring in range(origin.size):
        position = origin[ring] + FRAMES_PER_TICK
        state.sums[ring] += _scale_segment(
            mass, grid.start[ring], grid.period[ring], position, grid.zone[ring], factor
        )


@kernel(fastmath=True)
def start_afresh(state, share, total):
    """Let ``share`` of the mass be "a beat is now", its tempo as before or as a fresh start.

    Mass is only relative, so the share is added and nothing else is touched. Returns the total.
    """
    grid, mass, sums = state.grid, state.mass, state.sums
    weight = np.float32(0.5) * share / (np.float32(1.0) - share)
    for ring in range(state.origin.size):
        position = state.origin[ring] + grid.zone[ring] // 2
        if position >= grid.period[ring]:
            position -= grid.period[ring]
        added = weight * (sums[ring] + total * state.fresh[ring])
        mass[grid.start[ring] + position] += added
        sums[ring] += added
    return total * (np.float32(1.0) + np.float32(2.0) * weight)
