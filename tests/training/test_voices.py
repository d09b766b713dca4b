import numpy as np
import pytest

from analysis_engine.training.player import PlayedNote
from analysis_engine.training.pulseless import PULSELESS, pulseless
from analysis_engine.training.room import Room, draw_room, impulse_response, record
from analysis_engine.training.voices import INSTRUMENTS, draw_voice

RATE_HZ = 22_050


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_a_note_starts_where_it_should_and_rises_within_its_attack(instrument: str) -> None:
    voice = draw_voice(np.random.default_rng(4), instrument, RATE_HZ)
    pitch = 36 if instrument == "drums" else INSTRUMENTS[instrument].low_pitch + 7
    sound = voice.render([PlayedNote(0.5, 0.8, pitch, 0.8)], 2 * RATE_HZ)
    at = RATE_HZ // 2
    assert np.abs(sound[:at]).max() == 0
    level = np.array([np.abs(sound[at + i : at + i + 441]).max() for i in range(0, 8820, 110)])
    reached_ms = 5.0 * int(np.argmax(level >= 0.5 * level.max())) + 20
    assert reached_ms - 20 <= voice.attack_ms + 15
    assert np.isfinite(sound).all()


@pytest.mark.parametrize("instrument", ["piano", "guitar", "violin", "flute", "clarinet"])
def test_the_pitch_is_the_one_written(instrument: str) -> None:
    voice = draw_voice(np.random.default_rng(4), instrument, RATE_HZ)
    sound = voice.render([PlayedNote(0.0, 1.0, 69, 0.8)], RATE_HZ)[4000:20_384]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    frequency_hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    near = (frequency_hz > 400) & (frequency_hz < 480)
    assert frequency_hz[near][np.argmax(spectrum[near])] == pytest.approx(440.0, rel=0.015)


def test_a_slurred_note_only_dips() -> None:
    notes = [PlayedNote(0.2, 0.5, 69, 0.8), PlayedNote(0.7, 0.5, 71, 0.8)]
    slurred = [notes[0], PlayedNote(0.7, 0.5, 71, 0.8, slurred=True)]

    def level_at_change(played: list[PlayedNote]) -> float:
        voice = draw_voice(np.random.default_rng(8), "violin", RATE_HZ)
        sound = voice.render(played, RATE_HZ)
        return float(np.abs(sound[int(0.715 * RATE_HZ) : int(0.725 * RATE_HZ)]).max())

    assert level_at_change(slurred) > level_at_change(notes)


def test_a_room_keeps_length_range_and_onset() -> None:
    sound = np.zeros(RATE_HZ, np.float32)
    sound[5000:5200] = 0.3
    room = Room(reverb_s=0.5, wet_db=-10.0, noise_db=None, phone=False, peak_db=-6.0)
    heard = record(np.random.default_rng(1), sound, room, RATE_HZ)
    assert heard.shape == sound.shape
    assert np.abs(heard).max() == pytest.approx(10 ** (-6 / 20), rel=1e-3)
    assert np.abs(heard[:5000]).max() < 1e-5
    assert np.abs(heard[5200:]).max() > 1e-3


@pytest.mark.parametrize("hard", [False, True])
def test_no_room_leaves_full_scale(hard: bool) -> None:
    sound = np.sin(np.arange(RATE_HZ) / 9).astype(np.float32)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        heard = record(rng, sound, draw_room(rng, hard=hard), RATE_HZ)
        assert np.isfinite(heard).all()
        assert np.abs(heard).max() <= 1.0


def test_a_tail_dies_within_its_time() -> None:
    response = impulse_response(np.random.default_rng(2), 0.8, RATE_HZ)
    start, end = response[: RATE_HZ // 10], response[int(0.75 * RATE_HZ) :]
    assert 20 * np.log10(np.abs(end).max() / np.abs(start).max()) < -40


@pytest.mark.parametrize("scenario", PULSELESS)
def test_sounds_without_a_pulse_have_no_beats(scenario: str) -> None:
    clip = pulseless(np.random.default_rng(1), scenario, 3.0, RATE_HZ)
    assert clip.audio.shape == (3 * RATE_HZ,)
    assert clip.audio.dtype == np.float32
    assert np.isfinite(clip.audio).all()
    assert len(clip.beats_s) == 0
    assert clip.target_bpm is None
    assert (np.abs(clip.audio).max() > 0.01) == (scenario != "silence")
