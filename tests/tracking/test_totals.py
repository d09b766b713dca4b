from __future__ import annotations

import numpy as np
import pytest

from analysis_engine.tracking.histogram import Histogram
from analysis_engine.tracking.swing_watch import SwingWatch
from analysis_engine.tracking.timing import PlacedOnset
from analysis_engine.tracking.totals import LatenessTotal, SwingTotal


def lateness(values_s: np.ndarray, noise_s: float = 0.0) -> LatenessTotal:
    total = LatenessTotal()
    for value_s in values_s:
        total.add(float(value_s), noise_s)
    return total


def test_the_spread_is_the_standard_deviation_of_normal_values() -> None:
    values_s = np.random.default_rng(1).normal(0.003, 0.02, 4000)

    assert lateness(values_s).sd_ms() == pytest.approx(20.0, rel=0.03)


def test_few_wild_values_hardly_widen_it() -> None:
    values_s = np.random.default_rng(2).normal(0.0, 0.01, 400)
    values_s[:20] = 0.15

    assert lateness(values_s).sd_ms() == pytest.approx(10.0, rel=0.25)


def test_equal_values_do_not_spread() -> None:
    histogram = Histogram(-250.0, 0.5, 1000)
    for _ in range(50):
        histogram.add(3.1)

    assert histogram.robust_sd() == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize(("noise_ms", "left_ms"), [(0.0, 20.0), (6.0, 19.1), (25.0, 17.3)])
def test_the_engines_noise_is_taken_off_in_squares_up_to_10_ms(
    noise_ms: float, left_ms: float
) -> None:
    values_s = np.random.default_rng(3).normal(0.0, 0.02, 4000)

    total = lateness(values_s, noise_ms / 1000)

    assert total.sd_ms() == pytest.approx(left_ms, rel=0.03)
    assert total.noise_ms() == pytest.approx(min(noise_ms, 10.0))


def test_below_four_onsets_nothing_is_said() -> None:
    total = lateness(np.zeros(3))

    assert total.sd_ms() is None
    assert total.noise_ms() is None


def heard_swing(share: float, jitter_s: float = 0.0, beats: int = 40) -> SwingTotal:
    """Swung eighths on a grid of 0.6 s, told beats on the beat."""
    rng = np.random.default_rng(4)
    watch, total = SwingWatch(), SwingTotal()
    for index in range(2 * beats):
        beat, second = divmod(index, 2)
        at_s = 0.6 * (beat + share * second) + float(rng.normal(0, jitter_s))
        placed = PlacedOnset(0.0, 0.6, 1, 12 * beat + 7 * second, None)
        divided = watch.add(at_s, placed, at_s - 0.6 * beat)
        if divided is not None:
            total.add(divided)
    return total


@pytest.mark.parametrize(("share", "ratio"), [(0.5, 1.0), (0.6, 1.5), (2 / 3, 2.0), (1 / 3, 2.0)])
def test_the_ratio_is_long_to_short(share: float, ratio: float) -> None:
    assert heard_swing(share).ratio() == pytest.approx(ratio, rel=0.02)
    assert heard_swing(share, 0.015).ratio() == pytest.approx(ratio, rel=0.12)


def test_every_divided_beat_counts_once() -> None:
    assert heard_swing(0.6, beats=20).divided_beats == 19


def test_few_divided_beats_have_no_ratio() -> None:
    assert heard_swing(0.6, beats=8).ratio() is None


def test_beats_with_more_than_one_onset_between_are_not_divided_in_two() -> None:
    watch = SwingWatch()
    answers = [
        watch.add(0.2 * index, PlacedOnset(0.0, 0.6, 1, 4 * index, None), 0.2 * (index % 3))
        for index in range(30)
    ]

    assert answers == [None] * 30
