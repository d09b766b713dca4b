"""How soon the tempo is right again after a sudden change or a pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.accuracy.tables import Table, number, percent
from benchmarks.accuracy.tempo_scores import NEVER_S, claims_of, recovery_s

if TYPE_CHECKING:
    from benchmarks.accuracy.answers import Answer
    from benchmarks.accuracy.clips import Clip
    from benchmarks.accuracy.comparison import Comparison

KINDS: Final = ("jump", "pause")


def recoveries_s(clip: Clip, answer: Answer) -> dict[str, list[float]]:
    """Seconds after each of a clip's turns, by kind; 16 where the tempo was never right again."""
    windows = [(claim.at_s, claim.bpm) for claim in claims_of(clip, answer)]
    turns = {"jump": clip.changes_s, "pause": [high_s for _, high_s in clip.gaps_s]}
    return {
        kind: [recovery_s(clip, windows, at_s) for at_s in turns_s]
        for kind, turns_s in turns.items()
    }


def all_recoveries_s(comparison: Comparison, tracker: str) -> dict[str, list[float]]:
    """Recovery times of a tracker over all clips, by kind of turn."""
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for clip, answer in comparison.pairs(tracker):
        if clip.turns_s:
            for kind, times_s in recoveries_s(clip, answer).items():
                found[kind] += times_s
    return found


def recovery_table(comparison: Comparison) -> Table:
    """One line per kind of turn and tracker."""
    by_tracker = {name: all_recoveries_s(comparison, name) for name in comparison.answers}
    rows = [
        [kind, tracker, *_cells(by_tracker[tracker][kind])]
        for kind in KINDS
        for tracker in by_tracker
        if by_tracker[tracker][kind]
    ]
    return Table(
        "Recovery",
        ("after a", "tracker", "n", "median s", "90 % s", "mean s", "never"),
        rows,
        "Seconds until the windows are right and stay so for 2 s; 16 when never. Windows in the "
        "second after a pause are not judged, so 1 s is the least there.",
        labels=2,
    )


def _cells(times_s: list[float]) -> list[str]:
    return [
        str(len(times_s)),
        number(float(np.median(times_s))),
        number(float(np.quantile(times_s, 0.9))),
        number(float(np.mean(times_s))),
        percent(float(np.mean(np.array(times_s) >= NEVER_S))),
    ]
