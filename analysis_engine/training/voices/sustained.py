"""Bowed and blown: violin, flute, trumpet, clarinet by two wavetables, breath and vibrato."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from analysis_engine.training.voices.base import (
    Audio,
    as_audio,
    band_noise,
    body,
    frequency_hz,
    mix_in,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis_engine.training.player import PlayedNote

TABLE_SIZE: Final = 2048


@dataclass(frozen=True, slots=True)
class SustainedKind:
    """Ranges from which an instrument of a kind is drawn (low, high).

    Parameters
    ----------
    attack_s
        Time to full loudness of a fresh attack.
    release_s
        Time from the note's end to silence.
    tilt
        Fall of partial n as n ** -tilt, when loud; softer notes fall faster.
    even_share
        Strength of even partials (a clarinet has almost none).
    vibrato_cents, breath, transient
        Depth of vibrato; steady noise; noise at a fresh attack, both relative to the tone.
    noise_hz
        Band of that noise.
    body_hz
        Where body or bell resonances lie.
    """

    attack_s: tuple[float, float]
    release_s: tuple[float, float]
    tilt: tuple[float, float]
    even_share: tuple[float, float]
    vibrato_cents: tuple[float, float]
    breath: tuple[float, float]
    transient: tuple[float, float]
    noise_hz: tuple[float, float]
    body_hz: tuple[float, float]


KINDS: Final[dict[str, SustainedKind]] = {
    "violin": SustainedKind(
        (0.03, 0.15), (0.05, 0.15), (0.7, 1.2), (0.8, 1.0), (5.0, 30.0), (0.005, 0.03),
        (0.02, 0.15), (1200.0, 6000.0), (280.0, 2800.0),
    ),
    "flute": SustainedKind(
        (0.05, 0.18), (0.06, 0.14), (1.8, 2.8), (0.4, 1.0), (0.0, 20.0), (0.02, 0.1), (0.02, 0.12),
        (800.0, 5000.0), (500.0, 1500.0),
    ),
    "trumpet": SustainedKind(
        (0.015, 0.05), (0.03, 0.08), (0.5, 1.0), (0.9, 1.0), (0.0, 12.0), (0.003, 0.015),
        (0.02, 0.15), (1000.0, 5000.0), (900.0, 2200.0),
    ),
    "clarinet": SustainedKind(
        (0.02, 0.06), (0.04, 0.1), (0.8, 1.4), (0.05, 0.3), (0.0, 5.0), (0.004, 0.02), (0.01, 0.06),
        (900.0, 5000.0), (400.0, 1800.0),
    ),
}  # fmt: skip


class SustainedVoice:
    """An instrument that holds its tone.

    Parameters
    ----------
    rng
        Source of chance.
    sample_rate_hz
        Rate of the sound.
    kind
        Its family.
    """

    def __init__(self, rng: np.random.Generator, sample_rate_hz: int, kind: SustainedKind) -> None:
        self._rng = rng
        self._rate_hz = sample_rate_hz
        self._kind = kind
        self._attack_s = float(rng.uniform(*kind.attack_s))
        self._release_s = float(rng.uniform(*kind.release_s))
        self._tilt = float(rng.uniform(*kind.tilt))
        self._even = float(rng.uniform(*kind.even_share))
        self._vibrato_cents = float(rng.uniform(*kind.vibrato_cents))
        self._vibrato_hz = float(rng.uniform(4.5, 6.8))
        self._breath = float(rng.uniform(*kind.breath))
        self._transient = float(rng.uniform(*kind.transient))
        self._articulation = float(rng.choice([0.55, 0.85, 1.0, 1.0]))
        self._body_seed = int(rng.integers(1 << 31))
        self._noise = band_noise(rng, 4 * sample_rate_hz, *kind.noise_hz, sample_rate_hz)
        self._tables: dict[int, tuple[Audio, Audio]] = {}

    @property
    def attack_ms(self) -> float:
        """Half loudness of a raised-cosine attack."""
        return 500.0 * self._attack_s

    def render(self, notes: Sequence[PlayedNote], frame_count: int) -> Audio:
        """Sound of the notes, shape (frame_count,)."""
        out = np.zeros(frame_count, np.float32)
        end_s = -1.0
        for note in notes:
            legato = note.slurred and note.onset_s - end_s < 0.08
            mix_in(out, self._tone(note, legato=legato), round(note.onset_s * self._rate_hz))
            end_s = note.onset_s + note.length_s
        return body(out, np.random.default_rng(self._body_seed), self._rate_hz, *self._kind.body_hz)

    def _tone(self, note: PlayedNote, *, legato: bool) -> Audio:
        hold_s = max(0.06, note.length_s * (1.0 if note.slurred else self._articulation))
        count = int((hold_s + self._release_s) * self._rate_hz)
        time_s = np.arange(count) / self._rate_hz
        envelope = self._envelope(time_s, hold_s, legato=legato)
        phase = self._phase(note.pitch, time_s)
        soft, bright = self._wavetables(note.pitch)
        index = (phase * TABLE_SIZE).astype(np.int64) % TABLE_SIZE
        shine = (note.loudness * envelope).astype(np.float32)
        tone = (1 - shine) * soft[index] + shine * bright[index]
        sound = envelope * tone + self._air(envelope, legato=legato)
        return as_audio(note.loudness**1.3 * sound)

    def _envelope(self, time_s: NDArray[np.float64], hold_s: float, *, legato: bool) -> Audio:
        """Attack, a slow swell, release; a slurred note only dips."""
        attack_s = min(self._attack_s * float(self._rng.uniform(0.65, 1.5)), 0.9 * hold_s)
        floor = float(self._rng.uniform(0.4, 0.9)) if legato else 0.0
        rise = floor + (1 - floor) * 0.5 * (1 - np.cos(np.pi * np.clip(time_s / attack_s, 0, 1)))
        if legato:
            rise *= np.clip(time_s / 0.012, 0, 1)
        swell = 1 + float(self._rng.uniform(-0.25, 0.2)) * time_s / max(hold_s, 0.3)
        fall = 0.5 * (1 + np.cos(np.pi * np.clip((time_s - hold_s) / self._release_s, 0, 1)))
        return as_audio(rise * np.clip(swell, 0.4, 1.3) * fall)

    def _phase(self, pitch: int, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Count turns of the wave: pitch with a vibrato that sets in after a fifth of a second."""
        depth = self._vibrato_cents * np.clip((time_s - 0.15) / 0.3, 0, 1)
        wobble = np.sin(2 * np.pi * self._vibrato_hz * time_s + self._rng.uniform(0, 2 * np.pi))
        cents = depth * wobble + float(self._rng.normal(0, 4.0))
        turns: NDArray[np.float64] = np.cumsum(
            frequency_hz(pitch) * 2.0 ** (cents / 1200) / self._rate_hz
        )
        return turns + float(self._rng.random())

    def _wavetables(self, pitch: int) -> tuple[Audio, Audio]:
        if pitch not in self._tables:
            number = np.arange(1, max(2, int(0.45 * self._rate_hz / frequency_hz(pitch))) + 1)[:40]
            parity = np.where(number % 2 == 0, self._even, 1.0)
            angles = 2 * np.pi * np.arange(TABLE_SIZE) / TABLE_SIZE
            waves = np.sin(
                np.outer(number, angles) + self._rng.uniform(0, 2 * np.pi, (len(number), 1))
            )
            bright = (parity * number**-self._tilt) @ waves
            soft = (parity * number ** -(self._tilt + 1.2)) @ waves
            self._tables[pitch] = (_unit_rms(soft), _unit_rms(bright))
        return self._tables[pitch]

    def _air(self, envelope: Audio, *, legato: bool) -> Audio:
        """Breath or bow noise under the tone, and the chiff of a fresh attack."""
        count = len(envelope)
        start = int(self._rng.integers(len(self._noise)))
        noise = np.take(self._noise, np.arange(start, start + count), mode="wrap")
        air = self._breath * envelope
        if not legato:
            span = min(count, int(0.06 * self._rate_hz))
            air[:span] += self._transient * np.hanning(span).astype(np.float32)
        result: Audio = (air * noise).astype(np.float32)
        return result


def _unit_rms(wave: NDArray[np.float64]) -> Audio:
    return as_audio(0.3 * wave / np.sqrt(np.mean(wave**2)))
