from __future__ import annotations

import numpy as np
import pytest

from analysis_engine.tracking.phase_memory import PhaseMemory, hear, make_phase_memory

PERIOD_S = 0.6
#: Log likelihood ratio of a beat that says nothing, that speaks for one, and against.
NEUTRAL, BEAT, NO_BEAT = 1.0, 3.0, -1.0


def tell(
    memory: PhaseMemory, onsets_s: np.ndarray, ratios: np.ndarray | float, period_s: float
) -> np.ndarray:
    """Probability of each onset's place, shape (onsets, 2): its own, and the likeliest."""
    ratio = np.broadcast_to(ratios, onsets_s.shape)
    return np.array(
        [
            hear(memory, at, period_s, value, False)
            for at, value in zip(onsets_s, ratio, strict=True)
        ]
    )


def eighths(count: int, start_s: float = 1.0) -> np.ndarray:
    return start_s + PERIOD_S / 2 * np.arange(count)


def test_the_first_note_is_a_beat_and_stays_one_when_nothing_speaks_for_either() -> None:
    jitter_s = np.random.default_rng(1).normal(0.0, 0.01, 80)
    told = tell(make_phase_memory(), eighths(80) + jitter_s, NEUTRAL, PERIOD_S)

    placed = told[:, 1] > 0.0
    assert placed.mean() > 0.95
    on, off = told[::2, 0][placed[::2]], told[1::2, 0][placed[1::2]]
    assert on.min() > 0.75
    assert off.max() < 0.15


def test_enough_evidence_makes_the_other_half_the_beat() -> None:
    ratios = np.where(np.arange(80) % 2, BEAT, NO_BEAT)
    told = tell(make_phase_memory(), eighths(80), ratios, PERIOD_S)

    assert told[0, 0] > 0.5
    assert told[21::2, 0].min() > 0.9
    assert told[20::2, 0].max() < 0.1


def test_a_beat_of_long_standing_is_given_up_as_soon() -> None:
    memory = make_phase_memory()
    at_s = eighths(400)
    tell(memory, at_s[:320], np.where(np.arange(320) % 2, NO_BEAT, BEAT), PERIOD_S)
    told = tell(memory, at_s[320:], np.where(np.arange(80) % 2, BEAT, NO_BEAT), PERIOD_S)

    assert told[41::2, 0].min() > 0.9


def test_after_a_rest_the_first_note_is_the_beat_again() -> None:
    memory = make_phase_memory()
    tell(memory, eighths(40), NEUTRAL, PERIOD_S)
    again_s = eighths(40, start_s=20.17)
    first = hear(memory, again_s[0], PERIOD_S, NEUTRAL, True)
    told = tell(memory, again_s[1:], NEUTRAL, PERIOD_S)

    assert first[0] > 0.75
    assert told[1::2, 0].min() > 0.75
    assert told[::2, 0].max() < 0.15


def test_a_wandering_tempo_does_not_lose_the_place() -> None:
    periods_s = PERIOD_S * (1.0 + 0.12 * np.sin(np.arange(120) / 25.0))
    onsets_s = 1.0 + np.concatenate([[0.0], np.cumsum(np.repeat(periods_s / 2, 2))[:-1]])
    memory = make_phase_memory()
    told = np.array(
        [
            hear(memory, at, period_s, NEUTRAL, False)
            for at, period_s in zip(onsets_s, np.repeat(periods_s, 2), strict=True)
        ]
    )

    assert np.mean(told[::2, 0] > 0.75) > 0.95
    assert np.mean(told[1::2, 0] < 0.15) > 0.95


@pytest.mark.parametrize("late_beats", [0.21, 0.4])
def test_a_stray_note_has_no_place(late_beats: float) -> None:
    memory = make_phase_memory()
    onsets_s = eighths(60)
    tell(memory, onsets_s, NEUTRAL, PERIOD_S)
    stray_s = onsets_s[-1] + late_beats * PERIOD_S

    here, likeliest = hear(memory, stray_s, PERIOD_S, NEUTRAL, False)

    assert here < 0.15
    assert likeliest == 0.0 or likeliest > 0.75
