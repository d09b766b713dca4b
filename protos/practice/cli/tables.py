"""Summaries as tables for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from practice.cli.words import MOOD_COLORS, clock_text, mood_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from practice.analysis.v1 import analysis_pb2 as pb
    from practice.cli.performance import Performance

_UNKNOWN: Final = "-"
_HISTORY_LEVELS: Final = "▁▂▃▄▅▆▇█"
_SWUNG_FROM: Final = 1.15  # long to short part: less is unevenness, not swing
_SMALLEST_SPAN: Final = 0.04  # of the tempo: less would make noise look like a wave


def summary_table(performance: Performance) -> Table:
    """Return everything the summary says, one row per number."""
    table = Table(title=performance.title, show_header=False, title_justify="left")
    table.add_column("what", style="bold")
    table.add_column("value", justify="left")
    summary = performance.summary
    if summary is None:
        table.add_row("result", "the stream ended without a summary")
        return table
    for name, value in _rows(performance, summary):
        table.add_row(name, value)
    return table


def overview_table(performances: Sequence[Performance]) -> Table:
    """Return one row per performance."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("file", overflow="fold")
    for name in ("length", "bpm", "accuracy", "steadiness", "deviation", "beats"):
        table.add_column(name, justify="right")
    for performance in performances:
        summary = performance.summary
        if summary is None:
            table.add_row(performance.title)
            continue
        table.add_row(
            performance.title,
            clock_text(summary.audio_seconds),
            _number(summary, "median_bpm", "{:.1f}"),
            _number(summary, "accuracy", "{:.0f}"),
            _number(summary, "steadiness", "{:.0f}"),
            _number(summary, "deviation_percent", "{:+z.1f} %"),
            str(summary.beat_count),
        )
    return table


def tempo_history(tempos_bpm: Sequence[float | None], width: int) -> str:
    """Return the newest tempos as a line of small bars; a space where there is none."""
    shown = list(tempos_bpm)[-width:]
    known = [tempo for tempo in shown if tempo is not None]
    if not known:
        return ""
    middle = (max(known) + min(known)) / 2
    span = max(max(known) - min(known), middle * _SMALLEST_SPAN)
    top = len(_HISTORY_LEVELS) - 1
    return "".join(
        " "
        if tempo is None
        else _HISTORY_LEVELS[min(top, max(0, round(((tempo - middle) / span + 0.5) * top)))]
        for tempo in shown
    )


def _rows(performance: Performance, summary: pb.StreamSummary) -> list[tuple[str, str | Text]]:
    tempos = [window.bpm if window.HasField("bpm") else None for window in performance.windows]
    rows: list[tuple[str, str | Text]] = [
        ("length", f"{clock_text(summary.audio_seconds)} ({_active(summary)})"),
        ("tempo", _tempo(performance, summary)),
        ("held tempo", _number(summary, "held_bpm", "{:.1f} bpm for 16 beats")),
        ("accuracy", _number(summary, "accuracy", "{:.0f} of 100")),
        ("tempo accuracy", _number(summary, "tempo_accuracy", "{:.0f} of 100")),
        ("steadiness", _number(summary, "steadiness", "{:.0f} of 100")),
        ("timing", _number(summary, "timing_sd_ms", "± {:.0f} ms")),
        ("swing", _swing(summary)),
        ("drift", _number(summary, "drift_bpm_per_minute", "{:+z.1f} bpm per minute")),
        ("beats", str(summary.beat_count)),
        ("mood", _moods(summary)),
        ("tempo curve", tempo_history(tempos, 56)),
    ]
    return [(name, value) for name, value in rows if str(value) not in {"", _UNKNOWN}]


def _active(summary: pb.StreamSummary) -> str:
    return f"{summary.active_seconds:.0f} s sounding, {100 * summary.coverage:.0f} % with a pulse"


def _tempo(performance: Performance, summary: pb.StreamSummary) -> str:
    text = f"{summary.median_bpm:.1f} bpm" if summary.HasField("median_bpm") else "not found"
    if performance.target_bpm is not None:
        text += f", target {performance.target_bpm:g}"
    if summary.HasField("deviation_percent"):
        text += f" ({summary.deviation_percent:+z.1f} %)"
    return text


def _swing(summary: pb.StreamSummary) -> str:
    """Return how unevenly beats are divided, in words a player uses."""
    if not summary.HasField("swing_ratio"):
        return _UNKNOWN
    if summary.swing_ratio < _SWUNG_FROM:
        return f"straight ({summary.swing_beat_count} divided beats)"
    return f"{summary.swing_ratio:.1f} : 1 ({summary.swing_beat_count} divided beats)"


def _moods(summary: pb.StreamSummary) -> Text:
    text = Text()
    for entry in summary.mood_seconds:
        if text:
            text.append("  ")
        color = MOOD_COLORS.get(entry.expression, "default")
        text.append(f"{mood_word(entry.expression)} {entry.seconds:.0f} s", style=color)
    return text


def _number(summary: pb.StreamSummary, name: str, pattern: str) -> str:
    return pattern.format(getattr(summary, name)) if summary.HasField(name) else _UNKNOWN
