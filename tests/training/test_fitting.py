from __future__ import annotations

from typing import Any

import jax
import mir_eval
import numpy as np
import pytest

from analysis_engine.dsp import network as engine
from analysis_engine.dsp.novelty import INPUT_COUNT, TICK_S
from analysis_engine.training import network
from analysis_engine.training.batches import BatchMaker, labels_at
from analysis_engine.training.dataset import TrainingClip, make_training_clip
from analysis_engine.training.decoding import beat_f_measure, tempo_share
from analysis_engine.training.fitting import FitConfig, Phase, fit
from tests.oracles import network as oracle

TINY = FitConfig((Phase(50, 250, 1e-2, 0.6), Phase(10, 300, 1e-3, 0.9)), 4, seed=3, hidden=8)


@pytest.fixture(scope="module")
def clips() -> list[TrainingClip]:
    return [make_training_clip(seed=11, index=index, fonts=()) for index in range(6)]


@pytest.fixture(scope="module")
def fitted(clips: list[TrainingClip]) -> tuple[network.Parameters, list[float]]:
    return fit(clips, TINY)


def test_the_loss_falls(
    fitted: tuple[network.Parameters, list[float]], clips: list[TrainingClip]
) -> None:
    parameters, losses = fitted
    maker = BatchMaker(clips, 250, seed=0, augment=False)
    whole = network.as_arrays(maker.make(clips, targets=True))

    before = network.loss(network.init_parameters(TINY.seed, TINY.hidden), whole)
    after = network.loss(parameters, whole)

    assert len(losses) == TINY.step_count
    assert after < 0.85 * before


def test_numpy_jax_and_the_live_kernel_agree(
    fitted: tuple[network.Parameters, list[float]], clips: list[TrainingClip]
) -> None:
    parameters = fitted[0]
    batch = BatchMaker(clips, 400, seed=1, augment=False).make(clips[:2], targets=True)
    weights = engine.weights_of(parameters)

    logits = np.asarray(network.forward(parameters, batch.inputs, batch.hints))

    for row in range(2):
        inputs, hints = batch.inputs[:, row], batch.hints[:, row]
        classes = np.asarray(jax.nn.softmax(logits[:, row, 3:], axis=-1))
        told = np.concatenate([oracle.sigmoid(logits[:, row, :3]), classes], axis=1)
        state = engine.make_state(weights)
        live = np.zeros((400, engine.OUTPUT_COUNT), np.float32)
        for tick in range(400):
            engine.step(state, inputs[tick].copy(), hints[tick].copy(), live[tick])
        slow = oracle.probabilities(weights, inputs.astype(float), hints.astype(float))
        np.testing.assert_allclose(live, told, atol=1e-4)
        np.testing.assert_allclose(live, slow, atol=1e-4)


def test_the_written_out_gradient_is_the_gradient() -> None:
    rng = np.random.default_rng(8)
    drive = rng.normal(size=(7, 2, 9)).astype(np.float32)
    weights = rng.normal(size=(3, 9)).astype(np.float32)
    new_bias = rng.normal(size=3).astype(np.float32)
    pick = rng.normal(size=(7, 2, 3)).astype(np.float32)

    def total(*arguments: np.ndarray) -> float:
        return float((np.asarray(network.recur(*arguments), np.float64) * pick).sum())

    def loss(*arguments: jax.Array) -> Any:
        return (network.recur(*arguments) * pick).sum()

    slopes = jax.grad(loss, argnums=(0, 1, 2))(drive, weights, new_bias)

    for position, array in enumerate((drive, weights, new_bias)):
        nudge = rng.normal(size=array.shape).astype(np.float32)
        arguments = [drive, weights, new_bias]
        ends = []
        for sign in (1.0, -1.0):
            arguments[position] = array + np.float32(sign * 1e-2) * nudge
            ends.append(total(*arguments))
        assert (ends[0] - ends[1]) / 2e-2 == pytest.approx(
            float((np.asarray(slopes[position]) * nudge).sum()), rel=2e-2, abs=2e-2
        )


def test_labels_peak_at_the_tick_that_tells_the_event() -> None:
    # Told 40 ms later, so with the tick that ends at 0.24 s.
    label = labels_at(np.array([0.2]), 50, 0.05)

    assert label.argmax() == round(0.24 / TICK_S) - 1
    assert label.max() == pytest.approx(1.0)
    assert np.count_nonzero(label) == 5


def test_batches_keep_time_and_labels_together(clips: list[TrainingClip]) -> None:
    maker = BatchMaker(clips, 500, seed=5)

    batch = maker.draw(8)

    assert batch.inputs.shape == (500, 8, INPUT_COUNT)
    assert np.isfinite(batch.inputs).all()
    assert batch.labels.min() >= 0.0
    assert batch.labels.max() <= 1.0
    # What is told is told where something rises.
    music = batch.onset_weight > 0
    onsets = batch.labels[:, music, 2] > 0.9
    rises = batch.inputs[:, music, :60].sum(axis=2)
    assert rises[onsets].mean() > 2.0 * rises.mean()


def test_beat_scores_are_those_of_mir_eval() -> None:
    rng = np.random.default_rng(6)
    for _ in range(20):
        truth = np.cumsum(rng.uniform(0.3, 0.9, 40))
        told = np.sort(np.concatenate([truth + rng.normal(0.0, 0.06, 40), rng.uniform(0, 25, 9)]))

        expected = mir_eval.beat.f_measure(truth[truth >= 5.0], told[told >= 5.0])

        assert beat_f_measure(truth, told) == pytest.approx(expected, abs=0.02)


def test_the_share_of_right_tempi_counts_half_seconds() -> None:
    truth = np.arange(0.0, 30.0, 0.5)
    tempi = np.full(1_500, 120.0)
    tempi[:750] = 110.0

    assert tempo_share(truth, np.full(1_500, 121.0)) == 1.0
    assert tempo_share(truth, tempi) == pytest.approx(0.6, abs=0.05)
    assert np.isnan(tempo_share(np.zeros(0), tempi))
