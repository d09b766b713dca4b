"""Practice material for pitched instruments, from scales to melodies with accompaniment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from analysis_engine.training.rhythm import SHORTEST_NOTE_S, THIRD, RhythmGrammar
from analysis_engine.training.score import (
    Brief,
    Key,
    Note,
    Score,
    accented,
    draw_key,
    draw_progression,
    ordered,
)

Material = Callable[[np.random.Generator, Brief], Score]

STRUMS: Final = (
    (0.0, 1.0, 2.0, 3.0),
    (0.0, 1.0, 1.5, 2.0, 3.0, 3.5),
    (0.0, 1.0, 1.5, 2.5, 3.0, 3.5),
    (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5),
    (0.0, 2.0, 2.5, 3.0),
    (0.0, 1.5, 2.0, 3.5),
)


def notes_per_beat(rng: np.random.Generator, period_s: float) -> int:
    """Draw 1, 2, 3 or 4 even notes a beat that can still be played."""
    choices = [count for count in (1, 2, 2, 3, 4, 4) if period_s / count >= SHORTEST_NOTE_S]
    return int(rng.choice(choices)) if choices else 1


def scale(rng: np.random.Generator, brief: Brief) -> Score:
    """Up and down a key in even notes."""
    ladder = draw_key(rng).ladder(brief.low_pitch, brief.high_pitch)
    span = ladder[: int(rng.integers(8, 16))]
    return _even_run(rng, brief, span + span[-2:0:-1], "scale")


def arpeggio(rng: np.random.Generator, brief: Brief) -> Score:
    """Broken triads up and down, a new chord now and then."""
    key = draw_key(rng)
    octave = brief.low_pitch // 12 - 1
    path: list[int] = []
    for root in draw_progression(rng):
        rise = [*key.chord(root, octave), *key.chord(root, octave + 1), key.pitch(root, octave + 2)]
        path += rise + rise[-2:0:-1]
    return _even_run(rng, brief, path, "arpeggio")


def _even_run(rng: np.random.Generator, brief: Brief, path: list[int], name: str) -> Score:
    per_beat = notes_per_beat(rng, brief.period_s)
    slur = int(rng.choice([1, 1, 2, 4, 8]))
    notes = [
        Note(
            index / per_beat, 1 / per_beat, path[index % len(path)], 0.7, slurred=index % slur != 0
        )
        for index in range(brief.beat_count * per_beat)
    ]
    return Score(
        f"{name}{per_beat}",
        brief.beats_per_bar,
        ordered(accented(notes, brief.beats_per_bar, rng)),
    )


def melody_line(
    rng: np.random.Generator,
    brief: Brief,
    key: Key,
    roots: tuple[int, ...],
    *,
    compound: bool = False,
) -> list[Note]:
    """Melody from the rhythm grammar: steps more than leaps, chord notes on the beat."""
    grammar = RhythmGrammar(rng, brief.beats_per_bar, brief.period_s, compound=compound)
    ladder = key.ladder(brief.low_pitch, brief.high_pitch)
    place = len(ladder) // 2
    slur_share = float(rng.choice([0.0, 0.3, 0.8]))
    notes: list[Note] = []
    for bar_index, slots in enumerate(grammar.bars(brief.bar_count)):
        chord = {pitch % 12 for pitch in key.chord(roots[bar_index % len(roots)], 4)}
        for slot in slots:
            place += int(rng.choice([-3, -2, -1, -1, -1, 0, 1, 1, 1, 2, 3]))
            place = int(np.clip(place, 0, len(ladder) - 1))
            if slot.position_beats % 1 < 1e-6:
                place = _nearest_chord_note(ladder, place, chord)
            beat = bar_index * brief.beats_per_bar + slot.position_beats
            notes.append(
                Note(beat, slot.length_beats, ladder[place], 0.75, bool(rng.random() < slur_share))
            )
    return notes


def _nearest_chord_note(ladder: list[int], place: int, chord: set[int]) -> int:
    members = [index for index, pitch in enumerate(ladder) if pitch % 12 in chord]
    return min(members, key=lambda index: abs(index - place)) if members else place


def melody(rng: np.random.Generator, brief: Brief) -> Score:
    """One voice, mixed rhythms, rests and syncopations."""
    notes = melody_line(rng, brief, draw_key(rng), draw_progression(rng))
    return Score("melody", brief.beats_per_bar, ordered(accented(notes, brief.beats_per_bar, rng)))


def compound_melody(rng: np.random.Generator, brief: Brief) -> Score:
    """One voice in compound time: every beat divides into three."""
    notes = melody_line(rng, brief, draw_key(rng), draw_progression(rng), compound=True)
    return Score(
        "compound", brief.beats_per_bar, ordered(accented(notes, brief.beats_per_bar, rng))
    )


def etude(rng: np.random.Generator, brief: Brief) -> Score:
    """Bars that each drill one value: quarters, eighths, triplets, sixteenths, halves, dotted."""
    key = draw_key(rng)
    ladder = key.ladder(brief.low_pitch, brief.high_pitch)
    drills = [(1.0,), (0.5,), (THIRD,), (0.25,), (2.0,), (0.75, 0.25), (1.5, 0.5), (0.5, -0.5)]
    playable = [
        drill for drill in drills if min(map(abs, drill)) * brief.period_s >= SHORTEST_NOTE_S
    ]
    notes: list[Note] = []
    place, direction, beat = 0, 1, 0.0
    for _ in range(brief.bar_count):
        drill = playable[int(rng.integers(len(playable)))]
        end, index = beat + brief.beats_per_bar, 0
        while beat < end - 1e-6:
            length = min(abs(drill[index % len(drill)]), end - beat)
            if drill[index % len(drill)] > 0:
                notes.append(Note(beat, length, ladder[place], 0.7))
                direction = -direction if not 0 <= place + direction < len(ladder) else direction
                place += direction
            beat, index = beat + length, index + 1
        beat = float(round(end))
    return Score("etude", brief.beats_per_bar, ordered(accented(notes, brief.beats_per_bar, rng)))


def block_chords(rng: np.random.Generator, brief: Brief) -> Score:
    """Block chords in one steady value, now and then a rest."""
    key, roots = draw_key(rng), draw_progression(rng)
    length = float(rng.choice([1.0, 1.0, 2.0, 0.5])) if brief.period_s > 0.3 else 1.0
    notes: list[Note] = []
    for index in range(int(brief.beat_count / length)):
        root = roots[int(index * length // brief.beats_per_bar) % len(roots)]
        if rng.random() > 0.06:
            notes += [
                Note(index * length, 0.9 * length, pitch, 0.65) for pitch in key.chord(root, 4)
            ]
    return Score("chords", brief.beats_per_bar, ordered(accented(notes, brief.beats_per_bar, rng)))


def strumming(rng: np.random.Generator, brief: Brief) -> Score:
    """Guitar chords in a strumming pattern, bass note first."""
    key, roots = draw_key(rng), draw_progression(rng)
    dense = brief.period_s > 0.32
    pattern = STRUMS[int(rng.integers(len(STRUMS)))] if dense else STRUMS[0]
    notes: list[Note] = []
    for bar_index in range(brief.bar_count):
        root = roots[bar_index % len(roots)]
        pitches = (key.pitch(root, 2), *key.chord(root, 3), key.pitch(root, 4))
        for position in pattern:
            if position < brief.beats_per_bar:
                upstroke = position % 1 > 0
                chosen = pitches[2:] if upstroke else pitches
                beat = bar_index * brief.beats_per_bar + position
                notes += [Note(beat, 0.9, pitch, 0.5 if upstroke else 0.7) for pitch in chosen]
    return Score("strum", brief.beats_per_bar, ordered(accented(notes, brief.beats_per_bar, rng)))


def accompaniment(
    rng: np.random.Generator, brief: Brief, key: Key, roots: tuple[int, ...]
) -> list[Note]:
    """Left hand: Alberti bass, bass and chords, waltz or held chords."""
    styles = (
        ["alberti", "oompah", "held", "broken"] if brief.period_s > 0.33 else ["oompah", "held"]
    )
    style = str(rng.choice(styles))
    notes: list[Note] = []
    for bar_index in range(brief.bar_count):
        root, third, fifth = key.chord(roots[bar_index % len(roots)], 3)
        start = bar_index * brief.beats_per_bar
        if style in {"alberti", "broken"}:
            figure = (
                (root, fifth, third, fifth) if style == "alberti" else (root, third, fifth, third)
            )
            notes += [
                Note(start + i / 2, 0.5, figure[i % 4], 0.5) for i in range(2 * brief.beats_per_bar)
            ]
        elif style == "held":
            notes += [
                Note(start, brief.beats_per_bar, pitch, 0.45) for pitch in (root - 12, third, fifth)
            ]
        else:
            notes.append(Note(start, 1.0, root - 12, 0.6))
            notes += [
                Note(start + b, 0.6, p, 0.42)
                for b in range(1, brief.beats_per_bar)
                for p in (third, fifth)
            ]
    return notes


def song(rng: np.random.Generator, brief: Brief) -> Score:
    """Melody with accompaniment, as on a piano."""
    key, roots = draw_key(rng), draw_progression(rng)
    notes = melody_line(rng, brief, key, roots) + accompaniment(rng, brief, key, roots)
    return Score("song", brief.beats_per_bar, ordered(accented(notes, brief.beats_per_bar, rng)))


def invention(rng: np.random.Generator, brief: Brief) -> Score:
    """Two independent voices from the same grammar, an octave and a half apart."""
    key, roots = draw_key(rng), draw_progression(rng)
    lower = Brief(
        brief.beat_count,
        brief.beats_per_bar,
        brief.period_s,
        brief.low_pitch - 17,
        brief.high_pitch - 19,
    )
    notes = melody_line(rng, brief, key, roots) + melody_line(rng, lower, key, roots)
    return Score(
        "invention", brief.beats_per_bar, ordered(accented(notes, brief.beats_per_bar, rng))
    )
