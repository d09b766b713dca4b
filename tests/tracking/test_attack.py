from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from analysis_engine.tracking.attack import AttackEar, timing_of
from analysis_engine.tracking.attack_table import BY_SOFTNESS


def test_the_table_is_in_order_and_its_noise_within_what_is_ever_forgiven() -> None:
    assert all(low[0] < high[0] for low, high in pairwise(BY_SOFTNESS))
    assert all(0.0 < noise_s <= 0.010 for _, _, noise_s in BY_SOFTNESS)
    assert all(abs(delay_s) < 0.04 for _, delay_s, _ in BY_SOFTNESS)


@pytest.mark.parametrize("row", BY_SOFTNESS)
def test_rows_of_the_table_are_met(row: tuple[float, float, float]) -> None:
    timing = timing_of(row[0])

    assert (timing.delay_s, timing.noise_s) == pytest.approx(row[1:])


def test_beyond_the_table_its_ends_hold() -> None:
    assert timing_of(0.0).noise_s == BY_SOFTNESS[0][2]
    assert timing_of(1.0).delay_s == BY_SOFTNESS[-1][1]


def test_one_soft_note_among_sharp_ones_is_heard_no_later() -> None:
    ear = AttackEar()
    for _ in range(60):
        sharp = ear.hear(0.35)
    soft = ear.hear(0.9)

    assert soft.delay_s == pytest.approx(sharp.delay_s, abs=0.001)


def test_a_player_who_changes_instruments_is_heard_after_a_while() -> None:
    ear = AttackEar()
    for softness in np.repeat([0.35, 0.65], [100, 300]):
        timing = ear.hear(float(softness))

    assert timing.delay_s == pytest.approx(timing_of(0.65).delay_s, abs=0.002)
