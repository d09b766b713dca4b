"""When each beat falls: tempo, drift, jumps, rubato, pauses and restarts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from analysis_engine.training.behaviour import Behaviour

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Segment:
    """Performed beats that run through the score without a break.

    Parameters
    ----------
    first_beat, end_beat
        Performed beats [first, end), counted over the whole performance.
    score_offset
        Score beat minus performed beat; negative after something was repeated.
    """

    first_beat: int
    end_beat: int
    score_offset: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where performed beats lie in time.

    Parameters
    ----------
    start_s
        Time of each performed beat, shape (beats,).
    period_s
        Length of each, shape (beats,); before a pause the next beat starts later than that.
    segments
        Unbroken stretches, in order.
    gaps_s
        (when the next beat was due, when it came) of each pause.
    changes_s
        Times of sudden tempo changes.
    """

    start_s: Floats
    period_s: Floats
    segments: tuple[Segment, ...]
    gaps_s: tuple[tuple[float, float], ...]
    changes_s: tuple[float, ...]

    def time_s(self, beat: float) -> float:
        """Time of a position; positions before the first beat run on at its tempo."""
        index = int(np.clip(np.floor(beat + 1e-9), 0, len(self.start_s) - 1))
        return float(self.start_s[index] + (beat - index) * self.period_s[index])


def draw_timeline(
    rng: np.random.Generator, behaviour: Behaviour, start_s: float, end_s: float, beats_per_bar: int
) -> Timeline:
    """Lay beats from ``start_s`` (negative: the clip starts mid-piece) past ``end_s``.

    Parameters
    ----------
    rng
        Source of chance.
    behaviour
        How the tempo moves.
    start_s, end_s
        First beat, and the time up to which beats are wanted.
    beats_per_bar
        Restarts and phrase ends respect bars.
    """
    pace = _Pace(rng, behaviour, beats_per_bar, end_s)
    times: list[float] = []
    periods: list[float] = []
    gaps: list[tuple[float, float]] = []
    changes: list[float] = []
    segments: list[Segment] = []
    at_s, first, offset = start_s, 0, 0
    pauses_s = pace.pause_times_s(max(start_s, 0.0))
    while at_s < end_s:
        period, changed = pace.next_period_s(at_s, len(times) + offset)
        if changed:
            changes.append(at_s)
        times.append(at_s)
        periods.append(period)
        at_s += period
        if pauses_s and at_s >= pauses_s[0]:
            pauses_s.pop(0)
            resumed_s = at_s + pace.pause_length_s()
            gaps.append((at_s, resumed_s))
            segments.append(Segment(first, len(times), offset))
            offset -= pace.beats_back(len(times) + offset)
            first, at_s = len(times), resumed_s
    segments.append(Segment(first, len(times), offset))
    return Timeline(
        np.array(times), np.array(periods), tuple(segments), tuple(gaps), tuple(changes)
    )


class _Pace:
    """The tempo of a player, beat by beat."""

    def __init__(
        self, rng: np.random.Generator, behaviour: Behaviour, beats_per_bar: int, end_s: float
    ) -> None:
        self._rng = rng
        self._behaviour = behaviour
        self._beats_per_bar = beats_per_bar
        self._end_s = end_s
        self._walk = 0.0
        self._jumped = False
        self._jump_s = end_s * float(rng.uniform(0.38, 0.55))
        self._phrase_bars = int(rng.choice([2, 4, 4, 8]))

    def next_period_s(self, at_s: float, score_beat: int) -> tuple[float, bool]:
        """Period of the beat that starts at ``at_s``, and whether the tempo has just jumped."""
        behaviour = self._behaviour
        changed = behaviour.jump_ratio != 1.0 and not self._jumped and at_s >= self._jump_s
        self._jumped |= changed
        tempo = behaviour.bpm * (behaviour.jump_ratio if self._jumped else 1.0)
        tempo *= 1.0 + behaviour.drift_per_30s * max(at_s, 0.0) / 30.0
        self._walk = 0.92 * self._walk + behaviour.walk_share * 0.4 * float(self._rng.normal())
        tempo *= 1.0 + float(
            np.clip(self._walk, -3 * behaviour.walk_share, 3 * behaviour.walk_share)
        )
        tempo *= 1.0 - self._rubato(score_beat)
        return 60.0 / tempo, changed

    def _rubato(self, score_beat: int) -> float:
        """Slow-down of the last two beats of a phrase."""
        phrase = self._phrase_bars * self._beats_per_bar
        left = phrase - score_beat % phrase
        return self._behaviour.rubato_share * {1: 1.0, 2: 0.5}.get(left, 0.0)

    def pause_times_s(self, start_s: float) -> list[float]:
        """Draw times after which the player stops, spread over the clip."""
        count = self._behaviour.pause_count
        span_s = self._end_s - start_s
        return [
            start_s + span_s * (k + float(self._rng.uniform(0.8, 1.1))) / (count + 1)
            for k in range(count)
        ]

    def pause_length_s(self) -> float:
        """How long the player stops."""
        return float(self._rng.uniform(2.3, 5.0))

    def beats_back(self, score_beat: int) -> int:
        """How far back the player starts again: nowhere, two beats, or to a bar."""
        choices = (0, score_beat % self._beats_per_bar, self._beats_per_bar, 2)
        return min(score_beat, int(self._rng.choice(choices)))
