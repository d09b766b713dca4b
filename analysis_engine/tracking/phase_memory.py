"""Which place of the player's grid is the beat: remembered from the first note on.

The decoder's phase may slip by a subdivision where nothing tells beats from other notes. A grid
heard from onsets (`analysis_engine.tracking.onset_grid`) does not slip, but does not know its beat.
Here each of its twelve places has a log probability of being it. Music usually starts on a beat;
what the network says of the notes that fall on a place is added to it.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.kernel import kernel
from analysis_engine.tracking import onset_grid
from analysis_engine.tracking.onset_grid import (
    FITS,
    GRID_NUMBER,
    LOCAL_S,
    OUT_SIZE,
    PLACES,
    POSITION,
    GridState,
    make_grid,
)

# Log odds against another place than that of the first note; its half is the usual upbeat.
_OTHER_PLACE: Final = -4.0
_UPBEAT: Final = -2.5
# How much one note counts, and what says nothing: log likelihood ratio of a probability of .15.
_TAKE: Final = 0.3
_NEUTRAL: Final = 1.0
_LARGEST: Final = 2.0
# However long one place was the beat, so much evidence makes it another.
_WORST: Final = -6.0
# A grid with another period than before (log) has other places.
_SAME_PERIOD: Final = 0.2

# Indices into PhaseMemory.numbers.
_GRID, _BASE, _POSITION, _LAST_S, _PERIOD_S, _KNOWN = range(6)


class PhaseMemory(NamedTuple):
    """Streaming state.

    ``heard`` (OUT_SIZE,) newest answer of the grid; ``scores`` (12,) log probabilities, the largest
    0; ``numbers`` [number of the grid, its origin in twelfths of a beat, position and time of the
    newest onset, local period, whether anything is known] float64.
    """

    grid: GridState
    heard: np.ndarray
    scores: np.ndarray
    numbers: np.ndarray


def make_phase_memory() -> PhaseMemory:
    """Return a memory that has heard nothing."""
    return PhaseMemory(make_grid(), np.zeros(OUT_SIZE), np.zeros(PLACES), np.zeros(6))


@kernel
def _locate(memory, onset_s, begins):
    """Carry positions over from one grid to the next; returns the onset's place."""
    heard, scores, numbers = memory.heard, memory.scores, memory.numbers
    if begins:
        numbers[_BASE] = -heard[POSITION]
        scores[:] = _OTHER_PLACE
        scores[PLACES // 2] = _UPBEAT
        scores[0] = 0.0
    elif heard[GRID_NUMBER] != numbers[_GRID]:
        if abs(math.log(heard[LOCAL_S] / numbers[_PERIOD_S])) > _SAME_PERIOD:
            scores[:] = 0.0
        beats = (onset_s - numbers[_LAST_S]) / numbers[_PERIOD_S]
        numbers[_BASE] = numbers[_POSITION] + round(PLACES * beats) - heard[POSITION]
    numbers[_GRID] = heard[GRID_NUMBER]
    numbers[_POSITION] = numbers[_BASE] + heard[POSITION]
    numbers[_LAST_S] = onset_s
    numbers[_PERIOD_S] = heard[LOCAL_S]
    return int(numbers[_POSITION]) % PLACES


@kernel
def hear(memory, onset_s, period_s, beat_ratio, begins):
    """Place an onset and learn from it.

    Parameters
    ----------
    memory : PhaseMemory
    onset_s : float
        Later than every onset before.
    period_s : float
        Period of the beat, as the decoder tells it.
    beat_ratio : float
        Log likelihood ratio of a beat at this onset, by the network.
    begins : bool
        Whether it is the first onset after a rest.

    Returns
    -------
    float, float
        Probability that its place is the beat, and that of the likeliest place; both 0 for an
        onset that has no place.
    """
    scores, numbers = memory.scores, memory.numbers
    begins = begins or numbers[_KNOWN] == 0.0
    if begins:
        memory.grid.best[1] = 0
        numbers[_KNOWN] = 1.0
    onset_grid.hear(memory.grid, onset_s, period_s, memory.heard)
    place = _locate(memory, onset_s, begins)
    if memory.heard[FITS] == 0.0:
        return 0.0, 0.0
    scores[place] += _TAKE * min(max(beat_ratio - _NEUTRAL, -_LARGEST), _LARGEST)
    most = scores[0]
    for i in range(PLACES):
        most = max(most, scores[i])
    total = 0.0
    for i in range(PLACES):
        scores[i] = max(scores[i] - most, _WORST)
        total += math.exp(scores[i])
    return math.exp(scores[place]) / total, 1.0 / total
