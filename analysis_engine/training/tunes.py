"""Three little pieces, composed for this project, with accompaniment."""

from __future__ import annotations

import re
from typing import Final

from analysis_engine.training.score import Note, Score, ordered

STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCIDENTALS: Final = {"": 0, "#": 1, "b": -1}

MORNING: Final = """
G4:1 B4:.5 D5:.5 D5:1 C5:.5 B4:.5 | A4:1 C5:.5 E5:.5 E5:1 D5:.5 C5:.5
B4:1 D5:.5 G5:.5 F#5:.5 E5:.5 D5:.5 C5:.5 | B4:1 A4:1 G4:2
E5:1.5 D5:.5 C5:1 E5:1 | D5:1.5 C5:.5 B4:1 D5:1
C5:.5 B4:.5 A4:.5 B4:.5 C5:1 A4:1 | D5:2 -:1 D5:.5 C5:.5
B4:1 B4:.5 D5:.5 D5:1 C5:.5 B4:.5 | A4:1 C5:.5 E5:.5 E5:1 D5:.5 C5:.5
B4:1 D5:.5 G5:.5 F#5:1 A5:1 | G5:1 D5:1 G4:2
"""
MORNING_CHORDS: Final = "G G Am Am G D G G C C G G Am Am D D G G Am Am G D G G"

CAROUSEL: Final = """
A4:2 F4:1 | E4:1.5 F4:.5 G4:1 | A4:1 D5:2 | C#5:2 A4:1
Bb4:2 G4:1 | A4:1.5 G4:.5 F4:1 | E4:1 F4:1 E4:1 | D4:3
D5:2 C5:1 | Bb4:1.5 C5:.5 D5:1 | C5:1 A4:1 F4:1 | G4:2 A4:1
Bb4:1 A4:1 G4:1 | F4:1.5 E4:.5 D4:1 | E4:1 C#4:1 E4:1 | D4:3
"""
CAROUSEL_CHORDS: Final = "Dm A Dm A Gm Dm A Dm Bb Gm F C Gm Dm A Dm"

FIRST_STEPS: Final = """
E4:1 G4:1 C5:1.5 B4:.5 | A4:1 C5:1 G4:2 | F4:.5 G4:.5 A4:.5 B4:.5 C5:1 A4:1 | G4:1.5 F4:.5 E4:2
D4:1 E4:1 F4:1 D4:1 | G4:1 F4:.5 E4:.5 D4:2 | E4:1 G4:1 C5:1 E5:1 | D5:1 B4:1 C5:2
"""
FIRST_STEPS_CHORDS: Final = "C C F C F F C C Dm Dm G G C Am G C"


def pitch_of(name: str) -> int:
    """MIDI number of a name such as ``F#4``; C4 is 60.

    Raises
    ------
    ValueError
        When the name is none.
    """
    match = re.fullmatch(r"([A-G])([#b]?)(\d)", name)
    if match is None:
        raise ValueError(f"pitch={name!r} is not a note name")
    step, accidental, octave = match.groups()
    return 12 * (int(octave) + 1) + STEPS[step] + ACCIDENTALS[accidental]


def melody_of(text: str, loudness: float = 0.8) -> list[Note]:
    """Read notes written as ``name:length``; ``-`` is a rest, bar lines are for the reader."""
    notes: list[Note] = []
    beat = 0.0
    for word in text.replace("|", " ").split():
        name, length = word.split(":")
        if name != "-":
            notes.append(Note(beat, float(length), pitch_of(name), loudness))
        beat += float(length)
    return notes


def chord_of(name: str) -> tuple[int, int, int]:
    """Triad below middle C, from a name such as ``Am`` or ``Bb``."""
    minor = name.endswith("m")
    root = pitch_of(f"{name.removesuffix('m')}3")
    root -= 12 if root > pitch_of("F3") else 0
    return root, root + (3 if minor else 4), root + 7


def morning() -> Score:
    """Twelve bars of four, G major: melody over broken chords."""
    notes = melody_of(MORNING)
    for index, name in enumerate(MORNING_CHORDS.split()):
        root, third, fifth = chord_of(name)
        figure = (root, fifth, third + 12, fifth)
        notes += [Note(2 * index + i / 2, 0.7, pitch, 0.45) for i, pitch in enumerate(figure)]
    return Score("morning", 4, ordered(_closed(notes, 46.0)))


def carousel() -> Score:
    """Sixteen bars of three, D minor: bass, then chords."""
    notes = melody_of(CAROUSEL)
    for bar, name in enumerate(CAROUSEL_CHORDS.split()):
        root, third, fifth = chord_of(name)
        notes.append(Note(3.0 * bar, 1.0, root, 0.6))
        notes += [Note(3.0 * bar + b, 0.8, p, 0.4) for b in (1, 2) for p in (third, fifth)]
    return Score("carousel", 3, ordered(_closed(notes, 45.0)))


def first_steps() -> Score:
    """Eight bars of four, C major, with half-note chords, and a return of the first two."""
    opening, chords = FIRST_STEPS.split("\n")[1].split("|"), FIRST_STEPS_CHORDS.split()
    notes = melody_of(FIRST_STEPS + opening[0] + "|" + opening[1])
    for index, name in enumerate([*chords, *chords[:3], "C"]):
        notes += [Note(2.0 * index, 1.8, pitch, 0.42) for pitch in chord_of(name)]
    return Score("first steps", 4, ordered(notes))


def _closed(notes: list[Note], last_beat: float) -> list[Note]:
    """Let the accompaniment end on the last long note's beat."""
    return [note for note in notes if note.beat <= last_beat]
