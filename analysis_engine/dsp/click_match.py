"""Whether bursts are equal, group by group of bands.

A note that starts with a click spoils some groups and leaves others alone, so bursts are compared
group by group: they match as long as one group has the same energy at the same time.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from analysis_engine.dsp.bursts import GROUPS, NOTHING
from analysis_engine.dsp.click_book import ENERGY, PEAK, ROW
from analysis_engine.dsp.kernel import kernel

#: Equal energies differ by less than 1.5 dB, equal times by less than 1.5 ms.
LEVEL_TOLERANCE: Final = np.float32(0.35)
TIME_TOLERANCE_FRAMES: Final = 0.15
#: The error of a burst that is equal in no group.
STRAYED: Final = 9.0
# A group counts when it holds this much (in logs) of the loudest one.
_WEAKEST: Final = np.float32(-4.0)
# The chain's own share of what sounded: always when alone, in some links beside a player.
_PURE: Final = 0.75
_CLEAR: Final = 0.3
_CLEAR_LINKS: Final = 3


@kernel
def pair(book, row, match):
    """Mark the groups in which two bursts are equal; returns their distance in frames, or 0."""
    levels, moments, equal = book.levels, book.moments, book.equal
    base = book.times[row, PEAK] - book.times[match, PEAK]
    loudest = NOTHING
    gap = 0.0
    for group in range(GROUPS):
        same = abs(levels[row, group] - levels[match, group]) < LEVEL_TOLERANCE
        equal[group] = 1 if same and levels[row, group] > NOTHING else 0
        if same and levels[row, group] > loudest:
            loudest = levels[row, group]
            gap = base + moments[row, group] - moments[match, group]
    for group in range(GROUPS):
        apart = base + moments[row, group] - moments[match, group]
        if levels[row, group] < loudest + _WEAKEST or abs(apart - gap) > TIME_TOLERANCE_FRAMES:
            equal[group] = 0
    return gap


@kernel
def link(book, row, match, span):
    """Narrow the equal groups to those of a burst ``span`` frames before; its error, or strayed."""
    levels, moments, equal = book.levels, book.moments, book.equal
    base = book.times[row, PEAK] - book.times[match, PEAK] - span
    total = 0.0
    fitting = 0
    for group in range(GROUPS):
        error = base + moments[row, group] - moments[match, group]
        same = abs(levels[row, group] - levels[match, group]) < LEVEL_TOLERANCE
        if equal[group] != 0 and same and abs(error) < TIME_TOLERANCE_FRAMES:
            equal[group] = 2
            total += error
            fitting += 1
    for group in range(GROUPS):
        if fitting == 0:
            continue
        equal[group] = 1 if equal[group] == 2 else 0
        book.least[group] = min(book.least[group], levels[match, group])
    return total / fitting if fitting > 0 else STRAYED


@kernel
def is_pure(book, links):
    """Return whether the equal groups hold almost all that rose in every link."""
    own = 0.0
    for group in range(GROUPS):
        own += np.exp(book.least[group]) if book.equal[group] == 1 else 0.0
    most = 0.0
    for i in range(links):
        most = max(most, book.times[int(book.chain[i, ROW]), ENERGY])
    return own >= _PURE * most


@kernel
def _energy(levels):
    total = np.float32(0.0)
    for group in range(GROUPS):
        total += np.exp(levels[group])
    return total


@kernel
def is_clear(book, links):
    """Return whether what all links have is a fair share of what died away in some."""
    own = _energy(book.least)
    count = 0
    for i in range(links):
        whole = _energy(book.levels[int(book.chain[i, ROW])])
        count += 1 if own >= _CLEAR * whole else 0
    return count >= _CLEAR_LINKS
