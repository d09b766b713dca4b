from __future__ import annotations

import numpy as np
import pytest

from analysis_engine.training.onset_noise import (
    ClipHearing,
    kind_rows,
    match,
    softness_table,
    table_source,
)


def hearing(instrument: str, delay_s: float, softness: float, strays: int = 0) -> ClipHearing:
    """Forty notes, heard 2 ms early or late in turn around a delay."""
    errors_s = delay_s + np.tile([-0.002, 0.002], 20)
    return ClipHearing(instrument, 50, 40 + strays, errors_s, softness)


def test_each_onset_is_matched_once_and_only_near() -> None:
    errors_s = match(np.array([1.0, 1.03, 2.0]), np.array([1.01, 2.2]))

    assert errors_s == pytest.approx([0.01])
    assert match(np.array([1.0]), np.zeros(0)).size == 0


def test_a_delay_that_is_always_the_same_is_no_noise() -> None:
    clip = hearing("violin", 0.012, 0.5)

    assert clip.delay_s == pytest.approx(0.012)
    assert clip.noise_s == pytest.approx(1.4826 * 0.002)


def test_kinds_are_summed_up_over_their_instruments() -> None:
    lines = list(kind_rows([hearing("piano", -0.005, 0.3), hearing("guitar", -0.007, 0.3)]))

    assert lines[1].split() == ["struck", "or", "plucked", "2", "0.80", "1.00", "-6.0", "3.0"]
    assert [line.split()[0] for line in lines[2:]] == ["piano", "guitar"]


def test_the_table_leaves_out_clips_of_strays_and_rows_of_few_clips() -> None:
    sharp = [hearing("piano", -0.005, 0.3)] * 5
    strays = [hearing("piano", 0.040, 0.3, strays=30)] * 9
    few = [hearing("flute", 0.012, 0.54)] * 4

    rows = softness_table([*sharp, *strays, *few])

    assert rows == [pytest.approx((0.3, -0.005, 1.4826 * 0.002, 5))]
    assert "(0.300, -0.0050, 0.0030)," in table_source(rows)
