"""Tempo and recovery against the truth of a clip: what is claimed, and whether it is right."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip

SKIP_S: Final = 5.0
TEMPO_TOLERANCE: Final = 0.04
NEVER_S: Final = 16.0
"""Recovery time of a tracker that does not recover."""
STEADY_AGAIN_S: Final = 2.0
LEVELS: Final = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)
"""Tempi, as multiples of the true one, that are only another metrical level."""


@dataclass(frozen=True, slots=True)
class TempoClaim:
    """One window that claims a tempo, and the tempo that was true.

    Parameters
    ----------
    at_s
        End of the window.
    bpm, true_bpm
        What was claimed; the mean tempo of the beats of the last 4 s.
    confidence
        How sure the tracker was, 0..1; None where it does not say.
    """

    at_s: float
    bpm: float
    true_bpm: float
    confidence: float | None = None

    @property
    def right(self) -> bool:
        """Whether the tempo is within 4 % of the truth."""
        return abs(self.bpm / self.true_bpm - 1) <= TEMPO_TOLERANCE

    @property
    def at_wrong_level(self) -> bool:
        """Whether two, three times, half or a third of it would have been right."""
        return level_of(self.bpm / self.true_bpm) not in {None, 1.0}


def level_of(ratio: float) -> float | None:
    """Return the member of `LEVELS` that a tempo ratio is within 4 % of, None where none is."""
    near = (level for level in LEVELS if abs(ratio / level - 1) <= TEMPO_TOLERANCE)
    return next(near, None)


def claims_of(clip: Clip, answer: Answer) -> list[TempoClaim]:
    """Take the windows that are judged: after 5 s, not inside a pause nor in the second after it.

    Where an answer holds beats alone, its windows are derived from them.
    """
    windows = answer.windows or derived_windows(answer, clip.duration_s)
    return [
        TempoClaim(at_s, bpm, true_tempo_bpm(clip, at_s), confidence)
        for (at_s, bpm), confidence in zip_longest(windows, answer.confidences)
        if at_s > SKIP_S and not any(low_s < at_s < high_s + 1 for low_s, high_s in clip.gaps_s)
    ]


def true_tempo_bpm(clip: Clip, at_s: float, back_s: float = 4.0) -> float:
    """Tempo of the beats that started in the last ``back_s``: 60 over their mean length."""
    starts_s, bpm = clip.tempo.T
    recent = (starts_s <= at_s) & (starts_s > at_s - back_s)
    if recent.any():
        return float(60.0 / np.mean(60.0 / bpm[recent]))
    return float(bpm[max(0, int(np.searchsorted(starts_s, at_s, side="right")) - 1)])


def derived_windows(answer: Answer, duration_s: float) -> list[tuple[float, float]]:
    """Tempo each second out of the beats alone: 60 over the median beat of the last 6 s."""
    beats = np.sort(np.asarray(answer.beats_s, float))
    beats = beats[(beats >= 0) & (beats <= duration_s)]
    known = len(answer.reported_s) == len(beats)
    told_s = np.asarray(answer.reported_s, float) if known else beats
    windows = []
    for at_s in np.arange(1.0, duration_s + 1e-6):
        recent = beats[(told_s <= at_s) & (beats > at_s - 6.0)]
        if len(recent) >= 3:
            windows.append((float(at_s), float(60.0 / np.median(np.diff(recent)))))
    return windows


def tempo_scores(clip: Clip, claims: Sequence[TempoClaim]) -> dict[str, float]:
    """Score the tempi that an answer claims, from `claims_of`."""
    if not claims:
        return {"A1": 0.0, "A2": 0.0, "W1": 0.0, "oct": 0.0, "err%": 100.0}
    said = np.array([claim.bpm for claim in claims])
    level = median_level(claims)
    error = np.abs(said / np.array([claim.true_bpm for claim in claims]) - 1)
    scores = {
        "A1": float(level == 1.0),
        "A2": float(level is not None),
        "oct": float(level not in {None, 1.0}),
        "W1": float(np.mean(error <= TEMPO_TOLERANCE)),
        "err%": float(np.median(error) * 100),
    }
    if len(said) > 1:
        scores["jit"] = float(np.median(np.abs(np.diff(said)) / said[:-1]) * 100)
    if clip.turns_s:
        windows = [(claim.at_s, claim.bpm) for claim in claims]
        scores["rec"] = float(np.mean([recovery_s(clip, windows, at_s) for at_s in clip.turns_s]))
    return scores


def median_level(claims: Sequence[TempoClaim]) -> float | None:
    """Return the level at which a clip's median tempo is right, None where at none."""
    said_bpm = np.median([claim.bpm for claim in claims])
    return level_of(float(said_bpm / np.median([claim.true_bpm for claim in claims])))


def recovery_s(clip: Clip, windows: Sequence[tuple[float, float]], change_s: float) -> float:
    """Seconds from a change until the windows are right and stay so for 2 s; 16 when never."""
    later = [
        (at_s, abs(bpm / true_tempo_bpm(clip, at_s, 1.5) - 1) <= TEMPO_TOLERANCE)
        for at_s, bpm in windows
        if at_s >= change_s
    ]
    for index, (at_s, _) in enumerate(later):
        span = [right for t, right in later[index:] if t <= at_s + STEADY_AGAIN_S]
        if all(span):
            return min(at_s - change_s, NEVER_S)
    return NEVER_S
