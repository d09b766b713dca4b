"""How well the next beat is predicted, for clients that flash on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.accuracy.tables import Table, number, percent
from benchmarks.accuracy.tempo_scores import SKIP_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip
    from benchmarks.accuracy.comparison import Comparison

SEEN_S: Final = 0.035
"""A flash this near to the beat is on it, for whoever looks."""


def ahead_errors_ms(clip: Clip, predicted_s: Sequence[float]) -> NDArray[np.float64]:
    """Milliseconds from each predicted beat to the true one nearest to it; positive is late.

    Left out are predictions before 5 s, beyond the last true beat, and inside a pause: nobody can
    know when the player stops, or begins again.
    """
    predicted = np.asarray(predicted_s, float)
    if not predicted.size or not clip.has_pulse:
        return np.zeros(0)
    kept = (predicted >= SKIP_S) & (predicted <= clip.beats_s[-1])
    for low_s, high_s in clip.gaps_s:
        kept &= (predicted < low_s - 0.1) | (predicted > high_s + 0.1)
    predicted = predicted[kept]
    nearest = np.abs(clip.beats_s[None, :] - predicted[:, None]).argmin(axis=1)
    return np.asarray((predicted - clip.beats_s[nearest]) * 1000)


def ahead_scores(clip: Clip, answer: Answer) -> dict[str, float]:
    """Median error in ms and share within 35 ms of what the final records predict."""
    errors_ms = np.abs(ahead_errors_ms(clip, answer.ahead_settled_s))
    if not errors_ms.size:
        return {}
    return {
        "ahead": float(np.median(errors_ms)),
        "ahead35": float(np.mean(errors_ms <= 1000 * SEEN_S)),
    }


def beat_ahead_table(comparison: Comparison, by: str = "motion") -> Table:
    """One line per group and tracker that predicts beats; by their first and by their last word."""
    rows = []
    for group, clips in comparison.groups(by).items():
        names = {clip.name for clip in clips}
        for tracker in comparison.answers:
            pairs = [pair for pair in comparison.pairs(tracker) if pair[0].name in names]
            cells = [
                *_cells((clip, answer.ahead_s) for clip, answer in pairs),
                *_cells((clip, answer.ahead_settled_s) for clip, answer in pairs),
            ]
            if cells[0] != "0":
                rows.append([group, tracker, *cells])
    return Table(
        f"The next beat, predicted, by {by}",
        ("group", "tracker", "first", "p50", "bias", "35 ms", "final", "p50", "bias", "35 ms"),
        rows,
        "How far the predicted next beat is from the true beat nearest to it, in ms (median, and "
        "median with its sign, positive is late), and the share within 35 ms: as predicted by the "
        "first record of the beat before, and by its final one, at most 250 ms later.",
        labels=2,
    )


def _cells(predicted: Iterable[tuple[Clip, Sequence[float]]]) -> list[str]:
    errors_ms = np.concatenate([np.zeros(0), *(ahead_errors_ms(c, p_s) for c, p_s in predicted)])
    if not errors_ms.size:
        return ["0", "-", "-", "-"]
    return [
        str(errors_ms.size),
        number(float(np.median(np.abs(errors_ms)))),
        number(float(np.median(errors_ms))),
        percent(float(np.mean(np.abs(errors_ms) <= 1000 * SEEN_S))),
    ]
