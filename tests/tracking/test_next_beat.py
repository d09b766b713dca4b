"""The next beat is predicted, better once the onset is known, and not at all where nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis_engine.tracking.beats import BeatBook, Onset
from analysis_engine.tracking.clock import SampleClock
from tests.tracking.sounds import RATE_HZ, config, finals, notes, steady, told, track, windows

if TYPE_CHECKING:
    from analysis_engine.results import Beat

PERIOD_S = 0.6
CLOCK = SampleClock(100, 0.0)  # one sample a frame: frame f is heard at sample f + 1


def errors_ms(beats: list[Beat], onsets_s: np.ndarray) -> np.ndarray:
    """From each prediction after 5 s to the onset nearest to it."""
    ahead_s = np.array([b.next_beat_sample / RATE_HZ for b in beats if b.next_beat_sample])
    ahead_s = ahead_s[(ahead_s > 5.0) & (ahead_s < onsets_s[-1])]
    assert ahead_s.size
    nearest = np.abs(onsets_s[None, :] - ahead_s[:, None]).argmin(axis=1)
    return np.asarray(1000 * (ahead_s - onsets_s[nearest]))


@pytest.mark.parametrize("said", [told, finals])
def test_a_steady_player_is_predicted_within_a_few_milliseconds(said: object) -> None:
    outputs = track(steady(60.0 / PERIOD_S, 20.0), config(60.0 / PERIOD_S))
    errors = errors_ms(said(outputs), np.arange(0.3, 20.0, PERIOD_S))  # type: ignore[operator]
    assert np.median(np.abs(errors)) < 15.0
    assert np.mean(np.abs(errors) < 35.0) > 0.95


@pytest.mark.parametrize("rush", [0.998, 1.002])
def test_the_last_word_is_nearer_than_the_first_when_the_tempo_moves(rush: float) -> None:
    onsets_s = 0.3 + PERIOD_S * np.cumsum(rush ** np.arange(45))
    outputs = track(notes(onsets_s, onsets_s[-1] + 0.5), config(60.0 / PERIOD_S))
    first, last = (np.abs(errors_ms(beats, onsets_s)) for beats in (told(outputs), finals(outputs)))
    assert np.mean(last) < np.mean(first)


def test_the_last_word_goes_halfway_to_the_onset() -> None:
    book = BeatBook(CLOCK, 0)
    for frame in (0.0, 50.0):
        first = book.add_beat(int(frame), frame, 50.0, 1.0, emit=True)
    book.add_onset(Onset(56.0, 1.0, 54.0, None))
    *_, (last, _) = book.finals(90)
    assert first.next_beat_sample == 101
    assert last.next_beat_sample == 103


def test_a_beat_that_nobody_played_keeps_its_prediction() -> None:
    book = BeatBook(CLOCK, 0)
    for frame in (0.0, 50.0):
        book.add_beat(int(frame), frame, 50.0, 1.0, emit=True)
    *_, (last, _) = book.finals(90)
    assert last.next_beat_sample == 101


def test_a_break_takes_the_prediction_back() -> None:
    book = BeatBook(CLOCK, 0)
    beats = [book.add_beat(int(f), f, 50.0, 1.0, emit=True) for f in (0.0, 50.0)]
    assert [beat.next_beat_sample for beat in beats] == [None, 101]
    book.break_off()
    assert [last.next_beat_sample for last, _ in book.finals(90)] == [None, None]
    after = [book.add_beat(int(f), f, 50.0, 1.0, emit=True) for f in (300.0, 350.0)]
    assert [beat.next_beat_sample for beat in after] == [None, 401]


def test_after_a_pause_the_first_beat_predicts_nothing() -> None:
    samples = np.concatenate([steady(100.0, 10.0), np.zeros(4 * RATE_HZ), steady(100.0, 8.0)])
    beats = [b for b in told(track(samples, config(100.0))) if b.sample > 12.0 * RATE_HZ]
    assert beats[0].next_beat_sample is None
    assert beats[2].next_beat_sample is not None


def test_who_is_lost_predicts_nothing() -> None:
    rng = np.random.default_rng(4)
    scattered_s = 8.0 + np.cumsum(rng.uniform(0.08, 0.9, 60))
    onsets_s = np.concatenate([np.arange(0.3, 8.0, PERIOD_S), scattered_s])
    outputs = track(notes(onsets_s, scattered_s[-1]), config(100.0))
    lost_s = [w.end_sample for w in windows(outputs) if w.state.value == "lost"]
    assert lost_s
    for record in [*told(outputs), *finals(outputs)]:
        newest = [w for w in windows(outputs) if w.end_sample <= record.told_sample][-1:]
        if newest and newest[0].state.value == "lost":
            assert record.next_beat_sample is None
