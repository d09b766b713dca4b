import numpy as np
import pytest

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.scores import score
from benchmarks.accuracy.tempo_scores import recovery_s, true_tempo_bpm
from benchmarks.accuracy.timing_scores import accuracy_of_truth
from tests.benchmarks.accuracy.corpora import pulseless_clip, steady_clip, windows_at


def test_the_truth_itself_scores_full_marks() -> None:
    clip = steady_clip()
    scores = score(clip, Answer("clip", tuple(clip.beats_s), windows=windows_at(120.0)))
    for name in ("F", "Cem", "CMLt", "AMLt", "A1", "A2", "W1"):
        assert scores[name] == pytest.approx(1.0), name
    assert scores["err%"] == pytest.approx(0.0)
    assert scores["oct"] == 0.0
    assert scores["sdMAE"] == pytest.approx(0.0, abs=1e-6)


def test_no_answer_scores_nothing() -> None:
    scores = score(steady_clip(), Answer("clip"))
    assert [scores[name] for name in ("F", "A1", "A2", "W1", "oct")] == [0.0] * 5


def test_a_beat_counts_within_70_ms() -> None:
    clip = steady_clip()
    assert score(clip, Answer("clip", tuple(clip.beats_s + 0.065)))["F"] == pytest.approx(1.0)
    assert score(clip, Answer("clip", tuple(clip.beats_s + 0.075)))["F"] == 0.0


def test_double_tempo_is_an_octave_error() -> None:
    clip = steady_clip()
    twice = tuple(np.arange(0.5, 30.0, 0.25))
    scores = score(clip, Answer("clip", twice, windows=windows_at(240.0)))
    assert (scores["A1"], scores["A2"], scores["oct"]) == (0.0, 1.0, 1.0)
    assert scores["F"] == pytest.approx(2 / 3, abs=0.01)
    assert scores["CMLt"] == 0.0
    assert scores["AMLt"] == pytest.approx(1.0, abs=0.02)


def test_the_first_five_seconds_are_left_out() -> None:
    clip = steady_clip()
    late = tuple(beat for beat in clip.beats_s if beat >= 5)
    assert score(clip, Answer("clip", late))["F"] == pytest.approx(1.0)
    wrong_at_first = ((2.0, 77.0), (4.5, 77.0), (5.5, 120.0), (6.0, 100.0))
    assert score(clip, Answer("clip", late, windows=wrong_at_first))["W1"] == 0.5


def test_a_tempo_is_right_within_four_percent() -> None:
    clip = steady_clip()
    assert score(clip, Answer("clip", windows=windows_at(120 * 1.039)))["W1"] == 1.0
    assert score(clip, Answer("clip", windows=windows_at(120 * 1.041)))["W1"] == 0.0


def test_beats_told_first_are_the_figure_and_settled_ones_stand_beside() -> None:
    clip = steady_clip()
    answer = Answer("clip", tuple(clip.beats_s + 0.1), settled_s=tuple(clip.beats_s))
    scores = score(clip, answer)
    assert scores["F"] == 0.0
    assert scores["Fset"] == pytest.approx(1.0)


def test_latency_is_from_the_beat_to_its_telling() -> None:
    beats_s = tuple(steady_clip().beats_s)
    told_s = tuple(beat - 0.02 for beat in beats_s)
    assert score(steady_clip(), Answer("clip", beats_s, told_s))["lat"] == pytest.approx(-20.0)


def test_claims_inside_a_pause_are_neither_right_nor_wrong() -> None:
    clip = steady_clip()
    kept = clip.beats_s[(clip.beats_s < 9.9) | (clip.beats_s > 12.9)]
    paused = steady_clip(beats_s=kept, gaps_s=((10.0, 13.0),), scenario="pause")
    # The beat that was due when the playing stopped may still be claimed wrongly; those after not.
    ticking_on = tuple(beat for beat in clip.beats_s if beat != 10.0)
    through = score(paused, Answer("clip", ticking_on))
    silent = score(paused, Answer("clip", tuple(kept)))
    assert through["F"] == pytest.approx(1.0)
    assert silent["F"] == pytest.approx(1.0)
    when_it_stopped = score(paused, Answer("clip", (*kept, 10.05)))
    assert when_it_stopped["F"] < 0.99
    assert paused.motion == "b:moving"


def test_recovery_waits_until_the_tempo_stays_right() -> None:
    beats_s = np.arange(0.5, 30.0, 0.5)
    bpm = np.where(beats_s < 15.0, 100.0, 120.0)
    clip = steady_clip(tempo=np.stack([beats_s, bpm], axis=1), changes_s=(15.0,))
    said = [
        (14.0, 100.0),
        (16.0, 120.0),
        (16.5, 100.0),
        (17.5, 120.0),
        (18.5, 120.0),
        (19.5, 120.0),
    ]
    assert recovery_s(clip, said, 15.0) == pytest.approx(2.5)
    assert recovery_s(clip, [(t, 100.0) for t, _ in said], 15.0) == 16.0


def test_the_local_tempo_is_the_mean_beat_of_the_last_seconds() -> None:
    clip = steady_clip(tempo=np.array([[0.0, 60.0], [1.0, 120.0], [1.5, 120.0]]))
    assert true_tempo_bpm(clip, 1.6) == pytest.approx(60 / ((1 + 0.5 + 0.5) / 3))
    assert true_tempo_bpm(clip, 30.0) == 120.0


def test_without_windows_the_tempo_is_taken_from_the_beats() -> None:
    clip = steady_clip()
    assert score(clip, Answer("clip", tuple(clip.beats_s)))["W1"] == 1.0


def test_single_deviations_are_matched_to_the_onset_played() -> None:
    clip = steady_clip()
    late_s = 0.02 * np.sin(np.arange(len(clip.beats_s)))
    played_s = clip.beats_s + late_s
    clip = steady_clip(onsets_s=np.stack([played_s, clip.beats_s], axis=1), timing_sd_ms=14.0)
    said = tuple((float(t), float(1000 * d + 3)) for t, d in zip(played_s, late_s, strict=True))
    scores = score(clip, Answer("clip", deviations=said, timing_sd_ms=11.0))
    assert scores["devMAE"] == pytest.approx(3.0)
    assert scores["devr"] == pytest.approx(1.0)
    assert scores["sdMAE"] == pytest.approx(3.0)


def test_accuracy_of_the_truth_by_hand() -> None:
    # Every second interval 50 ms long, every other one 50 ms short: T = 500 ms, T/4 = 125 ms.
    beats_s = np.arange(0.5, 30.0, 0.5)
    played_s = beats_s + np.where(np.arange(len(beats_s)) % 2, 0.05, 0.0)
    clip = steady_clip(onsets_s=np.stack([played_s, beats_s], axis=1))
    assert accuracy_of_truth(clip) == pytest.approx(100 * (1 - 50 / 125))
    assert score(clip, Answer("clip", accuracy=70.0))["accE"] == pytest.approx(10.0)
    assert accuracy_of_truth(steady_clip(target_bpm=None)) is None


def test_locked_shares_with_and_without_a_pulse() -> None:
    states = tuple((float(t), s) for t, s in enumerate(["warming", "locked", "locked", "silent"]))
    assert score(steady_clip(), Answer("clip", window_states=states))["cover"] == 2 / 3
    assert score(pulseless_clip(), Answer("clip", window_states=states)) == {"lockN": 0.5}


def test_processor_time_is_per_second_of_audio() -> None:
    assert score(steady_clip(), Answer("clip", cpu_s=0.03))["cpu%"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("part", "scenario", "group"),
    [("b", "slow", "b:fixed"), ("b", "student", "b:moving"), ("x", "click", "x:click"),
     ("g", "rock", "g")],
)  # fmt: skip
def test_clips_are_grouped_by_whether_a_metronome_would_do(
    part: str, scenario: str, group: str
) -> None:
    assert steady_clip(part=part, scenario=scenario).motion == group
