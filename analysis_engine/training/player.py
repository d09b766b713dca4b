"""From a score to played notes: jitter, swing, wrong, extra and missed notes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from analysis_engine.training.behaviour import Behaviour
    from analysis_engine.training.score import Note, Score
    from analysis_engine.training.timeline import Segment, Timeline

LONGEST_RING_S = 4.0


@dataclass(frozen=True, slots=True)
class PlayedNote:
    """A note as it was played, for a voice to sound."""

    onset_s: float
    length_s: float
    pitch: int
    loudness: float
    slurred: bool = False


@dataclass(frozen=True, slots=True)
class Playing:
    """Every note played, and when against when it should have been.

    Parameters
    ----------
    notes
        By onset.
    onsets_s
        (played, grid) of each group of notes that belong together, shape (groups, 2).
    extras_s
        Onsets that are in no score.
    """

    notes: tuple[PlayedNote, ...]
    onsets_s: NDArray[np.float64]
    extras_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Notes of one position, and where it lies."""

    score_beat: float
    grid_s: float
    due_s: float
    period_s: float
    notes: tuple[Note, ...]


class Player:
    """Plays scores along a timeline.

    Parameters
    ----------
    rng
        Source of chance.
    behaviour
        What this player does.
    spread_ms
        How far the notes of one chord are rolled apart (strings, hands).
    """

    def __init__(
        self, rng: np.random.Generator, behaviour: Behaviour, spread_ms: float = 0.0
    ) -> None:
        self._rng = rng
        self._behaviour = behaviour
        self._spread_s = spread_ms / 1000.0

    def play(self, score: Score, timeline: Timeline, end_s: float) -> Playing:
        """Play what lies between 0 and ``end_s``."""
        notes: list[PlayedNote] = []
        onsets: list[tuple[float, float]] = []
        extras: list[float] = []
        previous_s = -1.0
        for group in _groups(score, timeline, self._behaviour.swing_share):
            if self._behaviour.missed_share and self._rng.random() < self._behaviour.missed_share:
                continue
            played_s = max(group.grid_s + self._deviation_s(group), previous_s + 0.02)
            previous_s = played_s
            if not 0.0 <= played_s < end_s:
                continue
            onsets.append((played_s, group.grid_s))
            notes += self._chord(group, played_s)
            if self._rng.random() < self._behaviour.extra_share:
                notes.append(self._stray(group, played_s))
                extras.append(notes[-1].onset_s)
        notes.sort(key=lambda note: note.onset_s)
        return Playing(tuple(notes), np.array(onsets).reshape(-1, 2), tuple(extras))

    def _deviation_s(self, group: _Group) -> float:
        deviation_ms = float(np.clip(self._rng.normal(), -2.8, 2.8)) * self._behaviour.jitter_ms
        if group.score_beat % 1 > 1e-6:
            deviation_ms += self._behaviour.offbeat_late_ms
        # However uneven the hand, notes keep their order and a share of their length.
        limit_ms = 250.0 * group.period_s * _grid_share(group.score_beat)
        return float(np.clip(deviation_ms, -limit_ms, limit_ms)) / 1000.0

    def _chord(self, group: _Group, played_s: float) -> Iterator[PlayedNote]:
        for index, note in enumerate(group.notes):
            length_s = min(
                note.length_beats * group.period_s, group.due_s - played_s + 0.2, LONGEST_RING_S
            )
            pitch = note.pitch
            if self._rng.random() < self._behaviour.wrong_share:
                pitch += int(self._rng.choice([-2, -1, 1, 2]))
            roll_s = index * self._spread_s / max(1, len(group.notes) - 1)
            yield PlayedNote(
                played_s + roll_s, max(length_s, 0.05), pitch, note.loudness, note.slurred
            )

    def _stray(self, group: _Group, played_s: float) -> PlayedNote:
        note = group.notes[0]
        at_s = played_s + float(self._rng.uniform(0.15, 0.45)) * group.period_s
        return PlayedNote(
            at_s, 0.15, note.pitch + int(self._rng.choice([-1, 1, 2])), 0.7 * note.loudness
        )


def swung(beat: float, swing_share: float) -> float:
    """Move an off-beat eighth (and what lies inside the halves of a beat) to its swung place."""
    whole = float(np.floor(beat + 1e-9))
    part = beat - whole
    if abs(4 * part - round(4 * part)) > 1e-6:  # triplets are where they are
        return beat
    if part < 0.5:
        return whole + part * swing_share / 0.5
    return whole + swing_share + (part - 0.5) * (1.0 - swing_share) / 0.5


def _grid_share(beat: float) -> float:
    """Rough distance to the next possible position, in beats."""
    part = beat % 1
    if min(part, 1 - part) < 1e-6:
        return 1.0
    return 0.5 if abs(part - 0.5) < 1e-6 else 0.25


def _groups(score: Score, timeline: Timeline, swing_share: float) -> Iterator[_Group]:
    for index, segment in enumerate(timeline.segments):
        first = segment.first_beat + segment.score_offset
        end = segment.end_beat + segment.score_offset
        wanted = [
            n for n in score.notes if (first if index else -99.0) - 1e-6 <= n.beat < end - 1e-6
        ]
        for beat, members in groupby(wanted, key=lambda note: round(note.beat, 6)):
            yield _group(beat, tuple(members), segment, timeline, swing_share)


def _group(
    beat: float, notes: tuple[Note, ...], segment: Segment, timeline: Timeline, swing_share: float
) -> _Group:
    performed = swung(beat, swing_share) - segment.score_offset
    period_s = float(
        timeline.period_s[int(np.clip(np.floor(performed), 0, len(timeline.period_s) - 1))]
    )
    last = segment.end_beat - 1
    due_s = float(timeline.start_s[last] + timeline.period_s[last])
    return _Group(beat, timeline.time_s(performed), due_s, period_s, notes)
