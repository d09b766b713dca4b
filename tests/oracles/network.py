"""The network and its inputs, written out in NumPy, float64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from analysis_engine.dsp.network import NetworkWeights

Floats = NDArray[np.float64]


def ticks_of(bands: Floats) -> Floats:
    """Network inputs (ticks, 120) of bands (frames, 60): largest rise and mean level of two."""
    count = bands.shape[1]
    before = np.concatenate([np.zeros((2, count)), bands[:-2]])
    padded = np.pad(before, ((0, 0), (1, 1)))
    reference = np.max([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], axis=0)
    rises = np.maximum(0.0, bands - reference)
    keep = np.exp(-0.01 / 0.4)
    mean = np.zeros(count)
    over = np.zeros_like(rises)
    for frame, rise in enumerate(rises):
        over[frame] = np.maximum(0.0, rise - mean)
        mean = keep * mean + (1.0 - keep) * rise
    ticks = len(bands) // 2
    pairs = over[: 2 * ticks].reshape(ticks, 2, count).max(axis=1)
    levels = bands[: 2 * ticks].reshape(ticks, 2, count).mean(axis=1)
    return np.concatenate([pairs, levels], axis=1)


def sigmoid(x: Floats) -> Floats:
    """Logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def recur(inputs: Floats, weights: Floats, new_bias: Floats) -> Floats:
    """States (ticks, N) of a gated recurrent unit driven by ``inputs`` (ticks, 3N)."""
    size = weights.shape[0]
    hidden = np.zeros(size)
    states = []
    for drive in inputs:
        back = hidden @ weights
        reset = sigmoid(drive[:size] + back[:size])
        update = sigmoid(drive[size : 2 * size] + back[size : 2 * size])
        new = np.tanh(drive[2 * size :] + reset * (back[2 * size :] + new_bias))
        hidden = (1.0 - update) * new + update * hidden
        states.append(hidden)
    return np.array(states)


def probabilities(weights: NetworkWeights, inputs: Floats, hints: Floats) -> Floats:
    """Answers (ticks, 7) over a whole clip."""
    w = weights
    projected = np.maximum(0.0, inputs @ w.project + w.project_bias)
    first = recur(projected @ w.first_in + w.first_bias, w.first_hidden, w.first_new_bias)
    informed = np.concatenate([first, hints], axis=1)
    second = recur(informed @ w.second_in + w.second_bias, w.second_hidden, w.second_new_bias)
    logits = np.concatenate([projected, first, second], axis=1) @ w.head + w.head_bias
    classes = np.exp(logits[:, 3:] - logits[:, 3:].max(axis=1, keepdims=True))
    return np.concatenate(
        [sigmoid(logits[:, :3]), classes / classes.sum(axis=1, keepdims=True)], axis=1
    )
