from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis_engine.results import Expression
from analysis_engine.scoring import mood

HAPPY, NEUTRAL, ANNOYED, ANGRY = (
    Expression.HAPPY,
    Expression.NEUTRAL,
    Expression.ANNOYED,
    Expression.ANGRY,
)


@pytest.mark.parametrize(
    ("accuracy", "face"),
    [
        (100.0, HAPPY),
        (90.0, HAPPY),
        (math.nextafter(90.0, 0.0), NEUTRAL),
        (75.0, NEUTRAL),
        (math.nextafter(75.0, 0.0), ANNOYED),
        (60.0, ANNOYED),
        (math.nextafter(60.0, 0.0), ANGRY),
        (0.0, ANGRY),
    ],
)
def test_the_first_mood_is_exact(accuracy: float, face: Expression) -> None:
    assert mood.next_expression(None, accuracy) is face


@pytest.mark.parametrize(
    ("previous", "accuracy", "face"),
    [
        (HAPPY, 88.0, HAPPY),
        (HAPPY, math.nextafter(88.0, 0.0), NEUTRAL),
        (NEUTRAL, 73.0, NEUTRAL),
        (NEUTRAL, math.nextafter(73.0, 0.0), ANNOYED),
        (ANNOYED, 58.0, ANNOYED),
        (ANNOYED, math.nextafter(58.0, 0.0), ANGRY),
        # A fall past two faces is held at each threshold by its own 2 points.
        (HAPPY, 74.0, NEUTRAL),
        (HAPPY, 59.0, ANNOYED),
        (HAPPY, 10.0, ANGRY),
    ],
)
def test_a_mood_falls_two_points_below_its_threshold(
    previous: Expression, accuracy: float, face: Expression
) -> None:
    assert mood.next_expression(previous, accuracy) is face


@pytest.mark.parametrize(
    ("previous", "accuracy", "face"),
    [
        (NEUTRAL, 89.999, NEUTRAL),
        (NEUTRAL, 90.0, HAPPY),
        (ANGRY, 60.0, ANNOYED),
        (ANGRY, 59.999, ANGRY),
        (ANGRY, 95.0, HAPPY),
    ],
)
def test_a_mood_rises_at_the_threshold(
    previous: Expression, accuracy: float, face: Expression
) -> None:
    assert mood.next_expression(previous, accuracy) is face


@given(st.floats(0, 100), st.sampled_from([None, *Expression]))
def test_every_accuracy_has_a_face_at_most_two_points_away(
    accuracy: float, previous: Expression | None
) -> None:
    face = mood.next_expression(previous, accuracy)

    threshold = dict(mood.THRESHOLDS)[face]
    assert accuracy >= threshold - 2.0
    better = [t for _, t in mood.THRESHOLDS if t > threshold]
    assert all(accuracy < t for t in better)


def test_colours_and_animations_are_the_contracts() -> None:
    assert {(m.color, m.animation) for m in mood.MOODS.values()} == {
        ("#4CAF50", "bounce"),
        ("#2196F3", "pulse"),
        ("#FF9800", "shake"),
        ("#F44336", "vibrate"),
    }
