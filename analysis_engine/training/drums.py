"""Drum patterns: rock, shuffle, half-time, four on the floor, funk, jazz ride; with fills."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

import numpy as np

from analysis_engine.training.score import Brief, Note, Score, ordered


class Drum(IntEnum):
    """General MIDI percussion keys that the kit has."""

    KICK = 36
    RIM = 37
    SNARE = 38
    LOW_TOM = 43
    CLOSED_HAT = 42
    MID_TOM = 47
    OPEN_HAT = 46
    CRASH = 49
    HIGH_TOM = 50
    RIDE = 51


@dataclass(frozen=True, slots=True)
class Pattern:
    """One bar of four beats: drum, positions in beats, loudness."""

    name: str
    lines: tuple[tuple[Drum, tuple[float, ...], float], ...]
    shortest_period_s: float
    """Shortest beat period at which a drummer can play it."""


EIGHTHS: Final = tuple(i / 2 for i in range(8))
SIXTEENTHS: Final = tuple(i / 4 for i in range(16))
QUARTERS: Final = (0.0, 1.0, 2.0, 3.0)
SHUFFLED: Final = tuple(beat + part for beat in range(4) for part in (0.0, 2 / 3))
RIDE_SWING: Final = (0.0, 1.0, 1 + 2 / 3, 2.0, 3.0, 3 + 2 / 3)

PATTERNS: Final = (
    Pattern(
        "rock8",
        (
            (Drum.CLOSED_HAT, EIGHTHS, 0.45),
            (Drum.KICK, (0.0, 2.0), 0.9),
            (Drum.SNARE, (1.0, 3.0), 0.8),
        ),
        0.3,
    ),
    Pattern(
        "rock8b",
        (
            (Drum.CLOSED_HAT, EIGHTHS, 0.45),
            (Drum.KICK, (0.0, 1.5, 2.0, 2.5), 0.85),
            (Drum.SNARE, (1.0, 3.0), 0.8),
        ),
        0.3,
    ),
    Pattern(
        "rock16",
        (
            (Drum.CLOSED_HAT, SIXTEENTHS, 0.4),
            (Drum.KICK, (0.0, 1.75, 2.5), 0.85),
            (Drum.SNARE, (1.0, 3.0), 0.8),
            (Drum.SNARE, (1.75, 2.25), 0.2),
        ),
        0.5,
    ),
    Pattern(
        "quarters",
        ((Drum.RIDE, QUARTERS, 0.5), (Drum.KICK, (0.0, 2.0), 0.9), (Drum.SNARE, (1.0, 3.0), 0.8)),
        0.2,
    ),
    Pattern(
        "floor",
        (
            (Drum.KICK, QUARTERS, 0.9),
            (Drum.OPEN_HAT, (0.5, 1.5, 2.5, 3.5), 0.4),
            (Drum.SNARE, (1.0, 3.0), 0.7),
        ),
        0.3,
    ),
    Pattern(
        "shuffle",
        (
            (Drum.CLOSED_HAT, SHUFFLED, 0.45),
            (Drum.KICK, (0.0, 2.0), 0.9),
            (Drum.SNARE, (1.0, 3.0), 0.8),
        ),
        0.33,
    ),
    Pattern(
        "halftime",
        (
            (Drum.CLOSED_HAT, EIGHTHS, 0.45),
            (Drum.KICK, (0.0, 2.5), 0.9),
            (Drum.SNARE, (2.0,), 0.85),
        ),
        0.3,
    ),
    Pattern(
        "jazz",
        (
            (Drum.RIDE, RIDE_SWING, 0.5),
            (Drum.CLOSED_HAT, (1.0, 3.0), 0.4),
            (Drum.KICK, (0.0,), 0.3),
        ),
        0.3,
    ),
    Pattern(
        "funk",
        (
            (Drum.CLOSED_HAT, EIGHTHS, 0.45),
            (Drum.KICK, (0.0, 0.75, 2.5), 0.9),
            (Drum.SNARE, (1.0, 3.0), 0.85),
            (Drum.SNARE, (1.75, 2.25, 3.75), 0.18),
        ),
        0.45,
    ),
)
GROOVE_SHARE: Final = 0.5
FILL_DRUMS: Final = (Drum.SNARE, Drum.HIGH_TOM, Drum.MID_TOM, Drum.LOW_TOM)


def draw_groove(rng: np.random.Generator, period_s: float) -> Pattern:
    """Draw a bar that no method book has: syncopated kicks, ghost notes, hats of any kind.

    Parameters
    ----------
    rng
        Source of chance.
    period_s
        Beat period; sixteenths only where there is time for them.
    """
    grid = SIXTEENTHS if period_s > 0.42 else EIGHTHS
    chances = np.array([0.85 if beat % 2 == 0 else 0.3 if beat % 1 == 0 else 0.22 for beat in grid])
    kicks = tuple(b for b, chance in zip(grid, chances, strict=True) if rng.random() < chance)
    backbeat = ((1.0, 3.0), (1.0, 3.0), (2.0,), (1.0, 2.5), (0.75, 2.25, 3.5))
    ghosts = tuple(beat for beat in grid if beat % 1 and rng.random() < 0.18)
    offbeats = (0.5, 1.5, 2.5, 3.5)
    hats = (EIGHTHS, EIGHTHS, grid, QUARTERS, offbeats, SHUFFLED if period_s > 0.33 else QUARTERS)
    time_keeper = (Drum.CLOSED_HAT, Drum.CLOSED_HAT, Drum.RIDE, Drum.OPEN_HAT)[int(rng.integers(4))]
    return Pattern(
        "groove",
        (
            (time_keeper, hats[int(rng.integers(len(hats)))], float(rng.uniform(0.25, 0.6))),
            (Drum.KICK, kicks, 0.85),
            (Drum.SNARE, backbeat[int(rng.integers(len(backbeat)))], 0.8),
            (Drum.SNARE, ghosts, 0.2),
        ),
        0.0,
    )


def drum_pattern(rng: np.random.Generator, brief: Brief, name: str | None = None) -> Score:
    """Play a groove with fills every four or eight bars.

    Parameters
    ----------
    rng
        Source of chance.
    brief
        Length, metre and beat period; patterns too fast for the beat are not drawn.
    name
        A pattern's name, or None to draw one.
    """
    playable = [
        p for p in PATTERNS if brief.period_s >= p.shortest_period_s and name in {None, p.name}
    ]
    pattern = playable[int(rng.integers(len(playable)))] if playable else PATTERNS[3]
    if name is None and rng.random() < GROOVE_SHARE:
        pattern = draw_groove(rng, brief.period_s)
    restless = float(rng.choice([0.0, 0.2, 0.5])) if pattern.name == "groove" else 0.0
    fill_every = int(rng.choice([4, 8, 64]))
    notes: list[Note] = []
    for bar_index in range(brief.bar_count):
        start = bar_index * brief.beats_per_bar
        if rng.random() < restless:
            fresh = draw_groove(rng, brief.period_s).lines
            # Hands go on as they were; the foot and the ghost notes wander.
            lines = (pattern.lines[0], fresh[1], pattern.lines[2], fresh[3])
            pattern = replace(pattern, lines=lines)
        if (bar_index + 1) % fill_every == 0:
            notes += _fill(rng, start, brief)
        else:
            notes += _groove(rng, pattern, start, brief.beats_per_bar)
            if bar_index % fill_every == 0:
                notes.append(Note(start, 1.0, Drum.CRASH, 0.55))
    return Score(pattern.name, brief.beats_per_bar, ordered(notes))


def _groove(
    rng: np.random.Generator, pattern: Pattern, start: int, beats_per_bar: int
) -> list[Note]:
    notes = []
    for drum, positions, loudness in pattern.lines:
        for position in positions:
            # A hand that varies: hats above all, and a stroke is left out now and then.
            if position < beats_per_bar and rng.random() > 0.02:
                accent = 1.2 if position % 1 == 0 else 0.9
                level = float(np.clip(loudness * accent * rng.normal(1.0, 0.1), 0.05, 1.0))
                notes.append(Note(start + position, 0.25, drum, level))
    return notes


def _fill(rng: np.random.Generator, start: int, brief: Brief) -> list[Note]:
    per_beat = 4 if brief.period_s > 0.42 else 2
    count = per_beat * brief.beats_per_bar
    skip = float(rng.choice([0.0, 0.15, 0.3]))
    notes = [Note(start, 0.25, Drum.KICK, 0.8)]
    for index in range(count):
        if index == 0 or rng.random() >= skip:
            drum = FILL_DRUMS[min(3, 4 * index // count)]
            level = 0.85 if index % per_beat == 0 else 0.6
            notes.append(Note(start + index / per_beat, 0.25, drum, level))
    return notes
