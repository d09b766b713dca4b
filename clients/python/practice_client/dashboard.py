"""The live view: the metronome's face, the tempo in large, bars, needle and history.

Pure rendering: it takes results and draws itself; who shows it decides how often.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from practice.analysis.v1 import analysis_pb2 as pb
from practice.cli.words import MOOD_COLORS, clock_text, mood_word, state_words
from practice_client.digits import large_number
from practice_client.faces import WIDTH as FACE_WIDTH
from practice_client.faces import face_lines
from practice_client.gauges import bar, needle
from practice_client.tempo_chart import tempo_chart

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

WIDTH: Final = 80
HEIGHT: Final = 24
_HISTORY_WIDTH: Final = 64
_CHART_HEIGHT: Final = 4
_BEATS_SHOWN: Final = 16
_GAUGE_WIDTH: Final = 34
_FLASH_S: Final = 0.15
_IDLE_COLOR: Final = "#9E9E9E"


@dataclass(slots=True)
class Dashboard:
    """State of the live view; a rich renderable.

    Attributes
    ----------
    title
        What is being heard.
    sample_rate_hz
        Rate of the results' samples.
    target_bpm
        Wanted tempo, or None.
    duration_s
        Length of what is being heard, when known.
    now_s
        Monotonic clock.
    note
        What the person should know just now (reconnecting, paused).
    """

    title: str
    sample_rate_hz: int
    target_bpm: float | None = None
    duration_s: float | None = None
    now_s: Callable[[], float] = time.monotonic
    note: str = ""
    window: pb.WindowResult = field(default_factory=pb.WindowResult)
    event: pb.StreamEvent | None = None
    beat_count: int = 0
    _tempos_bpm: deque[float | None] = field(default_factory=lambda: deque(maxlen=_HISTORY_WIDTH))
    _beats: deque[pb.Beat] = field(default_factory=lambda: deque(maxlen=_BEATS_SHOWN))
    _flashed_s: float = float("-inf")

    def take(self, result: object) -> None:
        """Take one result of the stream."""
        match result:
            case pb.WindowResult():
                self.window = result
                self._tempos_bpm.append(result.bpm if result.HasField("bpm") else None)
            case pb.Beat() if not result.final:
                self.beat_count += 1
                self._beats.append(result)
                self._flashed_s = self.now_s()
            case pb.StreamEvent():
                self.event = result

    def __rich__(self) -> RenderableType:
        """Draw everything at 80 by 24."""
        color = self._color()
        body = Table.grid(padding=(0, 2))
        body.add_column(width=FACE_WIDTH)
        body.add_column()
        body.add_row(self._face(color), Group(*self._numbers(color)))
        return Panel(
            Group(body, Text(), *self._foot(color)),
            title=Text(f" {self.title} ", style="bold"),
            subtitle=Text(f" {self._clock()} ", style="dim"),
            border_style=color,
            width=WIDTH,
            height=HEIGHT - 1,
            padding=(0, 2),
        )

    def _color(self) -> str:
        if not self.window.HasField("mood"):
            return _IDLE_COLOR
        return self.window.mood.color or MOOD_COLORS.get(self.window.mood.expression, _IDLE_COLOR)

    def _face(self, color: str) -> Text:
        expression = self.window.mood.expression if self.window.HasField("mood") else None
        swing = self.beat_count if self._beats else None
        return Text("\n".join(face_lines(expression, swing=swing)), style=color, no_wrap=True)

    def _numbers(self, color: str) -> list[RenderableType]:
        window = self.window
        bpm = window.bpm if window.HasField("bpm") else None
        accuracy = window.accuracy if window.HasField("accuracy") else None
        steadiness = window.steadiness if window.HasField("steadiness") else None
        deviation = window.deviation_percent if window.HasField("deviation_percent") else None
        return [
            Text(large_number(bpm), style=f"bold {color}"),
            self._tempo_words(bpm),
            Text(),
            bar("accuracy", accuracy, _GAUGE_WIDTH, color),
            bar("steadiness", steadiness, _GAUGE_WIDTH, "default"),
            needle(deviation, _GAUGE_WIDTH, has_target=self.target_bpm is not None),
        ]

    def _tempo_words(self, bpm: float | None) -> Text:
        text = Text("bpm" if bpm is not None else "")
        if self.target_bpm is not None:
            text.append(f"   target {self.target_bpm:g}", style="dim")
        if self.window.HasField("metrical_ratio") and self.window.metrical_ratio != 1.0:
            text.append(f"   played at {self.window.raw_bpm:.0f}", style="dim")
        return text

    def _foot(self, color: str) -> list[RenderableType]:
        words = Text(state_words(self.window.state), style="bold")
        if self.window.HasField("mood"):
            words.append(f", {mood_word(self.window.mood.expression)}", style=color)
        if self.note:
            words.append(f"   {self.note}", style="bold yellow")
        return [
            words,
            Text(self._event_words(), style="dim", no_wrap=True, overflow="ellipsis"),
            self._beat_lights(color),
            Text(),
            *self._chart(color),
        ]

    def _chart(self, color: str) -> list[RenderableType]:
        chart = tempo_chart(list(self._tempos_bpm), _HISTORY_WIDTH, _CHART_HEIGHT)
        if chart is None:
            return [Text("the tempo will be drawn here", style="dim")]
        lines, top_bpm, bottom_bpm = chart
        edges = [f"{top_bpm:5.0f} ", *["      "] * (_CHART_HEIGHT - 2), f"{bottom_bpm:5.0f} "]
        return [
            Text.assemble((edge, "dim"), (line, color))
            for edge, line in zip(edges, lines, strict=True)
        ]

    def _event_words(self) -> str:
        if self.event is None:
            return ""
        name = pb.EventKind.Name(self.event.kind).removeprefix("EVENT_KIND_")
        words = self.event.detail or name.replace("_", " ").lower()
        return f"{clock_text(self.event.sample / self.sample_rate_hz)} {words}"

    def _beat_lights(self, color: str) -> Text:
        """Show the last beats; the newest flashes, the first of a bar is larger."""
        lights = Text("beats ", style="dim")
        flashing = self.now_s() - self._flashed_s < _FLASH_S
        for index, beat in enumerate(self._beats):
            is_newest = index == len(self._beats) - 1
            sign = "◆" if beat.beat_in_bar == 1 else "●"
            style = f"bold reverse {color}" if is_newest and flashing else color
            lights.append(f" {sign} ", style=style if is_newest else f"dim {color}")
        return lights

    def _clock(self) -> str:
        elapsed = clock_text(self.window.end_sample / self.sample_rate_hz)
        total = "" if self.duration_s is None else f" of {clock_text(self.duration_s)}"
        return f"{elapsed}{total} · Ctrl-C finishes"
