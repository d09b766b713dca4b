"""Chains of equal bursts on a grid so even that only a machine can play it.

A chain holds as long as one group of bands has the same energy at the same time in every link
(`analysis_engine.dsp.click_match`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from analysis_engine.dsp.bursts import GROUPS
from analysis_engine.dsp.click_book import (
    AT,
    CANDIDATE,
    ENERGY,
    PEAK,
    POSITION,
    POSITIONS,
    RECORDS,
    ROW,
    SPAN,
)
from analysis_engine.dsp.click_match import (
    LEVEL_TOLERANCE,
    STRAYED,
    TIME_TOLERANCE_FRAMES,
    is_clear,
    is_pure,
    link,
    pair,
)
from analysis_engine.dsp.kernel import copy, kernel

# 300 to 19 bpm; slower than that nobody practises to every click.
_SHORTEST_FRAMES: Final = 20.0
_LONGEST_FRAMES: Final = 315.0
# Where the steepest rise may lie beside the click's own, when a note begins with it.
_NEAR_FRAMES: Final = 4.0
# Links that make a chain beside a player, in a room where nothing else sounds, and where several
# sounds come in turn (tick, tock; click, click, accent).
_ENOUGH: Final = 8
_ENOUGH_ALONE: Final = 6
_ENOUGH_IN_TURN: Final = 4
_TICK_TOCK: Final = 2
_LONGEST_BAR: Final = 12
# Half a millisecond: over six links at 120 bpm a period known to 0.1 %.
_RESIDUAL_FRAMES: Final = 0.05
# Others as far from parts of the period as others are, this closely, are a machine's: then all is
# playing. Too few tell nothing.
_GRID_PARTS: Final = 12.0
_MACHINE_FRAMES: Final = 0.05
_MACHINE_SHARE: Final = 0.6
_FEW: Final = 6
# What a chain of links is.
_NONE: Final = 0
_ALONE: Final = 1
_BESIDE: Final = 2


@kernel
def _fit(chain, links):
    """Fit an even grid by least squares; returns its period, or 0 where links stray from it."""
    mean_x = mean_y = 0.0
    for i in range(links):
        mean_x += chain[i, POSITION] / links
        mean_y += chain[i, SPAN] / links
    xx = xy = yy = 0.0
    for i in range(links):
        dx, dy = chain[i, POSITION] - mean_x, chain[i, SPAN] - mean_y
        xx += dx * dx
        xy += dx * dy
        yy += dy * dy
    residual = np.sqrt(max(0.0, yy - xy * xy / xx) / links)
    return xy / xx if residual < _RESIDUAL_FRAMES else 0.0


@kernel
def _others_are_human(book, period):
    """Return whether bursts beside the clicks are too uneven for a machine, or there are none.

    The same sound of a machine is always equally far from the grid, wherever its centre lies; two
    of a player's notes are so by chance.
    """
    newest, times, strays = book.filled[0] - 1, book.times, book.strays
    others, twins = 0, 0
    for other in range(newest - 1, max(-1, newest - RECORDS), -1):
        apart = (times[newest % RECORDS, AT] - times[other % RECORDS, AT]) / period
        if abs(apart - np.round(apart)) * period < TIME_TOLERANCE_FRAMES:
            continue
        step = apart * _GRID_PARTS
        strays[others] = (step - np.round(step)) * period / _GRID_PARTS
        others += 1
        if others == strays.size:
            break
    for one in range(others):
        for two in range(others):
            if one != two and abs(strays[one] - strays[two]) < _MACHINE_FRAMES:
                twins += 1
                break
    return others >= _FEW and twins <= _MACHINE_SHARE * others


@kernel
def _turns_are_even(book, links):
    """Return whether the bursts between the links are equal and even as well: tock, tock, tock."""
    newest, times = book.filled[0] - 1, book.times
    period = book.chain[1, SPAN]
    for i in range(links - 2):
        later, earlier = newest - 1 - 2 * i, newest - 3 - 2 * i
        if earlier < 0 or newest - earlier >= RECORDS:
            return False
        gap = times[later % RECORDS, AT] - times[earlier % RECORDS, AT]
        change = np.log(times[later % RECORDS, ENERGY] / times[earlier % RECORDS, ENERGY])
        if abs(gap - period) > TIME_TOLERANCE_FRAMES or abs(change) > LEVEL_TOLERANCE:
            return False
    return True


@kernel
def _kind(book, links, position, on_grid, grid):
    """Say what a chain of ``links`` over ``position`` periods may be, by what is between them."""
    between = (
        book.times[int(book.chain[0, ROW]), CANDIDATE]
        - book.times[int(book.chain[links - 1, ROW]), CANDIDATE]
    )
    # Accents may be missing from the chain, and then it takes more of it.
    enough = _ENOUGH_ALONE if links > position else _ENOUGH
    if between == position and on_grid == position and links >= enough:
        return _ALONE
    turns = between / position
    in_turn = turns == _TICK_TOCK and links >= _ENOUGH_IN_TURN and _turns_are_even(book, links)
    if grid > 0.0 and turns == np.floor(turns) and turns <= _LONGEST_BAR:
        # An accent or a tock, on the grid of a metronome that is known already.
        bars = np.round(book.chain[links - 1, SPAN] / position / grid) * position * grid
        in_turn = bars > 0.0 and abs(book.chain[links - 1, SPAN] - bars) < 1.0
    if in_turn and links > position and links >= _ENOUGH_IN_TURN:
        return _ALONE
    # Where a tick is known and nobody plays, what is left is its tock, not both as one.
    beside = links >= _ENOUGH and (grid == 0.0 or between > position)
    return _BESIDE if beside else _NONE


@kernel
def _walk(book, period, grid, alone):
    """Follow a grid back from the newest burst; returns its period when it is a machine's, or 0."""
    newest, times, chain = book.filled[0] - 1, book.times, book.chain
    row, oldest = newest % RECORDS, max(0, newest + 1 - RECORDS)
    chain[0, POSITION], chain[0, SPAN], chain[0, ROW] = 0.0, 0.0, row
    copy(book.levels[row], book.least)
    links, on_grid, missed, other = 1, 0, 0, newest - 1
    for position in range(1, POSITIONS + 1):
        span = position * period
        while other >= oldest and times[row, PEAK] - times[other % RECORDS, PEAK] < (
            span - _NEAR_FRAMES
        ):
            other -= 1
        if other < oldest:
            return 0.0
        match = other % RECORDS
        error = link(book, row, match, span)
        even = abs(times[row, AT] - times[match, AT] - span) < TIME_TOLERANCE_FRAMES
        on_grid += 1 if even or error < STRAYED else 0
        if error == STRAYED:
            missed += 1
            if missed > links or missed > 1 + position // 2:
                return 0.0
            continue
        chain[links, POSITION], chain[links, SPAN] = position, span + error
        chain[links, ROW] = match
        links += 1
        period = (span + error) / position
        kind = _kind(book, links, position, on_grid, grid)
        fitted = _fit(chain, links) if kind != _NONE else 0.0
        if fitted == 0.0:
            continue
        if kind == _ALONE and is_pure(book, links):
            return fitted
        if kind != _BESIDE or not is_clear(book, links):
            continue
        if alone or _others_are_human(book, fitted):
            return fitted
    return 0.0


@kernel
def find_period(book, grid, alone):
    """Look for a metronome whose newest click is the newest burst.

    Parameters
    ----------
    book : Book
    grid : float
        Period of a metronome that is known already, frames, 0 for none: accents may be as far
        apart as its bars.
    alone : bool
        Whether all that sounds may be a metronome: then accents are no drum machine.

    Returns
    -------
    float
        Its period in frames, or 0. Then ``equal`` and ``least`` describe its groups.
    """
    newest = book.filled[0] - 1
    row = newest % RECORDS
    longest = max(_LONGEST_FRAMES, _LONGEST_BAR * grid)
    for other in range(newest - 1, max(-1, newest - RECORDS), -1):
        match = other % RECORDS
        gap = book.times[row, PEAK] - book.times[match, PEAK]
        if gap > 2 * longest:
            break
        for parts in range(1, 3):
            if _SHORTEST_FRAMES <= gap / parts <= longest:
                exact = pair(book, row, match)
                period = _walk(book, exact / parts, grid, alone) if exact > 0.0 else 0.0
                if period > 0.0:
                    return period
    return 0.0


@kernel
def _equal_gap(book, turns):
    """Return the gap between the newest burst and that ``turns`` before; 0 where unequal."""
    newest, times, chain = book.filled[0] - 1, book.times, book.chain
    if newest < turns:
        return 0.0
    row, match = newest % RECORDS, (newest - turns) % RECORDS
    if times[row, CANDIDATE] - times[match, CANDIDATE] != turns:
        return 0.0
    chain[0, ROW], chain[1, ROW] = row, match
    gap = pair(book, row, match)
    for group in range(GROUPS):
        book.least[group] = min(book.levels[row, group], book.levels[match, group])
    return gap / turns if is_pure(book, 2) and _SHORTEST_FRAMES <= gap <= _LONGEST_FRAMES else 0.0


@kernel
def equal_gap(book):
    """Return the gap, frames, of two bursts that are equal and alone, in turn perhaps; else 0."""
    gap = _equal_gap(book, 1)
    return gap if gap > 0.0 else _equal_gap(book, _TICK_TOCK)
