"""Harmony that moves: a chord for every beat, by progressions, sequences and cadences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.training.score import draw_key

if TYPE_CHECKING:
    from analysis_engine.training.score import Key

# Where a root (0 = tonic) likes to go next; a step that is not here goes home.
_NEXT: Final[dict[int, tuple[int, ...]]] = {
    0: (3, 4, 4, 5, 1, 2, 0),
    1: (4, 4, 6, 3),
    2: (5, 3),
    3: (4, 4, 1, 0),
    4: (0, 0, 0, 5, 4),
    5: (3, 1, 4, 2),
    6: (0, 2),
}
_FIFTH_DOWN: Final = 3
_SEQUENCE_SHARE: Final = 0.25
# Chords a bar: how quickly harmony moves in a piece.
_PACES: Final = (0.5, 1.0, 1.0, 1.0, 2.0, 2.0, 4.0)
_CADENCE_BARS: Final = 4


class Harmony:
    """A key and the chord root of every beat.

    Parameters
    ----------
    rng
        Source of chance for key, pace and chords.
    beats_per_bar
        Length of a bar.
    bar_count
        Bars to cover, at least 1.
    """

    def __init__(self, rng: np.random.Generator, beats_per_bar: int, bar_count: int) -> None:
        self.key: Key = draw_key(rng)
        self.beats_per_chord = max(1, round(beats_per_bar / float(rng.choice(_PACES))))
        beat_count = beats_per_bar * bar_count
        self._roots: list[int] = []
        in_sequence = False
        root = 0
        for beat in range(0, beat_count, self.beats_per_chord):
            bar, in_bar = divmod(beat, beats_per_bar)
            if in_bar == 0:
                in_sequence = rng.random() < _SEQUENCE_SHARE
            if bar % _CADENCE_BARS == 0 and in_bar == 0:
                root = 0
            elif in_sequence:
                root = (root + _FIFTH_DOWN) % 7
            else:
                root = int(rng.choice(_NEXT[root]))
            self._roots += [root] * self.beats_per_chord

    def root(self, beat: float) -> int:
        """Root degree (0..6) of the chord that sounds at a beat."""
        return self._roots[min(int(beat + 1e-6), len(self._roots) - 1)]

    def chord(self, beat: float, octave: int) -> tuple[int, int, int]:
        """Triad at a beat, as MIDI numbers."""
        return self.key.chord(self.root(beat), octave)

    def bass(self, beat: float, octave: int) -> int:
        """Root at a beat, as a MIDI number."""
        return self.key.pitch(self.root(beat), octave)

    def ladder(self, beat: float, low_pitch: int, high_pitch: int) -> list[int]:
        """Every chord note in a register, upwards; never empty for an octave or more."""
        members = {pitch % 12 for pitch in self.chord(beat, 4)}
        return [pitch for pitch in range(low_pitch, high_pitch + 1) if pitch % 12 in members]

    def nearest(self, beat: float, pitch: int) -> int:
        """Chord note nearest to a pitch, the lower of two."""
        ladder = np.array(self.ladder(beat, pitch - 7, pitch + 7))
        return int(ladder[np.argmin(np.abs(ladder - pitch))])
