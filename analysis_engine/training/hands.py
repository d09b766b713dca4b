"""What the hands of `analysis_engine.training.keyboard` do: basses, melodies, accompaniments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis_engine.training.rhythm import THIRD, RhythmGrammar
from analysis_engine.training.score import Brief, Note

if TYPE_CHECKING:
    from analysis_engine.training.harmony import Harmony


@dataclass(frozen=True, slots=True)
class Frame:
    """What the sections of a piece share.

    ``per_beat`` is how many notes a figure has in a beat; ``rng`` the source of chance.
    """

    rng: np.random.Generator
    brief: Brief
    harmony: Harmony
    per_beat: int

    @property
    def beats_per_bar(self) -> int:
        """Length of a bar."""
        return self.brief.beats_per_bar

    @property
    def treble(self) -> int:
        """Middle of the upper register, as a MIDI number."""
        return (self.brief.low_pitch + self.brief.high_pitch) // 2

    @property
    def bass_octave(self) -> int:
        """Octave of the lowest notes."""
        return max(1, self.brief.low_pitch // 12 - 3)


Bar = Callable[[int], list[Note]]
"""Notes of the bar that begins at a beat."""


def bass(frame: Frame, higher: int = 0) -> Bar:
    """Draw what the other hand does: a pattern of lengths in each bar, or nothing."""
    rng, beats = frame.rng, frame.beats_per_bar
    patterns: list[tuple[float, ...]] = [
        (float(beats),),
        (1.0,) * beats,
        (0.5,) * (2 * beats),
        (1.0, -float(beats - 1)),
        (1.5, 0.5) * (beats // 2) + (1.0,) * (beats % 2),
        (-0.5, 0.5) * beats,
        (1.0, -1.0) * (beats // 2) + (1.0,) * (beats % 2),
        (-float(beats),),
        (0.75, 0.25) * beats,
        (0.5, -0.5) * beats,
    ]
    pattern = patterns[int(rng.integers(len(patterns)))]
    thick = rng.random() < 0.35
    walks = rng.random() < 0.3
    loudness = float(rng.uniform(0.4, 0.75))

    def bar(start: int) -> list[Note]:
        notes, beat = [], float(start)
        for length in pattern:
            if length > 0:
                pitch = frame.harmony.bass(beat, frame.bass_octave) + higher
                pitch += int(rng.choice([0, 4, 7, 12])) if walks and beat > start else 0
                if walks:
                    pitch = frame.harmony.nearest(beat, pitch)
                notes.append(Note(beat, 0.95 * length, pitch, loudness))
                if thick:
                    notes += [
                        Note(beat, 0.95 * length, p + higher, 0.8 * loudness)
                        for p in frame.harmony.chord(beat, frame.bass_octave + 1)
                    ]
            beat += abs(length)
        return notes

    return bar


def line(frame: Frame, register: int, loudness: float) -> Bar:
    """Draw a melody: rhythms from the grammar, some notes ornamented."""
    rng = frame.rng
    compound = frame.per_beat % 3 == 0
    period_s = frame.brief.period_s
    grammar = RhythmGrammar(rng, frame.beats_per_bar, period_s, compound=compound)
    motifs = [grammar.bar() for _ in range(int(rng.integers(1, 4)))]
    ornaments = float(rng.choice([0.0, 0.0, 0.1, 0.3]))
    scale = frame.harmony.key.ladder(register - 12, register + 12)
    place = len(scale) // 2

    def bar(start: int) -> list[Note]:
        nonlocal place
        notes = []
        for slot in motifs[int(rng.integers(len(motifs)))]:
            beat = start + slot.position_beats
            place += int(rng.choice([-4, -2, -1, -1, -1, 0, 0, 1, 1, 1, 2, 4]))
            place = int(np.clip(place, 0, len(scale) - 1))
            pitch = scale[place]
            if slot.position_beats % 1 < 1e-6 and rng.random() < 0.7:
                pitch = frame.harmony.nearest(beat, pitch)
            note = Note(beat, slot.length_beats, pitch, loudness, bool(rng.random() < 0.3))
            plain = rng.random() >= ornaments or slot.length_beats * period_s < 0.3
            notes += [note] if plain else _ornamented(note, period_s, rng)
        return notes

    return bar


def _ornamented(note: Note, period_s: float, rng: np.random.Generator) -> list[Note]:
    """Play a note as a trill, or with a short one before its second half, or doubled."""
    kind = rng.random()
    if kind < 0.5:
        count = max(2, int(note.length_beats * period_s / rng.uniform(0.08, 0.12)))
        step = note.length_beats / count
        return [
            Note(note.beat + i * step, step, note.pitch + 2 * (i % 2), 0.8 * note.loudness)
            for i in range(count)
        ]
    split = float(rng.choice([0.5, 0.75, 0.25])) * note.length_beats
    second = Note(note.beat + split, note.length_beats - split, note.pitch - 1, note.loudness)
    return [Note(note.beat, split, note.pitch, note.loudness), second]


def alberti(frame: Frame) -> Bar:
    """Broken chords in close position."""
    orders = {3: ((0, 1, 2), (0, 2, 1)), 6: ((0, 1, 2, 1, 2, 1), (0, 2, 1, 2, 1, 2))}
    usual = ((0, 2, 1, 2), (0, 1, 2, 1), (0, 1, 2, 3), (0, 3, 2, 1))
    options = orders.get(frame.per_beat, usual)
    order = options[int(frame.rng.integers(len(options)))]

    def bar(start: int) -> list[Note]:
        notes = []
        for index in range(frame.beats_per_bar * frame.per_beat):
            beat = start + index / frame.per_beat
            chord = (*frame.harmony.chord(beat, frame.bass_octave + 1), 0)
            step = order[index % len(order)]
            pitch = chord[0] + 12 if step == 3 else chord[step]
            notes.append(Note(beat, 1 / frame.per_beat, pitch, 0.45))
        return notes

    return bar


def after_beats(frame: Frame) -> Bar:
    """Chords after the beat, with or without a bass on it."""
    rng = frame.rng
    has_bass = rng.random() < 0.7
    by_third = frame.per_beat % 3 == 0
    offsets = (THIRD, 2 * THIRD) if by_third else ((0.5,), (0.25, 0.5, 0.75))[rng.integers(2)]

    def bar(start: int) -> list[Note]:
        notes = []
        for beat in range(start, start + frame.beats_per_bar):
            if has_bass:
                notes.append(Note(beat, 0.5, frame.harmony.bass(beat, frame.bass_octave), 0.6))
            for offset in offsets:
                notes += [
                    Note(beat + offset, 0.25, pitch, 0.45)
                    for pitch in frame.harmony.chord(beat, frame.bass_octave + 1)
                ]
        return notes

    return bar


def drumming(frame: Frame) -> Bar:
    """Chords, octaves or a single bass note, repeated in even values."""
    rng = frame.rng
    per_beat = min(frame.per_beat, int(rng.choice([1, 2, 2, 3])))
    broken_octaves = rng.random() < 0.3

    def bar(start: int) -> list[Note]:
        notes = []
        for index in range(frame.beats_per_bar * per_beat):
            beat = start + index / per_beat
            low = frame.harmony.bass(beat, frame.bass_octave)
            chord = frame.harmony.chord(beat, frame.bass_octave + 1)
            pitches = (low + 12 * (index % 2),) if broken_octaves else chord
            notes += [Note(beat, 0.8 / per_beat, pitch, 0.5) for pitch in pitches]
        return notes

    return bar
