"""How well the player's timing is known: by scenario, by instrument, and beside other trackers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.accuracy.comparison import OURS, Comparison
from benchmarks.accuracy.tables import Table, number, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.clips import Clip

FIGURES: Final = ("sdMAE", "devMAE", "devr", "accE")
HEADER: Final = (
    "clips", "tracker", "n", "sdMAE", "its median", "devMAE", "devr", "accE", "its median",
)  # fmt: skip


def timing_table(comparison: Comparison) -> Table:
    """All clips for every tracker; then ours by scenario and by instrument."""
    clips = [clip for clip in comparison.clips if _has_timing(comparison, clip)]
    rows = [["all", tracker, *_cells(comparison, tracker, clips)] for tracker in comparison.answers]
    for groups in (_by(clips, "scenario"), _by(clips, "instrument")):
        for name, members in sorted(groups.items()):
            rows.append([name, OURS, *_cells(comparison, OURS, members)])
    return Table(
        "Timing of the player",
        HEADER,
        rows if clips else [],
        "sdMAE: error of the standard deviation of the player's timing, ms (trackers that do not "
        "state one are given that of their beats); devMAE, devr: median error, ms, and "
        "correlation of single deviations; accE: error of the accuracy score, points. Each is a "
        "mean over clips.",
        labels=2,
    )


def _has_timing(comparison: Comparison, clip: Clip) -> bool:
    return any(
        figure in scores.get(clip.name, {})
        for scores in comparison.scores.values()
        for figure in FIGURES
    )


def _by(clips: Sequence[Clip], by: str) -> dict[str, list[Clip]]:
    groups: dict[str, list[Clip]] = {}
    for clip in clips:
        groups.setdefault(clip.group(by), []).append(clip)
    return groups


def _cells(comparison: Comparison, tracker: str, clips: Sequence[Clip]) -> list[str]:
    def median(figure: str) -> float | None:
        values = list(comparison.column(tracker, figure, clips).values())
        return float(np.median(values)) if values else None

    def mean(figure: str) -> float | None:
        return comparison.average(tracker, figure, clips)

    return [
        str(sum(clip.name in comparison.answers[tracker] for clip in clips)),
        number(mean("sdMAE")),
        number(median("sdMAE")),
        number(mean("devMAE")),
        share(mean("devr")),
        number(mean("accE")),
        number(median("accE")),
    ]
