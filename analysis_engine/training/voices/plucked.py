"""Guitar-like: a plucked string (Karplus and Strong) with a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

from analysis_engine.training.voices.base import (
    Audio,
    as_audio,
    body,
    frequency_hz,
    mix_in,
    released,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis_engine.training.player import PlayedNote

LONGEST_S = 2.8
VARIANTS = 2


class PluckedVoice:
    """A guitar whose strings, pluck and body are drawn once.

    Parameters
    ----------
    rng
        Source of chance.
    sample_rate_hz
        Rate of the sound.

    Notes
    -----
    Karplus and Strong, Digital Synthesis of Plucked-String and Drum Timbres (1983), as one
    recursive filter: y[n] = x[n] + g ((1-s) y[n-N] + s y[n-N-1]), with a linear interpolator for
    the fractional part of the period.
    """

    def __init__(self, rng: np.random.Generator, sample_rate_hz: int) -> None:
        self._rng = rng
        self._rate_hz = sample_rate_hz
        self._damping = float(rng.uniform(0.1, 0.4))
        self._t60_s = float(rng.uniform(1.2, 4.0))
        self._position = float(rng.uniform(0.1, 0.35))
        self._pick_hz = float(rng.uniform(400.0, 2500.0))
        self._release_s = float(rng.uniform(0.04, 0.12))
        self._body_seed = int(rng.integers(1 << 31))
        self._cache: dict[tuple[int, int], Audio] = {}

    @property
    def attack_ms(self) -> float:
        """A pluck is there at once; the first period fills up."""
        return 2.0

    def render(self, notes: Sequence[PlayedNote], frame_count: int) -> Audio:
        """Sound of the notes, shape (frame_count,)."""
        out = np.zeros(frame_count, np.float32)
        for note in notes:
            key = (note.pitch, int(self._rng.integers(VARIANTS)))
            if key not in self._cache:
                self._cache[key] = self._string(note.pitch)
            sound = released(
                self._cache[key],
                int(note.length_s * self._rate_hz),
                int(self._release_s * self._rate_hz),
            )
            mix_in(out, sound, round(note.onset_s * self._rate_hz), note.loudness)
        return body(out, np.random.default_rng(self._body_seed), self._rate_hz, 90.0, 500.0)

    def _string(self, pitch: int) -> Audio:
        period = self._rate_hz / frequency_hz(pitch)
        whole = int(period - self._damping)
        fraction = period - self._damping - whole
        loop = np.convolve([1 - self._damping, self._damping], [1 - fraction, fraction])
        gain = 10.0 ** (-3.0 * period / self._rate_hz / self._t60_s)
        denominator = np.zeros(whole + 3)
        denominator[0] = 1.0
        denominator[whole:] -= gain * loop
        excitation = np.zeros(int(LONGEST_S * self._rate_hz))
        excitation[: whole + 1] = self._pluck(whole + 1)
        sound = signal.lfilter([1.0], denominator, excitation)
        tail = int(0.2 * self._rate_hz)
        sound[-tail:] *= np.linspace(1, 0, tail)
        return as_audio(0.5 * sound / (np.abs(sound).max() + 1e-9))

    def _pluck(self, count: int) -> Audio:
        """One period of noise, softened by the finger, with the comb of the plucking point."""
        noise = self._rng.uniform(-1, 1, count)
        pole = float(np.exp(-2 * np.pi * self._pick_hz / self._rate_hz))
        soft = signal.lfilter([(1 - pole) ** 2], [1, -2 * pole, pole**2], noise)
        return as_audio(soft - np.roll(soft, max(1, int(self._position * count))))
