"""A metronome in the room is taken out of the bands: equal short sounds at exactly even times.

Every short burst leaves a record (`analysis_engine.dsp.bursts`). Equal ones on one even grid are a
metronome, because no hand is that even (`analysis_engine.dsp.click_chain`). From then on its next
click is foreseen, and what it adds to the bands is taken off while it sounds
(`analysis_engine.dsp.click_template`). Two are followed at once: tick and tock, click and accent.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp import bursts, click_book, click_chain, click_template
from analysis_engine.dsp.bursts import GROUPS, NOW, BurstState, make_bursts
from analysis_engine.dsp.click_book import Book, make_book
from analysis_engine.dsp.click_match import LEVEL_TOLERANCE
from analysis_engine.dsp.click_template import (
    BLOCK_FRAMES,
    BLOCKS,
    LEAD_FRAMES,
    SPAN_FRAMES,
    TAIL_FRAMES,
    ClickTemplate,
    make_template,
)
from analysis_engine.dsp.kernel import kernel

#: A click is in the newest samples already, and in the longer frame of the bands not yet.
UNKNOWN: Final = np.float32(-1.0)

# A click is heard when half of its groups agree within 5 ms; time and period follow it a little.
_TOLERANCE_FRAMES: Final = 0.5
_NEAR_FRAMES: Final = 6.0
_PHASE_STEP: Final = 0.3
_PERIOD_STEP: Final = 0.05
# Under a loud note this share of the template must still be there.
_CONTAINED: Final = np.float32(0.6)
_CENTRE_BLOCK: Final = 1
# Five clicks missing in a row, and the metronome is taken for stopped.
_SCORE_STEP: Final = 0.15
_GIVE_UP: Final = 0.45
_RISING_FRAMES: Final = LEAD_FRAMES + 2
# A suspicion waits this long for the next click to be judged, or for silence once it is certain.
_SUSPECT_FRAMES: Final = 15
_CERTAIN_FRAMES: Final = 250
# An accent's centre lies elsewhere in its sound. Who has strayed so often is a player.
_IN_TIME_FRAMES: Final = 0.6
_TAKEN_BACK: Final = 0.5
_TRUSTED: Final = 4.0
_MOST_STRAYED: Final = 6.0
# Less than this share of the loudest burst is the room's noise, which may have been all before.
_FAINT: Final = 0.03

# Indices into Clicker.numbers (float64).
ACTIVE: Final = 0
DUE: Final = 1
PERIOD: Final = 2
_SCORE: Final = 3
_HEARD: Final = 4
_CLICKS: Final = 5
# Indices into MetronomeState.suspicion (float64).
_UNTIL: Final = 0
_GAP: Final = 1
_NEXT: Final = 2
_STRAYED: Final = 3
_LOUDEST: Final = 4


class Clicker(NamedTuple):
    """One sound of a metronome.

    ``numbers`` [1 when followed, frame of the next click's centre, period in frames, share of
    clicks heard, whether this one was, clicks so far] float64; ``equal`` (15,) uint8, ``levels``
    (15,) and ``moments`` (15,) float32 the groups it is known by, and its template.
    """

    numbers: np.ndarray
    equal: np.ndarray
    levels: np.ndarray
    moments: np.ndarray
    template: ClickTemplate


class MetronomeState(NamedTuple):
    """Streaming state of the stage.

    ``suspicion`` [frame until which all may be a metronome, gap between its clicks, frame of the
    next, bursts lately that were not in time, energy of the loudest burst] float64.
    """

    bursts: BurstState
    book: Book
    first: Clicker
    second: Clicker
    suspicion: np.ndarray


def _make_clicker() -> Clicker:
    return Clicker(
        np.zeros(6),
        np.zeros(GROUPS, np.uint8),
        np.zeros(GROUPS, np.float32),
        np.zeros(GROUPS, np.float32),
        make_template(),
    )


def make_metronome() -> MetronomeState:
    """Return a stage that has heard nothing; about 13 KiB."""
    return MetronomeState(make_bursts(), make_book(), _make_clicker(), _make_clicker(), np.zeros(5))


@kernel
def is_followed(state):
    """Return whether a metronome is heard."""
    return state.first.numbers[ACTIVE] != 0.0 or state.second.numbers[ACTIVE] != 0.0


@kernel
def is_suspected(state):
    """Return whether all that was heard lately may be a metronome."""
    return 0 <= state.bursts.counts[NOW] < state.suspicion[_UNTIL]


@kernel
def _begin(state, clicker, peak, period):
    """Follow the metronome whose chain was found, by the groups that were equal in every link."""
    book, moments, numbers = state.book, state.bursts.moments, clicker.numbers
    total, count = 0.0, 0
    for group in range(GROUPS):
        clicker.equal[group] = book.equal[group]
        clicker.levels[group] = book.least[group]
        if book.equal[group] == 1:
            total += moments[group]
            count += 1
    centre = total / count
    for group in range(GROUPS):
        clicker.moments[group] = moments[group] - centre
    click_template.guess(clicker.template, book.least)
    numbers[ACTIVE], numbers[DUE], numbers[PERIOD] = 1.0, peak + centre + period, period
    numbers[_SCORE], numbers[_HEARD], numbers[_CLICKS] = 1.0, 0.0, 0.0


@kernel
def _recognise(state, clicker, peak):
    """Return whether a burst is this clicker's, whose time and period then follow it."""
    numbers = clicker.numbers
    if numbers[ACTIVE] == 0.0 or abs(peak - numbers[DUE]) > _NEAR_FRAMES:
        return False
    fit, asked, total = 0, 0, 0.0
    for group in range(GROUPS):
        if clicker.equal[group] == 0:
            continue
        asked += 1
        error = peak + state.bursts.moments[group] - clicker.moments[group] - numbers[DUE]
        change = abs(state.bursts.levels[group] - clicker.levels[group])
        if change < LEVEL_TOLERANCE and abs(error) < _TOLERANCE_FRAMES:
            fit += 1
            total += error
    if 2 * fit < asked:
        return False
    numbers[DUE] += _PHASE_STEP * total / fit
    numbers[PERIOD] += _PERIOD_STEP * total / fit
    numbers[_HEARD] = 1.0
    return True


@kernel
def _weigh(suspicion, energy, in_time):
    """Count bursts that no metronome would play; a few in time take one of them back."""
    before = suspicion[_LOUDEST]
    suspicion[_LOUDEST] = max(energy, before)
    if energy < _FAINT * before:
        return
    if before < _FAINT * energy:
        suspicion[_STRAYED] = 0.0
    change = -_TAKEN_BACK if in_time else 1.0
    suspicion[_STRAYED] = min(max(suspicion[_STRAYED] + change, 0.0), _MOST_STRAYED)


@kernel
def _take_burst(state, peak):
    """Judge one burst: a click of a metronome that is known, or of a new one, or neither."""
    heard, book, suspicion = state.bursts, state.book, state.suspicion
    at = bursts.judge(heard, peak)
    if at >= 0.0 and (
        _recognise(state, state.first, peak) or _recognise(state, state.second, peak)
    ):
        return
    suspected = is_suspected(state)
    # What comes in time, an accent perhaps, does not clear a metronome of suspicion.
    in_time = abs(at - suspicion[_NEXT]) < _IN_TIME_FRAMES
    _weigh(suspicion, heard.energy[0], in_time)
    suspicion[_UNTIL] = 0.0
    if at < 0.0:
        return
    number = bursts.number_of(heard, peak)
    click_book.add(book, at, peak, number, heard.energy[0], heard.levels, heard.moments)
    gap = suspicion[_GAP] if in_time else click_chain.equal_gap(book)
    suspicion[_GAP], suspicion[_NEXT] = gap, at + gap
    if gap > 0.0 and suspicion[_STRAYED] < _TRUSTED:
        suspicion[_UNTIL] = at + gap + _SUSPECT_FRAMES
    free, busy = state.first, state.second
    if free.numbers[ACTIVE] != 0.0:
        free, busy = busy, free
    if free.numbers[ACTIVE] != 0.0:
        return
    known = busy.numbers[ACTIVE] * busy.numbers[PERIOD]
    period = click_chain.find_period(book, known, suspected)
    if period > 0.0:
        _begin(state, free, peak, period)
        if suspected:
            suspicion[_UNTIL] = heard.counts[NOW] + _CERTAIN_FRAMES


@kernel
def _end_click(numbers):
    """Look ahead to the next click, or give up."""
    numbers[_SCORE] += _SCORE_STEP * (numbers[_HEARD] - numbers[_SCORE])
    numbers[_HEARD] = 0.0
    numbers[_CLICKS] += 1
    numbers[DUE] += numbers[PERIOD]
    if numbers[_SCORE] < _GIVE_UP:
        numbers[ACTIVE] = 0.0


@kernel
def _follow(clicker, now, magnitudes, bands, peak):
    """Take a clicker's click off this frame, and learn; returns whether a click is only rising."""
    numbers, template = clicker.numbers, clicker.template
    if numbers[ACTIVE] == 0.0:
        return False
    k = int(np.floor(now - numbers[DUE])) + LEAD_FRAMES
    if k < 0:
        tail = int(np.floor(now - numbers[DUE] + numbers[PERIOD])) + LEAD_FRAMES - SPAN_FRAMES
        if numbers[_CLICKS] > 0 and 0 <= tail < TAIL_FRAMES:
            fade = click_template.tail_fade(tail)
            last = BLOCKS - 1
            click_template.take_off(template, last, last, fade, peak, magnitudes, bands)
        if k == -1:
            click_template.hold(template, magnitudes)
        return False
    k = min(k, SPAN_FRAMES - 1)
    block, beside = k // BLOCK_FRAMES, click_template.block_beside(k)
    click_template.see(template, magnitudes)
    click_template.take_off(template, block, beside, np.float32(1.0), peak, magnitudes, bands)
    if k % BLOCK_FRAMES == BLOCK_FRAMES - 1:
        if block == _CENTRE_BLOCK and click_template.share_seen(template, block) > _CONTAINED:
            numbers[_HEARD] = 1.0
        click_template.learn(template, block, numbers[_CLICKS])
    if k == SPAN_FRAMES - 1:
        _end_click(numbers)
    return k < _RISING_FRAMES


@kernel(fastmath=True)
def _power(magnitudes):
    total = np.float32(1e-12)
    for i in range(magnitudes.size):
        total += magnitudes[i] * magnitudes[i]
    return total


@kernel
def step(state, bands, peak):
    """Advance by one frame; takes known metronomes off ``bands`` (60,), in place.

    Parameters
    ----------
    state : MetronomeState
    bands : float32 (60,)
        Compressed bands of the front end.
    peak : float32
        The magnitude that they are compressed against.

    Returns
    -------
    float32
        Share of this frame's power that is no metronome, 0..1, or `UNKNOWN` while one is due.
    """
    heard = state.bursts
    bursts.take_frame(heard, bands, peak)
    burst = bursts.due(heard)
    if burst >= 0:
        _take_burst(state, burst)
    if not is_followed(state):
        return np.float32(1.0)
    now, magnitudes = heard.counts[NOW], heard.magnitudes
    whole = _power(magnitudes)
    rising = _follow(state.first, now, magnitudes, bands, peak)
    rising |= _follow(state.second, now, magnitudes, bands, peak)
    return UNKNOWN if rising else _power(magnitudes) / whole
