"""Metronomes in the room: apps, boxes and clockwork, in time with the player or not.

A metronome repeats the same one or two sounds, exactly. What differs is the sound, its level and
loudspeaker, whether the first beat of a bar has a sound of its own, and whether the player follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import signal

from analysis_engine.training.voices.base import Audio, as_audio, band_noise, mix_in

if TYPE_CHECKING:
    from collections.abc import Callable

Sounds = tuple[Audio, Audio]
"""What a metronome plays: its ordinary click and the one of an accent, each of unit peak."""

_SLOWEST_BPM: Final = 20.0
_FASTEST_BPM: Final = 300.0


@dataclass(frozen=True, slots=True)
class Metronome:
    """One metronome.

    Parameters
    ----------
    bpm
        Clicks a minute, 20..300.
    first_s
        Time of its first click.
    sound
        A name in `SOUNDS`.
    accent_every
        Clicks from accent to accent; 0 for none.
    level
        Peak of a click against the loudness of the player (quantile .99 of the samples); alone, 1
        is full scale.
    limp_s
        How late every other click comes: clockwork that does not stand level.
    speaker
        Whether it plays through a telephone's loudspeaker.
    """

    bpm: float
    first_s: float
    sound: str
    accent_every: int = 0
    level: float = 1.0
    limp_s: float = 0.0
    speaker: bool = False

    def __post_init__(self) -> None:
        if not _SLOWEST_BPM <= self.bpm <= _FASTEST_BPM:
            raise ValueError(f"bpm={self.bpm} is outside {_SLOWEST_BPM:g}..{_FASTEST_BPM:g}")
        if self.sound not in SOUNDS:
            raise ValueError(f"sound={self.sound!r} is unknown")

    def clicks_s(self, duration_s: float) -> np.ndarray:
        """Return the times of the clicks before ``duration_s``, float64."""
        period_s = 60.0 / self.bpm
        count = max(0, int(np.ceil((duration_s - self.first_s) / period_s)))
        times_s = self.first_s + period_s * np.arange(count)
        times_s[1::2] += self.limp_s
        return times_s


def draw_metronome(
    rng: np.random.Generator, player_bpm: float, first_beat_s: float, beats_per_bar: int
) -> Metronome:
    """Draw a metronome beside a player.

    Parameters
    ----------
    rng
        Source of chance.
    player_bpm
        Tempo of the player; most metronomes have it, or half or twice of it.
    first_beat_s
        Time of a beat of the player; a player who follows the metronome has its clicks there.
    beats_per_bar
        Where accents fall.
    """
    bpm = player_bpm * float(rng.choice([1.0, 1.0, 1.0, 1.0, 0.5, 2.0]))
    if rng.random() < 0.25:
        bpm = player_bpm * float(rng.uniform(0.8, 1.25))
    bpm = float(np.clip(bpm, _SLOWEST_BPM, _FASTEST_BPM))
    period_s = 60.0 / bpm
    first_s = float(rng.uniform(0.0, period_s))
    if rng.random() < 0.5:
        first_s = first_beat_s % period_s + float(rng.normal(0.0, 0.008))
    sound = str(rng.choice(list(SOUNDS)))
    return Metronome(
        bpm=bpm,
        first_s=max(0.0, first_s),
        sound=sound,
        accent_every=int(rng.choice([0, 0, beats_per_bar])),
        level=float(0.1 * (1.5 / 0.1) ** rng.random()),
        limp_s=float(rng.uniform(0.0, 0.012)) if sound == "clockwork" else 0.0,
        speaker=bool(sound != "clockwork" and rng.random() < 0.6),
    )


def add_metronome(
    rng: np.random.Generator, sound: Audio, metronome: Metronome, sample_rate_hz: int
) -> None:
    """Mix the clicks into ``sound``, in place.

    Parameters
    ----------
    rng
        Source of chance for the timbre.
    sound
        float32, shape (samples,); all zeros for a metronome alone.
    metronome
        What clicks.
    sample_rate_hz
        Rate of ``sound``.
    """
    plain, accent = _played(rng, metronome, sample_rate_hz)
    loudness = float(np.quantile(np.abs(sound), 0.99)) if sound.size else 0.0
    level = metronome.level * (loudness or 1.0)
    for index, at_s in enumerate(metronome.clicks_s(len(sound) / sample_rate_hz)):
        accented = metronome.accent_every > 0 and index % metronome.accent_every == 0
        # A clockwork's swing to and fro do not sound the same.
        other = index % 2 == 1 if metronome.sound == "clockwork" else accented
        mix_in(sound, accent if other else plain, round(at_s * sample_rate_hz), level)


def _played(rng: np.random.Generator, metronome: Metronome, sample_rate_hz: int) -> Sounds:
    sounds = SOUNDS[metronome.sound](rng, sample_rate_hz)
    if metronome.speaker:
        low_hz = float(rng.uniform(300.0, 700.0))
        high_hz = min(float(rng.uniform(6_000.0, 9_000.0)), 0.45 * sample_rate_hz)
        sos = signal.butter(2, [low_hz, high_hz], "bandpass", fs=sample_rate_hz, output="sos")
        plain, accent = sounds
        sounds = as_audio(signal.sosfilt(sos, plain)), as_audio(signal.sosfilt(sos, accent))
    loudest = max(float(np.abs(click).max()) for click in sounds) + 1e-9
    return as_audio(sounds[0] / loudest), as_audio(sounds[1] / loudest)


def _decay(length_s: float, tau_s: float, sample_rate_hz: int) -> Audio:
    time_s = np.arange(int(length_s * sample_rate_hz)) / sample_rate_hz
    return as_audio(np.exp(-time_s / tau_s))


def _ring(pitch_hz: float, tau_s: float, sample_rate_hz: int) -> Audio:
    fade = _decay(6.0 * tau_s, tau_s, sample_rate_hz)
    return fade * as_audio(np.sin(2 * np.pi * pitch_hz * np.arange(len(fade)) / sample_rate_hz))


def _noise(rng: np.random.Generator, sample_rate_hz: int) -> Sounds:
    """Burst of noise: the plainest of apps."""
    count = int(0.03 * sample_rate_hz)
    fade = _decay(0.03, 0.006, sample_rate_hz)
    plain = fade * band_noise(rng, count, 1500, 4000, sample_rate_hz)
    accent = fade * band_noise(rng, count, 2500, 6000, sample_rate_hz)
    return as_audio(plain), as_audio(accent)


def _beep(rng: np.random.Generator, sample_rate_hz: int) -> Sounds:
    """Sine of 20 to 60 ms, 1 kHz or so; the accent is higher."""
    pitch_hz = float(rng.choice([800.0, 880.0, 1000.0, 1200.0]))
    ratio = float(rng.choice([1.5, 2.0]))
    length_s = float(rng.uniform(0.02, 0.06))
    time_s = np.arange(int(length_s * sample_rate_hz)) / sample_rate_hz
    edge = np.clip(np.minimum(time_s / 0.001, (length_s - time_s) / 0.005), 0.0, 1.0)
    plain, accent = (
        as_audio(edge * np.sin(2 * np.pi * hz * time_s)) for hz in (pitch_hz, ratio * pitch_hz)
    )
    return plain, accent


def _wood(rng: np.random.Generator, sample_rate_hz: int) -> Sounds:
    """Wood block: two damped modes and the knock of the stick."""
    pitch_hz = float(rng.uniform(700.0, 1300.0))
    tau_s = float(rng.uniform(0.008, 0.02))

    def block(hz: float) -> Audio:
        sound = _ring(hz, tau_s, sample_rate_hz)
        sound += 0.5 * _ring(1.48 * hz, tau_s, sample_rate_hz)
        span = int(0.004 * sample_rate_hz)
        knock = band_noise(rng, span, 1500, 7000, sample_rate_hz)
        sound[:span] += 0.5 * knock * np.linspace(1, 0, span, dtype=np.float32)
        return sound

    return block(pitch_hz), block(float(rng.uniform(1.2, 1.5)) * pitch_hz)


def _clockwork(rng: np.random.Generator, sample_rate_hz: int) -> Sounds:
    """Tick and tock of an escapement in a wooden case."""

    def tick() -> Audio:
        sound = 0.5 * _ring(float(rng.uniform(350.0, 900.0)), 0.012, sample_rate_hz)
        for _ in range(3):
            mode = _ring(float(rng.uniform(1200.0, 5000.0)), 0.005, sample_rate_hz)
            sound[: len(mode)] += float(rng.uniform(0.2, 0.6)) * mode
        span = int(0.003 * sample_rate_hz)
        sound[:span] += band_noise(rng, span, 2000, 8000, sample_rate_hz)
        return sound

    return tick(), tick()


def _hat(rng: np.random.Generator, sample_rate_hz: int) -> Sounds:
    """Close a drum machine's hi-hat; the accent is a louder, longer one."""
    count = int(0.12 * sample_rate_hz)
    hiss = band_noise(rng, count, 4500, 0.45 * sample_rate_hz, sample_rate_hz)
    tau_s = float(rng.uniform(0.008, 0.018))
    plain = 0.7 * hiss * _decay(0.12, tau_s, sample_rate_hz)
    return as_audio(plain), as_audio(hiss * _decay(0.12, 1.6 * tau_s, sample_rate_hz))


def _square(rng: np.random.Generator, sample_rate_hz: int) -> Sounds:
    """Play a few periods of a square wave: the quartz box."""
    pitch_hz = float(rng.uniform(1500.0, 2600.0))
    periods = int(rng.integers(6, 40))

    def pulse(hz: float) -> Audio:
        time_s = np.arange(int(periods / hz * sample_rate_hz)) / sample_rate_hz
        odd = [np.sin(2 * np.pi * n * hz * time_s) / n for n in (1, 3) if n * hz < 10_000]
        return as_audio(np.sum(odd, axis=0))

    return pulse(pitch_hz), pulse(1.33 * pitch_hz)


SOUNDS: Final[dict[str, Callable[[np.random.Generator, int], Sounds]]] = {
    "noise": _noise,
    "beep": _beep,
    "wood": _wood,
    "clockwork": _clockwork,
    "hat": _hat,
    "square": _square,
}
"""Makers of the click and the accent, by name."""
