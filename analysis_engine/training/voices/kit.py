"""A drum kit: swept sines for skins, filtered noise and clusters of partials for metal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.training.drums import Drum
from analysis_engine.training.voices.base import Audio, as_audio, band_noise, mix_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis_engine.training.player import PlayedNote

VARIANTS: Final = 3


class KitVoice:
    """A kit whose drums are tuned and damped once, each with a few strokes.

    Parameters
    ----------
    rng
        Source of chance.
    sample_rate_hz
        Rate of the sound.
    """

    def __init__(self, rng: np.random.Generator, sample_rate_hz: int) -> None:
        self._rng = rng
        self._rate_hz = sample_rate_hz
        tune = float(rng.uniform(0.85, 1.2))
        damp = float(rng.uniform(0.6, 1.5))
        makers: dict[Drum, Callable[[], Audio]] = {
            Drum.KICK: lambda: self._skin(52 * tune, 130 * tune, 0.11 * damp, 0.25),
            Drum.SNARE: lambda: self._snare(190 * tune, 0.09 * damp),
            Drum.RIM: lambda: self._skin(480 * tune, 900 * tune, 0.012, 0.6),
            Drum.LOW_TOM: lambda: self._skin(85 * tune, 130 * tune, 0.18 * damp, 0.1),
            Drum.MID_TOM: lambda: self._skin(120 * tune, 180 * tune, 0.15 * damp, 0.1),
            Drum.HIGH_TOM: lambda: self._skin(165 * tune, 240 * tune, 0.13 * damp, 0.1),
            Drum.CLOSED_HAT: lambda: self._metal(5500, 0.025 * damp, 0.6),
            Drum.OPEN_HAT: lambda: self._metal(5000, 0.2 * damp, 0.6),
            Drum.RIDE: lambda: self._metal(3500, 0.3 * damp, 0.45),
            Drum.CRASH: lambda: self._metal(2500, 0.6 * damp, 0.8),
        }
        self._strokes = {drum: [make() for _ in range(VARIANTS)] for drum, make in makers.items()}

    @property
    def attack_ms(self) -> float:
        """A stroke is there at once."""
        return 1.0

    def render(self, notes: Sequence[PlayedNote], frame_count: int) -> Audio:
        """Sound of the strokes, shape (frame_count,); a wrong key is a rim shot."""
        out = np.zeros(frame_count, np.float32)
        for note in notes:
            drum = Drum(note.pitch) if note.pitch in set(Drum) else Drum.RIM
            stroke = self._strokes[drum][int(self._rng.integers(VARIANTS))]
            mix_in(out, stroke, round(note.onset_s * self._rate_hz), note.loudness**1.4)
        return out

    def _decay(self, tau_s: float) -> Audio:
        count = int(min(6 * tau_s, 1.8) * self._rate_hz)
        return as_audio(np.exp(-np.arange(count, dtype=np.float32) / (tau_s * self._rate_hz)))

    def _skin(self, low_hz: float, high_hz: float, tau_s: float, click: float) -> Audio:
        """Sweep a sine downwards, with the click of the stick or beater."""
        fade = self._decay(tau_s)
        time_s = np.arange(len(fade)) / self._rate_hz
        pitch_hz = low_hz + (high_hz - low_hz) * np.exp(-time_s / 0.03)
        sound = fade * np.sin(2 * np.pi * np.cumsum(pitch_hz) / self._rate_hz).astype(np.float32)
        span = min(len(sound), int(0.008 * self._rate_hz))
        noise = band_noise(self._rng, span, 1000, 5000, self._rate_hz)
        sound[:span] += np.float32(click) * noise * np.linspace(1, 0, span, dtype=np.float32)
        return as_audio(sound)

    def _snare(self, tone_hz: float, tau_s: float) -> Audio:
        fade = self._decay(tau_s)
        time_s = np.arange(len(fade), dtype=np.float32) / self._rate_hz
        skin = np.sin(2 * np.pi * tone_hz * time_s) + 0.6 * np.sin(
            2 * np.pi * 1.72 * tone_hz * time_s
        )
        wires = band_noise(self._rng, len(fade), 1200, 8000, self._rate_hz)
        return as_audio(fade * (0.7 * wires + 0.35 * skin * np.exp(-time_s / 0.04)))

    def _metal(self, low_hz: float, tau_s: float, level: float) -> Audio:
        fade = self._decay(tau_s)
        time_s = np.arange(len(fade), dtype=np.float32) / self._rate_hz
        high_hz = 0.44 * self._rate_hz
        hiss = band_noise(self._rng, len(fade), low_hz, high_hz, self._rate_hz)
        ring = sum(
            np.sin(2 * np.pi * float(self._rng.uniform(low_hz, high_hz)) * time_s) for _ in range(6)
        ) / np.float32(6)
        return as_audio(level * fade * (0.7 * hiss + 0.5 * ring))
