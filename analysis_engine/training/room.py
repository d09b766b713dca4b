"""What happens between the instrument and the file: room, noise, telephone, gain, clipping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import signal

from analysis_engine.training.voices.base import Audio, as_audio

_SILENT_SHARE: Final = 0.35
_FAR_SHARE: Final = 0.15


@dataclass(frozen=True, slots=True)
class Room:
    """A place and a recorder.

    Parameters
    ----------
    reverb_s
        Time in which the tail falls by 60 dB; 0 for none.
    wet_db
        Level of reflections and tail against the direct sound.
    noise_db
        Level of room noise against the loudest tenth of the music (negative), or None.
    phone
        Whether a telephone's band (about 250..3800 Hz) is all that is left.
    peak_db
        Peak level of the file.
    overdrive_db
        How far above full scale the signal was before it was cut off; 0 for clean.
    tilt_db
        Treble against bass, over the whole band.
    """

    reverb_s: float = 0.3
    wet_db: float = -12.0
    noise_db: float | None = -45.0
    phone: bool = False
    peak_db: float = -6.0
    overdrive_db: float = 0.0
    tilt_db: float = 0.0


def draw_room(rng: np.random.Generator, *, hard: bool = False) -> Room:
    """Draw a living room, or (``hard``) a reverberant, noisy one with a poor recorder."""
    if hard:
        return Room(
            reverb_s=float(rng.uniform(0.5, 1.4)),
            wet_db=float(rng.uniform(-8.0, 0.0)),
            noise_db=float(rng.uniform(-28.0, -12.0)),
            phone=bool(rng.random() < 0.35),
            peak_db=float(rng.uniform(-24.0, -1.0)),
            overdrive_db=float(rng.uniform(2.0, 8.0)) if rng.random() < 0.15 else 0.0,
            tilt_db=float(rng.uniform(-9.0, 9.0)),
        )
    # A noise gate, or a line-in, leaves digital silence before the first note.
    silent = rng.random() < _SILENT_SHARE
    far = rng.random() < _FAR_SHARE
    return Room(
        reverb_s=float(rng.uniform(0.1, 0.6)),
        wet_db=float(rng.uniform(-24.0, -8.0)),
        noise_db=None if silent else float(rng.uniform(-60.0, -30.0)),
        peak_db=float(rng.uniform(-45.0, -20.0) if far else rng.uniform(-20.0, -1.0)),
        tilt_db=float(rng.uniform(-5.0, 5.0)),
    )


def record(rng: np.random.Generator, sound: Audio, room: Room, sample_rate_hz: int) -> Audio:
    """Sound as a file would hold it, shape unchanged, within -1..1; onsets stay where they were."""
    result = sound
    if room.reverb_s > 0:
        wet = signal.oaconvolve(sound, impulse_response(rng, room.reverb_s, sample_rate_hz))[
            : len(sound)
        ]
        result = result + np.float32(10 ** (room.wet_db / 20)) * wet.astype(np.float32)
    if room.tilt_db:
        result = _tilted(result, room.tilt_db, sample_rate_hz)
    if room.noise_db is not None:
        loud = float(np.quantile(np.abs(result), 0.97)) or 1e-3
        result = result + _hiss(rng, len(result)) * np.float32(loud * 10 ** (room.noise_db / 20))
    if room.phone:
        sos = signal.butter(
            3, [rng.uniform(180, 350), 3800.0], "bandpass", fs=sample_rate_hz, output="sos"
        )
        result = signal.sosfilt(sos, result).astype(np.float32)
    peak = float(np.abs(result).max()) or 1.0
    full = np.clip(result / np.float32(peak) * np.float32(10 ** (room.overdrive_db / 20)), -1, 1)
    return as_audio(full * np.float32(10 ** (room.peak_db / 20)))


def impulse_response(rng: np.random.Generator, reverb_s: float, sample_rate_hz: int) -> Audio:
    """Early reflections and a tail of noise whose treble dies first; unit energy, not direct."""
    count = max(64, int(1.1 * reverb_s * sample_rate_hz))
    time_s = np.arange(count, dtype=np.float32) / sample_rate_hz
    tail = rng.standard_normal(count).astype(np.float32)
    dull = signal.lfilter([0.3], [1, -0.7], tail).astype(np.float32)
    fade = np.exp(np.float32(-6.91 / reverb_s) * time_s)
    response = 2 * dull * fade + tail * fade**2.5
    response[: int(0.01 * sample_rate_hz)] *= 0.1
    response /= np.sqrt(np.sum(response**2))
    for _ in range(int(rng.integers(4, 10))):
        at_s = float(rng.uniform(0.003, 0.05))
        response[min(count - 1, int(at_s * sample_rate_hz))] += (
            rng.choice([-1, 1]) * 0.3 * np.exp(-at_s / 0.03)
        )
    return as_audio(response / np.sqrt(np.sum(response**2)))


def _tilted(sound: Audio, tilt_db: float, sample_rate_hz: int) -> Audio:
    """First-order shelf around 1 kHz."""
    corner = np.tan(np.pi * 1000.0 / sample_rate_hz)
    root = 10 ** (tilt_db / 40)
    b = np.array([root + corner / root, corner / root - root])
    a = np.array([1 + corner, corner - 1])
    return as_audio(signal.lfilter(b / a[0], a / a[0], sound))


def _hiss(rng: np.random.Generator, count: int) -> Audio:
    """Room noise of unit deviation: white and rumble mixed."""
    white = rng.standard_normal(count).astype(np.float32)
    rumble = signal.lfilter([0.06], [1, -0.97], rng.standard_normal(count)).astype(np.float32)
    mix = float(rng.uniform(0.1, 0.9))
    noise = mix * white + (1 - mix) * rumble / np.float32(rumble.std() + 1e-9)
    return as_audio(noise / noise.std())
