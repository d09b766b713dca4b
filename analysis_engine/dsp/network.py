"""The beat network, one tick at a time: the forward pass of `analysis_engine.training.network`.

Weights come from one file in the package, made by ``make train``; see ``MODEL_CARD.md`` beside it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import numpy as np

from analysis_engine.dsp.kernel import copy, kernel
from analysis_engine.dsp.novelty import INPUT_COUNT

WEIGHTS_FILE: Final = "beat_network.npz"
#: Presence, speed, then cosine and sine of half, one and two turns a beat of the target.
HINT_COUNT: Final = 8
#: Beat, downbeat, onset, then the attack classes.
OUTPUT_COUNT: Final = 7
BEAT: Final = 0
DOWNBEAT: Final = 1
ONSET: Final = 2
FIRST_CLASS: Final = 3
#: From an event to the end of the tick that tells it.
LABEL_DELAY_S: Final = 0.040


class NetworkWeights(NamedTuple):
    """Weights, float32, inputs along rows; constant and shared between streams.

    The names are those of the training's parameters; N is the size of a recurrent layer.
    """

    project: np.ndarray
    project_bias: np.ndarray
    first_in: np.ndarray
    first_hidden: np.ndarray
    first_bias: np.ndarray
    first_new_bias: np.ndarray
    second_in: np.ndarray
    second_hidden: np.ndarray
    second_bias: np.ndarray
    second_new_bias: np.ndarray
    head: np.ndarray
    head_bias: np.ndarray

    def __reduce__(self) -> Any:
        # A stream that moves takes its memory along, not the weights that every process has.
        if self is shipped_weights():
            return shipped_weights, ()
        return NetworkWeights, tuple(self)


class NetworkState(NamedTuple):
    """Memory of one stream, all float32: ``first`` and ``second`` (N,); the rest is scratch."""

    weights: NetworkWeights
    first: np.ndarray
    second: np.ndarray
    informed: np.ndarray
    drive: np.ndarray
    back: np.ndarray
    joined: np.ndarray


def weights_of(arrays: dict[str, np.ndarray]) -> NetworkWeights:
    """Return weights from named arrays.

    Raises
    ------
    ValueError
        When an array is missing or has a shape that does not fit the others.
    """
    missing = set(NetworkWeights._fields) - set(arrays)
    if missing:
        raise ValueError(f"the weights lack {', '.join(sorted(missing))}")
    ready = {name: np.array(arrays[name], np.float32, order="C") for name in NetworkWeights._fields}
    weights = NetworkWeights(**ready)
    projected, size = weights.project.shape[1], weights.first_hidden.shape[0]
    expected = {
        "project": (INPUT_COUNT, projected),
        "first_in": (projected, 3 * size),
        "second_in": (size + HINT_COUNT, 3 * size),
        "second_hidden": (size, 3 * size),
        "head": (projected + 2 * size, OUTPUT_COUNT),
    }
    for name, shape in expected.items():
        if ready[name].shape != shape:
            raise ValueError(f"{name} is {ready[name].shape}, not {shape}")
    return weights


@cache
def shipped_weights() -> NetworkWeights:
    """Return the weights that came with the package."""
    source = resources.files("analysis_engine.dsp").joinpath(WEIGHTS_FILE)
    with source.open("rb") as file, np.load(file) as arrays:
        return weights_of({name: arrays[name] for name in arrays.files})


def make_state(weights: NetworkWeights | None = None) -> NetworkState:
    """Return a network that has heard nothing."""
    weights = weights or shipped_weights()
    projected, size = weights.project.shape[1], weights.first_hidden.shape[0]
    return NetworkState(
        weights,
        np.zeros(size, np.float32),
        np.zeros(size, np.float32),
        np.zeros(size + HINT_COUNT, np.float32),
        np.zeros(3 * size, np.float32),
        np.zeros(3 * size, np.float32),
        np.zeros(projected + 2 * size, np.float32),
    )


@kernel(fastmath=True)
def _add_product(values, matrix, out):
    """Add values @ matrix to ``out``, four rows at a time so that ``out`` stays near."""
    rows = values.size - values.size % 4
    for row in range(0, rows, 4):
        a, b, c, d = values[row], values[row + 1], values[row + 2], values[row + 3]
        if a == 0.0 and b == 0.0 and c == 0.0 and d == 0.0:
            continue
        row_a, row_b, row_c, row_d = matrix[row], matrix[row + 1], matrix[row + 2], matrix[row + 3]
        for column in range(out.size):
            out[column] += (
                a * row_a[column] + b * row_b[column] + c * row_c[column] + d * row_d[column]
            )
    for row in range(rows, values.size):
        value, weights = values[row], matrix[row]
        for column in range(out.size):
            out[column] += value * weights[column]


@kernel(fastmath=True)
def _tanh(x):
    """Hyperbolic tangent within 1e-6: J. H. Lambert's continued fraction at x / 2, then doubled.

    Arithmetic only, so that a loop over it becomes SIMD; the library's function would not.
    """
    half = np.float32(0.5) * min(max(x, np.float32(-9.0)), np.float32(9.0))
    square = half * half
    above = half * (
        np.float32(135135.0)
        + square * (np.float32(17325.0) + square * (np.float32(378.0) + square))
    )
    below = np.float32(135135.0) + square * (
        np.float32(62370.0) + square * (np.float32(3150.0) + np.float32(28.0) * square)
    )
    tangent = above / below
    return np.float32(2.0) * tangent / (np.float32(1.0) + tangent * tangent)


@kernel(fastmath=True)
def _sigmoid(x):
    return np.float32(0.5) + np.float32(0.5) * _tanh(np.float32(0.5) * x)


@kernel(fastmath=True)
def _recur(hidden, drive, back, weights, new_bias):
    """One step of a gated recurrent unit; ``drive`` (3N,) holds the input's product and bias."""
    size = hidden.size
    back[:] = np.float32(0.0)
    _add_product(hidden, weights, back)
    reset_drive, reset_back = drive[:size], back[:size]
    update_drive, update_back = drive[size : 2 * size], back[size : 2 * size]
    new_drive, new_back = drive[2 * size :], back[2 * size :]
    for i in range(size):
        reset = _sigmoid(reset_drive[i] + reset_back[i])
        update = _sigmoid(update_drive[i] + update_back[i])
        new = _tanh(new_drive[i] + reset * (new_back[i] + new_bias[i]))
        hidden[i] = new + update * (hidden[i] - new)


@kernel(fastmath=True)
def step(state, inputs, hint, out) -> None:
    """Advance by one tick.

    Parameters
    ----------
    state : NetworkState
    inputs : float32 (120,)
        A whole tick of `analysis_engine.dsp.novelty`.
    hint : float32 (HINT_COUNT,)
        What is known of the target.
    out : float32 (OUTPUT_COUNT,)
        Probabilities: beat, downbeat, onset; then the attack classes, which sum to 1. Only beat
        and downbeat depend on the hint.
    """
    weights = state.weights
    projected = weights.project_bias.size
    size = state.first.size
    informed, drive, joined = state.informed, state.drive, state.joined
    rectified = joined[:projected]
    copy(weights.project_bias, rectified)
    _add_product(inputs, weights.project, rectified)
    for i in range(projected):
        rectified[i] = max(rectified[i], np.float32(0.0))
    copy(weights.first_bias, drive)
    _add_product(rectified, weights.first_in, drive)
    _recur(state.first, drive, state.back, weights.first_hidden, weights.first_new_bias)
    copy(state.first, informed[:size])
    copy(hint, informed[size:])
    copy(weights.second_bias, drive)
    _add_product(informed, weights.second_in, drive)
    _recur(state.second, drive, state.back, weights.second_hidden, weights.second_new_bias)
    copy(state.first, joined[projected : projected + size])
    copy(state.second, joined[projected + size :])
    copy(weights.head_bias, out)
    _add_product(joined, weights.head, out)
    _to_probabilities(out)


@kernel(fastmath=True)
def _to_probabilities(out):
    for i in range(FIRST_CLASS):
        out[i] = _sigmoid(out[i])
    classes = out[FIRST_CLASS:]
    largest = classes[0]
    for i in range(classes.size):
        largest = max(largest, classes[i])
    total = np.float32(0.0)
    for i in range(classes.size):
        classes[i] = np.exp(classes[i] - largest)
        total += classes[i]
    for i in range(classes.size):
        classes[i] /= total
