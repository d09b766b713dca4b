"""From bands to what the decoder weighs: the seam between the front end and beat inference.

A tick is two frames. The network says how probable a beat, a downbeat and an onset are, and by what
kind of attack. It is told the target, if there is one: how fast it is, and the phase of a metronome
at the target that started with the stream. Where that metronome stands says nothing about the
player; but the notes of a player who keeps the target fall on the same phases beat after beat, so
the network can remember which of them were beats.

Without the network, hand-made flux stands for beats and onsets alike: what it was before, kept to
measure what learning gives.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from analysis_engine.dsp import flux, network, novelty
from analysis_engine.dsp.kernel import kernel
from analysis_engine.dsp.network import (
    BEAT,
    HINT_COUNT,
    ONSET,
    NetworkState,
    NetworkWeights,
)
from analysis_engine.dsp.novelty import TICK_S, NoveltyState

if TYPE_CHECKING:
    from analysis_engine.dsp.flux import FluxState

#: Seconds from an event to the end of the tick that tells it.
LATENCY_S: Final = network.LABEL_DELAY_S
_CENTRE_BPM: Final = 90.0
_TURNS_PER_BEAT: Final = (0.5, 1.0, 2.0)
# Indices into ActivationState.target.
_TARGET_BPM: Final = 0
_TURNS: Final = 1


class ActivationState(NamedTuple):
    """Streaming state.

    ``target`` [target in bpm, 0 for none; beats of it since the start, modulo 2] float64;
    ``inputs`` (120,), ``hint`` (HINT_COUNT,) and ``fluxes`` (2,) float32; ``learned`` [1 for the
    network, 0 for flux] int64.
    """

    novelty: NoveltyState
    network: NetworkState
    flux: FluxState
    learned: np.ndarray
    fluxes: np.ndarray
    target: np.ndarray
    inputs: np.ndarray
    hint: np.ndarray


def make_state(weights: NetworkWeights | None = None, *, learned: bool = True) -> ActivationState:
    """Return a stage that has heard silence and knows no target."""
    return ActivationState(
        novelty.make_state(),
        network.make_state(weights),
        flux.make_state(),
        np.array([learned], np.int64),
        np.zeros(2, np.float32),
        np.zeros(2),
        np.zeros(novelty.INPUT_COUNT, np.float32),
        np.zeros(HINT_COUNT, np.float32),
    )


def set_target(state: ActivationState, target_bpm: float | None) -> None:
    """Tell the network another target (None: there is none); its metronome goes on from here."""
    state.target[_TARGET_BPM] = target_bpm or 0.0


@kernel
def write_hint(target, hint) -> None:
    """Move the target's metronome on by a tick and write its hint.

    Parameters
    ----------
    target : float64 (2,)
        As in `ActivationState`.
    hint : float32 (HINT_COUNT,)
        Presence, speed in octaves, then cosine and sine of half, one and two turns a beat.
    """
    hint[:] = np.float32(0.0)
    target_bpm = target[_TARGET_BPM]
    if target_bpm <= 0.0:
        return
    target[_TURNS] = (target[_TURNS] + target_bpm * TICK_S / 60.0) % 2.0
    hint[0] = np.float32(1.0)
    hint[1] = np.float32(math.log2(target_bpm / _CENTRE_BPM))
    for row in range(3):
        angle = 2.0 * math.pi * _TURNS_PER_BEAT[row] * target[_TURNS]
        hint[2 + 2 * row] = np.float32(math.cos(angle))
        hint[3 + 2 * row] = np.float32(math.sin(angle))


@kernel
def _step_by_hand(state, bands, out):
    flux.step(state.flux, bands, state.fluxes)
    complete = novelty.step(state.novelty, bands, state.inputs)
    out[BEAT] = max(out[BEAT], state.fluxes[0]) if complete else state.fluxes[0]
    out[ONSET] = out[BEAT]
    return complete


@kernel
def step(state, bands, out):
    """Take one frame; returns whether it completed a tick, whose answer is then in ``out``.

    Parameters
    ----------
    state : ActivationState
    bands : float32 (60,)
        Compressed bands of the front end.
    out : float32 (OUTPUT_COUNT,)
        Probabilities, as `analysis_engine.dsp.network.step` writes them.
    """
    if state.learned[0] == 0:
        return _step_by_hand(state, bands, out)
    if not novelty.step(state.novelty, bands, state.inputs):
        return False
    write_hint(state.target, state.hint)
    network.step(state.network, state.inputs, state.hint, out)
    return True
