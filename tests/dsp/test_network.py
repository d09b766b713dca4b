from __future__ import annotations

import numpy as np
import pytest

from analysis_engine.dsp import activation, network, novelty
from analysis_engine.dsp.network import HINT_COUNT, OUTPUT_COUNT, NetworkWeights, weights_of
from tests.oracles import network as oracle


def random_weights(seed: int, projected: int = 12, size: int = 10) -> NetworkWeights:
    rng = np.random.default_rng(seed)
    shapes = {
        "project": (novelty.INPUT_COUNT, projected),
        "project_bias": (projected,),
        "first_in": (projected, 3 * size),
        "first_hidden": (size, 3 * size),
        "first_bias": (3 * size,),
        "first_new_bias": (size,),
        "second_in": (size + HINT_COUNT, 3 * size),
        "second_hidden": (size, 3 * size),
        "second_bias": (3 * size,),
        "second_new_bias": (size,),
        "head": (projected + 2 * size, OUTPUT_COUNT),
        "head_bias": (OUTPUT_COUNT,),
    }
    return weights_of(
        {name: rng.normal(0.0, shape[0] ** -0.5, shape) for name, shape in shapes.items()}
    )


def random_bands(seed: int, frames: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (4.0 * rng.random((frames, 60)) ** 3).astype(np.float32)


def test_ticks_are_the_larger_rise_and_the_mean_level_of_two_frames() -> None:
    bands = random_bands(1, 101)
    state = novelty.make_state()
    out = np.zeros(novelty.INPUT_COUNT, np.float32)

    ticks = [out.copy() for frame in bands if novelty.step(state, frame, out)]

    assert len(ticks) == 50
    np.testing.assert_allclose(ticks, oracle.ticks_of(bands.astype(np.float64)), atol=1e-5)


@pytest.mark.parametrize("size", [10, 48])
def test_one_tick_at_a_time_says_what_the_whole_clip_says(size: int) -> None:
    weights = random_weights(2, size=size)
    rng = np.random.default_rng(3)
    inputs = np.maximum(0.0, rng.normal(0.0, 1.0, (200, novelty.INPUT_COUNT))).astype(np.float32)
    hints = rng.normal(0.0, 1.0, (200, HINT_COUNT)).astype(np.float32)
    state = network.make_state(weights)
    answers = np.zeros((200, OUTPUT_COUNT), np.float32)

    for tick in range(200):
        network.step(state, inputs[tick], hints[tick], answers[tick])

    expected = oracle.probabilities(weights, inputs.astype(float), hints.astype(float))
    np.testing.assert_allclose(answers, expected, atol=1e-4)


def test_tanh_holds_over_its_whole_range() -> None:
    x = np.linspace(-30.0, 30.0, 20_001, dtype=np.float32)

    np.testing.assert_allclose([network._tanh(v) for v in x], np.tanh(x), atol=1e-6)


def test_the_shipped_weights_fit_and_are_small() -> None:
    weights = network.shipped_weights()

    assert sum(array.nbytes for array in weights) <= 300_000
    assert all(np.isfinite(array).all() for array in weights)


def test_no_target_can_move_an_onset_with_the_shipped_weights() -> None:
    weights = network.shipped_weights()
    told = []
    for target_bpm in (None, 77.0):
        state, out = activation.make_state(weights), np.zeros(OUTPUT_COUNT, np.float32)
        activation.set_target(state, target_bpm)
        told.append(
            [out.copy() for band in random_bands(8, 400) if activation.step(state, band, out)]
        )
    with_target, without = np.array(told[1]), np.array(told[0])

    np.testing.assert_array_equal(with_target[:, network.ONSET :], without[:, network.ONSET :])
    assert not np.allclose(with_target[:, : network.ONSET], without[:, : network.ONSET])


def test_missing_and_misshapen_weights_are_named() -> None:
    good = random_weights(4)._asdict()

    with pytest.raises(ValueError, match="lack head_bias"):
        weights_of({name: array for name, array in good.items() if name != "head_bias"})
    with pytest.raises(ValueError, match="second_in is"):
        weights_of({**good, "second_in": np.zeros((3, 3))})


def test_the_hint_is_nothing_without_a_target_and_turns_with_one() -> None:
    state = activation.make_state(random_weights(5))
    hint = np.ones(HINT_COUNT, np.float32)

    activation.write_hint(state.target, hint)
    assert not hint.any()

    activation.set_target(state, 90.0)
    ticks_per_beat = 60.0 / 90.0 / novelty.TICK_S
    turns = []
    for _ in range(2 * round(ticks_per_beat)):
        activation.write_hint(state.target, hint)
        turns.append(np.arctan2(hint[5], hint[4]) / (2 * np.pi) % 1.0)
    assert hint[0] == 1.0
    assert hint[1] == pytest.approx(0.0)
    np.testing.assert_allclose(np.diff(turns) % 1.0, 1.0 / ticks_per_beat, atol=1e-5)


def test_a_target_changes_what_is_told_only_from_then_on() -> None:
    bands = random_bands(6, 120)
    states = [activation.make_state(random_weights(7)) for _ in range(2)]
    answers = np.zeros((2, 60, OUTPUT_COUNT), np.float32)

    for row, state in enumerate(states):
        out, tick = np.zeros(OUTPUT_COUNT, np.float32), 0
        for frame, band in enumerate(bands):
            if row == 1 and frame == 60:
                activation.set_target(state, 120.0)
            if activation.step(state, band, out):
                answers[row, tick] = out
                tick += 1

    np.testing.assert_array_equal(answers[0, :30], answers[1, :30])
    assert not np.allclose(answers[0, 30:], answers[1, 30:])
