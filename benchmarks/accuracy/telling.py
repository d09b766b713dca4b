"""When beats are told: against where they were told to be, and against the true beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.accuracy.tables import Table, number, percent
from benchmarks.accuracy.tempo_scores import SKIP_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip
    from benchmarks.accuracy.comparison import Comparison

HIT_S: Final = 0.07
"""A told beat this near to a true one is that beat, as for F."""


def lateness_ms(clip: Clip, answer: Answer) -> NDArray[np.float64]:
    """Milliseconds from each beat after 5 s, where it was told to be, to its telling."""
    beats, told_s = np.array(answer.beats_s), np.array(answer.reported_s)
    if not told_s.size or not clip.has_pulse:
        return np.zeros(0)
    return np.asarray((told_s - beats)[beats >= SKIP_S] * 1000)


def all_lateness_ms(comparison: Comparison, tracker: str) -> NDArray[np.float64]:
    """`lateness_ms` over all of a tracker's clips."""
    each = (lateness_ms(clip, answer) for clip, answer in comparison.pairs(tracker))
    return np.concatenate([np.zeros(0), *each])


def lateness_of_hits_ms(clip: Clip, answer: Answer) -> NDArray[np.float64]:
    """Milliseconds from the true beat to the telling, of those beats that hit one."""
    if not answer.reported_s or not clip.has_pulse:
        return np.zeros(0)
    found = []
    for beat_s, told_s in zip(answer.beats_s, answer.reported_s, strict=True):
        true_s = clip.beats_s[int(np.argmin(np.abs(clip.beats_s - beat_s)))]
        if beat_s >= SKIP_S and abs(true_s - beat_s) <= HIT_S:
            found.append((told_s - true_s) * 1000)
    return np.array(found)


def telling_table(comparison: Comparison) -> Table:
    """One line per tracker that says when it told its beats."""
    rows = []
    for tracker in comparison.answers:
        pairs = comparison.pairs(tracker)
        late_ms = np.concatenate(
            [np.zeros(0), *(lateness_ms(clip, answer) for clip, answer in pairs)]
        )
        if late_ms.size:
            hits = [lateness_of_hits_ms(clip, answer) for clip, answer in pairs]
            rows.append([tracker, *_cells(late_ms, np.concatenate(hits))])
    return Table(
        "When beats are told",
        ("tracker", "beats", "p50", "p90", "max", "ahead", "hits", "true p50", "true p90"),
        rows,
        "Milliseconds from a beat, where it was told to be, to its first telling (negative: ahead "
        "of it), and the share that was told ahead or on the spot; then the same from the true "
        "beat, for beats within 70 ms of one.",
    )


def _cells(late_ms: NDArray[np.float64], hits_ms: NDArray[np.float64]) -> list[str]:
    quantiles = np.quantile(late_ms, [0.5, 0.9, 1.0])
    of_hits = np.quantile(hits_ms, [0.5, 0.9]) if hits_ms.size else [None, None]
    return [
        str(late_ms.size),
        *(number(float(value)) for value in quantiles),
        percent(float(np.mean(late_ms <= 0))),
        str(hits_ms.size),
        *(number(value if value is None else float(value)) for value in of_hits),
    ]
