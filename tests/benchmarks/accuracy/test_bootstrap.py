import numpy as np
import pytest

from benchmarks.accuracy.bootstrap import difference_interval, mean_interval, ratio_interval


def test_an_interval_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(1).normal(0.5, 0.2, 100).tolist()
    found = mean_interval(values)
    half_width = 1.96 * float(np.std(values)) / 10
    assert found.value == pytest.approx(np.mean(values))
    assert found.low == pytest.approx(found.value - half_width, abs=0.1 * half_width)
    assert found.high == pytest.approx(found.value + half_width, abs=0.1 * half_width)


def test_the_same_values_give_the_same_interval() -> None:
    assert mean_interval([0.1, 0.5, 0.9]) == mean_interval([0.1, 0.5, 0.9])


def test_what_is_hard_for_both_cancels_out() -> None:
    theirs = np.random.default_rng(2).uniform(0, 1, 40)
    ours = theirs + 0.05
    difference = difference_interval(ours.tolist(), theirs.tolist())
    assert difference.low == pytest.approx(0.05)
    assert difference.high == pytest.approx(0.05)
    assert mean_interval(ours.tolist()).low < float(np.mean(theirs))


def test_a_difference_is_ours_minus_theirs_of_the_same_clips() -> None:
    assert difference_interval([0.9, 0.8], [0.4, 0.5]).value == pytest.approx(0.4)
    with pytest.raises(ValueError, match="shorter"):
        difference_interval([0.9, 0.8], [0.4])


def test_windows_of_one_clip_move_together() -> None:
    # 100 windows: if they were independent, the interval would be about 0.2 wide.
    clustered = ratio_interval([50.0, 0.0], [50.0, 50.0])
    assert (clustered.value, clustered.low, clustered.high) == (0.5, 0.0, 1.0)


def test_a_clip_with_more_windows_weighs_more() -> None:
    assert ratio_interval([9.0, 0.0], [9.0, 1.0]).value == pytest.approx(0.9)


def test_nothing_cannot_be_resampled() -> None:
    with pytest.raises(ValueError, match="nothing"):
        mean_interval([])
    with pytest.raises(ValueError, match="nothing"):
        ratio_interval([0.0], [0.0])
