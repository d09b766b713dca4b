import numpy as np
import pytest

from analysis_engine.training import material
from analysis_engine.training.drums import PATTERNS, Drum, drum_pattern
from analysis_engine.training.rhythm import SHORTEST_NOTE_S, RhythmGrammar
from analysis_engine.training.score import MAJOR, Brief, Key

MATERIALS = [
    material.scale,
    material.arpeggio,
    material.etude,
    material.melody,
    material.compound_melody,
    material.block_chords,
    material.strumming,
    material.song,
    material.invention,
    drum_pattern,
]


@pytest.mark.parametrize("make", MATERIALS)
@pytest.mark.parametrize(("beats_per_bar", "period_s"), [(2, 0.25), (3, 0.6), (4, 1.4)])
def test_material_fills_the_brief_in_order(
    make: material.Material, beats_per_bar: int, period_s: float
) -> None:
    score = make(np.random.default_rng(5), Brief(64, beats_per_bar, period_s))
    beats = [note.beat for note in score.notes]
    assert beats == sorted(beats)
    assert beats[0] < beats_per_bar
    assert 64 - 2 * beats_per_bar <= beats[-1] < 64 + beats_per_bar
    assert all(note.length_beats > 0 and 0 < note.loudness <= 1 for note in score.notes)


@pytest.mark.parametrize("make", [material.scale, material.melody, material.etude])
def test_no_note_is_too_short_to_be_played(make: material.Material) -> None:
    for seed in range(5):
        score = make(np.random.default_rng(seed), Brief(100, 4, 0.3))
        beats = np.unique([note.beat for note in score.notes])
        assert np.diff(beats).min() * 0.3 >= SHORTEST_NOTE_S - 1e-9


def test_bars_of_the_grammar_never_overflow() -> None:
    grammar = RhythmGrammar(np.random.default_rng(1), 3, 0.8)
    for _ in range(200):
        for slot in grammar.bar():
            assert slot.position_beats + slot.length_beats <= 3 + 1e-6


def test_melodies_leave_some_beats_without_a_note() -> None:
    score = material.melody(np.random.default_rng(2), Brief(200, 4, 0.6))
    on_beats = {note.beat for note in score.notes if abs(note.beat - round(note.beat)) < 1e-9}
    assert 50 < len(on_beats) < 200


def test_degrees_of_c_major() -> None:
    key = Key(0, MAJOR)
    assert key.chord(0, 4) == (60, 64, 67)
    assert key.chord(4, 4) == (67, 71, 74)
    assert key.ladder(60, 72) == [60, 62, 64, 65, 67, 69, 71, 72]


@pytest.mark.parametrize("name", [pattern.name for pattern in PATTERNS])
def test_drum_patterns_use_the_kit_only(name: str) -> None:
    score = drum_pattern(np.random.default_rng(1), Brief(64, 4, 0.7), name)
    assert score.name == name
    assert {note.pitch for note in score.notes} <= set(Drum)
