"""A book of the newest bursts, for finding those that come again and again."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.bursts import GROUPS, NOTHING
from analysis_engine.dsp.kernel import copy, kernel

#: Nine clicks beside a player who plays five notes to each.
RECORDS: Final = 48
#: Periods that a chain may be long.
POSITIONS: Final = 20
#: How many bursts beside the clicks are looked at.
STRAYS: Final = 12
# Columns of `Book.times` (float64).
AT: Final = 0
PEAK: Final = 1
CANDIDATE: Final = 2
ENERGY: Final = 3
# Columns of `Book.chain` (float64).
POSITION: Final = 0
SPAN: Final = 1
ROW: Final = 2


class Book(NamedTuple):
    """The newest bursts, a ring, and the chain that was looked at last.

    ``filled`` [bursts so far] int64; ``times`` (48, 4) float64 [frame, frame of the steepest rise,
    number of the candidate, energy of all that rose]; ``levels`` (48, 15) float32 log energies;
    ``moments`` (48, 15) float32 frames from the steepest rise to each group's centre; ``chain``
    (21, 3) float64 [position, frames before the newest, row]; ``least`` (15,) the smallest log
    energies in the chain; ``equal`` (15,) uint8 the groups that are equal in every link; ``strays``
    (12,) float64 scratch.
    """

    filled: np.ndarray
    times: np.ndarray
    levels: np.ndarray
    moments: np.ndarray
    chain: np.ndarray
    least: np.ndarray
    equal: np.ndarray
    strays: np.ndarray


def make_book() -> Book:
    """Return an empty book."""
    return Book(
        np.zeros(1, np.int64),
        np.full((RECORDS, 4), -1e9),
        np.full((RECORDS, GROUPS), NOTHING, np.float32),
        np.zeros((RECORDS, GROUPS), np.float32),
        np.zeros((POSITIONS + 1, 3)),
        np.zeros(GROUPS, np.float32),
        np.zeros(GROUPS, np.uint8),
        np.zeros(STRAYS),
    )


@kernel
def add(book, at, peak, candidate, energy, levels, moments):
    """Enter a burst: time, frame of its steepest rise, number, energy of all that rose, groups."""
    row = book.filled[0] % RECORDS
    book.times[row, AT] = at
    book.times[row, PEAK] = peak
    book.times[row, CANDIDATE] = candidate
    book.times[row, ENERGY] = energy
    copy(levels, book.levels[row])
    copy(moments, book.moments[row])
    book.filled[0] += 1
