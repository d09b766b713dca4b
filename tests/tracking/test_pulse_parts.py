from __future__ import annotations

import math

import numpy as np
import pytest

from analysis_engine.config import Strictness
from analysis_engine.results import WindowState
from analysis_engine.tracking.clock import SampleClock
from analysis_engine.tracking.histogram import Histogram
from analysis_engine.tracking.lock import LockState, PulseReading
from analysis_engine.tracking.metrical_level import MetricalLevel, PlayedDivisor
from analysis_engine.tracking.regularity import PhaseMemory, Regularity
from analysis_engine.tracking.totals import DeviationTotal


@pytest.mark.parametrize(("every", "divisor"), [(1, 1), (2, 2), (3, 3), (4, 4)])
def test_the_divisor_is_how_many_beats_a_played_one_takes(every: int, divisor: int) -> None:
    played = PlayedDivisor()

    for position in range(24):
        played.update(position, played=position % every == 0)

    assert played.divisor == divisor


def test_a_few_long_notes_are_no_other_level() -> None:
    played = PlayedDivisor()

    for position in range(32):
        played.update(position, played=position % 8 < 5 or position % 2 == 0)

    assert played.divisor == 1


def test_a_level_is_left_only_for_one_that_is_clearly_nearer_three_times() -> None:
    level = MetricalLevel(dotted=False)
    assert level.update(100.0, 100.0) == 1.0

    # 145 is 0.54 octaves from 1 and 0.46 from 2: nearer, but not clearly.
    assert [level.update(145.0, 100.0) for _ in range(5)] == [1.0] * 5
    assert [level.update(190.0, 100.0) for _ in range(3)] == [1.0, 1.0, 2.0]
    level.forget()
    assert level.update(150.0, 100.0) == 2.0


def test_without_a_target_the_level_is_what_is_played() -> None:
    assert MetricalLevel(dotted=True).update(171.0, None) == 1.0


def phases(values: np.ndarray, step_s: float = 0.25) -> Regularity:
    memory = PhaseMemory()
    for index, phase in enumerate(values):
        memory.add(index * step_s, float(phase), 0.5, 0.5)
    return memory.read()


def test_regular_onsets_have_a_resultant_of_one_and_random_ones_do_not() -> None:
    rng = np.random.default_rng(14)

    even = phases(np.tile([0.0, 0.5], 40))
    swung = phases(np.tile([0.0, 2 / 3], 40))
    loose = phases(np.tile([0.0, 0.25, 0.5, 0.75], 20) + rng.normal(0, 0.02, 80))
    random = phases(rng.random(80))

    assert even.resultant == pytest.approx(1.0)
    assert swung.resultant == pytest.approx(1.0)
    assert loose.resultant > 0.8
    assert random.resultant < 0.5
    assert random.rayleigh < 5 < loose.rayleigh


def reading(sure: bool, resultant: float = 0.7) -> PulseReading:
    regularity = Regularity(resultant if sure else 0.1, 20.0)
    return PulseReading(100.0, 0.9 if sure else 0.2, 20.0 if sure else 0.0, 0.9, regularity, False)


def test_a_lock_takes_a_second_and_is_lost_at_once() -> None:
    lock = LockState()

    def states(sure: bool, count: int) -> list[WindowState]:
        return [lock.update(reading(sure), silent=False, elapsed_s=0.5) for _ in range(count)]

    assert states(False, 2) == [WindowState.WARMING] * 2
    assert states(True, 3) == [WindowState.WARMING, WindowState.LOCKED, WindowState.LOCKED]
    assert states(False, 1) == [WindowState.LOST]
    assert lock.update(reading(True), silent=True, elapsed_s=0.5) is WindowState.SILENT
    assert states(True, 1) == [WindowState.WARMING]


def test_onsets_that_agree_almost_perfectly_lock_at_once() -> None:
    state = LockState().update(reading(True, 0.95), silent=False, elapsed_s=0.5)

    assert state is WindowState.LOCKED


def test_warming_ends_after_eight_seconds_without_a_pulse() -> None:
    lock = LockState()
    states = [lock.update(reading(False), silent=False, elapsed_s=1.0) for _ in range(9)]

    assert states == [WindowState.WARMING] * 7 + [WindowState.LOST] * 2


def test_the_clock_maps_frames_and_jumps_whole_seconds() -> None:
    clock = SampleClock(22_050, 0.1)

    assert clock.heard(99) == 22_050
    assert clock.musical(99) == 22_050 - 2_205
    assert clock.musical(0) == 0
    clock.jump(7)
    assert clock.heard(99) == 8 * 22_050


def test_a_histogram_gives_quantiles_within_a_bin() -> None:
    values = np.random.default_rng(15).normal(3.0, 2.0, 4000)
    histogram = Histogram(-10.0, 0.1, 200)
    for value in [*values, 1e9, -1e9]:
        histogram.add(value)

    assert histogram.total == 4002
    for share in (0.1, 0.5, 0.9):
        assert histogram.quantile(share) == pytest.approx(np.quantile(values, share), abs=0.1)


def test_deviations_add_up_to_the_score_of_them_all() -> None:
    rng = np.random.default_rng(16)
    deviations_s = rng.normal(0, 0.04, 500)
    total = DeviationTotal()
    for deviation_s in deviations_s:
        total.add(deviation_s, 0.6, 0.0)

    wanted = 100 * (1 - np.mean(np.minimum(1, np.abs(deviations_s) / 0.15)))
    score = total.score(Strictness.NORMAL)
    assert score == pytest.approx(wanted, abs=0.3)
    assert math.isfinite(score or math.nan)
