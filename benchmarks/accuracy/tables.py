"""Scores as tables for a person to read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.accuracy.clips import Clip
    from benchmarks.accuracy.scores import Scores

COLUMNS: Final = (
    "F", "Fset", "CMLt", "AMLt", "A1", "A2", "oct", "W1", "err%", "jit", "rec",
    "sdMAE", "devMAE", "devr", "accE", "lat", "cover", "lockN", "cpu%",
)  # fmt: skip
SHARES: Final = frozenset(("F", "Fset", "CMLt", "AMLt", "A1", "A2", "oct", "W1", "devr", "cover"))
MEDIANS: Final = frozenset(("err%", "jit", "lat"))
"""Averaged over a group by the median, where single clips can be far out."""

LEGEND: Final = """\
F beats as first told, +-70 ms; Fset as told last; CMLt AMLt continuity; A1 median tempo right,
A2 also at another level, oct only at another level; W1 windows right within 4 %; err% jit of
windows; rec s to recover from a jump or pause; sdMAE devMAE devr accE timing and accuracy against
the truth (ms, ms, r, points); lat ms from beat to its telling; cover LOCKED share of sounding
windows; lockN LOCKED share without a pulse; cpu% of one core."""


def grouped(
    clips: Sequence[Clip], scores: Mapping[str, Scores], by: str
) -> dict[str, list[Scores]]:
    """Collect the scores of clips by their group."""
    groups: dict[str, list[Scores]] = defaultdict(list)
    for clip in clips:
        if clip.name in scores:
            groups[clip.group(by)].append(scores[clip.name])
    return dict(groups)


def averages(group: Iterable[Scores]) -> Scores:
    """Mean of each figure over the clips that have it (the median of `MEDIANS`)."""
    values: dict[str, list[float]] = defaultdict(list)
    for scores in group:
        for name, value in scores.items():
            if np.isfinite(value):
                values[name].append(value)
    return {
        name: float(np.median(column) if name in MEDIANS else np.mean(column))
        for name, column in values.items()
    }


def table(clips: Sequence[Clip], by_tracker: Mapping[str, Mapping[str, Scores]], by: str) -> str:
    """One line per group and tracker; columns that nobody has are left out."""
    rows = [
        (group, name, len(members), averages(members))
        for name, scores in by_tracker.items()
        for group, members in grouped(clips, scores, by).items()
    ]
    order = {name: index for index, name in enumerate(by_tracker)}
    rows.sort(key=lambda row: (row[0], order[row[1]]))
    columns = [column for column in COLUMNS if any(column in row[3] for row in rows)]
    lines = [
        "  ".join(("group".ljust(14), "tracker".ljust(20), "  n", *(f"{c:>6}" for c in columns)))
    ]
    for group, name, count, figures in rows:
        cells = [_cell(column, figures.get(column)) for column in columns]
        lines.append("  ".join((group[:14].ljust(14), name[:20].ljust(20), f"{count:3d}", *cells)))
    return "\n".join(lines)


def _cell(column: str, value: float | None) -> str:
    if value is None:
        return "     -"
    return f"{value:6.3f}" if column in SHARES or column in {"lockN", "cpu%"} else f"{value:6.1f}"
