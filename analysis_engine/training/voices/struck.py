"""Piano-like: inharmonic partials that die away in two stages, hammer noise, a soundboard thump."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis_engine.training.voices.base import (
    Audio,
    as_audio,
    band_noise,
    frequency_hz,
    mix_in,
    released,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis_engine.training.player import PlayedNote

LONGEST_S = 3.5
LOUDNESS_LAYERS = 4


class StruckVoice:
    """A piano whose brightness, decay and hammers are drawn once.

    Parameters
    ----------
    rng
        Source of chance.
    sample_rate_hz
        Rate of the sound.

    Notes
    -----
    Partial n of a stiff string lies at n f0 sqrt(1 + B n^2) (Fletcher and Rossing, The Physics of
    Musical Instruments, section 2.18); a hammer at 1/8 of the string leaves out every eighth.
    """

    def __init__(self, rng: np.random.Generator, sample_rate_hz: int) -> None:
        self._rng = rng
        self._rate_hz = sample_rate_hz
        self._stiffness = float(rng.uniform(1e-4, 8e-4))
        self._tilt = float(rng.uniform(0.8, 1.6))
        self._decay_s = float(rng.uniform(0.8, 2.4))
        self._attack_s = float(rng.uniform(0.001, 0.005))
        self._hammer = float(rng.uniform(0.03, 0.25))
        self._release_s = float(rng.uniform(0.06, 0.25))
        self._pedal = bool(rng.random() < 0.25)
        self._cache: dict[tuple[int, int], Audio] = {}

    @property
    def attack_ms(self) -> float:
        """Half loudness comes after about half the hammer's contact."""
        return 500.0 * self._attack_s

    def render(self, notes: Sequence[PlayedNote], frame_count: int) -> Audio:
        """Sound of the notes, shape (frame_count,)."""
        out = np.zeros(frame_count, np.float32)
        for note in notes:
            layer = min(LOUDNESS_LAYERS - 1, int(note.loudness * LOUDNESS_LAYERS))
            key = (note.pitch, layer)
            if key not in self._cache:
                self._cache[key] = self._string(note.pitch, (layer + 0.5) / LOUDNESS_LAYERS)
            length_s = note.length_s + (0.6 if self._pedal else 0.0)
            sound = released(
                self._cache[key],
                int(length_s * self._rate_hz),
                int(self._release_s * self._rate_hz),
            )
            mix_in(out, sound, round(note.onset_s * self._rate_hz), note.loudness**1.6)
        return out

    def _string(self, pitch: int, loudness: float) -> Audio:
        f0_hz = frequency_hz(pitch)
        count = int(LONGEST_S * self._rate_hz)
        time_s = np.arange(count, dtype=np.float32) / self._rate_hz
        number = np.arange(1, 25)
        stiffness = self._stiffness * 2.0 ** ((pitch - 60) / 12)
        partials_hz = number * f0_hz * np.sqrt(1 + stiffness * number**2)
        number, partials_hz = number[partials_hz < 7500], partials_hz[partials_hz < 7500]
        tilt = self._tilt + 0.9 * (1 - loudness)
        level = (np.abs(np.sin(np.pi * number / 8)) + 0.05) * number**-tilt
        decay_s = self._decay_s * 2.0 ** ((60 - pitch) / 30) / (1 + 0.12 * (number - 1))
        sound = np.zeros(count, np.float32)
        for partial_hz, amplitude, slow_s in zip(partials_hz, level, decay_s, strict=True):
            span = min(count, int(5 * slow_s * self._rate_hz))
            t = time_s[:span]
            envelope = 0.65 * np.exp(-t / (0.3 * slow_s)) + 0.35 * np.exp(-t / slow_s)
            phase = np.float32(self._rng.uniform(0, 2 * np.pi))
            sound[:span] += (
                np.float32(amplitude)
                * envelope
                * np.sin(np.float32(2 * np.pi * partial_hz) * t + phase)
            )
        return self._strike(sound / np.float32(level.sum()), pitch, loudness)

    def _strike(self, sound: Audio, pitch: int, loudness: float) -> Audio:
        """Round the attack, and add what the hammer and the wood give."""
        attack = max(2, int(self._attack_s * self._rate_hz))
        sound[:attack] *= np.linspace(0, 1, attack, dtype=np.float32)
        length = int(0.03 * self._rate_hz)
        fade = np.exp(-np.arange(length, dtype=np.float32) / (0.006 * self._rate_hz))
        high_hz = 1500.0 + 4000.0 * loudness
        noise = band_noise(self._rng, length, 300.0, high_hz, self._rate_hz) * fade
        sound[:length] += np.float32(self._hammer * loudness) * noise
        # Long tones fade before the cache ends.
        tail = int(0.3 * self._rate_hz)
        sound[-tail:] *= np.linspace(1, 0, tail, dtype=np.float32)
        return as_audio(2.5 * sound * (1.0 if pitch < 84 else 0.8))
