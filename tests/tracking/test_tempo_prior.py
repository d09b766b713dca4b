"""Without a target: what practice and the student's own history make likely, and never forced."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.config import ExpectedTempo
from analysis_engine.tracking.tempo_prior import (
    PRACTICE_FIRST_BPM,
    PRACTICE_LOG_DENSITY,
    PRACTICE_STEPS_PER_OCTAVE,
    log_weights,
    practice_log_density,
)
from tests.tracking import sounds

GRID_BPM = np.geomspace(30.0, 240.0, 181)


def tempi(most: int = 8) -> st.SearchStrategy[list[ExpectedTempo]]:
    one = st.builds(
        ExpectedTempo, st.floats(20.0, 400.0), st.floats(1e-3, 1_000.0), st.floats(0.02, 2.0)
    )
    return st.lists(one, max_size=most)


def plain_log_weights(own: list[ExpectedTempo]) -> list[float]:
    """The mixture as it is written down, tempo by tempo."""
    densities = []
    for bpm in GRID_BPM:
        density = math.exp(practice_log_density(np.array([bpm]))[0])
        for tempo in own:
            x = math.log2(bpm / tempo.bpm) / tempo.spread_octaves
            normal = math.exp(-0.5 * x * x) / (tempo.spread_octaves * math.sqrt(2.0 * math.pi))
            density += tempo.weight * normal
        densities.append(density)
    return [max(math.log(density / max(densities)), -8.0) for density in densities]


@given(tempi())
def test_weights_are_the_mixture_of_practice_and_the_students_own(own: list[ExpectedTempo]) -> None:
    np.testing.assert_allclose(log_weights(GRID_BPM, own), plain_log_weights(own), atol=1e-9)


@given(tempi())
def test_no_tempo_is_ever_ruled_out(own: list[ExpectedTempo]) -> None:
    weights = log_weights(GRID_BPM, own)
    assert weights.max() == 0.0
    assert weights.min() >= -8.0


def test_the_practice_density_is_one_over_its_range() -> None:
    octaves = np.linspace(0.0, 3.0, 30_001)
    density = np.exp(practice_log_density(30.0 * 2.0**octaves))
    assert np.trapezoid(density, octaves) == pytest.approx(1.0, abs=1e-3)


def test_practice_is_read_off_its_table() -> None:
    nodes_bpm = PRACTICE_FIRST_BPM * 2.0 ** (
        np.arange(len(PRACTICE_LOG_DENSITY)) / PRACTICE_STEPS_PER_OCTAVE
    )
    assert nodes_bpm[-1] == pytest.approx(240.0)
    np.testing.assert_allclose(log_weights(nodes_bpm), PRACTICE_LOG_DENSITY, atol=1e-9)


def test_more_sessions_are_surer_than_one() -> None:
    at = np.array([60.0, 120.0])
    gaps = [
        float(np.diff(log_weights(at, [ExpectedTempo(120.0, weight)]))[0])
        for weight in (0.1, 1.0, 5.0)
    ]
    assert gaps == sorted(gaps)
    assert gaps[0] > float(np.diff(log_weights(at))[0])


@pytest.mark.parametrize(
    ("tempo", "field"),
    [
        ({"bpm": 19.9}, "bpm"),
        ({"bpm": math.nan}, "bpm"),
        ({"bpm": 90.0, "weight": 0.0}, "weight"),
        ({"bpm": 90.0, "weight": math.inf}, "weight"),
        ({"bpm": 90.0, "weight": math.nan}, "weight"),
        ({"bpm": 90.0, "spread_octaves": 0.0}, "spread_octaves"),
        ({"bpm": 90.0, "spread_octaves": math.nan}, "spread_octaves"),
    ],
)
def test_a_tempo_outside_its_range_is_named(tempo: dict[str, float], field: str) -> None:
    with pytest.raises(ValueError, match=f"tempo_prior.{field}"):
        ExpectedTempo(**tempo)


def test_a_stream_takes_eight_tempi_at_most() -> None:
    with pytest.raises(ValueError, match="tempo_prior"):
        sounds.config(tempo_prior=(ExpectedTempo(90.0),) * 9)


def heard_bpm(bpm: float, own: ExpectedTempo) -> float:
    outputs = sounds.track(sounds.steady(bpm, 20.0), sounds.config(tempo_prior=(own,)))
    return sounds.median_bpm(sounds.locked(outputs, after_s=8.0))


@pytest.mark.parametrize("said_bpm", [90.0, 100.0, 160.0])
def test_whoever_plays_another_tempo_than_before_is_told_the_truth(said_bpm: float) -> None:
    assert heard_bpm(112.0, ExpectedTempo(said_bpm, 3.0)) == pytest.approx(112.0, rel=0.01)


@pytest.mark.parametrize("level", [0.5, 1.0])
def test_even_notes_are_read_at_the_level_that_the_student_is_used_to(level: float) -> None:
    own = ExpectedTempo(104.0 * level, 3.0)
    assert heard_bpm(112.0, own) == pytest.approx(112.0 * level, rel=0.01)


def test_a_target_silences_the_prior() -> None:
    own = (ExpectedTempo(56.0, 1_000.0, 0.05),)
    clip = sounds.steady(112.0, 12.0)
    alone = sounds.track(clip, sounds.config(112.0))
    assert sounds.track(clip, sounds.config(112.0, tempo_prior=own)) == alone
