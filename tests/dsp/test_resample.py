from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import firwin

from analysis_engine.dsp import resample
from analysis_engine.dsp.resample import ENGINE_RATE_HZ
from tests.oracles import signal as oracles


def resampled(samples: np.ndarray, sample_rate_hz: int, cuts: list[int]) -> np.ndarray:
    state = resample.make_resampler(sample_rate_hz)
    history = state.history.size
    parts = []
    for part in np.split(samples.astype(np.float32), cuts):
        work = np.zeros(history + part.size, np.float32)
        work[history:] = part
        out = np.zeros(resample.output_capacity(part.size, sample_rate_hz), np.float32)
        count = resample.resample(state, work, part.size, out)
        parts.append(out[:count])
    return np.concatenate(parts)


def tone(sample_rate_hz: int, frequency_hz: float, seconds: float = 0.5) -> np.ndarray:
    return np.sin(
        2 * np.pi * frequency_hz * np.arange(int(sample_rate_hz * seconds)) / sample_rate_hz
    )


@pytest.mark.parametrize("sample_rate_hz", [8000, 11025, 16000, 22050, 44100, 48000, 96000])
def test_agrees_with_scipy_in_the_band_that_is_used(sample_rate_hz: int) -> None:
    signal = tone(sample_rate_hz, 440.0) + 0.5 * tone(sample_rate_hz, 2500.0)
    divisor = int(np.gcd(ENGINE_RATE_HZ, sample_rate_hz))
    expected = oracles.resampled(signal, ENGINE_RATE_HZ // divisor, sample_rate_hz // divisor)

    ours = resampled(signal, sample_rate_hz, [])

    # Ours is late by its delay: compare against the tones themselves, shifted.
    at_s = np.arange(ours.size) / ENGINE_RATE_HZ - resample.delay_s(sample_rate_hz)
    shifted = np.sin(2 * np.pi * 440.0 * at_s) + 0.5 * np.sin(2 * np.pi * 2500.0 * at_s)
    middle = slice(400, min(ours.size, expected.size) - 400)
    np.testing.assert_allclose(ours[middle], shifted[middle], atol=0.01)
    assert np.std(ours[middle]) == pytest.approx(np.std(expected[middle]), rel=0.01)


@given(rate_hz=st.integers(8000, 96000))
def test_any_rate_gives_16_khz_and_keeps_a_tone(rate_hz: int) -> None:
    ours = resampled(tone(rate_hz, 1000.0), rate_hz, [])

    assert abs(ours.size - 8000) <= 1
    at_s = np.arange(ours.size) / ENGINE_RATE_HZ - resample.delay_s(rate_hz)
    np.testing.assert_allclose(ours[200:], np.sin(2 * np.pi * 1000.0 * at_s)[200:], atol=0.02)


@pytest.mark.parametrize("sample_rate_hz", [22050, 44100, 48000, 96000])
def test_what_would_alias_into_the_bands_is_45_db_down(sample_rate_hz: int) -> None:
    ours = resampled(tone(sample_rate_hz, 10_000.0), sample_rate_hz, [])

    assert np.abs(ours[200:]).max() < 10 ** (-45 / 20)


@given(cuts=st.lists(st.integers(0, 4410), max_size=12))
def test_cuts_are_invisible_to_the_bit(cuts: list[int]) -> None:
    signal = np.random.default_rng(1).standard_normal(4410)

    np.testing.assert_array_equal(
        resampled(signal, 44100, sorted(cuts)), resampled(signal, 44100, [])
    )


def test_the_filter_is_the_one_scipy_designs() -> None:
    bank = resample.design_phases(44_100)
    phases, taps = bank.shape
    beta = 0.1102 * (resample.ATTENUATION_DB - 8.7)
    cutoff_hz = (resample.PASS_HZ + resample.STOP_HZ) / 2
    wanted = firwin(phases * taps, cutoff_hz, window=("kaiser", beta), fs=44_100 * phases).reshape(
        taps, phases
    )

    np.testing.assert_allclose(bank.T[::-1] / phases, wanted, atol=2e-5)
