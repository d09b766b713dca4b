from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis_engine.dsp.novelty import FRAMES_PER_TICK
from analysis_engine.tracking import decoder, outlook, weighing
from analysis_engine.tracking.decoder import DecoderConfig, DecoderState, make_decoder, set_target
from analysis_engine.tracking.tempo_grid import MAX_BPM, MIN_BPM, make_tempo_grid
from tests.oracles import inference
from tests.oracles.inference import PlainDecoder

CONFIG = DecoderConfig(restart=0.0)


def log_ratio(activation: float, shares: float) -> float:
    a = min(max(activation, CONFIG.activation_floor), CONFIG.activation_ceiling)
    return float(np.log(shares * a / (1.0 - a)))


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, 60.0, 133.0]))
def test_rings_agree_with_a_plain_hidden_markov_model(seed: int, target_bpm: float | None) -> None:
    activations = np.random.default_rng(seed).random((200, 2)) ** 3
    state = make_decoder(CONFIG)
    set_target(state, CONFIG, target_bpm)
    grid = state.grid
    rings = [
        state.mass[first : first + period].astype(np.float64)
        for first, period in zip(grid.start, grid.period, strict=True)
    ]
    gains = (
        CONFIG.onset_gain,
        CONFIG.half_gain,
        CONFIG.subdivision_gain,
        CONFIG.beat_gain,
        CONFIG.miss_gain,
    )
    plain = PlainDecoder(grid, rings, state.pull.astype(np.float64), gains)
    out = np.zeros(decoder.OUT_SIZE, np.float32)

    for beat, onset in activations:
        decoder.step(state, np.float32(beat), np.float32(onset), np.float32(0.0), out)
        plain.step(log_ratio(beat, 15.0), log_ratio(onset, 5.0))

    shares = plain.tempo_shares()
    np.testing.assert_allclose(state.sums / state.sums.sum(), shares, atol=2e-4)
    near = [shares[a:b].sum() for a, b in zip(grid.first, grid.last, strict=True)]
    assert out[decoder.OUT_MASS] == pytest.approx(max(near), abs=2e-3)


def ready(config: DecoderConfig, target_bpm: float | None) -> DecoderState:
    state = make_decoder(config)
    set_target(state, config, target_bpm)
    decoder.forget(state)
    return state


def run(activations: np.ndarray, config: DecoderConfig, target_bpm: float | None) -> np.ndarray:
    return listen(ready(config, target_bpm), activations)


def listen(state: DecoderState, activations: np.ndarray) -> np.ndarray:
    out = np.zeros(decoder.OUT_SIZE, np.float32)
    answers = []
    for activation in activations:
        decoder.step(state, np.float32(activation), np.float32(activation), np.float32(0.0), out)
        answers.append(out.copy())
    return np.array(answers)


def pulses(period_frames: int, frames: int) -> np.ndarray:
    """Activation of every tick: a triangle around each pulse, the first in frame 5."""
    tick_frames = np.arange(FRAMES_PER_TICK - 1, frames, FRAMES_PER_TICK)
    distance = (tick_frames - 5 + period_frames / 2) % period_frames - period_frames / 2
    return np.asarray(0.8 * np.maximum(0.0, 1.0 - np.abs(distance) / 4.0))


@pytest.mark.parametrize("period_frames", [30, 50, 75, 100])
def test_the_mode_and_the_next_beat_follow_pulses(period_frames: int) -> None:
    state = ready(DecoderConfig(), 6000.0 / period_frames)
    answers = listen(state, pulses(period_frames, 1500))

    bpm = answers[-1, decoder.OUT_BPM]
    assert bpm == pytest.approx(6000.0 / period_frames, rel=0.01)
    left = (1500 - 1 - 5) % period_frames
    expected = period_frames - left
    to_beat = outlook.frames_to_beat(state, int(answers[-1, decoder.OUT_MODE]))
    assert to_beat == pytest.approx(expected, abs=2.0)


@given(st.integers(0, 2**32 - 1))
def test_the_mode_and_the_next_beat_are_where_most_mass_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    state = make_decoder(CONFIG)
    grid = state.grid
    state.mass[:] = rng.random(state.mass.size) ** 20
    state.origin[:] = rng.integers(0, grid.period)
    state.sums[:] = rng.random(state.sums.size)
    near = [state.sums[a:b].sum() for a, b in zip(grid.first, grid.last, strict=True)]
    ring = int(np.argmax(near))

    mode, mass = outlook.mode(grid, state.sums)

    assert near[mode] == pytest.approx(near[ring], rel=1e-6)
    assert mass == pytest.approx(near[ring], rel=1e-6)
    horizon = inference.horizon(grid, state.mass, state.origin, ring)
    best = int(np.argmax(inference.smoothed(horizon)))
    around = np.arange(max(0, best - 2), min(horizon.size, best + 3))
    expected = np.average(around, weights=horizon[around])
    assert outlook.frames_to_beat(state, ring) == pytest.approx(expected, rel=1e-4)


def test_the_grid_covers_its_range_in_small_steps() -> None:
    grid = make_tempo_grid(100.0)

    assert grid.bpm.max() >= MAX_BPM
    assert grid.bpm.min() <= MIN_BPM
    slow = grid.period >= 60
    assert (grid.period[1:][slow[:-1]] / grid.period[:-1][slow[:-1]]).max() < 1.02


def test_transitions_are_probabilities() -> None:
    grid = make_tempo_grid(100.0)
    count = grid.period.size
    total = np.zeros(count)
    for ring in range(count):
        for k, p in enumerate(grid.transition[:, ring]):
            before = ring - (grid.transition.shape[0] // 2) + k
            if 0 <= before < count:
                total[before] += p

    assert total == pytest.approx(1.0, abs=1e-5)


def test_nothing_ever_becomes_a_denormal() -> None:
    state = make_decoder(DecoderConfig())
    out = np.zeros(decoder.OUT_SIZE, np.float32)
    for activation in [*pulses(50, 3000), *np.zeros(6000)]:
        decoder.step(state, np.float32(activation), np.float32(activation), np.float32(0.0), out)

    assert state.mass.min() > np.finfo(np.float32).tiny
    assert np.isfinite(state.mass).all()


@pytest.mark.parametrize("period_frames", [48, 75])
def test_a_jump_away_from_the_target_is_followed_sooner_when_doubt_lifts_it(
    period_frames: int,
) -> None:
    faint = 0.25 * np.concatenate([pulses(60, 1800), pulses(period_frames, 1800)])
    arrived = []
    for reopening in (0.0, 1.0):
        answers = run(faint, DecoderConfig(reopening=reopening), 100.0)[900:]
        right = np.abs(answers[:, decoder.OUT_BPM] * period_frames / 6000.0 - 1.0) < 0.04
        arrived.append(int(np.argmax(right)))

    assert 0 < arrived[1] < 0.8 * arrived[0]


def test_nothing_is_doubted_while_onsets_come_where_they_did() -> None:
    beats = pulses(60, 3000)
    closed, open_ = (
        run(beats, DecoderConfig(reopening=reopening), 100.0) for reopening in (0.0, 1.0)
    )

    np.testing.assert_array_equal(open_, closed)


def test_the_last_tick_is_weighed_where_its_beat_was() -> None:
    state = make_decoder(CONFIG)
    grid = state.grid
    out = np.zeros(decoder.OUT_SIZE, np.float32)
    for activation in pulses(50, 400):
        decoder.step(state, np.float32(activation), np.float32(activation), np.float32(0.0), out)
    before, origin = state.mass.copy(), state.origin.copy()

    weighing.weigh_last(state, np.float32(3.0))

    for ring, (first, period, zone) in enumerate(
        zip(grid.start, grid.period, grid.zone, strict=True)
    ):
        phases = (np.arange(period) - origin[ring] - FRAMES_PER_TICK) % period
        factor = np.where(phases < zone, 3.0, 1.0)
        here = slice(first, first + period)
        np.testing.assert_allclose(state.mass[here], before[here] * factor, rtol=1e-5)
        assert state.sums[ring] == pytest.approx(state.mass[here].sum(), rel=1e-3)
