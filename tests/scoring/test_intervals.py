from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.config import Strictness
from analysis_engine.scoring import intervals

LENIENT, NORMAL, STRICT = Strictness.LENIENT, Strictness.NORMAL, Strictness.STRICT


def test_intervals_on_the_target_score_100() -> None:
    assert intervals.accuracy(np.full(8, 0.5), 0.5, NORMAL) == 100.0
    assert intervals.steadiness(np.full(8, 0.5), np.full(8, 0.5), NORMAL) == pytest.approx(100.0)


def test_fewer_than_four_intervals_score_nothing() -> None:
    assert intervals.accuracy(np.full(3, 0.5), 0.5, NORMAL) is None
    assert intervals.steadiness(np.full(3, 0.5), np.full(3, 0.5), NORMAL) is None
    assert intervals.steadiness(np.full(4, 0.5), np.full(4, 0.5), NORMAL) is not None


@pytest.mark.parametrize(
    ("strictness", "expected"), [(STRICT, 60.0), (NORMAL, 80.0), (LENIENT, 90.0)]
)
def test_five_per_cent_slow_costs_what_the_strictness_says(
    strictness: Strictness, expected: float
) -> None:
    # |0.525 - 0.5| / (t 0.5) = 0.05 / t, t = 0.125, 0.25, 0.5
    assert intervals.accuracy(np.full(8, 0.525), 0.5, strictness) == pytest.approx(expected)


def test_a_wrong_tempo_lowers_accuracy_but_not_steadiness() -> None:
    played = np.full(8, 0.55)

    assert intervals.accuracy(played, 0.5, NORMAL) == pytest.approx(60.0)
    assert intervals.steadiness(played, played, NORMAL) == pytest.approx(100.0)


def test_uneven_intervals_lower_both() -> None:
    played = np.array([0.525, 0.475] * 4)
    periods = np.array([0.5, 0.475] * 4)

    assert intervals.accuracy(played, 0.5, NORMAL) == pytest.approx(80.0)
    # Each interval against its own local period: 0.025 of 0.125 and nothing, in turn.
    assert intervals.steadiness(played, periods, NORMAL) == pytest.approx(90.0)


def test_one_interval_never_costs_more_than_itself() -> None:
    played = np.array([0.5] * 7 + [5.0])

    assert intervals.accuracy(played, 0.5, NORMAL) == pytest.approx(100 * 7 / 8)


@pytest.mark.parametrize(
    ("noise_ms", "expected"),
    [
        (0.0, 1.0),
        (5.0, math.sqrt(1 - 2 * 25 / 400)),
        (10.0, math.sqrt(0.5)),
        (40.0, math.sqrt(0.5)),
    ],
)
def test_the_engines_own_noise_is_taken_off_up_to_10_ms(noise_ms: float, expected: float) -> None:
    # Intervals that deviate by 20 ms (mean square 400 ms^2), two onsets of noise f each.
    shrink = intervals.noise_shrink(0.020**2, noise_ms / 1000)

    assert shrink == pytest.approx(expected)


def test_deviation_that_is_all_noise_is_no_deviation() -> None:
    played = np.array([0.505, 0.495] * 4)

    assert intervals.accuracy(played, 0.5, NORMAL, noise_s=0.005) == pytest.approx(100.0)


@given(
    st.lists(st.floats(1e-3, 10.0), min_size=4, max_size=40),
    st.floats(0.15, 3.0),
    st.sampled_from(Strictness),
    st.floats(0, 0.05),
)
def test_scores_stay_between_0_and_100(
    played: list[float], period_s: float, strictness: Strictness, noise_s: float
) -> None:
    accuracy = intervals.accuracy(np.array(played), period_s, strictness, noise_s)
    periods = np.full(len(played), period_s)
    steadiness = intervals.steadiness(np.array(played), periods, strictness, noise_s)

    assert accuracy is not None
    assert steadiness is not None
    assert 0.0 <= accuracy <= 100.0
    assert 0.0 <= steadiness <= 100.0


@pytest.mark.parametrize(("jitter_ms", "low", "high"), [(10, 91, 96), (20, 82, 88), (40, 68, 78)])
def test_jitter_costs_about_what_a_listener_would_say(
    jitter_ms: float, low: float, high: float
) -> None:
    rng = np.random.default_rng(5)
    onsets = np.arange(2000) * 0.6 + rng.normal(0, jitter_ms / 1000, 2000)

    accuracy = intervals.accuracy(np.diff(onsets), 0.6, NORMAL)

    assert accuracy is not None
    assert low < accuracy < high
