"""What is to be played, in beats: notes, scores, keys and chords."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
PROGRESSIONS: Final = (
    (0, 3, 4, 0),
    (0, 5, 3, 4),
    (0, 4, 5, 3),
    (0, 0, 3, 4),
    (5, 3, 0, 4),
    (0, 1, 4, 0),
)


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a score.

    Parameters
    ----------
    beat
        Position in beats; negative in a pickup.
    length_beats
        Written length.
    pitch
        MIDI number; the General MIDI percussion key for drums.
    loudness
        0..1.
    slurred
        Whether it is joined to the note before it, without a fresh attack.
    """

    beat: float
    length_beats: float
    pitch: int
    loudness: float = 0.7
    slurred: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """Notes ordered by position, with the metre they stand in."""

    name: str
    beats_per_bar: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """What a piece of material must fit.

    Parameters
    ----------
    beat_count
        Length to fill.
    beats_per_bar
        2..6.
    period_s
        Nominal beat period: the faster the beat, the fewer notes fit into one.
    low_pitch, high_pitch
        Register of the melody as MIDI numbers.
    """

    beat_count: int
    beats_per_bar: int
    period_s: float
    low_pitch: int = 60
    high_pitch: int = 84

    @property
    def bar_count(self) -> int:
        """Bars that cover ``beat_count``."""
        return -(-self.beat_count // self.beats_per_bar)


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (0..11) and the seven degrees above it."""

    tonic: int
    degrees: tuple[int, ...]

    def pitch(self, degree: int, octave: int) -> int:
        """MIDI number of a degree (0 = tonic; may be negative or above 6)."""
        turns, step = divmod(degree, 7)
        return 12 * (octave + 1 + turns) + self.tonic + self.degrees[step]

    def chord(self, root_degree: int, octave: int) -> tuple[int, int, int]:
        """Triad on a degree."""
        return (
            self.pitch(root_degree, octave),
            self.pitch(root_degree + 2, octave),
            self.pitch(root_degree + 4, octave),
        )

    def ladder(self, low_pitch: int, high_pitch: int) -> list[int]:
        """Every pitch of the key in a register, upwards."""
        members = {(self.tonic + step) % 12 for step in self.degrees}
        return [pitch for pitch in range(low_pitch, high_pitch + 1) if pitch % 12 in members]


def draw_key(rng: np.random.Generator) -> Key:
    """Draw a key; major twice as often as minor."""
    return Key(int(rng.integers(12)), MAJOR if rng.random() < 2 / 3 else MINOR)


def draw_progression(rng: np.random.Generator) -> tuple[int, ...]:
    """Draw four root degrees, one a bar."""
    return PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))]


def ordered(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Sort notes by position, then pitch."""
    return tuple(sorted(notes, key=lambda note: (note.beat, note.pitch)))


# How many performances have metrical accents, and the sd of loudness from note to note.
_ACCENTED_SHARE: Final = 0.6
_UNEVENNESS: Final = (0.05, 0.1, 0.2, 0.3)


def accented(notes: Sequence[Note], beats_per_bar: int, rng: np.random.Generator) -> list[Note]:
    """Give notes the accents of one player: half of them play without any.

    Their strength and an unevenness of touch are drawn; at full strength a downbeat sounds clearly
    above an off-beat.
    """
    strength = 0.0 if rng.random() < 0.5 else float(rng.uniform(0.1, 0.7))
    touch = float(rng.choice([0.0, 0.05, 0.15]))
    result = []
    for note in notes:
        in_bar = note.beat % beats_per_bar
        weight = 1.0 if in_bar < 1e-6 else 0.6 if abs(in_bar - round(in_bar)) < 1e-6 else 0.25
        loudness = note.loudness * (1.0 + strength * (weight - 0.6)) * rng.normal(1.0, touch)
        result.append(replace(note, loudness=float(np.clip(loudness, 0.05, 1.0))))
    return result
