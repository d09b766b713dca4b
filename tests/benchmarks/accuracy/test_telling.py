import numpy as np
import pytest

from benchmarks.accuracy.answers import Answer
from benchmarks.accuracy.telling import lateness_ms, lateness_of_hits_ms, telling_table
from tests.benchmarks.accuracy.corpora import comparison_of, pulseless_clip, steady_clip

CLIP = steady_clip(60.0, duration_s=16.0)  # beats at .5, 1.5, …, 15.5: ten of them from 5 s on


def told(after_s: float | np.ndarray, beside_s: float = 0.0) -> Answer:
    beats_s = CLIP.beats_s + beside_s
    return Answer("clip", tuple(beats_s), tuple(beats_s + after_s))


def test_lateness_is_from_the_beat_as_told_to_its_telling() -> None:
    assert lateness_ms(CLIP, told(0.012)) == pytest.approx([12.0] * 11)
    assert lateness_ms(CLIP, told(-0.2)) == pytest.approx([-200.0] * 11)
    assert not lateness_ms(CLIP, Answer("clip", (6.0,))).size
    assert not lateness_ms(pulseless_clip(), told(0.012)).size


def test_from_the_true_beat_a_beat_told_early_for_its_place_is_late() -> None:
    # Put 30 ms after the true beat and told on the spot: 30 ms late for who plays along.
    assert lateness_of_hits_ms(CLIP, told(0.0, beside_s=0.03)) == pytest.approx([30.0] * 11)
    assert not lateness_of_hits_ms(CLIP, told(0.0, beside_s=0.08)).size


def test_the_table_holds_quantiles_and_the_share_told_ahead() -> None:
    lateness_s = np.concatenate([np.zeros(5), np.arange(-5, 6) * 0.01])
    comparison = comparison_of([CLIP], practice=[told(lateness_s)], offline=[Answer("clip")])
    (row,) = telling_table(comparison).rows
    assert row == ["practice", "11", "0.0", "40.0", "50.0", "55 %", "11", "0.0", "40.0"]
