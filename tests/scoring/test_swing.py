from __future__ import annotations

import math

import pytest

from analysis_engine.scoring import swing


@pytest.mark.parametrize(("share", "ratio"), [(0.5, 1.0), (0.6, 1.5), (2 / 3, 2.0), (0.4, 2 / 3)])
def test_the_ratio_of_a_beat_is_first_to_second_part(share: float, ratio: float) -> None:
    said = swing.log_ratio(10.0, 10.0 + 0.8 * share, 10.8)

    assert said == pytest.approx(math.log(ratio))


@pytest.mark.parametrize("share", [0.1, 0.25, 0.75, 0.9])
def test_an_onset_near_either_beat_does_not_divide_it(share: float) -> None:
    assert swing.log_ratio(0.0, share, 1.0) is None


def test_which_part_is_long_does_not_count() -> None:
    assert swing.ratio(math.log(2), 8) == pytest.approx(2.0)
    assert swing.ratio(math.log(0.5), 8) == pytest.approx(2.0)
    assert swing.ratio(math.log(2), 7) is None
