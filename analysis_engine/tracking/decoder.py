"""Causal bar-pointer inference: the posterior over tempo and beat phase, one step per tick.

The forward algorithm of a hidden Markov model after N. Whiteley et al. (ISMIR 2006) and F. Krebs
et al. (ISMIR 2015). Between beats every state moves on by one frame, which here costs nothing: each
tempo's phases are a ring, and only the ring's origin moves. Mass changes tempo when it crosses the
origin, and is weighed where an onset was due. Likelihoods are relative to "no beat here", so states
outside the zones are not touched at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from analysis_engine.dsp.front_end import FRAMES_PER_S
from analysis_engine.dsp.kernel import kernel
from analysis_engine.dsp.novelty import FRAMES_PER_TICK, TICK_S
from analysis_engine.tracking import outlook, rings, tempo_prior
from analysis_engine.tracking.tempo_grid import BANDWIDTH, TempoGrid, make_tempo_grid
from analysis_engine.tracking.weighing import (
    AGE,
    LIFTED,
    RECENT,
    REOPENING,
    RESTART,
    TOTAL,
    USUAL,
    observe,
    start_afresh,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis_engine.config import ExpectedTempo


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """What the decoder believes before it hears anything.

    Searched on generated performances only; docs/accuracy.md says what was seen beside them.

    Parameters
    ----------
    stiffness
        How strongly a beat keeps the tempo of the one before.
    beat_gain, miss_gain
        Weight at the beat of a beat's log likelihood ratio, where it speaks for one and where it
        speaks against.
    onset_gain, half_gain, subdivision_gain
        Weight of an onset's, whether or not it sounds like a beat: at the beat, its half, its
        quarters and thirds. It keeps the phase where nothing tells beats from other notes.
    activation_floor, activation_ceiling
        The activation is clipped to these before its likelihood is taken.
    target_weight
        Log weight per frame of the target tempo (peak against far away).
    target_sd_octaves
        Width of the target's pull.
    prior_weight
        The same without a target, for what `analysis_engine.tracking.tempo_prior` expects.
    anchor_weight, anchor_sd_octaves
        The same for the tempo that was held so far, without a target: another metrical level is
        not a new tempo.
    memory_gain
        Weight at the beat of what the phase memory says of an onset's place.
    restart
        Mass per frame that may start afresh at an onset.
    reopening
        Share of the target's or the prior's weight that is lifted when onsets no longer come where
        they did: the tempo has jumped.
    first_onset
        Mass that starts afresh at the first onset after a rest: music usually starts on a beat.
    """

    stiffness: float = 90.0
    beat_gain: float = 0.52
    miss_gain: float = 0.6
    onset_gain: float = 0.1
    half_gain: float = 0.08
    subdivision_gain: float = 0.02
    activation_floor: float = 0.02
    activation_ceiling: float = 0.75
    target_weight: float = 0.021
    target_sd_octaves: float = 0.29
    prior_weight: float = 0.011
    anchor_weight: float = 0.005
    anchor_sd_octaves: float = 0.3
    memory_gain: float = 0.4
    restart: float = 0.008
    reopening: float = 1.0
    first_onset: float = 0.85


# Rows of the step's output (float32).
OUT_BPM: Final = 0
OUT_MASS: Final = 1
OUT_MODE: Final = 2
OUT_EVIDENCE: Final = 3
OUT_SIZE: Final = 4

# Sums follow every change and are added up anew after so many ticks.
_ADDED_UP_EVERY: Final = np.float32(64.0)
# Evidence for a pulse in the last second or so, and how much there usually is, per tick.
_RECENT_TAKE: Final = np.float32(TICK_S / 1.2)
_USUAL_TAKE: Final = np.float32(TICK_S / 10.0)
# Less than this share of the usual is a sign that the pulse has moved; usually less than that
# (per tick) says nothing.
_DOUBTFUL_SHARE: Final = np.float32(0.5)
_LEAST_USUAL: Final = np.float32(0.02)
_RESCALE_BELOW: Final = np.float32(1e-12)
_RESCALE_ABOVE: Final = np.float32(1e12)


class DecoderState(NamedTuple):
    """Posterior and constants of one stream.

    ``mass`` flat rings, unnormalised; ``origin`` (J,) where phase 0 is; ``sums`` (J,) mass per
    tempo; ``crossing`` and ``arriving`` scratch; ``pull`` (J,) weight at the origin of the target
    or prior;
    ``fresh`` (J,) tempo distribution of a fresh start; ``numbers`` see the indices;
    ``horizon`` scratch histogram of frames until the next beat.
    """

    grid: TempoGrid
    mass: np.ndarray
    origin: np.ndarray
    sums: np.ndarray
    crossing: np.ndarray
    arriving: np.ndarray
    pull: np.ndarray
    fresh: np.ndarray
    numbers: np.ndarray
    horizon: np.ndarray


def make_decoder(config: DecoderConfig) -> DecoderState:
    """Return a decoder that knows nothing yet: uniform over phases, the prior over tempi."""
    grid = make_tempo_grid(config.stiffness)
    tempi = grid.period.size
    state = DecoderState(
        grid,
        np.zeros(int(grid.period.sum()), np.float32),
        np.zeros(tempi, np.int64),
        np.zeros(tempi, np.float32),
        np.zeros(tempi + 2 * BANDWIDTH, np.float32),
        np.zeros(tempi, np.float32),
        np.ones(tempi, np.float32),
        np.ones(tempi, np.float32),
        np.array(
            [
                config.beat_gain,
                config.half_gain,
                config.subdivision_gain,
                config.miss_gain,
                config.activation_floor,
                config.activation_ceiling,
                config.restart,
                config.first_onset,
                config.onset_gain,
                config.reopening,
                0.0,
                0.0,
                config.memory_gain,
                0.0,
                1.0,
                0.0,
            ],
            np.float32,
        ),
        np.zeros(int(grid.period.max()) + 1, np.float32),
    )
    set_target(state, config, None)
    forget(state)
    return state


@lru_cache(maxsize=64)
def _expected(stiffness: float, own: tuple[ExpectedTempo, ...]) -> np.ndarray:
    """Return `tempo_prior.log_weights` of the grid's tempi: it is asked for after every window."""
    weights = tempo_prior.log_weights(make_tempo_grid(stiffness).bpm.astype(np.float64), own)
    weights.flags.writeable = False
    return weights


def _pull(bpm: np.ndarray, centre_bpm: float, sd_octaves: float, floor: float) -> np.ndarray:
    """Return the log weight of each tempo: a normal curve in octaves, never below ``floor``."""
    distance = np.log2(bpm / centre_bpm) / sd_octaves
    return np.asarray(np.maximum(-0.5 * distance**2, floor))


def set_target(
    state: DecoderState,
    config: DecoderConfig,
    target_bpm: float | None,
    anchor_bpm: float | None = None,
    own: Sequence[ExpectedTempo] = (),
) -> None:
    """Let the target weigh on tempi; the posterior stays.

    Without a target the prior does (that of practice, and the student's ``own``), and the tempo
    that was held so far (``anchor_bpm``).
    """
    bpm = state.grid.bpm.astype(np.float64)
    if target_bpm is not None:
        # Beyond two widths the pull stays the same: another tempo may win by evidence.
        log_weight = config.target_weight * _pull(bpm, target_bpm, config.target_sd_octaves, -2.0)
        fresh = _pull(bpm, target_bpm, config.target_sd_octaves, -8.0)
    else:
        fresh = _expected(config.stiffness, tuple(own))
        log_weight = config.prior_weight * fresh
        if anchor_bpm is not None:
            held = _pull(bpm, anchor_bpm, config.anchor_sd_octaves, -2.0)
            log_weight = log_weight + config.anchor_weight * held
            fresh = fresh + _pull(bpm, anchor_bpm, config.anchor_sd_octaves, -8.0)
    state.pull[:] = np.exp(log_weight * state.grid.period)
    start = np.exp(fresh) * state.grid.spacing
    state.fresh[:] = start / start.sum()


def forget(state: DecoderState) -> None:
    """Go back to knowing nothing but the target or prior."""
    grid = state.grid
    for ring in range(grid.period.size):
        first, period = grid.start[ring], grid.period[ring]
        state.mass[first : first + period] = state.fresh[ring] / period
    state.origin[:] = 0
    state.sums[:] = state.fresh
    state.numbers[TOTAL] = state.fresh.sum()


@kernel(fastmath=True)
def _doubt(numbers, evidence):
    """Follow the evidence; returns 0 while it is as usual, up to 1 when there is none."""
    numbers[RECENT] += _RECENT_TAKE * (evidence - numbers[RECENT])
    numbers[USUAL] += _USUAL_TAKE * (evidence - numbers[USUAL])
    if numbers[USUAL] < _LEAST_USUAL:
        return np.float32(0.0)
    left = numbers[RECENT] / (_DOUBTFUL_SHARE * numbers[USUAL])
    return np.float32(1.0) - min(max(left, np.float32(0.0)), np.float32(1.0))


@kernel(fastmath=True)
def step(state, activation, onset, fresh_share, out) -> None:
    """Advance by one tick: every state moves on frame by frame and is weighed once.

    Parameters
    ----------
    state : DecoderState
    activation, onset : float
        0..1, how probable a beat is, and an onset of any kind.
    fresh_share : float
        0..1, mass that starts afresh with a beat now (first onset after a rest).
    out : float32 (OUT_SIZE,)
        OUT_BPM posterior mean tempo around the mode; OUT_MASS share of the mass within 4 % of the
        mode; OUT_MODE its ring, for `analysis_engine.tracking.outlook.frames_to_beat`;
        OUT_EVIDENCE log likelihood ratio of this tick against onsets that come at any time.
    """
    grid, sums = state.grid, state.sums
    numbers = state.numbers
    for _ in range(FRAMES_PER_TICK):
        rings.advance(state)
    before = rings.total_of(sums)
    beat_weight = observe(state, activation, onset)
    total = rings.total_of(sums)
    # Onsets that come at any time meet a beat zone in one tick of sixteen.
    null = np.float32(1.0) + (beat_weight - np.float32(1.0)) / np.float32(16.0)
    out[OUT_EVIDENCE] = np.log(total / before) - np.log(null)
    numbers[LIFTED] = numbers[REOPENING] * _doubt(numbers, out[OUT_EVIDENCE])
    share = max(fresh_share, numbers[RESTART] * activation)
    if share > np.float32(1e-6):
        total = start_afresh(state, share, total)
    numbers[TOTAL] = total
    numbers[AGE] += np.float32(1.0)
    if numbers[AGE] >= _ADDED_UP_EVERY or total < _RESCALE_BELOW or total > _RESCALE_ABOVE:
        rings.rescale(state, total)
    mode, near = outlook.mode(grid, sums)
    weight, moment = np.float32(0.0), np.float32(0.0)
    for ring in range(grid.first[mode], grid.last[mode]):
        weight += sums[ring]
        moment += sums[ring] * grid.log_period[ring]
    out[OUT_BPM] = np.float32(60.0 * FRAMES_PER_S) / np.exp(moment / weight)
    out[OUT_MASS] = near / numbers[TOTAL]
    out[OUT_MODE] = mode
