"""What every instrument shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis_engine.training.player import PlayedNote

Audio = NDArray[np.float32]
"""Mono samples, about -1..1."""


class Voice(Protocol):
    """An instrument whose character was drawn when it was made."""

    @property
    def attack_ms(self) -> float:
        """Typical time from a note's start until half of its loudness is reached."""
        ...

    def render(self, notes: Sequence[PlayedNote], frame_count: int) -> Audio:
        """Sound of the notes over ``frame_count`` samples from time 0."""
        ...


def as_audio(sound: ArrayLike) -> Audio:
    """Take samples as float32."""
    return np.asarray(sound, np.float32)


def frequency_hz(pitch: int) -> float:
    """Equal temperament, A4 (69) = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


def mix_in(out: Audio, sound: Audio, at_sample: int, gain: float = 1.0) -> None:
    """Add a sound into ``out`` from a sample on, cut where ``out`` ends."""
    end = min(len(out), at_sample + len(sound))
    if 0 <= at_sample < end:
        out[at_sample:end] += gain * sound[: end - at_sample]


def released(sound: Audio, hold_samples: int, release_samples: int) -> Audio:
    """Cut a ringing sound: kept for ``hold_samples``, then faded exponentially by about 50 dB."""
    if hold_samples >= len(sound):
        return sound
    end = min(len(sound), hold_samples + release_samples)
    result = sound[:end].copy()
    fade = np.exp(np.linspace(0.0, -6.0, end - hold_samples, dtype=np.float32))
    result[hold_samples:] *= fade
    return result


def band_noise(
    rng: np.random.Generator, count: int, low_hz: float, high_hz: float, sample_rate_hz: int
) -> Audio:
    """Noise of unit peak inside a band."""
    high_hz = min(high_hz, 0.45 * sample_rate_hz)
    sos = signal.butter(2, [low_hz, high_hz], "bandpass", fs=sample_rate_hz, output="sos")
    noise = signal.sosfilt(sos, rng.standard_normal(count + 64).astype(np.float32))[64:]
    return as_audio(noise / (np.abs(noise).max() + 1e-9))


def body(
    sound: Audio, rng: np.random.Generator, sample_rate_hz: int, low_hz: float, high_hz: float
) -> Audio:
    """Colour a sound by a few random body resonances between two frequencies."""
    result = sound.astype(np.float32)
    for _ in range(3):
        centre_hz = low_hz * (high_hz / low_hz) ** rng.random()
        b, a = signal.iirpeak(centre_hz, float(rng.uniform(1.5, 5.0)), fs=sample_rate_hz)
        peak = signal.lfilter(b.astype(np.float32), a.astype(np.float32), sound)
        result += np.float32(rng.uniform(0.2, 1.0)) * peak.astype(np.float32)
    return result
