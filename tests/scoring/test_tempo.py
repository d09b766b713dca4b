from __future__ import annotations

import numpy as np
import pytest

from analysis_engine.config import Strictness
from analysis_engine.scoring import tempo


@pytest.mark.parametrize(("bpm", "percent"), [(100, 0), (108, 8), (92, -8), (200, 100)])
def test_deviation_is_signed_and_in_per_cent(bpm: float, percent: float) -> None:
    assert tempo.deviation_percent(bpm, 100.0) == pytest.approx(percent)


@pytest.mark.parametrize(
    ("bpm", "strictness", "expected"),
    [
        (100.0, Strictness.NORMAL, 100.0),
        (110.0, Strictness.NORMAL, 50.0),
        (90.0, Strictness.NORMAL, 50.0),
        (120.0, Strictness.NORMAL, 0.0),
        (300.0, Strictness.NORMAL, 0.0),
        (105.0, Strictness.STRICT, 50.0),
        (110.0, Strictness.LENIENT, 75.0),
    ],
)
def test_tempo_accuracy_falls_in_a_straight_line(
    bpm: float, strictness: Strictness, expected: float
) -> None:
    assert tempo.tempo_accuracy(bpm, 100.0, strictness) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("raw_bpm", "target_bpm", "ratio"),
    [
        (48.0, 96.0, 1 / 2),
        (96.0, 96.0, 1.0),
        (190.0, 96.0, 2.0),
        (32.0, 96.0, 1 / 3),
        (25.0, 96.0, 1 / 4),
        (240.0, 80.0, 3.0),
        (240.0, 58.0, 4.0),
        (108.0, 100.0, 1.0),
        (136.0, 100.0, 1.0),
    ],
)
def test_the_ratio_brings_the_tempo_nearest_to_the_target(
    raw_bpm: float, target_bpm: float, ratio: float
) -> None:
    assert tempo.nearest_ratio(raw_bpm, target_bpm, dotted=False) == ratio


@pytest.mark.parametrize(("raw_bpm", "ratio"), [(72.0, 3 / 4), (148.0, 3 / 2), (96.0, 1.0)])
def test_dotted_levels_count_only_when_allowed(raw_bpm: float, ratio: float) -> None:
    assert tempo.nearest_ratio(raw_bpm, 96.0, dotted=True) == ratio
    assert tempo.nearest_ratio(raw_bpm, 96.0, dotted=False) in {1.0, 2.0}


def trend_of(times_s: np.ndarray, bpm: np.ndarray) -> float | None:
    trend = tempo.TempoTrend()
    for reading in zip(times_s.tolist(), bpm.tolist(), strict=True):
        trend.add(*reading)
    return trend.bpm_per_minute(float(times_s[-1] - times_s[0]))


def test_drift_is_the_slope_per_minute() -> None:
    times_s = np.arange(0, 30, 0.5)

    assert trend_of(times_s, 100 + times_s * 0.2) == pytest.approx(12.0)
    assert trend_of(times_s, 100 - times_s * 0.1) == pytest.approx(-6.0)


def test_drift_needs_20_seconds() -> None:
    assert trend_of(np.array([0.0, 10.0, 19.9]), np.array([1.0, 2, 3])) is None
    assert trend_of(np.array([0.0, 10.0, 20.0]), np.array([1.0, 2, 3])) == pytest.approx(6.0)


def test_drift_over_the_last_30_s_is_exact_after_ten_hours() -> None:
    rng = np.random.default_rng(7)
    times_s = np.arange(0, 36_000, 0.5)
    bpm = 100 + rng.normal(0, 3, times_s.size)
    trend = tempo.TempoTrend()
    for index, reading in enumerate(zip(times_s.tolist(), bpm.tolist(), strict=True)):
        trend.add(*reading)
        if index >= 60:
            trend.remove(float(times_s[index - 60]), float(bpm[index - 60]))

    expected = 60.0 * np.polyfit(times_s[-60:] - times_s[-60], bpm[-60:], 1)[0]
    assert trend.bpm_per_minute(29.5) == pytest.approx(expected, abs=1e-3)
