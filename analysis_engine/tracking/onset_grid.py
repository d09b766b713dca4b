"""The player's own grid, heard from onsets alone: where each onset was due, and how late it came.

Consecutive onsets are simple ratios of the local period apart. Which ones, is decided by where an
onset falls on a line through those before it (`analysis_engine.tracking.grid_line`), so that an
early note does not make the next one look late, and no beat phase is needed: a grid that starts on
an off-beat measures just as well. Several grids run side by side: one begins anew wherever an onset
does not fit the best.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.kernel import kernel
from analysis_engine.tracking.grid_line import (
    LINE_SIZE,
    MODELS,
    begin_line,
    density,
    pull_line,
    weigh,
)

#: Places of a beat that an onset can take.
PLACES: Final = 12
#: How often each place is taken before anything is known: the beat, its half, quarters, thirds,
#: swung eighths, the rest.
_EXPECTED: Final = np.array(
    [0.45, 0.005, 0.005, 0.06, 0.05, 0.01, 0.25, 0.01, 0.05, 0.06, 0.005, 0.005]
)
_EXPECTED_ONSETS: Final = 8.0
# A place taken less often than this is none.
_RAREST: Final = 0.01
_PLACE_KEEP: Final = 0.99

# Onsets that are no note of the grid, in each beat.
_STRAY_PER_BEAT: Final = 0.2
# Uneven subdivisions: an off-beat place that is off by this much (beats) is where it is.
_PLACE_MOVE_KEEP: Final = 0.85
_PLACE_MOVE_LEAST: Final = 0.03
_PLACE_MOVE_ONSETS: Final = 4.0

# Grids side by side; the evidence for each is forgotten over some 20 onsets.
GRIDS: Final = 5
_SCORE_KEEP: Final = 0.95
_SCORE_WORST: Final = -6.0
_RIVAL_BEHIND: Final = 2.0
_RIVAL_MARGIN: Final = 0.5
# A grid whose period is this far (log) from the decoder's is doubted.
_DOUBT_LOG: Final = 0.04
_DOUBT: Final = 1.0

# Columns of GridState.places: how often taken, mean deviation (beats), deviation in force (beats).
_TAKEN, _MEAN, _MOVE = range(3)
# Columns of GridState.numbers.
_SCORE, _POSITION, _ONSETS, _LOCAL_S, _LATE_S, _FITS, _NUMBER, _NEXT = range(8)
#: Onsets a grid remembers: three beats of twelfths.
HISTORY: Final = 36
#: Indices into what `hear` writes: whether the onset fits the grid (0 or 1); how late it is, s; the
#: local period, s; its position in twelfths of a beat; the number of the grid; onsets that it has
#: placed; time since the onset one beat before, s, 0 for none.
FITS, LATE_S, LOCAL_S, POSITION, GRID_NUMBER, ONSET_COUNT, BEAT_S = range(7)
OUT_SIZE: Final = 7


class GridState(NamedTuple):
    """Grids side by side.

    ``lines`` (GRIDS, models, LINE_SIZE); ``places`` (GRIDS, 12, 3); ``numbers`` (GRIDS, 8);
    ``history`` (GRIDS, HISTORY, 2) [position, s]; ``weights`` (models,) is scratch; ``best`` [index
    of the grid that answers, grids in use, grids ever begun] int64.
    """

    lines: np.ndarray
    places: np.ndarray
    numbers: np.ndarray
    history: np.ndarray
    weights: np.ndarray
    best: np.ndarray


def make_grid() -> GridState:
    """Return a grid that has heard nothing."""
    return GridState(
        np.zeros((GRIDS, len(MODELS), LINE_SIZE)),
        np.zeros((GRIDS, PLACES, 3)),
        np.zeros((GRIDS, 8)),
        np.zeros((GRIDS, HISTORY, 2)),
        np.zeros(len(MODELS)),
        np.zeros(3, np.int64),
    )


@kernel
def _begin(state, index, onset_s, period_s, score):
    """Let grid ``index`` begin at this onset; what is known of the player stays."""
    begin_line(state.lines[index], state.lines[state.best[0]], onset_s, period_s)
    numbers = state.numbers[index]
    state.places[index] = 0.0
    state.places[index, 0, _TAKEN] = 1.0
    state.history[index] = -1e9
    state.best[2] += 1
    numbers[:] = 0.0
    numbers[_SCORE], numbers[_LOCAL_S] = score, period_s
    numbers[_FITS], numbers[_NUMBER] = 1.0, state.best[2]
    _remember(state.history[index], numbers, onset_s)


@kernel
def _remember(history, numbers, onset_s):
    at = int(numbers[_NEXT])
    history[at, 0], history[at, 1] = numbers[_POSITION], onset_s
    numbers[_NEXT] = (at + 1) % history.shape[0]
    numbers[_ONSETS] += 1.0


@kernel
def _snap(line, places, weights, onset_s, from_beats, position):
    """Find the place of an onset ``from_beats`` after ``position``.

    Returns the position (or -1 when no place suits) and the density of all places together.
    """
    taken = 0.0
    for place in range(PLACES):
        taken += places[place, _TAKEN]
    taken += _EXPECTED_ONSETS
    best, found, total = 0.0, -1, 0.0
    for place in range(PLACES):
        share = (places[place, _TAKEN] + _EXPECTED_ONSETS * _EXPECTED[place]) / taken
        moved = places[place, _MOVE]
        at = position / PLACES + from_beats
        candidate = PLACES * round(at - moved - place / PLACES) + place
        if share < _RAREST or candidate <= position or abs(at - moved - candidate / PLACES) > 0.25:
            continue
        beats = (candidate - position) / PLACES
        likely = share * density(line, weights, onset_s, beats, moved)
        total += likely
        if likely > best:
            best, found = likely, candidate
    return found, best, total


@kernel
def _learn_place(places, place, late_beats):
    """Count a place, and follow where in the beat it really is."""
    for i in range(PLACES):
        places[i, _TAKEN] *= _PLACE_KEEP
    row = places[place]
    row[_TAKEN] += 1.0
    if place == 0:
        return
    share = max(1.0 - _PLACE_MOVE_KEEP, 1.0 / row[_TAKEN])
    row[_MEAN] += share * (late_beats + row[_MOVE] - row[_MEAN])
    moved = row[_TAKEN] >= _PLACE_MOVE_ONSETS - 0.5 and abs(row[_MEAN]) > _PLACE_MOVE_LEAST
    row[_MOVE] = row[_MEAN] if moved else 0.0


@kernel
def _place(state, index, onset_s, period_s):
    """Let one grid hear an onset."""
    line, places = state.lines[index], state.places[index]
    numbers, weights = state.numbers[index], state.weights
    phase_s, local_s = weigh(line, weights)
    position = int(numbers[_POSITION])
    found, best, total = _snap(
        line, places, weights, onset_s, (onset_s - phase_s) / local_s, position
    )
    stray = _STRAY_PER_BEAT / local_s
    score = max(math.log(total + stray), _SCORE_WORST)
    if abs(math.log(period_s / local_s)) > _DOUBT_LOG:
        score -= _DOUBT
    numbers[_SCORE] = _SCORE_KEEP * numbers[_SCORE] + score
    numbers[_LOCAL_S] = local_s
    numbers[_FITS] = 1.0 if best >= stray else 0.0
    if best < stray:
        return
    beats, moved = (found - position) / PLACES, places[found % PLACES, _MOVE]
    numbers[_LATE_S] = pull_line(line, weights, onset_s, beats, moved, period_s)
    numbers[_POSITION] = found
    _learn_place(places, found % PLACES, numbers[_LATE_S] / local_s)
    _remember(state.history[index], numbers, onset_s)


@kernel
def _choose(state):
    """Let the grid with the most evidence answer."""
    best = state.best
    for index in range(best[1]):
        if state.numbers[index, _SCORE] > state.numbers[best[0], _SCORE] + _RIVAL_MARGIN:
            best[0] = index


@kernel
def _challenge(state, onset_s, period_s):
    """Begin a rival at this onset, in a free place or in that of the weakest."""
    best = state.best
    score = state.numbers[best[0], _SCORE] - _RIVAL_BEHIND
    if best[1] < GRIDS:
        best[1] += 1
        _begin(state, best[1] - 1, onset_s, period_s, score)
        return
    weakest = 0 if best[0] else 1
    for index in range(GRIDS):
        if index != best[0] and state.numbers[index, _SCORE] < state.numbers[weakest, _SCORE]:
            weakest = index
    if state.numbers[weakest, _SCORE] < score:
        _begin(state, weakest, onset_s, period_s, score)


@kernel
def hear(state, onset_s, period_s, out):
    """Place one onset.

    Parameters
    ----------
    state : GridState
    onset_s : float
        Later than every onset before.
    period_s : float
        Period of the played beat, as the decoder tells it.
    out : float64 (7,)
        What is known of the onset; see `FITS` and its neighbours.
    """
    if state.best[1] == 0:
        _begin(state, 0, onset_s, period_s, 0.0)
        state.best[0], state.best[1] = 0, 1
    else:
        for index in range(state.best[1]):
            _place(state, index, onset_s, period_s)
        _choose(state)
        numbers = state.numbers[state.best[0]]
        doubted = abs(math.log(period_s / numbers[_LOCAL_S])) > _DOUBT_LOG
        if numbers[_FITS] == 0.0 or doubted:
            _challenge(state, onset_s, period_s)
    numbers = state.numbers[state.best[0]]
    out[FITS], out[LATE_S], out[LOCAL_S] = numbers[_FITS], numbers[_LATE_S], numbers[_LOCAL_S]
    out[POSITION], out[GRID_NUMBER] = numbers[_POSITION], numbers[_NUMBER]
    out[ONSET_COUNT] = numbers[_ONSETS]
    out[BEAT_S] = 0.0
    history = state.history[state.best[0]]
    for i in range(HISTORY):
        if numbers[_FITS] > 0.0 and history[i, 0] == numbers[_POSITION] - PLACES:
            out[BEAT_S] = onset_s - history[i, 1]
