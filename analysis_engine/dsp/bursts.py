"""Short bursts of sound: when, how loud and where in the spectrum, group by group of bands."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.kernel import kernel

#: Groups of neighbouring bands that a burst is described in.
GROUPS: Final = 15
BANDS_PER_GROUP: Final = BAND_COUNT // GROUPS
#: Log energy of a group in which nothing rose and died away.
NOTHING: Final = np.float32(-100.0)
#: A burst is judged this many frames after its steepest rise.
JUDGE_AFTER: Final = 9

_RING: Final = 16
_TONE_RING: Final = 4
_RISE_LAG: Final = 2
_BEFORE: Final = 3
# A burst rises by this much, and so much more steeply than what there always is (over 0.5 s).
_MIN_RISE: Final = np.float32(1.0)
_MIN_STEEPNESS: Final = np.float32(4.0)
_USUAL_KEEP: Final = np.float32(0.98)
_MIN_GAP_FRAMES: Final = 4
# The end of a beep is steep as well: so soon, only half as much again is a burst of its own.
_ECHO_FRAMES: Final = 9
_ECHO_SHARE: Final = np.float32(0.5)
# What counts as a burst has died away to a quarter of its power when it is judged.
_DECAYED: Final = np.float32(0.25)
# exp(x) as (1 + x/64 + (x/64)^2/2)^64, which vectorises; 0.3 % off at the loudest band.
_EXP_STEP: Final = np.float32(1.0 / 64.0)

# Indices into BurstState.counts (int64).
NOW: Final = 0
_CANDIDATES: Final = 1
_LAST_PEAK: Final = 2


class BurstState(NamedTuple):
    """Streaming state of the detector.

    ``counts`` [frame now, candidates so far, frame of the last] int64; ``power`` (16, 15) and
    ``tone`` (4, 15) rings of the groups' power and compressed level; ``rises`` (16,) ring;
    ``usual`` [root of the usual rise, rise of the last candidate]; ``candidates`` (16,) int64 ring,
    the number of the candidate that was steepest there, or 0; ``magnitudes`` (60,) this frame's
    bands, uncompressed; ``levels`` (15,) and ``moments`` (15,) of the burst judged
    last, and ``energy`` [of all that rose with it].
    """

    counts: np.ndarray
    power: np.ndarray
    tone: np.ndarray
    rises: np.ndarray
    usual: np.ndarray
    candidates: np.ndarray
    magnitudes: np.ndarray
    levels: np.ndarray
    moments: np.ndarray
    energy: np.ndarray


def make_bursts() -> BurstState:
    """Return a detector that has heard nothing."""
    return BurstState(
        np.array([-1, 0, -1000], np.int64),
        np.zeros((_RING, GROUPS), np.float32),
        np.zeros((_TONE_RING, GROUPS), np.float32),
        np.zeros(_RING, np.float32),
        np.zeros(2, np.float32),
        np.zeros(_RING, np.int64),
        np.zeros(BAND_COUNT, np.float32),
        np.full(GROUPS, NOTHING, np.float32),
        np.zeros(GROUPS, np.float32),
        np.zeros(1),
    )


@kernel(fastmath=True)
def uncompress(bands, peak, out):
    """Fill ``out`` (60,) with expm1(bands) * peak, which is 100 times the magnitudes."""
    one = np.float32(1.0)
    for band in range(BAND_COUNT):
        x = bands[band] * _EXP_STEP
        y = one + x + np.float32(0.5) * x * x
        y *= y
        y *= y
        y *= y
        y *= y
        y *= y
        y *= y
        out[band] = (y - one) * peak


@kernel(fastmath=True)
def _enter_groups(state, bands):
    """Put this frame's groups into the rings; returns how much they rose over two frames."""
    now = state.counts[NOW]
    power, tone = state.power[now % _RING], state.tone[now % _TONE_RING]
    before = state.tone[(now - _RISE_LAG) % _TONE_RING]
    rise = np.float32(0.0)
    for group in range(GROUPS):
        total = np.float32(0.0)
        level = np.float32(0.0)
        for band in range(group * BANDS_PER_GROUP, (group + 1) * BANDS_PER_GROUP):
            total += state.magnitudes[band] * state.magnitudes[band]
            level += bands[band]
        power[group] = total
        tone[group] = level / np.float32(BANDS_PER_GROUP)
        rise += max(np.float32(0.0), tone[group] - before[group])
    return rise


@kernel
def take_frame(state, bands, peak):
    """Take one frame of compressed bands; marks the frame before it where a burst was steepest."""
    counts, rises, usual = state.counts, state.rises, state.usual
    counts[NOW] += 1
    now = counts[NOW]
    uncompress(bands, peak, state.magnitudes)
    rise = _enter_groups(state, bands)
    rises[now % _RING] = rise
    last, older = rises[(now - 1) % _RING], rises[(now - 2) % _RING]
    usual[0] = _USUAL_KEEP * usual[0] + (np.float32(1.0) - _USUAL_KEEP) * np.sqrt(rise)
    least = max(_MIN_RISE, _MIN_STEEPNESS * usual[0] * usual[0])
    state.candidates[now % _RING] = 0
    gap = now - 1 - counts[_LAST_PEAK]
    if gap < _ECHO_FRAMES:
        least = max(least, _ECHO_SHARE * usual[1])
    if gap >= _MIN_GAP_FRAMES and last > least and last >= rise and last > older:
        counts[_CANDIDATES] += 1
        counts[_LAST_PEAK] = now - 1
        usual[1] = last
        state.candidates[(now - 1) % _RING] = counts[_CANDIDATES]


@kernel
def due(state):
    """Return the frame of the steepest rise of the burst that can be judged now, or -1."""
    frame = state.counts[NOW] - JUDGE_AFTER
    return frame if frame > _RING and state.candidates[frame % _RING] > 0 else -1


@kernel
def number_of(state, peak):
    """Return the number of the candidate that was steepest in frame ``peak``, from 1."""
    return state.candidates[peak % _RING]


@kernel
def judge(state, peak):
    """Describe the burst that was steepest in frame ``peak``.

    Each group's energy is the power above what was there before, summed over the frames around the
    burst, and its moment the centre of that in frames after ``peak``: sums over frames that overlap
    evenly do not depend on where in a frame the burst lies.

    Returns
    -------
    float
        When it was, in frames; negative where nothing rose and died away.
    """
    power = state.power
    total, lever_total = 0.0, 0.0
    state.energy[0] = 0.0
    for group in range(GROUPS):
        base = min(
            power[(peak - _BEFORE - 1) % _RING, group], power[(peak - _BEFORE) % _RING, group]
        )
        energy, lever, loudest = 0.0, 0.0, 0.0
        for k in range(-_BEFORE + 1, JUDGE_AFTER + 1):
            extra = max(0.0, power[(peak + k) % _RING, group] - base)
            energy += extra
            lever += k * extra
            loudest = max(loudest, extra)
        state.energy[0] += energy
        left = power[(peak + JUDGE_AFTER) % _RING, group] - base
        state.levels[group] = NOTHING
        if loudest > base and left < _DECAYED * loudest:
            state.levels[group] = np.log(energy)
            state.moments[group] = lever / energy
            total += energy
            lever_total += lever
    return peak + lever_total / total if total > 0.0 else -1.0
