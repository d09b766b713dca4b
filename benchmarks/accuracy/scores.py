"""How good an answer is: beats, tempo and recovery against the truth of a clip.

Everything before 5 s is left out of both sides; a tempo is right within 4 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import mir_eval
import numpy as np

from benchmarks.accuracy import timing_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip

SKIP_S: Final = 5.0
TEMPO_TOLERANCE: Final = 0.04
NEVER_S: Final = 16.0
"""Recovery time of a tracker that does not recover."""
STEADY_AGAIN_S: Final = 2.0
LEVELS: Final = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)

Scores = dict[str, float]


def score(clip: Clip, answer: Answer) -> Scores:
    """Score one answer; a figure that does not apply is left out.

    Returns
    -------
    dict
        ``F, Cem, CMLt, AMLt`` (0..1) of the beats as first told, ``Fset`` of the beats as told
        last; ``A1, A2, W1`` (0..1), ``oct`` (1 when the median tempo is right but for its level),
        ``err%, jit`` (per cent), ``rec`` (s), ``sdMAE, devMAE`` (ms), ``devr``, ``accE``
        (points), ``lat`` (ms after the beat), ``cpu%``, ``cover`` (LOCKED share of sounding
        windows), ``lockN`` (LOCKED share of windows, without a pulse).
    """
    scores: Scores = {}
    if clip.has_pulse:
        scores |= beat_scores(clip, answer.beats_s)
        if answer.settled_s:
            scores["Fset"] = beat_scores(clip, answer.settled_s)["F"]
        scores |= tempo_scores(clip, answer)
        scores |= timing_scores.timing_scores(clip, answer, _trimmed(clip, answer.beats_s))
    scores |= state_scores(clip, answer)
    if answer.reported_s:
        late_s = np.array(answer.reported_s) - np.array(answer.beats_s)
        scores["lat"] = float(np.median(late_s) * 1000)
    if answer.cpu_s is not None and clip.duration_s:
        scores["cpu%"] = 100 * answer.cpu_s / clip.duration_s
    return scores


def _trimmed(clip: Clip, beats_s: Sequence[float]) -> NDArray[np.float64]:
    """Beats to be judged: inside the clip, after 5 s, not inside a pause."""
    beats = np.sort(np.asarray(beats_s, float))
    beats = beats[(beats >= SKIP_S) & (beats <= clip.duration_s)]
    for low_s, high_s in clip.gaps_s:
        # What is claimed inside a pause is neither right nor wrong.
        beats = beats[(beats < low_s + 0.1) | (beats > high_s - 0.1)]
    return beats


def beat_scores(clip: Clip, beats_s: Sequence[float]) -> Scores:
    """F-measure within 70 ms, Cemgil, continuity at the right and at any allowed level."""
    truth = mir_eval.beat.trim_beats(clip.beats_s, SKIP_S)
    beats = _trimmed(clip, beats_s)
    if len(beats) < 2 or len(truth) < 2:
        return {"F": 0.0, "Cem": 0.0, "CMLt": 0.0, "AMLt": 0.0}
    _, cmlt, _, amlt = mir_eval.beat.continuity(truth, beats)
    return {
        "F": float(mir_eval.beat.f_measure(truth, beats)),
        "Cem": float(mir_eval.beat.cemgil(truth, beats)[0]),
        "CMLt": float(cmlt),
        "AMLt": float(amlt),
    }


def true_tempo_bpm(clip: Clip, at_s: float, back_s: float = 4.0) -> float:
    """Tempo of the beats that started in the last ``back_s``: 60 over their mean length."""
    starts_s, bpm = clip.tempo.T
    recent = (starts_s <= at_s) & (starts_s > at_s - back_s)
    if recent.any():
        return float(60.0 / np.mean(60.0 / bpm[recent]))
    return float(bpm[max(0, int(np.searchsorted(starts_s, at_s, side="right")) - 1)])


def derived_windows(answer: Answer, duration_s: float) -> list[tuple[float, float]]:
    """Tempo each second out of the beats alone: 60 over the median beat of the last 6 s."""
    beats = np.asarray(answer.beats_s, float)
    told_s = np.asarray(answer.reported_s or answer.beats_s, float)
    windows = []
    for at_s in np.arange(1.0, duration_s + 1e-6):
        recent = np.sort(beats[(told_s <= at_s) & (beats > at_s - 6.0)])
        if len(recent) >= 3:
            windows.append((float(at_s), float(60.0 / np.median(np.diff(recent)))))
    return windows


def tempo_scores(clip: Clip, answer: Answer) -> Scores:
    """Score the windows that claim a tempo, or those derived from beats where there are none."""
    windows = [
        (at_s, bpm)
        for at_s, bpm in answer.windows or derived_windows(answer, clip.duration_s)
        if at_s > SKIP_S and not any(low_s < at_s < high_s + 1 for low_s, high_s in clip.gaps_s)
    ]
    if not windows:
        return {"A1": 0.0, "A2": 0.0, "W1": 0.0, "oct": 0.0, "err%": 100.0}
    said = np.array([bpm for _, bpm in windows])
    truth = np.array([true_tempo_bpm(clip, at_s) for at_s, _ in windows])
    ratio = float(np.median(said) / np.median(truth))
    at_level = [abs(ratio / level - 1) <= TEMPO_TOLERANCE for level in LEVELS]
    error = np.abs(said / truth - 1)
    scores = {
        "A1": float(at_level[0]),
        "A2": float(any(at_level)),
        "oct": float(any(at_level) and not at_level[0]),
        "W1": float(np.mean(error <= TEMPO_TOLERANCE)),
        "err%": float(np.median(error) * 100),
    }
    if len(said) > 1:
        scores["jit"] = float(np.median(np.abs(np.diff(said)) / said[:-1]) * 100)
    turns_s = [*clip.changes_s, *(high_s for _, high_s in clip.gaps_s)]
    if turns_s:
        scores["rec"] = float(np.mean([recovery_s(clip, windows, at_s) for at_s in turns_s]))
    return scores


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


def state_scores(clip: Clip, answer: Answer) -> Scores:
    """Share of LOCKED windows: of the sounding ones, or of all where there is no pulse."""
    if not answer.window_states:
        return {}
    states = [state for _, state in answer.window_states]
    locked = states.count("locked")
    if not clip.has_pulse:
        return {"lockN": locked / len(states)}
    sounding = len(states) - states.count("silent")
    return {"cover": locked / sounding} if sounding else {}
