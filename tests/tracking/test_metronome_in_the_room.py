from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from analysis_engine.results import Output, WindowState
from analysis_engine.tracking.tracker import Tracker
from analysis_engine.training.metronome import SOUNDS, Metronome, add_metronome
from analysis_engine.training.voices.base import mix_in
from tests.tracking.sounds import RATE_HZ, config, encoded, notes, summary, windows

SECONDS = 16.0


def metronome_alone(sound: str, bpm: float, accent_every: int = 0) -> np.ndarray:
    out = np.zeros(round(SECONDS * RATE_HZ), np.float32)
    heard = Metronome(bpm, 0.3, sound, accent_every, level=0.3)
    add_metronome(np.random.default_rng(5), out, heard, RATE_HZ)
    return out + 1e-4 * np.random.default_rng(6).standard_normal(out.size)


def human(seconds: float) -> np.ndarray:
    """A player at 84 bpm whose hand strays by 12 ms and whose notes are not equal."""
    rng = np.random.default_rng(9)
    onsets_s = np.arange(0.9, seconds, 60.0 / 84.0)
    onsets_s += rng.normal(0.0, 0.012, onsets_s.size)
    return notes(onsets_s, seconds, pitches=(48, 55, 60, 52, 64, 57, 50))


@cache
def heard(sound: str, bpm: float, *, removal: bool, accent_every: int = 0) -> list[Output]:
    tracker = Tracker(config(), metronome_removal=removal)
    data = encoded(metronome_alone(sound, bpm, accent_every))
    return tracker.process(data) + tracker.finish()


@pytest.mark.parametrize(
    ("sound", "bpm", "accent_every"),
    [("beep", 120.0, 0), ("wood", 72.0, 0), ("clockwork", 100.0, 0), ("square", 160.0, 4)],
)
def test_nobody_plays_where_only_a_metronome_sounds(
    sound: str, bpm: float, accent_every: int
) -> None:
    outputs = heard(sound, bpm, removal=True, accent_every=accent_every)
    states = [window.state for window in windows(outputs)]
    assert WindowState.LOCKED not in states
    assert states[-1] is WindowState.SILENT
    assert summary(outputs).active_s < 0.35 * SECONDS


def test_without_the_removal_a_metronome_passes_for_a_player() -> None:
    outputs = heard("beep", 120.0, removal=False)
    assert WindowState.LOCKED in [window.state for window in windows(outputs)]
    assert summary(outputs).active_s > 0.8 * SECONDS


def test_a_player_is_active_beside_a_metronome() -> None:
    sound = metronome_alone("beep", 113.0) + human(SECONDS)
    tracker = Tracker(config(84.0))
    outputs = tracker.process(encoded(sound)) + tracker.finish()
    assert summary(outputs).active_s > 0.8 * SECONDS


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_drummer_who_taps_on_wood_is_no_metronome(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stroke, _ = SOUNDS["wood"](rng, RATE_HZ)
    sound = 1e-4 * rng.standard_normal(round(SECONDS * RATE_HZ)).astype(np.float32)
    for beat_s in np.arange(0.3, SECONDS - 1.0, 0.6):
        # Five milliseconds and a decibel: few hands are that even.
        at = round((beat_s + rng.normal(0.0, 0.005)) * RATE_HZ)
        mix_in(sound, stroke, at, 0.3 * float(np.exp(rng.normal(0.0, 0.12))))
    tracker = Tracker(config(100.0))
    outputs = tracker.process(encoded(sound)) + tracker.finish()
    assert not tracker.metronome_heard
    assert summary(outputs).active_s > 0.8 * SECONDS
    assert [w.state for w in windows(outputs)].count(WindowState.LOCKED) > 8


def test_a_player_alone_is_heard_the_same_with_and_without_the_removal() -> None:
    data = encoded(human(SECONDS))
    results = []
    for removal in (False, True):
        tracker = Tracker(config(84.0), metronome_removal=removal)
        results.append(tracker.process(data) + tracker.finish())
    assert results[0] == results[1]


def test_a_metronome_does_not_depend_on_chunking() -> None:
    data = encoded(metronome_alone("wood", 132.0) + human(SECONDS))
    tracker = Tracker(config())
    whole = tracker.process(data) + tracker.finish()
    tracker = Tracker(config())
    step = 2 * 777
    parts: list[Output] = []
    for start in range(0, len(data), step):
        parts += tracker.process(data[start : start + step])
    assert parts + tracker.finish() == whole
