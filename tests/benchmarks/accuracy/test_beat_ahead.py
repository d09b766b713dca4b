from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.accuracy.answers import Answer, answer_of
from benchmarks.accuracy.beat_ahead import ahead_errors_ms, ahead_scores, beat_ahead_table
from tests.benchmarks.accuracy.corpora import comparison_of, pulseless_clip, steady_clip

CLIP = steady_clip(60.0, duration_s=16.0)  # beats at .5, 1.5, …, 15.5: eleven of them from 5 s on


def test_errors_are_to_the_nearest_true_beat_after_the_first_seconds() -> None:
    assert ahead_errors_ms(CLIP, [4.5, 6.52, 7.47, 9.0 - 0.05]) == pytest.approx([20, -30, 450])
    assert not ahead_errors_ms(CLIP, [16.2]).size
    assert not ahead_errors_ms(pulseless_clip(), [6.5]).size


def test_inside_a_pause_nothing_is_right_or_wrong() -> None:
    paused = replace(CLIP, gaps_s=((8.5, 11.5),))
    assert len(ahead_errors_ms(paused, [7.5, 8.45, 9.5, 11.5, 12.5])) == 2


def test_scores_are_of_the_final_predictions() -> None:
    final_s = tuple(CLIP.beats_s + np.resize([0.01, 0.03, 0.1, 0.04], CLIP.beats_s.size))
    answer = Answer("clip", ahead_s=tuple(CLIP.beats_s), ahead_settled_s=final_s)
    found = ahead_scores(CLIP, answer)
    errors = list(ahead_errors_ms(CLIP, final_s))
    assert found["ahead"] == pytest.approx(np.median(errors))
    assert found["ahead35"] == np.mean([each <= 35 for each in errors])
    assert ahead_scores(CLIP, Answer("clip")) == {}


def test_the_table_names_who_predicts_and_how_well_twice() -> None:
    answer = Answer(
        "clip", ahead_s=tuple(CLIP.beats_s + 0.05), ahead_settled_s=tuple(CLIP.beats_s - 0.02)
    )
    comparison = comparison_of([CLIP], practice=[answer], offline=[Answer("clip")])
    (row,) = beat_ahead_table(comparison).rows
    assert row[1:] == ["practice", "10", "50.0", "50.0", "0 %", "11", "20.0", "-20.0", "100 %"]


def test_predictions_come_back_from_a_result_line() -> None:
    answer = Answer("clip", ahead_s=(1.5, 2.5), ahead_settled_s=(1.49,))
    assert answer_of(answer.to_record()) == answer
