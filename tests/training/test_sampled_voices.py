from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis_engine.training.player import PlayedNote
from analysis_engine.training.voices import INSTRUMENTS, draw_voice
from analysis_engine.training.voices.sampled import PROGRAMS, SampledVoice, available_fonts

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 22_050


@pytest.fixture(scope="module")
def font() -> Path:
    fonts = list(available_fonts().values())
    if not fonts and "PRACTICE_REQUIRE_SOUND_FONT" not in os.environ:
        pytest.skip("no sound font is installed (timgm6mb-soundfont, libfluidsynth3)")
    assert fonts, "no sound font is installed"
    return fonts[0]


def test_every_instrument_has_programs() -> None:
    assert set(PROGRAMS) == set(INSTRUMENTS)


@pytest.mark.parametrize("instrument", PROGRAMS)
def test_a_note_begins_when_it_is_played(font: Path, instrument: str) -> None:
    voice = SampledVoice(np.random.default_rng(1), font, instrument, RATE_HZ)
    pitch = 38 if instrument == "drums" else 67
    notes = [PlayedNote(at_s, 0.3, pitch, 0.8) for at_s in (0.5, 1.25)]

    sound = voice.render(notes, 2 * RATE_HZ)

    assert sound.shape == (2 * RATE_HZ,)
    assert sound.dtype == np.float32
    assert np.abs(sound[: int(0.49 * RATE_HZ)]).max() < 2e-3
    assert 0.5 < np.abs(sound).max() <= 1.0
    assert np.abs(sound[int(0.5 * RATE_HZ) : int(0.7 * RATE_HZ)]).max() > 0.05
    assert 0.0 <= voice.attack_ms < 300.0


def test_the_same_chance_gives_the_same_sound(font: Path) -> None:
    notes = [PlayedNote(0.1, 0.5, 60, 0.7)]

    first, again = (
        draw_voice(np.random.default_rng(6), "violin", RATE_HZ, [font]).render(notes, RATE_HZ)
        for _ in range(2)
    )

    # FluidSynth dithers: the last bits differ.
    np.testing.assert_allclose(first, again, atol=2e-3)
