from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.dsp import filterbank, flux, front_end, logarithm
from analysis_engine.dsp.fft import BIN_COUNT, FFT_SIZE, magnitude_spectrum, make_fft_plan
from tests.oracles import signal as oracles

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUP_WEIGHTS = np.repeat([1.0, 1.35, 1.6], [15, 21, 24])


@given(seed=st.integers(0, 2**32 - 1), pairs=st.integers(0, FFT_SIZE // 2))
def test_fft_agrees_with_numpy(seed: int, pairs: int) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal(2 * pairs).astype(np.float32)
    window = rng.random(2 * pairs).astype(np.float32)
    plan, out = make_fft_plan(), np.full(BIN_COUNT, np.nan, np.float32)
    plan.scratch[:] = np.nan

    magnitude_spectrum(plan, samples, window, out)

    np.testing.assert_allclose(
        out, oracles.magnitudes(samples * window, FFT_SIZE)[:BIN_COUNT], atol=2e-4
    )


def test_every_bin_that_a_band_looks_at_is_computed() -> None:
    assert filterbank.bin_count() == BIN_COUNT


@given(value=st.floats(2.0**-100, 2.0**100, width=32))
def test_the_logarithm_is_one(value: float) -> None:
    expected = math.log(value)

    assert logarithm.log(np.float32(value)) == pytest.approx(expected, rel=2e-7, abs=1e-6)


@pytest.mark.parametrize("small", [0.0, 1e-7, 1e-4, 0.1])
def test_the_logarithm_is_exact_near_one(small: float) -> None:
    value = np.float32(1.0 + small)

    assert logarithm.log(value) == pytest.approx(math.log(value), rel=1e-6, abs=0.0)


def test_bands_agree_with_dense_triangles() -> None:
    bank = filterbank.make_filter_bank()
    spectrum = np.random.default_rng(2).random(filterbank.bin_count()).astype(np.float32)
    out = np.zeros(filterbank.BAND_COUNT, np.float32)

    filterbank.band_magnitudes(bank, spectrum, out)

    np.testing.assert_allclose(out, oracles.triangle_sums(spectrum, bank), rtol=1e-5)


def test_no_band_is_empty_and_none_reaches_beyond_its_range() -> None:
    bank = filterbank.make_filter_bank()

    assert (np.diff(bank.offset) >= 1).all()
    assert np.add.reduceat(bank.weights, bank.offset[:-1]) == pytest.approx(1.0, abs=1e-5)
    assert filterbank.bin_count() * 16_000 / FFT_SIZE <= 6_700


@given(seed=st.integers(0, 2**32 - 1))
def test_superflux_agrees_with_its_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    previous, current = rng.random((2, filterbank.BAND_COUNT)).astype(np.float32) * 5

    ours = flux.superflux(previous, current)

    assert ours == pytest.approx(oracles.superflux(previous, current, GROUP_WEIGHTS), rel=1e-4)


def frames_of(samples: np.ndarray, cuts: Sequence[int] = ()) -> tuple[np.ndarray, np.ndarray]:
    state = front_end.make_front_end()
    bands, powers = [], []
    for part in np.split(samples.astype(np.float32), sorted(cuts)):
        at = 0
        while at < part.size:
            at += front_end.fill_hop(state, part[at:])
            if front_end.hop_is_full(state):
                out = np.zeros(filterbank.BAND_COUNT, np.float32)
                powers.append(front_end.analyse_frame(state, out))
                bands.append(out)
    return np.array(bands), np.array(powers)


@given(seed=st.integers(0, 2**32 - 1), offset=st.floats(-0.5, 0.5))
def test_bands_and_powers_agree_with_their_definition(seed: int, offset: float) -> None:
    noise = 0.1 * np.random.default_rng(seed).standard_normal(8000) + offset

    bands, powers = frames_of(noise)

    expected_bands, expected_powers = oracles.bands_and_powers(noise, filterbank.make_filter_bank())
    np.testing.assert_allclose(bands, expected_bands, atol=1e-4)
    np.testing.assert_allclose(powers, expected_powers, rtol=1e-4)


@given(cuts=st.lists(st.integers(0, 4000), max_size=12))
def test_cuts_are_invisible_to_the_bit(cuts: list[int]) -> None:
    noise = np.random.default_rng(5).standard_normal(4000)

    for ours, whole in zip(frames_of(noise, cuts), frames_of(noise), strict=True):
        np.testing.assert_array_equal(ours, whole)


def test_a_frame_is_due_every_10_ms() -> None:
    assert frames_of(np.zeros(1600))[0].shape == (10, filterbank.BAND_COUNT)


def test_a_full_scale_sine_has_power_one_half() -> None:
    sine = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000)

    assert frames_of(sine)[1][20:] == pytest.approx(0.5, rel=0.01)


def test_gain_does_not_change_the_bands_of_what_is_loud_enough() -> None:
    frequencies_hz = np.array([[220.0], [660.0], [1500.0]])
    chord = np.sin(2 * np.pi * frequencies_hz * np.arange(16_000) / 16_000).sum(axis=0)

    loud, _ = frames_of(0.3 * chord)
    quiet, _ = frames_of(0.06 * chord)

    np.testing.assert_allclose(loud[40:], quiet[40:], atol=0.01)


def test_a_first_note_out_of_silence_rises_above_what_it_settles_at() -> None:
    sine = np.sin(2 * np.pi * 440.0 * np.arange(16_000) / 16_000)
    bands, _ = frames_of(np.concatenate([np.zeros(8_000), sine]))

    loudest = bands.max(axis=1)
    assert loudest[:50].max() == 0.0
    assert loudest[52:60].max() > loudest[-20:].max() + 0.5


def test_a_constant_offset_is_silence() -> None:
    bands, powers = frames_of(np.full(32_000, 0.5))

    assert powers[-1] < 1e-9
    assert bands[-1].max() < 1e-3


def test_a_click_raises_the_activation_once_at_its_latency() -> None:
    samples = np.zeros(32_000)
    samples[16_000:16_080] = np.random.default_rng(4).standard_normal(80) * 0.5
    bands, _ = frames_of(samples)
    state, out, activations = flux.make_state(), np.zeros(2, np.float32), []
    for row in bands:
        flux.step(state, row, out)
        activations.append(float(out[0]))

    peak = int(np.argmax(activations))
    assert max(activations) == pytest.approx(1.0)
    assert abs((peak + 1) * 0.01 - flux.LATENCY_S - 1.0) < 0.021
    assert max(activations[: peak - 4]) < 0.05
    assert max(activations[peak + 6 :]) < 0.05
