"""The decoder's state space: a ring of beat phases per tempo, and how tempi follow each other."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.front_end import FRAMES_PER_S

MIN_BPM: Final = 30.0
MAX_BPM: Final = 240.0
# One grid step beyond either end, so that the posterior mean can reach the end itself.
_SHORTEST_FRAMES: Final = 24
_LONGEST_FRAMES: Final = 206
# Neighbouring tempi are at least this far apart; fast ones are as dense as whole frames allow.
_STEP_RATIO: Final = 1.012
# The beat zone, in which an onset is the beat: 1/16 of the period, at least 3 frames.
_ZONE_FRACTION: Final = 1.0 / 16.0
_MIN_ZONE_FRAMES: Final = 3
# Tempi this many grid steps apart are reachable in one beat.
BANDWIDTH: Final = 14
# Subdivisions of the beat and the class of evidence that an onset there is.
SUBDIVISIONS: Final = ((1 / 2, 1), (1 / 4, 2), (3 / 4, 2), (1 / 3, 2), (2 / 3, 2))


class TempoGrid(NamedTuple):
    """Rings of J tempi; everything is constant and shared between streams.

    ``period`` (J,) int64 frames; ``start`` (J,) int64 first state of each ring in the flat mass;
    ``zone`` (J,) int64 frames of the beat zone; ``segments`` (J, 6, 3) int64 [first phase, length,
    evidence class 0 beat, 1 half, 2 quarter or third; length 0 unused];
    ``transition`` (2 BANDWIDTH + 1, J) float32, column i: probability of ring i - BANDWIDTH + k
    leading to ring i; ``bpm`` (J,) float32; ``first``, ``last`` (J,) int64: rings within 4 %;
    ``log_period`` (J,) float32 of frames; ``spacing`` (J,) float64 its steps.
    """

    period: np.ndarray
    start: np.ndarray
    zone: np.ndarray
    segments: np.ndarray
    transition: np.ndarray
    bpm: np.ndarray
    first: np.ndarray
    last: np.ndarray
    log_period: np.ndarray
    spacing: np.ndarray


def _periods() -> np.ndarray:
    periods = [_SHORTEST_FRAMES]
    while periods[-1] < _LONGEST_FRAMES:
        periods.append(max(periods[-1] + 1, round(periods[-1] * _STEP_RATIO)))
    return np.array(periods, np.int64)


def _segments(periods: np.ndarray, zones: np.ndarray) -> np.ndarray:
    segments = np.zeros((periods.size, 1 + len(SUBDIVISIONS), 3), np.int64)
    for ring, (period, zone) in enumerate(zip(periods, zones, strict=True)):
        segments[ring, 0] = (0, zone, 0)
        width = max(1, round(zone * 0.75))
        for row, (fraction, evidence) in enumerate(SUBDIVISIONS, start=1):
            # Centre the zone where the onset would fall: half a zone after the fraction's start.
            first = round(fraction * period + zone / 2 - width / 2)
            if period * 0.25 > zone and first + width <= period:
                segments[ring, row] = (first, width, evidence)
    return segments


def _transition(periods: np.ndarray, stiffness: float) -> np.ndarray:
    """exp(-stiffness |P' / P - 1|), F. Krebs et al., ISMIR 2015, eq. 6, normalised over P'."""
    ratio = periods[:, None] / periods[None, :]
    dense = np.exp(-stiffness * np.abs(ratio - 1.0))
    # Denser stretches of the grid must not attract mass: weigh by the spacing.
    spacing = np.gradient(np.log(periods.astype(np.float64)))
    dense *= spacing[:, None]
    count = periods.size
    reachable = np.abs(np.arange(count)[:, None] - np.arange(count)[None, :]) <= BANDWIDTH
    dense *= reachable
    dense /= dense.sum(axis=0, keepdims=True)
    banded = np.zeros((2 * BANDWIDTH + 1, count), np.float32)
    for to_ring in range(count):
        for k in range(2 * BANDWIDTH + 1):
            from_ring = to_ring - BANDWIDTH + k
            if 0 <= from_ring < count:
                banded[k, to_ring] = dense[to_ring, from_ring]
    return banded


@lru_cache(maxsize=4)
def make_tempo_grid(stiffness: float) -> TempoGrid:
    """Return the shared grid, 30 to 240 bpm and one step beyond.

    Parameters
    ----------
    stiffness
        How strongly a beat keeps the tempo of the one before (lambda of Krebs et al.).
    """
    periods = _periods()
    zones = np.maximum(_MIN_ZONE_FRAMES, np.round(periods * _ZONE_FRACTION)).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(periods)[:-1]]).astype(np.int64)
    bpm = (60.0 * FRAMES_PER_S / periods).astype(np.float32)
    log_period = np.log(periods.astype(np.float64))
    near = math.log(1.04) + 1e-9
    first = np.searchsorted(log_period, log_period - near).astype(np.int64)
    last = np.searchsorted(log_period, log_period + near, side="right").astype(np.int64)
    return TempoGrid(
        periods,
        start,
        zones,
        _segments(periods, zones),
        _transition(periods, stiffness),
        bpm,
        first,
        last,
        log_period.astype(np.float32),
        np.gradient(log_period),
    )
