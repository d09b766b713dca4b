"""The angry metronome: accuracy to a face, slow to forgive and to flicker."""

from __future__ import annotations

from typing import Final

from analysis_engine.results import Expression, Mood

#: Faces with the accuracy from which they are worn, best first.
THRESHOLDS: Final = (
    (Expression.HAPPY, 90.0),
    (Expression.NEUTRAL, 75.0),
    (Expression.ANNOYED, 60.0),
    (Expression.ANGRY, 0.0),
)
#: A face is kept until the accuracy is this far below its threshold.
FALL_POINTS: Final = 2.0

MOODS: Final = {
    Expression.HAPPY: Mood(Expression.HAPPY, "#4CAF50", "bounce"),
    Expression.NEUTRAL: Mood(Expression.NEUTRAL, "#2196F3", "pulse"),
    Expression.ANNOYED: Mood(Expression.ANNOYED, "#FF9800", "shake"),
    Expression.ANGRY: Mood(Expression.ANGRY, "#F44336", "vibrate"),
}
_THRESHOLD: Final = dict(THRESHOLDS)


def expression_of(accuracy: float) -> Expression:
    """Return the face of an unrounded accuracy, without any history."""
    return next(face for face, threshold in THRESHOLDS if accuracy >= threshold)


def next_expression(previous: Expression | None, accuracy: float) -> Expression:
    """Return the face after ``previous``: it rises at a threshold and falls 2 points below it."""
    if previous is None:
        return expression_of(accuracy)
    return next(
        face
        for face, threshold in THRESHOLDS
        if accuracy >= threshold - (FALL_POINTS if threshold <= _THRESHOLD[previous] else 0.0)
    )
