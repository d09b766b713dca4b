"""Recorded instruments of a General MIDI sound font, played by FluidSynth.

Own synthesis alone does not sound like the world: training adds two sound fonts whose licences
allow it. `SOUND_FONTS` says which; `available_fonts` which of them this machine has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis_engine.training.voices.base import Audio, as_audio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis_engine.training.player import PlayedNote


@dataclass(frozen=True, slots=True)
class SoundFont:
    """A font, the Debian package that brings it, and its licence."""

    name: str
    file_name: str
    package: str
    licence: str


SOUND_FONTS: Final = (
    SoundFont("TimGM6mb", "TimGM6mb.sf2", "timgm6mb-soundfont", "GPL-2.0"),
    SoundFont(
        "MuseScore General Lite",
        "MuseScore_General_Lite.sf3",
        "musescore-general-soundfont-small",
        "MIT, parts public domain or CC0",
    ),
)
_FOLDERS: Final = (Path("/usr/share/sounds/sf2"), Path("/usr/share/sounds/sf3"))

#: General MIDI programs (from 0) that may stand for an instrument.
PROGRAMS: Final[dict[str, tuple[int, ...]]] = {
    "piano": (0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 11, 12, 13),
    "guitar": (24, 24, 25, 25, 26, 27, 28, 29, 45, 46, 104, 105),
    "violin": (40, 40, 40, 41, 42, 48, 49, 110),
    "flute": (73, 73, 73, 72, 74, 75, 79),
    "trumpet": (56, 56, 57, 58, 59, 60),
    "clarinet": (71, 71, 68, 69, 70, 64, 65, 66, 67, 21, 19),
    "drums": (0, 0, 8, 16, 24, 25, 32, 40),
}
_DRUM_CHANNEL: Final = 9
_DRUM_BANK: Final = 128
# A drummer's stroke is cut off by nothing: the note ends long after it has died away.
_DRUM_LENGTH_S: Final = 0.5
_PROBE_S: Final = 0.3
# FluidSynth renders, and starts notes, in blocks.
_BLOCK_SAMPLES: Final = 64
_ALL_SOUND_OFF: Final = 120
_MOST_FLUSHES: Final = 40
_DITHER: Final = 2.0


def available_fonts() -> dict[str, Path]:
    """Return the sound fonts found on this machine, by name."""
    found: dict[str, Path] = {}
    for font in SOUND_FONTS:
        for folder in _FOLDERS:
            if (folder / font.file_name).is_file():
                found[font.name] = folder / font.file_name
    return found


@dataclass(frozen=True, slots=True)
class _Program:
    """One program of a font at a rate."""

    font: Path
    number: int
    drums: bool
    sample_rate_hz: int


class SampledVoice:
    """One program of a font.

    Parameters
    ----------
    rng
        Source of chance: which program.
    font
        Path of the font.
    instrument
        A key of `PROGRAMS`.
    sample_rate_hz
        Rate of the sound.
    """

    def __init__(
        self, rng: np.random.Generator, font: Path, instrument: str, sample_rate_hz: int
    ) -> None:
        programs = PROGRAMS[instrument]
        number = int(programs[int(rng.integers(len(programs)))])
        self._program = _Program(font, number, instrument == "drums", sample_rate_hz)
        # How much a louder note differs: players and microphones compress.
        self._touch = float(rng.uniform(0.4, 1.0))

    @property
    def attack_ms(self) -> float:
        """Time until half of the loudness of the first 0.3 s is reached."""
        return _attack_ms(self._program)

    def render(self, notes: Sequence[PlayedNote], frame_count: int) -> Audio:
        """Sound of the notes, shape (frame_count,)."""
        return _play(self._program, self._events(notes), frame_count)

    def _events(self, notes: Sequence[PlayedNote]) -> list[tuple[int, int, int]]:
        """(sample, key, velocity; 0 ends the note), in order; an end comes before a start."""
        rate_hz = self._program.sample_rate_hz
        events: list[tuple[int, int, int]] = []
        for note in notes:
            start = round(note.onset_s * rate_hz)
            length_s = _DRUM_LENGTH_S if self._program.drums else note.length_s
            velocity = int(np.clip(127 * note.loudness**self._touch, 8, 127))
            key = int(np.clip(note.pitch, 0, 127))
            events.append((start, key, velocity))
            events.append((start + max(64, round(length_s * rate_hz) - 32), key, 0))
        return sorted(events, key=lambda event: (event[0], event[2]))


@cache
def _synthesiser(font: Path, sample_rate_hz: int) -> tuple[Any, int]:
    """Return one synthesiser a process, font and rate (a large font takes seconds to load)."""
    import fluidsynth  # noqa: PLC0415  (the extra `train`)

    synthesiser = fluidsynth.Synth(gain=0.4, samplerate=float(sample_rate_hz))
    synthesiser.setting("synth.reverb.active", 0)
    synthesiser.setting("synth.chorus.active", 0)
    return synthesiser, int(synthesiser.sfload(str(font)))


def _play(program: _Program, events: Sequence[tuple[int, int, int]], frame_count: int) -> Audio:
    synthesiser, font_id = _synthesiser(program.font, program.sample_rate_hz)
    channel, bank = (_DRUM_CHANNEL, _DRUM_BANK) if program.drums else (0, 0)
    # The last clip must not sound into this one, nor shift it against the synthesiser's blocks.
    synthesiser.system_reset()
    synthesiser.cc(channel, _ALL_SOUND_OFF, 0)
    for _ in range(_MOST_FLUSHES):
        if np.abs(_samples(synthesiser, 64 * _BLOCK_SAMPLES)).max() <= _DITHER:
            break
    if synthesiser.program_select(channel, font_id, bank, program.number) != 0:
        # Not every font has every kit.
        synthesiser.program_select(channel, font_id, bank, 0)
    parts: list[np.ndarray] = []
    at = 0
    for sample, key, velocity in events:
        if sample >= frame_count:
            break
        if sample > at:
            parts.append(_samples(synthesiser, sample - at))
            at = sample
        if velocity:
            synthesiser.noteon(channel, key, velocity)
        else:
            synthesiser.noteoff(channel, key)
    rest = frame_count - at
    parts.append(_samples(synthesiser, rest + -frame_count % _BLOCK_SAMPLES))
    sound = np.concatenate(parts)[:frame_count]
    peak = float(np.abs(sound).max())
    return as_audio(sound / peak) if peak > 0 else as_audio(sound)


def _samples(synthesiser: Any, count: int) -> np.ndarray:
    """Return the next samples, both sides mixed, float32 (count,)."""
    stereo = synthesiser.get_samples(count).reshape(-1, 2)
    return np.asarray(stereo.mean(axis=1), np.float32)


@cache
def _attack_ms(program: _Program) -> float:
    sample_rate_hz = program.sample_rate_hz
    key = 38 if program.drums else 67
    start = round(0.05 * sample_rate_hz)
    count = round((0.05 + _PROBE_S) * sample_rate_hz)
    sound = _play(program, [(start, key, 96)], count)[start:]
    width = max(1, round(0.004 * sample_rate_hz))
    envelope = np.sqrt(np.convolve(sound**2, np.ones(width) / width, "same"))
    half = int(np.argmax(envelope >= 0.5 * envelope.max()))
    return 1000.0 * half / sample_rate_hz
