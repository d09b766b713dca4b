"""Which instruments there are, their registers, and what is played on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from analysis_engine.training import material, textures
from analysis_engine.training.drums import drum_pattern
from analysis_engine.training.voices.kit import KitVoice
from analysis_engine.training.voices.plucked import PluckedVoice
from analysis_engine.training.voices.sampled import SampledVoice
from analysis_engine.training.voices.struck import StruckVoice
from analysis_engine.training.voices.sustained import KINDS, SustainedVoice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np

    from analysis_engine.training.material import Material
    from analysis_engine.training.voices.base import Voice

MONOPHONIC: Final[tuple[Material, ...]] = (
    material.scale,
    material.arpeggio,
    material.etude,
    material.melody,
    material.melody,
    material.compound_melody,
)


@dataclass(frozen=True, slots=True)
class Instrument:
    """Register (MIDI numbers), what is played on it, and how far chords are rolled apart."""

    low_pitch: int
    high_pitch: int
    materials: tuple[Material, ...]
    spread_ms: float = 0.0


RUNNING: Final[tuple[Material, ...]] = (textures.prelude, textures.prelude, textures.fugue)
KEYBOARD: Final[tuple[Material, ...]] = (
    material.song,
    material.song,
    material.invention,
    material.block_chords,
    textures.prelude,
    textures.toccata,
    textures.toccata,
    textures.sonatina,
    textures.sonatina,
    textures.fugue,
)

INSTRUMENTS: Final[dict[str, Instrument]] = {
    "piano": Instrument(60, 84, (*MONOPHONIC, *KEYBOARD, *KEYBOARD), 4.0),
    "guitar": Instrument(
        50,
        74,
        (*MONOPHONIC, *RUNNING, material.strumming, material.strumming, material.block_chords),
        14.0,
    ),
    # Two or three players of a kind share the voices of what one alone can't play.
    "violin": Instrument(57, 86, (*MONOPHONIC, *RUNNING, material.invention)),
    "flute": Instrument(62, 90, (*MONOPHONIC, *RUNNING)),
    "trumpet": Instrument(55, 80, (*MONOPHONIC, textures.prelude)),
    "clarinet": Instrument(52, 82, (*MONOPHONIC, textures.prelude, textures.fugue)),
    "drums": Instrument(0, 0, (drum_pattern,)),
}


# Where there are sound fonts, this share of the voices comes from them.
_SAMPLED_SHARE: Final = 0.65


def draw_voice(
    rng: np.random.Generator,
    instrument: str,
    sample_rate_hz: int,
    fonts: Sequence[Path] = (),
) -> Voice:
    """Build an instrument of a kind, with a character of its own.

    Parameters
    ----------
    rng
        Source of chance.
    instrument
        A key of `INSTRUMENTS`.
    sample_rate_hz
        Rate of the sound.
    fonts
        Sound fonts to draw recorded instruments from; with none, every voice is synthesised.

    Raises
    ------
    KeyError
        For a name that is not in `INSTRUMENTS`.
    """
    if fonts and rng.random() < _SAMPLED_SHARE:
        font = fonts[int(rng.integers(len(fonts)))]
        return SampledVoice(rng, font, instrument, sample_rate_hz)
    if instrument == "piano":
        return StruckVoice(rng, sample_rate_hz)
    if instrument == "guitar":
        return PluckedVoice(rng, sample_rate_hz)
    if instrument == "drums":
        return KitVoice(rng, sample_rate_hz)
    return SustainedVoice(rng, sample_rate_hz, KINDS[instrument])
