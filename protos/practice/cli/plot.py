"""The tempo curve as a picture: beats, and where the player rushed or dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from practice.cli.output_paths import PLOT_SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from matplotlib.axes import Axes

    from practice.cli.performance import Performance

    Numbers = npt.NDArray[np.float64]

# About the smallest tempo change that listeners notice in a steady pulse (2 %: Drake & Botte,
# "Tempo sensitivity in auditory sequences", Perception & Psychophysics 54, 1993).
JUST_NOTICEABLE: Final = 0.02
RUSHED_COLOR: Final = "#F44336"
DRAGGED_COLOR: Final = "#2196F3"
_CURVE_COLOR: Final = "#37474F"
_REFERENCE_COLOR: Final = "#4CAF50"


def save_plot(performance: Performance, path: Path) -> None:
    """Draw the tempo curve, and the beats' offsets when there are any.

    Parameters
    ----------
    performance
        What was said about it.
    path
        PNG or SVG, by its suffix.

    Raises
    ------
    ValueError
        When the suffix is another one.
    OSError
        When the file can't be written.
    """
    if path.suffix.lower() not in PLOT_SUFFIXES:
        raise ValueError(f"{path}: a plot is saved as .png or .svg")
    has_beats = bool(performance.beats)
    figure = Figure(figsize=(10, 5 if has_beats else 3.6), layout="constrained")
    if has_beats:
        tempo_axes, beat_axes = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        _draw_beats(beat_axes, performance)
        beat_axes.set_xlabel("seconds")
    else:
        tempo_axes = figure.subplots()
        tempo_axes.set_xlabel("seconds")
    _draw_tempo(tempo_axes, performance)
    tempo_axes.set_title(_title(performance))
    # The same results give the same file: no date, no random identifiers.
    with mpl.rc_context({"svg.hashsalt": "practice", "svg.fonttype": "none"}):
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure.savefig(path, dpi=120, metadata=metadata)


def _title(performance: Performance) -> str:
    summary = performance.summary
    if summary is None or not summary.HasField("accuracy"):
        return performance.title
    return f"{performance.title}: accuracy {summary.accuracy:.0f}"


def _draw_tempo(axes: Axes, performance: Performance) -> None:
    seconds, tempo_bpm = _curve(performance)
    reference_bpm = performance.reference_bpm
    axes.set_ylabel("bpm")
    axes.grid(visible=True, alpha=0.25)
    if reference_bpm is None:
        axes.text(0.5, 0.5, "no tempo was found", transform=axes.transAxes, ha="center")
        return
    name = "target" if performance.target_bpm is not None else "own median"
    axes.axhline(
        reference_bpm,
        color=_REFERENCE_COLOR,
        linestyle="--",
        linewidth=1,
        label=f"{name} {reference_bpm:.0f} bpm",
    )
    axes.plot(seconds, tempo_bpm, color=_CURVE_COLOR, linewidth=1.6, label="tempo", gid="tempo")
    _shade(axes, seconds, tempo_bpm, reference_bpm)
    _limit(axes, tempo_bpm, reference_bpm)
    axes.legend(loc="upper right", fontsize="small", framealpha=0.9)


def _curve(performance: Performance) -> tuple[Numbers, Numbers]:
    """Return times and tempos of the windows; NaN (no tempo) breaks the line."""
    seconds = [performance.seconds(window.end_sample) for window in performance.windows]
    tempo_bpm = [window.bpm if window.HasField("bpm") else np.nan for window in performance.windows]
    return np.asarray(seconds, dtype=np.float64), np.asarray(tempo_bpm, dtype=np.float64)


def _shade(axes: Axes, seconds: Numbers, tempo_bpm: Numbers, reference_bpm: float) -> None:
    known_bpm = np.nan_to_num(tempo_bpm, nan=reference_bpm)
    for name, color, chosen in (
        ("rushed", RUSHED_COLOR, known_bpm > reference_bpm * (1 + JUST_NOTICEABLE)),
        ("dragged", DRAGGED_COLOR, known_bpm < reference_bpm * (1 - JUST_NOTICEABLE)),
    ):
        if chosen.any():
            axes.fill_between(
                seconds,
                known_bpm,
                reference_bpm,
                where=chosen.tolist(),
                color=color,
                alpha=0.3,
                linewidth=0,
                label=name,
                gid=name,
            )


def _limit(axes: Axes, tempo_bpm: Numbers, reference_bpm: float) -> None:
    """Keep a steady performance from looking wild: at least 10 % either side."""
    known_bpm = tempo_bpm[np.isfinite(tempo_bpm)]
    low = min(known_bpm.min(initial=reference_bpm) * 0.97, reference_bpm * 0.9)
    high = max(known_bpm.max(initial=reference_bpm) * 1.03, reference_bpm * 1.1)
    axes.set_ylim(low, high)


def _draw_beats(axes: Axes, performance: Performance) -> None:
    seconds = np.array([beat.seconds for beat in performance.beats])
    offsets_ms = np.array([beat.offset_ms or 0.0 for beat in performance.beats])
    colors = np.where(offsets_ms < 0.0, RUSHED_COLOR, DRAGGED_COLOR)
    axes.vlines(seconds, 0.0, offsets_ms, colors=colors.tolist(), linewidth=1.2)
    axes.scatter(seconds, np.zeros_like(seconds), s=6, color=_CURVE_COLOR, gid="beats", zorder=3)
    largest_ms = max(30.0, float(np.abs(offsets_ms).max(initial=0.0)) * 1.1)
    axes.set_ylim(-largest_ms, largest_ms)
    axes.set_ylabel("early / late\nms", fontsize="small")
    axes.grid(visible=True, alpha=0.25)
