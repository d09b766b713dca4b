"""Keyboard pieces as the classics wrote them: few textures, each for some bars, and returns.

A section is drawn once and keeps its figure while the harmony moves on under it. Where the beat
lies, is told by what tells it in scores too: harmony and bass change on it, figures begin on it,
long notes and coincidences fall on it, and at times by nothing at all.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from analysis_engine.training import hands
from analysis_engine.training.hands import Bar, Frame
from analysis_engine.training.harmony import Harmony
from analysis_engine.training.rhythm import SHORTEST_NOTE_S
from analysis_engine.training.score import Brief, Note, Score, accented, ordered


def _draw_per_beat(rng: np.random.Generator, period_s: float) -> int:
    choices = [n for n in (2, 2, 3, 4, 4, 4, 6) if period_s / n >= SHORTEST_NOTE_S]
    return int(rng.choice(choices)) if choices else 1


def figure(frame: Frame) -> Bar:
    """Draw a figure in even notes over one or more beats, for one hand, and a bass for the other.

    Its first note may be left to the bass.
    """
    rng = frame.rng
    span = int(rng.choice([s for s in (1, 1, 2, 2, 4) if s <= frame.beats_per_bar]))
    count = frame.per_beat * span
    kind = rng.random()
    if kind < 0.4:  # chord notes in some order
        steps = rng.integers(0, 5, count)
    elif kind < 0.7:  # up or down, or there and back
        there = np.arange(count) if rng.random() < 0.5 else -np.arange(count)
        steps = there if rng.random() < 0.5 else np.minimum(there, there[::-1])
    else:  # one note kept, the other moving
        steps = np.where(np.arange(count) % 2, int(rng.integers(-3, 4)), np.arange(count) // 2)
    begins_late = rng.random() < 0.25
    low = rng.random() < 0.3
    register = frame.treble - (24 if low else 0) + int(rng.integers(-5, 6))
    bass = hands.bass(frame, 24 if low else 0)

    def bar(start: int) -> list[Note]:
        notes = bass(start)
        for index in range(frame.beats_per_bar * frame.per_beat):
            if begins_late and index % count == 0:
                continue
            beat = start + index / frame.per_beat
            ladder = frame.harmony.ladder(beat, register - 19, register + 19)
            place = len(ladder) // 2 + int(steps[index % count])
            pitch = ladder[int(np.clip(place, 0, len(ladder) - 1))]
            notes.append(Note(beat, 1 / frame.per_beat, pitch, 0.6))
        return notes

    return bar


def song(frame: Frame) -> Bar:
    """Set a melody over a figure, a bass or repeated chords."""
    line = hands.line(frame, frame.treble + 3, 0.8)
    under = (hands.alberti, hands.bass, hands.after_beats, hands.drumming)[
        int(frame.rng.integers(4))
    ](frame)
    return lambda start: line(start) + under(start)


def runs(frame: Frame) -> Bar:
    """Scales up and down in the figure's value, a chord where the bar begins."""
    rng = frame.rng
    scale = frame.harmony.key.ladder(frame.treble - 14, frame.treble + 14)
    from_beat = float(rng.choice([0.0, 0.0, 1 / frame.per_beat]))
    chords_every = int(rng.choice([1, 2, frame.beats_per_bar]))
    place, direction = 0, 1

    def bar(start: int) -> list[Note]:
        nonlocal place, direction
        notes = []
        for beat in range(start, start + frame.beats_per_bar, chords_every):
            chord = frame.harmony.chord(beat, frame.bass_octave + 1)
            notes += [Note(beat, 0.6, pitch, 0.6) for pitch in chord]
        for index in range(int(from_beat * frame.per_beat), frame.beats_per_bar * frame.per_beat):
            if not 0 <= place + direction < len(scale) or rng.random() < 0.04:
                direction = -direction
            place = int(np.clip(place + direction, 0, len(scale) - 1))
            notes.append(Note(start + index / frame.per_beat, 1 / frame.per_beat, scale[place]))
        return notes

    return bar


def voices(frame: Frame) -> Bar:
    """Two to four lines; while one holds, another moves."""
    rng = frame.rng
    count = int(rng.integers(2, 5))
    lines = [hands.line(frame, frame.treble + 8 - 9 * voice, 0.65) for voice in range(count)]
    fills = rng.random() < 0.7

    def bar(start: int) -> list[Note]:
        notes = [note for line in lines if rng.random() < 0.9 for note in line(start)]
        taken = {round(note.beat * frame.per_beat) for note in notes}
        for index in range(frame.beats_per_bar * frame.per_beat):
            place = start * frame.per_beat + index
            if fills and place not in taken and rng.random() < 0.85:
                beat = place / frame.per_beat
                pitch = frame.harmony.nearest(beat, frame.treble - int(rng.integers(0, 15)))
                notes.append(Note(beat, 1 / frame.per_beat, pitch, 0.6))
        return notes

    return bar


def chorale(frame: Frame) -> Bar:
    """Four voices together, note by note, passing notes between, rests at the ends of phrases."""
    rng = frame.rng
    length = float(rng.choice([0.5, 1.0, 1.0]))
    passing = float(rng.uniform(0.0, 0.5))

    def bar(start: int) -> list[Note]:
        notes = []
        for beat in np.arange(start, start + frame.beats_per_bar, length):
            if rng.random() < 0.05:
                continue
            pitches = (
                frame.harmony.bass(beat, frame.bass_octave + 1),
                *frame.harmony.chord(beat, frame.bass_octave + 2),
            )
            notes += [Note(float(beat), 0.95 * length, pitch, 0.6) for pitch in pitches]
            if rng.random() < passing:
                pitch = int(rng.choice(pitches)) + int(rng.choice([-2, 2]))
                notes.append(Note(float(beat) + length / 2, length / 2, pitch, 0.55))
        return notes

    return bar


def syncopes(frame: Frame) -> Bar:
    """Set a melody tied over the beats above a bass that keeps them, or keeps silent."""
    rng = frame.rng
    bass = hands.bass(frame)
    scale = frame.harmony.key.ladder(frame.treble - 7, frame.treble + 12)

    def bar(start: int) -> list[Note]:
        place = int(rng.integers(3, len(scale) - 3))
        notes = bass(start)
        for beat in range(frame.beats_per_bar):
            place = int(np.clip(place + rng.integers(-2, 3), 0, len(scale) - 1))
            notes.append(Note(start + beat + 0.5, 1.0, scale[place], 0.75))
        return notes

    return bar


_SECTIONS: Final = (
    figure,
    figure,
    figure,
    song,
    song,
    song,
    voices,
    voices,
    voices,
    runs,
    runs,
    chorale,
    syncopes,
)
_SECTION_BARS: Final = (1, 2, 2, 4, 4, 4, 8)
_REST_SHARE: Final = 0.05


def classic(rng: np.random.Generator, brief: Brief) -> Score:
    """Compose a piece of one to four sections that return, with a rest now and then."""
    harmony = Harmony(rng, brief.beats_per_bar, brief.bar_count)
    count = int(rng.integers(1, 5))
    per_beat = _draw_per_beat(rng, brief.period_s)
    bars = [_draw_section(rng, brief, harmony, per_beat) for _ in range(count)]
    unison = rng.random() < 0.05
    notes: list[Note] = []
    at = 0
    while at < brief.bar_count:
        bar = bars[int(rng.integers(count))]
        end = min(brief.bar_count, at + int(rng.choice(_SECTION_BARS)))
        for index in range(at, end):
            played = bar(index * brief.beats_per_bar)
            if index == end - 1 and end < brief.bar_count and rng.random() < _REST_SHARE:
                stop = (index + 0.5) * brief.beats_per_bar
                played = [note for note in played if note.beat < stop]
            notes += played
        at = end
    if unison:
        notes = [Note(n.beat, n.length_beats, n.pitch + 12, n.loudness) for n in notes] + notes
    name = f"classic{per_beat}"
    return Score(name, brief.beats_per_bar, ordered(accented(notes, brief.beats_per_bar, rng)))


def _draw_section(rng: np.random.Generator, brief: Brief, harmony: Harmony, per_beat: int) -> Bar:
    """Draw a section; most keep the piece's note value."""
    own = per_beat if rng.random() < 0.75 else _draw_per_beat(rng, brief.period_s)
    kind = _SECTIONS[int(rng.integers(len(_SECTIONS)))]
    return kind(Frame(rng, brief, harmony, own))
