"""The live view: the metronome's face, the tempo in large, bars, needle and history.

Pure rendering: it takes results and draws itself; who shows it decides how often.
"""

from __future__ import annotations

import math
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
from practice_client import faces
from practice_client.beat_clock import BeatSchedule
from practice_client.digits import large_number
from practice_client.gauges import LABEL_WIDTH, VALUE_WIDTH, bar, needle
from practice_client.tempo_chart import TempoChart, tempo_chart

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

#: The smallest terminal that it fits into.
WIDTH: Final = 80
HEIGHT: Final = 24
# On a larger one it grows to this: beyond, the eye has too far to go.
_MOST_WIDTH: Final = 120
_MOST_HEIGHT: Final = 34
_BORDER_WIDTH: Final = 6
_COLUMN_GAP: Final = 3
# Lines of the panel that are not the chart's: its border, the face, and what stands between.
_OTHER_LINES: Final = 18
_AXIS_WIDTH: Final = 6
_HISTORY: Final = _MOST_WIDTH
_BEATS_SHOWN: Final = 32
_BEAT_WIDTH: Final = 3
_FLASH_S: Final = 0.15
# The pendulum stops when the beat has stayed away for this many beats.
_SWINGS_ON: Final = 3.0
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
    schedule
        When beats are shown; with the stream's clock they flash when they are due, not when word
        of them comes.
    """

    title: str
    sample_rate_hz: int
    target_bpm: float | None = None
    duration_s: float | None = None
    now_s: Callable[[], float] = time.monotonic
    note: str = ""
    window: pb.WindowResult = field(default_factory=pb.WindowResult)
    event: pb.StreamEvent | None = None
    schedule: BeatSchedule = field(default_factory=BeatSchedule)
    _tempos_bpm: deque[float | None] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    _colors: deque[str] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    _beats: deque[pb.Beat] = field(default_factory=lambda: deque(maxlen=_BEATS_SHOWN))

    def take(self, result: object) -> None:
        """Take one result of the stream."""
        self.schedule.take(result, self.now_s())
        match result:
            case pb.WindowResult():
                self.window = result
                self._tempos_bpm.append(result.bpm if result.HasField("bpm") else None)
                self._colors.append(self._color())
            case pb.Beat() if not result.final:
                self._beats.append(result)
            case pb.StreamEvent():
                self.event = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw everything: at 80 by 24, or as large as the terminal lets it be."""
        self.schedule.advance(self.now_s())
        width = max(WIDTH, min(options.max_width, _MOST_WIDTH))
        # One line less than the terminal has, for the line that a shell prints below.
        height = max(HEIGHT, min(options.max_height, _MOST_HEIGHT)) - 1
        color = self._color()
        inner = width - _BORDER_WIDTH
        body = Table.grid(padding=(0, _COLUMN_GAP, 0, 0))
        body.add_column(width=faces.WIDTH)
        body.add_column()
        numbers = self._numbers(color, inner - faces.WIDTH - _COLUMN_GAP)
        body.add_row(self._face(color), Group(*numbers))
        yield Panel(
            Group(body, *self._foot(color, inner, height - _OTHER_LINES)),
            title=Text(f" {self.title} ", style="bold"),
            subtitle=Text(f" {self._clock()} ", style="dim"),
            border_style=color,
            width=width,
            height=height,
            padding=(0, 2),
        )

    def _color(self) -> str:
        if not self.window.HasField("mood"):
            return _IDLE_COLOR
        return self.window.mood.color or MOOD_COLORS.get(self.window.mood.expression, _IDLE_COLOR)

    def _face(self, color: str) -> Text:
        expression = self.window.mood.expression if self.window.HasField("mood") else None
        lines = faces.face_lines(expression, swing=self._swing())
        return Text("\n".join(lines), style=color, no_wrap=True)

    def _swing(self) -> float | None:
        """Return where the pendulum is: at one side with a beat, at the other with the next."""
        if not self._beats or not self.window.HasField("raw_bpm"):
            return None
        beats_ago = (self.now_s() - self.schedule.shown_s) * self.window.raw_bpm / 60.0
        if beats_ago > _SWINGS_ON:
            return None
        side = 1.0 if self.schedule.count % 2 else -1.0
        return side * math.cos(math.pi * min(beats_ago, 1.0))

    def _numbers(self, color: str, width: int) -> list[RenderableType]:
        window = self.window
        accuracy = window.accuracy if window.HasField("accuracy") else None
        steadiness = window.steadiness if window.HasField("steadiness") else None
        deviation = window.deviation_percent if window.HasField("deviation_percent") else None
        gauge_width = width - LABEL_WIDTH - VALUE_WIDTH
        return [
            self._state(color),
            Text(self.note, style="bold yellow", no_wrap=True, overflow="ellipsis"),
            self._tempo(color),
            Text(),
            bar("accuracy", accuracy, gauge_width, color),
            bar("steadiness", steadiness, gauge_width, "default"),
            needle(deviation, gauge_width, has_target=self.target_bpm is not None, color=color),
        ]

    def _state(self, color: str) -> Text:
        text = Text(state_words(self.window.state), style="bold")
        if self.window.HasField("mood"):
            word = mood_word(self.window.mood.expression)
            text.append("  ").append(f" {word} ", style=f"bold #000000 on {color}")
        return text

    def _tempo(self, color: str) -> RenderableType:
        """Return the tempo in large, and beside it what it is to be compared with."""
        bpm = self.window.bpm if self.window.HasField("bpm") else None
        beside = Text("\n\n", style="dim")
        if self.window.HasField("metrical_ratio") and self.window.metrical_ratio != 1.0:
            beside.append(f"played at {self.window.raw_bpm:.0f}")
        beside.append("\n")
        if self.target_bpm is not None:
            beside.append(f"target {self.target_bpm:g}")
        beside.append("\n")
        if bpm is not None:
            beside.append("bpm", style=f"not dim bold {color}")
        row = Table.grid(padding=(0, _COLUMN_GAP, 0, 0))
        row.add_row(Text(large_number(bpm), style=f"bold {color}", no_wrap=True), beside)
        return row

    def _foot(self, color: str, width: int, chart_height: int) -> list[RenderableType]:
        return [
            Text(),
            self._beat_lights(color, (width - _AXIS_WIDTH) // _BEAT_WIDTH),
            Text(),
            *self._chart(width - _AXIS_WIDTH, chart_height),
            Text(),
            Text(self._event_words(), style="dim", no_wrap=True, overflow="ellipsis"),
        ]

    def _chart(self, width: int, height: int) -> list[RenderableType]:
        chart = tempo_chart(list(self._tempos_bpm), width, height, self.target_bpm)
        if chart is None:
            words = Text(f"{'':{_AXIS_WIDTH}}the tempo will be drawn here", style="dim")
            return [words, *[Text()] * (height - 1)]
        colors = list(self._colors)[-width:]
        return [self._chart_line(chart, row, colors, width) for row in range(height)]

    def _chart_line(self, chart: TempoChart, row: int, colors: list[str], width: int) -> Text:
        """Return a line of the chart: its edge, and every tempo in the colour of its mood."""
        is_target = row == chart.target_line
        edges = {0: chart.top_bpm, len(chart.lines) - 1: chart.bottom_bpm}
        edge_bpm = self.target_bpm if is_target else edges.get(row)
        edge = "" if edge_bpm is None else f"{edge_bpm:.0f}"
        line = Text(f"{edge:>{_AXIS_WIDTH - 1}} ", style="dim", no_wrap=True)
        cells = chart.lines[row].ljust(width)
        for index, cell in enumerate(cells):
            if cell == " " and is_target:
                line.append("╌")
            else:
                line.append(cell, style=f"not dim {colors[index]}" if cell != " " else "")
        return line

    def _event_words(self) -> str:
        if self.event is None:
            return ""
        name = pb.EventKind.Name(self.event.kind).removeprefix("EVENT_KIND_")
        words = self.event.detail or name.replace("_", " ").lower()
        return f"{clock_text(self.event.sample / self.sample_rate_hz)} {words}"

    def _beat_lights(self, color: str, count: int) -> Text:
        """Show the last beats; the newest flashes, the first of a bar is a diamond."""
        lights = Text("beats ", style="dim", no_wrap=True)
        flashing = self.now_s() - self.schedule.shown_s < _FLASH_S
        beats = list(self._beats)
        if beats and self.schedule.shown_index > beats[-1].beat_index:
            # Due, and word of it still on its way: its place in the bar is not known yet.
            beats.append(pb.Beat(beat_index=self.schedule.shown_index))
        shown = beats[-count:]
        for index, beat in enumerate(shown):
            is_newest = index == len(shown) - 1
            sign = "◆" if beat.beat_in_bar == 1 else "●"
            style = f"not dim bold reverse {color}" if flashing else f"not dim bold {color}"
            lights.append(f" {sign} ", style=style if is_newest else color)
        return lights

    def _clock(self) -> str:
        elapsed = clock_text(self.window.end_sample / self.sample_rate_hz)
        total = "" if self.duration_s is None else f" of {clock_text(self.duration_s)}"
        return f"{elapsed}{total} · Ctrl-C finishes"
