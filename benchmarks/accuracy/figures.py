"""Pictures of the tables: reliability, recovery, and F beside the other trackers."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.accuracy.bootstrap import mean_interval
from benchmarks.accuracy.comparison import OURS
from benchmarks.accuracy.recovery import all_recoveries_s
from benchmarks.accuracy.reliability import bins_of, sure_windows
from benchmarks.accuracy.tempo_scores import NEVER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from benchmarks.accuracy.comparison import Comparison

OUR_COLOR: Final = "#2E7D32"
OTHER_COLORS: Final = ("#90A4AE", "#5C6BC0", "#FFB300", "#8D6E63", "#BA68C8", "#455A64")


def save_figures(comparisons: Sequence[Comparison], folder: Path, prefix: str) -> list[Path]:
    """Draw all figures as SVG, one panel per mode; the same answers give the same files."""
    drawings: dict[str, Callable[[Axes, Comparison, Mapping[str, str]], None]] = {
        "reliability": _draw_reliability,
        "recovery": _draw_recovery,
        "beats": _draw_beats,
    }
    colors = _colors(comparisons)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, draw in drawings.items():
        figure = Figure(figsize=(5.5 * len(comparisons), 4), layout="constrained")
        panels = figure.subplots(1, len(comparisons), squeeze=False)[0]
        for axes, comparison in zip(panels, comparisons, strict=True):
            axes.set_title(comparison.mode)
            axes.grid(visible=True, alpha=0.25)
            draw(axes, comparison, colors)
            if axes.get_legend_handles_labels()[0]:
                axes.legend(fontsize="small", ncols=2)
        paths.append(folder / f"{prefix}-{name}.svg")
        with mpl.rc_context({"svg.hashsalt": "practice", "svg.fonttype": "none"}):
            figure.savefig(paths[-1], metadata={"Date": None})
    return paths


def _colors(comparisons: Sequence[Comparison]) -> dict[str, str]:
    """Colour of every tracker; the same one whether it was told the target or not."""
    trackers = [tracker for comparison in comparisons for tracker in comparison.answers]
    others = list(dict.fromkeys(t.removesuffix("_hint") for t in trackers if t != OURS))
    of_others = dict(zip(others, cycle(OTHER_COLORS), strict=False))
    return {t: of_others.get(t.removesuffix("_hint"), OUR_COLOR) for t in trackers}


def _draw_reliability(axes: Axes, comparison: Comparison, colors: Mapping[str, str]) -> None:
    bins = bins_of(sure_windows(comparison))
    axes.plot([0, 1], [0, 1], color="black", linewidth=0.8, linestyle=":")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="confidence", ylabel="share within 4 %")
    if not bins:
        return
    says = np.array([each.mean_confidence for each in bins])
    right = [each.right for each in bins]
    color = colors[OURS]
    axes.vlines(says, [r.low for r in right], [r.high for r in right], color=color, alpha=0.5)
    axes.plot(says, [r.value for r in right], color=color)
    counts = np.array([each.count for each in bins])
    axes.scatter(says, [r.value for r in right], 10 + 150 * counts / counts.sum(), color)


def _draw_recovery(axes: Axes, comparison: Comparison, colors: Mapping[str, str]) -> None:
    for tracker in comparison.answers:
        recoveries = all_recoveries_s(comparison, tracker)
        times_s = np.sort([time_s for kind in recoveries.values() for time_s in kind])
        if times_s.size:
            done = np.arange(1, times_s.size + 1) / times_s.size
            back = times_s < NEVER_S
            reached = done[back][-1] if back.any() else 0.0
            x = np.concatenate([[0.0], times_s[back], [NEVER_S]])
            y = np.concatenate([[0.0], done[back], [reached]])
            axes.step(x, y, where="post", label=tracker, color=colors[tracker])
    axes.set(xlim=(0, NEVER_S), ylim=(0, 1.02), xlabel="seconds after a jump or pause")
    axes.set_ylabel("share recovered")


def _draw_beats(axes: Axes, comparison: Comparison, colors: Mapping[str, str]) -> None:
    groups = comparison.groups("motion")
    width = 0.8 / max(1, len(comparison.answers))
    for index, tracker in enumerate(comparison.answers):
        for at, clips in enumerate(groups.values()):
            values = list(comparison.column(tracker, "F", clips).values())
            if values:
                found = mean_interval(values)
                x = at + (index + 0.5) * width - 0.4
                axes.bar(
                    x, found.value, width, color=colors[tracker], label=None if at else tracker
                )
                axes.vlines(x, found.low, found.high, color="black", linewidth=0.8)
    axes.set_xticks(range(len(groups)), list(groups))
    axes.set(ylim=(0, 1.3), yticks=np.linspace(0, 1, 6), ylabel="F")
