"""Pieces that never rest: preludes, toccatas, sonatinas, fugues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from analysis_engine.training import material
from analysis_engine.training.material import melody_line, notes_per_beat
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

# Steps through chord notes (0 = root) that make up one beat or half a bar.
FIGURES: Final[dict[int, tuple[tuple[int, ...], ...]]] = {
    1: ((0, 2, 1, 2), (0, 1, 2, 3)),
    2: ((0, 2, 1, 2), (0, 1, 2, 3), (0, 3, 2, 1)),
    3: ((0, 1, 2), (2, 1, 0), (0, 2, 3, 1, 2, 3)),
    4: ((0, 1, 2, 3), (0, 2, 1, 2), (0, 1, 2, 3, 4, 2, 3, 4), (3, 2, 1, 0), (0, 3, 1, 3)),
}


def prelude(rng: np.random.Generator, brief: Brief) -> Score:
    """Broken chords in one even value throughout, with or without a bass."""
    key, roots = draw_key(rng), draw_progression(rng)
    octave = brief.low_pitch // 12 - 1
    notes = _broken(rng, brief, key, roots, octave, 0.65)
    if rng.random() < 0.4:
        notes += [
            Note(float(bar * brief.beats_per_bar), brief.beats_per_bar, key.pitch(root, octave - 1))
            for bar, root in enumerate(_by_bar(roots, brief.bar_count))
        ]
    return Score("prelude", brief.beats_per_bar, _finish(notes, brief, rng))


def toccata(rng: np.random.Generator, brief: Brief) -> Score:
    """Set a run of even notes over a bass in steady values, or the other way round."""
    key, roots = draw_key(rng), draw_progression(rng)
    notes = _run(rng, brief, key)
    step = float(rng.choice([0.5, 1.0, 1.0, 2.0])) if brief.period_s > 0.3 else 1.0
    octave = brief.low_pitch // 12 - 2
    for index in range(int(brief.bar_count * brief.beats_per_bar / step)):
        root = roots[int(index * step // brief.beats_per_bar) % len(roots)]
        degree = root + int(rng.choice([0, 0, 2, 4, 7]))
        notes.append(Note(index * step, step, key.pitch(degree, octave), 0.65))
    return Score("toccata", brief.beats_per_bar, _finish(notes, brief, rng))


def sonatina(rng: np.random.Generator, brief: Brief) -> Score:
    """Set a melody over broken chords in eighths, triplets or sixteenths, or over after-beats."""
    key, roots = draw_key(rng), draw_progression(rng)
    notes = melody_line(rng, brief, key, roots)
    octave = max(2, brief.low_pitch // 12 - 2)
    if rng.random() < 0.8:
        notes += _broken(rng, brief, key, roots, octave, 0.45)
    else:
        for beat in range(brief.bar_count * brief.beats_per_bar):
            root = roots[beat // brief.beats_per_bar % len(roots)]
            notes += [Note(beat + 0.5, 0.4, pitch, 0.45) for pitch in key.chord(root, octave)]
    return Score("sonatina", brief.beats_per_bar, _finish(notes, brief, rng))


def fugue(rng: np.random.Generator, brief: Brief) -> Score:
    """Three voices that enter one after the other."""
    key, roots = draw_key(rng), draw_progression(rng)
    notes: list[Note] = []
    for voice, drop in enumerate((0, 9, 19)):
        part = replace(
            brief, low_pitch=brief.low_pitch - drop, high_pitch=brief.high_pitch - drop - 3
        )
        entry = 2 * voice * brief.beats_per_bar
        notes += [note for note in melody_line(rng, part, key, roots) if note.beat >= entry]
    return Score("fugue", brief.beats_per_bar, _finish(notes, brief, rng))


# What a piece may be made of, section by section.
_SECTIONS: Final = (
    prelude,
    prelude,
    toccata,
    sonatina,
    sonatina,
    fugue,
    material.song,
    material.invention,
    material.melody,
    material.block_chords,
    material.etude,
    material.arpeggio,
)
_SECTION_BARS: Final = (1, 2, 2, 4, 4, 8)


def mosaic(rng: np.random.Generator, brief: Brief) -> Score:
    """Set sections of one to eight bars side by side, two or three kinds coming back in turn."""
    kinds = [_SECTIONS[int(rng.integers(len(_SECTIONS)))] for _ in range(int(rng.integers(2, 4)))]
    scores = [kind(rng, brief) for kind in kinds]
    notes: list[Note] = []
    bar = 0
    while bar < brief.bar_count:
        end = bar + int(rng.choice(_SECTION_BARS))
        score = scores[int(rng.integers(len(scores)))]
        first, last = bar * brief.beats_per_bar - 1e-6, end * brief.beats_per_bar - 1e-6
        notes += [note for note in score.notes if first <= note.beat < last]
        bar = end
    return Score("mosaic", brief.beats_per_bar, ordered(notes))


def _broken(
    rng: np.random.Generator, brief: Brief, key: Key, roots: Sequence[int], *where: float
) -> list[Note]:
    """Chords note by note: one figure, or another one a bar; ``where`` is octave, loudness."""
    octave, loudness = int(where[0]), where[1]
    per_beat = notes_per_beat(rng, brief.period_s)
    figures = FIGURES[per_beat]
    figure = figures[int(rng.integers(len(figures)))]
    notes = []
    for index in range(brief.bar_count * brief.beats_per_bar * per_beat):
        beat = index / per_beat
        root = roots[int(beat // brief.beats_per_bar) % len(roots)]
        step = figure[index % len(figure)]
        chord = key.chord(root, octave)
        pitch = chord[step % 3] + 12 * (step // 3)
        notes.append(Note(beat, 1 / per_beat, pitch, loudness))
    return notes


def _run(rng: np.random.Generator, brief: Brief, key: Key) -> list[Note]:
    """Scale steps in even notes that turn now and then."""
    ladder = key.ladder(brief.low_pitch, brief.high_pitch)
    per_beat = notes_per_beat(rng, brief.period_s)
    place, direction = len(ladder) // 2, 1
    notes = []
    for index in range(brief.bar_count * brief.beats_per_bar * per_beat):
        notes.append(Note(index / per_beat, 1 / per_beat, ladder[place], 0.7))
        if rng.random() < 0.2 or not 0 <= place + direction < len(ladder):
            direction = -direction
        place = min(max(place + direction * int(rng.choice([1, 1, 1, 2])), 0), len(ladder) - 1)
    return notes


def _by_bar(roots: Sequence[int], bar_count: int) -> list[int]:
    return [roots[bar % len(roots)] for bar in range(bar_count)]


def _finish(notes: list[Note], brief: Brief, rng: np.random.Generator) -> tuple[Note, ...]:
    return ordered(accented(notes, brief.beats_per_bar, rng))
