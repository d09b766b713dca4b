from __future__ import annotations

import itertools

import numpy as np
import pytest

from analysis_engine.config import Encoding
from analysis_engine.results import EventKind, Output, StreamEvent, WindowState
from analysis_engine.tracking.tracker import Tracker
from tests.tracking.sounds import (
    RATE_HZ,
    config,
    encoded,
    finals,
    locked,
    median_bpm,
    notes,
    steady,
    summary,
    told,
    track,
    windows,
)


def kinds(outputs: list[Output]) -> list[EventKind]:
    return [o.kind for o in outputs if isinstance(o, StreamEvent)]


@pytest.mark.parametrize(
    ("bpm", "with_target"),
    [
        *((bpm, True) for bpm in (60.0, 90.0, 120.0, 180.0)),
        *((bpm, False) for bpm in (60.0, 90.0, 120.0)),
    ],
)
def test_a_steady_tempo_is_told_within_one_per_cent(bpm: float, with_target: bool) -> None:
    outputs = track(steady(bpm, 16.0), config(bpm if with_target else None))

    found = locked(outputs, after_s=6.0)
    assert len(found) >= 18
    assert median_bpm(found) == pytest.approx(bpm, rel=0.01)
    assert summary(outputs).median_bpm == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize("bpm", [180.0, 232.0])
def test_fast_even_notes_without_a_target_are_beats_or_halves(bpm: float) -> None:
    outputs = track(steady(bpm, 24.0), config(None))

    found = median_bpm(locked(outputs, after_s=12.0))
    assert found == pytest.approx(bpm, rel=0.01) or found == pytest.approx(bpm / 2, rel=0.01)


@pytest.mark.parametrize(
    ("bpm", "with_target"),
    [(32.0, True), (48.0, True), (232.0, True), (32.0, False), (48.0, False)],
)
def test_very_slow_and_very_fast_students_are_not_told_another_level(
    bpm: float, with_target: bool
) -> None:
    outputs = track(steady(bpm, 24.0), config(bpm if with_target else None))

    assert median_bpm(locked(outputs, after_s=12.0)) == pytest.approx(bpm, rel=0.015)


def test_a_target_does_not_bend_the_tempo_nor_the_onsets() -> None:
    played = steady(108.0, 20.0)

    with_target = track(played, config(100.0))
    without = track(played, config())

    assert median_bpm(locked(with_target, after_s=6.0)) == pytest.approx(108.0, rel=0.01)
    assert median_bpm(locked(without, after_s=6.0)) == pytest.approx(108.0, rel=0.01)
    late = 8.0 * RATE_HZ
    onsets = [
        {b.onset_sample for b in finals(o) if b.onset_sample and b.onset_sample > late}
        for o in (with_target, without)
    ]
    assert len(onsets[0]) > 15
    assert onsets[0] == onsets[1]


def test_a_tempo_off_the_target_is_a_deviation_with_its_sign() -> None:
    fast = locked(track(steady(108.0, 16.0), config(100.0)), after_s=8.0)
    slow = locked(track(steady(94.0, 16.0), config(100.0)), after_s=8.0)

    assert fast[-1].deviation_percent == pytest.approx(8.0, abs=1.0)
    assert slow[-1].deviation_percent == pytest.approx(-6.0, abs=1.0)


def test_half_notes_against_a_quarter_note_target_are_ratio_one_half() -> None:
    outputs = track(steady(48.0, 40.0), config(96.0))

    last = locked(outputs, after_s=30.0)
    assert {w.metrical_ratio for w in last} == {0.5}
    assert np.median([w.raw_bpm for w in last if w.raw_bpm]) == pytest.approx(48.0, rel=0.01)
    assert median_bpm(last) == pytest.approx(96.0, rel=0.01)
    assert last[-1].accuracy is not None
    assert last[-1].accuracy > 95.0


def test_steady_playing_is_accurate_and_happy() -> None:
    last = locked(track(steady(100.0, 16.0), config(100.0)))[-1]

    assert last.accuracy is not None
    assert last.accuracy > 97.0
    assert last.steadiness is not None
    assert last.steadiness > 97.0
    assert last.mood is not None
    assert last.mood.color == "#4CAF50"


def test_uneven_playing_is_measured() -> None:
    rng = np.random.default_rng(7)
    onsets_s = 0.3 + np.arange(60) * 0.6 + rng.normal(0, 0.02, 60)

    outputs = track(notes(onsets_s, 37.0), config(100.0))

    assert summary(outputs).timing_sd_ms == pytest.approx(20.0, abs=5.0)
    # 20 ms of jitter on each onset: mean |difference| = 22.6 ms of 150 ms.
    assert summary(outputs).accuracy == pytest.approx(85.0, abs=4.0)


def test_offsets_follow_single_late_beats() -> None:
    onsets_s = 0.3 + np.arange(40) * 0.5
    onsets_s[20] += 0.04
    onsets_s[30] -= 0.04

    beats = finals(track(notes(onsets_s, 21.0), config(120.0)))

    late = [b for b in beats if b.onset_sample and abs(b.onset_sample / RATE_HZ - 10.34) < 0.02]
    early = [b for b in beats if b.onset_sample and abs(b.onset_sample / RATE_HZ - 15.26) < 0.02]
    assert [b.offset_ms for b in late] == [pytest.approx(31, abs=8)]
    assert [b.offset_ms for b in early] == [pytest.approx(-31, abs=8)]


def test_beats_are_told_at_once_on_the_beat() -> None:
    outputs = track(steady(120.0, 16.0), config(120.0))

    beats = [b for b in told(outputs) if b.sample > 4 * RATE_HZ]
    late_ms = [(b.told_sample - b.sample) / RATE_HZ * 1000 for b in beats]
    error_ms = [((b.sample / RATE_HZ - 0.3 + 0.25) % 0.5 - 0.25) * 1000 for b in beats]
    assert len(beats) >= 23
    assert np.abs(error_ms).max() < 20.0
    assert max(late_ms) <= 12.0


def test_every_beat_is_told_first_and_made_final_within_250_ms() -> None:
    outputs = track(steady(100.0, 12.0), config(100.0))

    last = {b.beat_index: b for b in finals(outputs)}
    assert sorted(last) == [b.beat_index for b in told(outputs)] == list(range(len(last)))
    for beat in told(outputs)[:-1]:
        assert last[beat.beat_index].told_sample - beat.sample <= 0.25 * RATE_HZ


@pytest.mark.parametrize("kind", ["silence", "offset", "white", "hum", "held"])
def test_what_has_no_pulse_is_never_locked(kind: str) -> None:
    rng = np.random.default_rng(8)
    at_s = np.arange(30 * RATE_HZ) / RATE_HZ
    signal = {
        "silence": np.zeros(at_s.size),
        "offset": np.full(at_s.size, 0.3),
        "white": rng.normal(0, 0.1, at_s.size),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * at_s) + 0.1 * np.sin(2 * np.pi * 150 * at_s),
        "held": 0.3 * np.sin(2 * np.pi * 440 * at_s),
    }[kind]

    outputs = track(signal, config(100.0))

    assert [w.state for w in locked(outputs)] == []
    assert summary(outputs).accuracy is None


def test_silence_is_silent_and_never_scores() -> None:
    outputs = track(np.zeros(10 * RATE_HZ), config(100.0))

    assert {w.state for w in windows(outputs)} == {WindowState.SILENT}
    assert all(w.bpm is None and w.mood is None for w in windows(outputs))
    assert summary(outputs).active_s == 0.0
    assert summary(outputs).coverage == 0.0


def test_a_rest_is_silence_and_the_tempo_is_found_again() -> None:
    onsets_s = [*np.arange(0.3, 10, 0.6), *np.arange(15.0, 26, 0.6)]

    outputs = track(notes(onsets_s, 26.0), config(100.0))

    assert kinds(outputs).count(EventKind.SILENCE_STARTED) == 1
    resting = [w for w in windows(outputs) if 12.8 * RATE_HZ < w.end_sample < 15 * RATE_HZ]
    assert {w.state for w in resting} == {WindowState.SILENT}
    again = locked(outputs, after_s=18.0)
    assert len(again) >= 14
    assert median_bpm(again) == pytest.approx(100.0, rel=0.01)
    # The rest is no interval: nothing but steady playing is scored.
    assert summary(outputs).accuracy == pytest.approx(99.0, abs=1.5)


def test_a_tempo_jump_is_followed_and_told() -> None:
    first = np.arange(0.3, 12, 0.6)
    onsets_s = [*first, *np.arange(first[-1] + 0.5, 28, 0.5)]

    outputs = track(notes(onsets_s, 28.0), config(100.0))

    assert EventKind.TEMPO_CHANGED in kinds(outputs)
    assert median_bpm(locked(outputs, after_s=18.0)) == pytest.approx(120.0, rel=0.015)


def test_pause_stops_the_clock_and_resume_goes_on() -> None:
    tracker = Tracker(config(100.0))
    played = encoded(steady(100.0, 10.0))
    tracker.process(played)
    at = tracker.next_sample

    tracker.pause()
    ignored = tracker.process(played)
    assert tracker.paused
    assert ignored == []
    assert tracker.next_sample == at

    tracker.resume()
    tracker.process(played)
    assert tracker.next_sample == 2 * at
    assert summary(tracker.finish()).accuracy == pytest.approx(99.0, abs=1.5)


def test_a_gap_is_told_and_not_scored() -> None:
    played = encoded(steady(100.0, 9.9))
    tracker = Tracker(config(100.0))
    tracker.process(played)

    gap = tracker.skip(3 * RATE_HZ // 2)
    assert next(o for o in gap if isinstance(o, StreamEvent)).kind is EventKind.GAP
    tracker.process(played)

    assert tracker.next_sample == 2 * len(played) // 2 + 3 * RATE_HZ // 2
    assert summary(tracker.finish()).accuracy == pytest.approx(99.0, abs=1.5)


def test_a_gap_of_hours_keeps_the_clock_and_costs_little() -> None:
    tracker = Tracker(config(100.0))
    tracker.process(encoded(steady(100.0, 6.0)))
    before = tracker.next_sample

    outputs = tracker.skip(3 * 3600 * RATE_HZ + 17)
    assert len(windows(outputs)) <= 7
    assert tracker.next_sample == before + 3 * 3600 * RATE_HZ + 17

    after = tracker.process(encoded(steady(100.0, 12.0)))
    start = tracker.next_sample - 12 * RATE_HZ
    errors_s = [((b.sample - start) / RATE_HZ - 0.3 + 0.3) % 0.6 - 0.3 for b in told(after)]
    assert np.abs(errors_s[8:]).max() < 0.03
    assert all(w.end_sample % (RATE_HZ / 2) == 0 for w in windows(after))


def test_clipping_and_quiet_are_told() -> None:
    loud = np.clip(20 * steady(100.0, 8.0), -1, 1)
    quiet = steady(100.0, 8.0) * 0.01

    assert EventKind.CLIPPING in kinds(track(loud, config()))
    assert EventKind.TOO_QUIET in kinds(track(quiet, config()))
    assert not {EventKind.CLIPPING, EventKind.TOO_QUIET} & set(
        kinds(track(steady(100.0, 8.0), config()))
    )


def test_clipped_playing_keeps_its_tempo() -> None:
    loud = np.clip(20 * steady(100.0, 16.0), -1, 1)

    assert median_bpm(locked(track(loud, config(100.0)), after_s=6.0)) == pytest.approx(
        100.0, rel=0.01
    )


def test_meditation_starts_and_ends_with_its_tempo() -> None:
    slow = track(steady(50.0, 24.0), config(50.0))
    quick = track(steady(72.0, 16.0), config(55.0))

    assert EventKind.MEDITATION_STARTED in kinds(slow)
    assert summary(slow).meditation_s > 10.0
    assert EventKind.MEDITATION_STARTED not in kinds(quick)
    assert summary(quick).meditation_s == 0.0


def test_a_new_target_counts_from_then_on() -> None:
    tracker = Tracker(config(100.0))
    played = encoded(steady(100.0, 24.0))
    half = len(played) // 4 * 2
    tracker.process(played[:half])

    tracker.set_target_bpm(110.0)
    later = locked(tracker.process(played[half:]))
    tracker.set_target_bpm(None)

    assert later[-1].deviation_percent == pytest.approx(-9.1, abs=1.0)
    assert tracker.config.target_bpm is None
    with pytest.raises(ValueError, match="target_bpm"):
        tracker.set_target_bpm(1.0)


def test_held_tempo_is_the_fastest_of_16_even_beats() -> None:
    first = np.arange(0.3, 15, 0.6)
    onsets_s = [*first, *np.arange(first[-1] + 0.5, 30, 0.5)]

    held = summary(track(notes(onsets_s, 30.0), config(110.0))).held_bpm

    assert held == pytest.approx(120.0, rel=0.015)


def test_a_rushing_student_drifts_upwards() -> None:
    onsets_s, at_s, bpm = [], 0.3, 96.0
    while at_s < 36.0:
        onsets_s.append(at_s)
        bpm = 96.0 + 12.0 * at_s / 60.0
        at_s += 60.0 / bpm

    outputs = track(notes(onsets_s, 36.0), config(96.0))

    assert locked(outputs)[-1].drift_bpm_per_minute == pytest.approx(12.0, abs=2.5)
    assert summary(outputs).drift_bpm_per_minute == pytest.approx(12.0, abs=2.5)


def test_input_latency_is_taken_off_the_beats_but_not_off_what_was_heard() -> None:
    played = steady(100.0, 8.0)
    plain = told(track(played, config(100.0)))
    calibrated = told(track(played, config(100.0, input_latency_s=0.1)))

    assert [b.told_sample for b in calibrated] == [b.told_sample for b in plain]
    shift = {b.sample - a.sample for a, b in zip(plain, calibrated, strict=True)}
    assert shift == {-round(0.1 * RATE_HZ)}


def test_beats_count_through_the_bar() -> None:
    beats = told(track(steady(100.0, 12.0), config(100.0, beats_per_bar=3)))

    places = [b.beat_in_bar for b in beats]
    assert set(places) == {1, 2, 3}
    assert all((b - a) % 3 == 1 for a, b in itertools.pairwise(places))
    assert {b.beat_in_bar for b in told(track(steady(100.0, 4.0), config()))} <= {0}


def test_bytes_that_are_no_whole_samples_are_refused() -> None:
    tracker = Tracker(config(encoding=Encoding.FLOAT32, channel_count=2))

    with pytest.raises(ValueError, match="whole samples"):
        tracker.process(b"\x00" * 12)
    assert tracker.next_sample == 0
