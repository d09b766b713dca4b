"""Sounds without a pulse: noise, hum, speech, wind, applause, knocks, held tones, silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import signal

from analysis_engine.training.performance import Performance
from analysis_engine.training.player import PlayedNote
from analysis_engine.training.voices import Audio, draw_voice
from analysis_engine.training.voices.base import as_audio, band_noise, mix_in

Maker = Callable[[np.random.Generator, int, int], Audio]


def white_noise(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """White noise."""
    del sample_rate_hz
    return as_audio(rng.standard_normal(count))


def pink_noise(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """Noise whose power falls as 1/f."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency_hz = np.fft.rfftfreq(count, 1 / sample_rate_hz)
    spectrum /= np.sqrt(np.maximum(frequency_hz, 20.0))
    return as_audio(np.fft.irfft(spectrum, count))


def hum(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """Mains hum of 50 Hz with harmonics, and a little noise."""
    time_s = np.arange(count) / sample_rate_hz
    sound = 0.02 * rng.standard_normal(count)
    for harmonic in range(1, 12):
        level = rng.uniform(0.2, 1.0) / harmonic
        sound += level * np.sin(2 * np.pi * 50.0 * harmonic * time_s + rng.uniform(0, 2 * np.pi))
    return as_audio(sound)


def speech(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """Syllables of irregular length through moving formants, with pauses for breath."""
    sound = np.zeros(count, np.float32)
    at = int(0.2 * sample_rate_hz)
    base_hz = float(rng.uniform(90, 220))
    left_in_phrase = int(rng.integers(4, 14))
    while at < count:
        length_s = float(np.clip(rng.lognormal(-1.75, 0.45), 0.06, 0.5))
        mix_in(
            sound,
            _syllable(rng, length_s, base_hz, sample_rate_hz),
            at,
            float(rng.uniform(0.3, 1.0)),
        )
        at += int((length_s + max(0.0, float(rng.normal(0.03, 0.04)))) * sample_rate_hz)
        left_in_phrase -= 1
        if left_in_phrase == 0:
            at += int(rng.uniform(0.25, 1.2) * sample_rate_hz)
            left_in_phrase = int(rng.integers(4, 14))
    return sound


def _syllable(
    rng: np.random.Generator, length_s: float, base_hz: float, sample_rate_hz: int
) -> Audio:
    count = int(length_s * sample_rate_hz)
    time_s = np.arange(count) / sample_rate_hz
    pitch_hz = (
        base_hz
        * float(rng.uniform(0.8, 1.3))
        * (1 + float(rng.uniform(-0.2, 0.2)) * time_s / length_s)
    )
    source = (
        2 * ((np.cumsum(pitch_hz) / sample_rate_hz) % 1) - 1 + 0.05 * rng.standard_normal(count)
    )
    voiced = np.zeros(count)
    for low_hz, high_hz in ((280, 800), (850, 2300), (2200, 3000)):
        b, a = signal.iirpeak(float(rng.uniform(low_hz, high_hz)), 6.0, fs=sample_rate_hz)
        voiced += signal.lfilter(b, a, source)
    rise = float(rng.uniform(0.01, 0.05))
    sound = voiced * np.minimum(1, time_s / rise) * np.minimum(1, (length_s - time_s) / 0.05)
    if rng.random() < 0.45:
        span = min(count, int(rng.uniform(0.03, 0.12) * sample_rate_hz))
        sound[:span] += 0.6 * band_noise(rng, span, 2500, 9000, sample_rate_hz) * np.hanning(span)
    return as_audio(sound)


def wind(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """Low noise that swells slowly and without order."""
    gust = np.interp(
        np.arange(count),
        np.arange(0, count + sample_rate_hz, sample_rate_hz),
        _walk(rng, count, sample_rate_hz),
    )
    return as_audio(band_noise(rng, count, 80, 900, sample_rate_hz) * gust)


def _walk(rng: np.random.Generator, count: int, step: int) -> Audio:
    points = len(np.arange(0, count + step, step))
    return as_audio(0.15 + np.abs(signal.lfilter([0.5], [1, -0.7], rng.standard_normal(points))))


def applause(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """Many hands, each with its own slow, uneven rate."""
    length = int(0.03 * sample_rate_hz)
    fade = np.exp(-np.arange(length) / (0.005 * sample_rate_hz))
    sound = np.zeros(count, np.float32)
    for _ in range(int(rng.integers(25, 60))):
        clap = (
            band_noise(rng, length, 700, float(rng.uniform(2500, 6000)), sample_rate_hz) * fade
        ).astype(np.float32)
        level, rate_hz = float(rng.uniform(0.2, 1.0)), float(rng.uniform(2.5, 5.0))
        gaps_s = rng.normal(1 / rate_hz, 0.12 / rate_hz, int(count / sample_rate_hz * rate_hz) + 4)
        for at_s in np.cumsum(np.abs(gaps_s)) + rng.uniform(-1, 0):
            mix_in(sound, clap, int(at_s * sample_rate_hz), level)
    return sound


def knocks(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """Knocks at random, as a Poisson process: steps, dropped things, typing."""
    voice = draw_voice(rng, "drums", sample_rate_hz)
    mean_gap_s = float(rng.choice([0.25, 0.6, 1.5]))
    times_s = np.cumsum(
        rng.exponential(mean_gap_s, int(count / sample_rate_hz / mean_gap_s * 2) + 4)
    )
    keys = [int(key) for key in rng.choice([36, 37, 43, 47], len(times_s))]
    notes = [
        PlayedNote(float(at_s), 0.2, key, float(rng.uniform(0.2, 1.0)))
        for at_s, key in zip(times_s, keys, strict=True)
    ]
    return voice.render(notes, count)


def held_tones(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """Long tones of a wind or string instrument, each of another length."""
    voice = draw_voice(
        rng, str(rng.choice(["violin", "flute", "trumpet", "clarinet"])), sample_rate_hz
    )
    notes: list[PlayedNote] = []
    at_s = 0.5
    while at_s < count / sample_rate_hz:
        length_s = float(rng.uniform(4.0, 11.0))
        notes.append(PlayedNote(at_s, length_s, int(rng.integers(60, 80)), 0.7))
        at_s += length_s + float(rng.uniform(0.3, 2.5))
    return voice.render(notes, count)


def silence(rng: np.random.Generator, count: int, sample_rate_hz: int) -> Audio:
    """Nothing at all, or almost: the last bits of a quiet recorder."""
    del sample_rate_hz
    level = float(rng.choice([0.0, 1.5e-5, 1e-4]))
    return as_audio(level * rng.standard_normal(count))


PULSELESS: Final[dict[str, Maker]] = {
    "white": white_noise,
    "pink": pink_noise,
    "hum": hum,
    "speech": speech,
    "wind": wind,
    "applause": applause,
    "knocks": knocks,
    "held": held_tones,
    "silence": silence,
}
"""Part n."""


def pulseless(
    rng: np.random.Generator, scenario: str, duration_s: float, sample_rate_hz: int
) -> Performance:
    """Make a clip without beats.

    Raises
    ------
    KeyError
        For a name that is not in `PULSELESS`.
    """
    sound = PULSELESS[scenario](rng, round(duration_s * sample_rate_hz), sample_rate_hz)
    if scenario != "silence":
        peak = 10 ** (float(rng.uniform(-30.0, -3.0)) / 20)
        sound = sound * np.float32(peak / (np.abs(sound).max() + 1e-9))
    return Performance(sound.astype(np.float32), sample_rate_hz, scenario, "none", scenario)
