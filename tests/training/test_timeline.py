import numpy as np
import pytest

from analysis_engine.training.behaviour import SCENARIOS, Behaviour, draw_behaviour
from analysis_engine.training.player import Player, swung
from analysis_engine.training.score import Note, Score
from analysis_engine.training.timeline import Timeline, draw_timeline

QUARTERS = Score("quarters", 4, tuple(Note(float(beat), 1.0, 60) for beat in range(200)))


def timeline_of(seed: int = 1, start_s: float = 0.5, **traits: float) -> Timeline:
    behaviour = Behaviour(bpm=traits.pop("bpm", 100.0), **traits)  # type: ignore[arg-type]
    return draw_timeline(np.random.default_rng(seed), behaviour, start_s, 40.0, 4)


def test_a_steady_player_puts_beats_at_equal_distances() -> None:
    line = timeline_of(bpm=80.0)
    assert line.start_s == pytest.approx(0.5 + 0.75 * np.arange(len(line.start_s)))
    assert line.start_s[-1] + 0.75 >= 40.0


def test_rushing_eight_percent_in_thirty_seconds() -> None:
    line = timeline_of(bpm=100.0, drift_per_30s=0.08)
    at_30_s = int(np.argmin(np.abs(line.start_s - 30.0)))
    assert 60 / line.period_s[at_30_s] == pytest.approx(108.0, abs=0.2)


def test_a_jump_happens_once_and_is_marked() -> None:
    line = timeline_of(jump_ratio=1.2)
    (changed_s,) = line.changes_s
    tempo = 60 / line.period_s
    assert tempo[line.start_s < changed_s] == pytest.approx(100.0)
    assert tempo[line.start_s >= changed_s] == pytest.approx(120.0)
    assert changed_s in line.start_s


def test_a_pause_starts_when_the_next_beat_was_due_and_ends_with_the_next_beat() -> None:
    line = timeline_of(pause_count=2)
    assert len(line.gaps_s) == 2
    for due_s, resumed_s in line.gaps_s:
        assert resumed_s - due_s >= 2.3
        assert np.min(np.abs(line.start_s - resumed_s)) == 0
        before = line.start_s[line.start_s < due_s][-1]
        assert due_s == pytest.approx(before + 0.6)
        assert not ((line.start_s > due_s) & (line.start_s < resumed_s)).any()


def test_a_restart_never_goes_back_before_the_beginning() -> None:
    for seed in range(30):
        for segment in timeline_of(seed, pause_count=3).segments:
            assert segment.first_beat + segment.score_offset >= 0
            assert segment.score_offset <= 0


def test_positions_before_the_first_beat_run_on_at_its_tempo() -> None:
    assert timeline_of(start_s=2.0).time_s(-1.0) == pytest.approx(1.4)


def test_jitter_has_the_size_that_was_asked_for_and_is_told_exactly() -> None:
    line = timeline_of(bpm=150.0)
    player = Player(np.random.default_rng(3), Behaviour(150.0, jitter_ms=20.0))
    playing = player.play(QUARTERS, line, 40.0)
    deviation_ms = 1000 * np.diff(playing.onsets_s, axis=1)
    assert deviation_ms.std() == pytest.approx(20.0, rel=0.25)
    assert [note.onset_s for note in playing.notes] == pytest.approx(playing.onsets_s[:, 0])


def test_notes_never_change_places_however_uneven_the_hand() -> None:
    score = Score("runs", 4, tuple(Note(beat / 4, 0.25, 60) for beat in range(800)))
    line = timeline_of(bpm=120.0)
    playing = Player(np.random.default_rng(3), Behaviour(120.0, jitter_ms=60.0)).play(
        score, line, 40.0
    )
    assert (np.diff(playing.onsets_s[:, 0]) > 0).all()


def test_nothing_is_played_inside_a_pause() -> None:
    line = timeline_of(pause_count=2)
    playing = Player(np.random.default_rng(3), Behaviour(100.0)).play(QUARTERS, line, 40.0)
    for due_s, resumed_s in line.gaps_s:
        inside = (playing.onsets_s[:, 0] > due_s) & (playing.onsets_s[:, 0] < resumed_s - 1e-9)
        assert not inside.any()


def test_missed_notes_are_no_onsets_and_stray_ones_are_listed_apart() -> None:
    behaviour = Behaviour(100.0, missed_share=0.3, extra_share=0.3)
    playing = Player(np.random.default_rng(3), behaviour).play(QUARTERS, timeline_of(), 40.0)
    assert len(playing.onsets_s) < len(timeline_of().start_s) - 5
    assert len(playing.extras_s) > 5
    assert len(playing.notes) == len(playing.onsets_s) + len(playing.extras_s)


@pytest.mark.parametrize(
    ("beat", "expected"),
    [(3.0, 3.0), (3.5, 3 + 2 / 3), (3.25, 3 + 1 / 3), (3.75, 3 + 5 / 6), (3 + 1 / 3, 3 + 1 / 3)],
)
def test_swing_moves_off_beats_and_leaves_beats_and_triplets(beat: float, expected: float) -> None:
    assert swung(beat, 2 / 3) == pytest.approx(expected)


def test_every_scenario_can_be_drawn_and_an_unknown_one_is_refused() -> None:
    for name in SCENARIOS:
        assert 30 <= draw_behaviour(np.random.default_rng(0), name).bpm <= 240
    with pytest.raises(ValueError, match="sleepy"):
        draw_behaviour(np.random.default_rng(0), "sleepy")
