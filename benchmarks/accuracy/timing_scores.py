"""How well a tracker knows the player's timing: deviation, single onsets, accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.accuracy.tempo_scores import SKIP_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip

MATCH_S: Final = 0.06
ON_BEAT_S: Final = 2e-3
EXACT_PARTS: Final = ("b", "x")
"""Parts whose truth holds every onset and the grid below it."""


def timing_scores(clip: Clip, answer: Answer, beats_s: NDArray[np.float64]) -> dict[str, float]:
    """Score timing where the truth is exact; ``beats_s`` are the answer's beats to be judged."""
    if clip.part not in EXACT_PARTS or clip.timing_sd_ms is None or not len(clip.onsets_s):
        return {}
    scores: dict[str, float] = {}
    said_ms = answer.timing_sd_ms
    said_ms = deviation_of_beats_ms(beats_s) if said_ms is None else said_ms
    if said_ms is not None:
        scores["sdMAE"] = abs(said_ms - clip.timing_sd_ms)
    scores |= _onset_scores(clip, answer)
    true_accuracy = accuracy_of_truth(clip)
    if answer.accuracy is not None and true_accuracy is not None:
        scores["accE"] = abs(answer.accuracy - true_accuracy)
    return scores


def _onset_scores(clip: Clip, answer: Answer) -> dict[str, float]:
    """Median error and correlation of single deviations, matched to the nearest played onset."""
    said, true = [], []
    played_s = clip.onsets_s[:, 0]
    for at_s, deviation_ms in answer.deviations:
        nearest = int(np.argmin(np.abs(played_s - at_s)))
        if at_s > SKIP_S and abs(played_s[nearest] - at_s) <= MATCH_S:
            said.append(deviation_ms)
            true.append(float(clip.onsets_s[nearest, 0] - clip.onsets_s[nearest, 1]) * 1000)
    if len(said) <= 5:
        return {}
    scores = {"devMAE": float(np.median(np.abs(np.array(said) - np.array(true))))}
    if np.std(true) > 3 and np.std(said) > 0:
        scores["devr"] = float(np.corrcoef(said, true)[0, 1])
    return scores


def deviation_of_beats_ms(beats_s: NDArray[np.float64]) -> float | None:
    """Deviation that beats alone show: residuals to a straight line through nine beats.

    Stretches with a pause or a lost beat are left out; 1.06 makes up for the line's two degrees
    of freedom. None below four residuals.
    """
    residuals_s = []
    around = np.arange(-4, 5)
    for middle in range(4, len(beats_s) - 4):
        stretch = beats_s[middle - 4 : middle + 5]
        steps_s = np.diff(stretch)
        usual_s = np.median(steps_s)
        if 0.65 * usual_s <= steps_s.min() and steps_s.max() <= 1.35 * usual_s:
            residuals_s.append(stretch[4] - np.polyfit(around, stretch, 1)[1])
    return float(np.std(residuals_s) * 1000 * 1.06) if len(residuals_s) > 3 else None


def accuracy_of_truth(clip: Clip) -> float | None:
    """Accuracy, by the contract (NORMAL), of what was really played, 0..100.

    100 (1 - mean min(1, |IOI - T| / (T/4))) over neighbouring beats that were both played, none
    across a pause, T = 60 / target. None below eight intervals.
    """
    if clip.target_bpm is None:
        return None
    period_s = 60.0 / clip.target_bpm
    resumed_s = np.array([high_s for _, high_s in clip.gaps_s])
    played = _played_beats(clip)
    errors = [
        min(1.0, abs(played[index + 1] - at_s - period_s) / (period_s / 4))
        for index, at_s in played.items()
        if index + 1 in played and not (np.abs(clip.beats_s[index + 1] - resumed_s) < 0.02).any()
    ]
    return 100 * (1 - float(np.mean(errors))) if len(errors) >= 8 else None


def _played_beats(clip: Clip) -> dict[int, float]:
    """Index of each beat on which a note lies after 5 s, and when it was played."""
    played = {}
    for index, beat_s in enumerate(clip.beats_s):
        nearest = int(np.argmin(np.abs(clip.onsets_s[:, 1] - beat_s)))
        at_s, grid_s = clip.onsets_s[nearest]
        if abs(grid_s - beat_s) < ON_BEAT_S and at_s > SKIP_S:
            played[index] = float(at_s)
    return played
