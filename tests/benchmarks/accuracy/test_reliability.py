import pytest

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.reliability import (
    SureWindow,
    bins_of,
    calibration_error,
    reliability_table,
    sure_windows,
)
from tests.benchmarks.accuracy.corpora import comparison_of, pulseless_clip, steady_clip


def said(confidence: float, right: int, wrong: int, clip: str = "a") -> list[SureWindow]:
    return [SureWindow(clip, confidence, index < right) for index in range(right + wrong)]


def test_of_windows_that_say_80_percent_80_percent_are_right() -> None:
    bins = bins_of(said(0.8, 8, 2))
    assert [(b.says, b.count, b.right.value) for b in bins] == [(0.8, 10, 0.8)]
    assert calibration_error(bins) == pytest.approx(0.0)


def test_bins_lie_around_tenths() -> None:
    bins = bins_of([*said(0.751, 1, 0), *said(0.849, 0, 1), *said(0.851, 1, 0), *said(1.0, 1, 0)])
    assert [(b.says, b.count) for b in bins] == [(0.8, 2), (0.9, 1), (1.0, 1)]
    assert bins[0].mean_confidence == pytest.approx(0.8)


def test_the_calibration_error_weighs_bins_by_their_windows() -> None:
    # 30 windows that say .9 and are right two times in three, 10 that say .5 and always are.
    bins = bins_of([*said(0.9, 20, 10), *said(0.5, 10, 0)])
    assert calibration_error(bins) == pytest.approx((30 * (0.9 - 2 / 3) + 10 * 0.5) / 40)
    assert calibration_error([]) is None


def test_only_judged_windows_count_and_those_without_a_pulse_are_wrong() -> None:
    windows = ((4.0, 77.0), (6.0, 120.0), (6.5, 130.0))
    answers = [
        Answer("clip", windows=windows, confidences=(0.3, 0.9, 0.4)),
        Answer("noise", windows=((1.0, 100.0),), confidences=(0.6,)),
    ]
    comparison = comparison_of([steady_clip(), pulseless_clip(name="noise")], practice=answers)
    assert sure_windows(comparison) == [
        SureWindow("clip", 0.9, True),
        SureWindow("clip", 0.4, False),
        SureWindow("noise", 0.6, False),
    ]
    rows = reliability_table(comparison).rows
    assert [row[:2] for row in rows] == [["0.4", "1"], ["0.6", "1"], ["0.9", "1"], ["all", "3"]]
    assert rows[-1][-1] == ".367"  # (.4 + .6 + .1) / 3


def test_a_tracker_that_does_not_say_how_sure_it_is_has_no_table() -> None:
    silent = comparison_of([steady_clip()], practice=[Answer("clip", windows=((6.0, 120.0),))])
    assert sure_windows(silent) == []
    assert not reliability_table(silent).rows
