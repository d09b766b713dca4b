"""How good an answer is: every figure of one answer against the truth of a clip.

Everything before 5 s is left out of both sides; a tempo is right within 4 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mir_eval
import numpy as np

from benchmarks.accuracy import timing_scores
from benchmarks.accuracy.beat_ahead import ahead_scores
from benchmarks.accuracy.tempo_scores import SKIP_S, claims_of, tempo_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip

Scores = dict[str, float]


def score(clip: Clip, answer: Answer) -> Scores:
    """Score one answer; a figure that does not apply is left out.

    Returns
    -------
    dict
        ``F, Cem, CMLt, AMLt`` (0..1) of the beats as first told, ``Fset`` of the beats as told
        last; ``A1, A2, W1`` (0..1), ``oct`` (1 when the median tempo is right but for its level),
        ``err%, jit`` (per cent), ``rec`` (s), ``sdMAE, devMAE`` (ms), ``devr``, ``accE``
        (points), ``lat`` (ms after the beat), ``ahead`` (ms, of the next beat as predicted),
        ``ahead35`` (share of these within 35 ms), ``cpu%``, ``cover`` (LOCKED share of sounding
        windows), ``lockN`` (LOCKED share of windows, without a pulse).
    """
    scores: Scores = {}
    if clip.has_pulse:
        scores |= beat_scores(clip, answer.beats_s)
        if answer.settled_s:
            scores["Fset"] = beat_scores(clip, answer.settled_s)["F"]
        scores |= tempo_scores(clip, claims_of(clip, answer))
        scores |= ahead_scores(clip, answer)
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
