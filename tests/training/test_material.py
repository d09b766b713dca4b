import numpy as np
import pytest

from analysis_engine.training import material, textures
from analysis_engine.training.drums import PATTERNS, Drum, draw_groove, drum_pattern
from analysis_engine.training.harmony import Harmony
from analysis_engine.training.keyboard import classic
from analysis_engine.training.rhythm import SHORTEST_NOTE_S, RhythmGrammar
from analysis_engine.training.score import MAJOR, Brief, Key, Note, accented

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
    textures.prelude,
    textures.toccata,
    textures.sonatina,
    textures.fugue,
    classic,
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


@pytest.mark.parametrize(
    "make", [material.scale, material.melody, material.etude, textures.toccata]
)
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


def test_a_prelude_never_rests() -> None:
    score = textures.prelude(np.random.default_rng(4), Brief(40, 4, 0.8))
    steps = np.diff(np.unique([note.beat for note in score.notes]))
    assert steps == pytest.approx(steps[0])


def test_the_voices_of_a_fugue_enter_one_after_the_other() -> None:
    score = textures.fugue(np.random.default_rng(4), Brief(80, 4, 0.8))
    opening = [note for note in score.notes if note.beat < 8]
    assert len({note.beat for note in opening}) == len(opening)
    assert len(score.notes) > len({note.beat for note in score.notes})


def test_half_of_the_players_have_no_accents() -> None:
    notes = [Note(beat / 2, 0.5, 60, 0.7) for beat in range(80)]
    flat = 0
    for seed in range(60):
        played = accented(notes, 4, np.random.default_rng(seed))
        on, off = (np.mean([n.loudness for n in played[start::2]]) for start in (0, 1))
        flat += int(abs(on / off - 1) < 0.06)
    assert 15 < flat < 48


def test_grooves_differ_and_stay_inside_a_bar() -> None:
    grooves = [draw_groove(np.random.default_rng(seed), 0.6) for seed in range(12)]
    positions = [sorted({b for _, beats, _ in groove.lines for b in beats}) for groove in grooves]
    assert all(beats[0] >= 0 and beats[-1] < 4 for beats in positions)
    assert len({tuple(beats) for beats in positions}) > 6
    fast = draw_groove(np.random.default_rng(1), 0.3)
    assert all(beat * 2 % 1 == 0 for _, beats, _ in fast.lines[1:2] for beat in beats)


def test_classics_change_their_chords_on_the_beat_at_the_pace_of_the_piece() -> None:
    for seed in range(20):
        harmony = Harmony(np.random.default_rng(seed), 4, 12)
        roots = [harmony.root(beat) for beat in range(48)]
        assert set(roots) <= set(range(7))
        assert roots[0] == roots[16] == roots[32] == 0
        changes = [beat for beat in range(1, 48) if roots[beat] != roots[beat - 1]]
        assert changes
        assert all(beat % harmony.beats_per_chord == 0 for beat in changes)


def test_the_nearest_chord_note_is_one_and_no_further_than_half_an_octave() -> None:
    harmony = Harmony(np.random.default_rng(3), 3, 8)
    for beat in range(24):
        members = {pitch % 12 for pitch in harmony.chord(beat, 4)}
        for pitch in range(50, 70):
            nearest = harmony.nearest(beat, pitch)
            assert nearest % 12 in members
            assert abs(nearest - pitch) <= 6


def test_classics_differ_in_density_and_mostly_sound_on_beats() -> None:
    densities, on_beat = [], []
    for seed in range(40):
        score = classic(np.random.default_rng(seed), Brief(64, 4, 0.6))
        positions = {round(note.beat, 4) for note in score.notes}
        densities.append(len(positions) / 64)
        on_beat.append(np.mean([beat in positions for beat in range(64)]))
    assert min(densities) < 2.5
    assert max(densities) > 4.0
    assert 0.85 < np.mean(on_beat) < 1.0
