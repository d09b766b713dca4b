"""Reading audio files: every format, odd shapes, and files that are no audio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from practice.media import MediaError, bundled_performance, open_audio
from tests.cli.audio_samples import SAMPLE_RATE_HZ, tone, write_m4a

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("audio_path", ["wav", "flac", "ogg", "mp3", "m4a"], indirect=True)
def test_every_format_gives_the_same_sound(audio_path: Path) -> None:
    with open_audio(audio_path) as audio:
        blocks = list(audio.blocks(1_600))
        assert audio.sample_rate_hz == SAMPLE_RATE_HZ
        assert audio.channel_count == 1
        assert audio.duration_s == pytest.approx(1.5, abs=0.15)
    assert {block.shape[0] for block in blocks[:-1]} == {1_600}
    assert all(block.dtype == np.float32 and block.shape[1] == 1 for block in blocks)
    samples = np.concatenate(blocks)[:, 0]
    assert samples.size == pytest.approx(1.5 * SAMPLE_RATE_HZ, abs=0.15 * SAMPLE_RATE_HZ)
    middle = samples[8_000:16_000]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.2 / np.sqrt(2), rel=0.05)
    assert np.argmax(np.abs(np.fft.rfft(middle))) * 2.0 == pytest.approx(440, abs=4)


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really_m4a.wav"
    write_m4a(path, tone(1.0))
    with open_audio(path) as audio:
        assert sum(block.shape[0] for block in audio.blocks(512)) >= 0.9 * SAMPLE_RATE_HZ


@pytest.mark.parametrize(("channel_count", "expected"), [(1, 1), (2, 2), (6, 1)])
def test_more_than_two_channels_are_mixed_to_mono(
    tmp_path: Path, channel_count: int, expected: int
) -> None:
    path = tmp_path / "tone.wav"
    samples = tone(0.2, channel_count)
    soundfile.write(path, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
    with open_audio(path) as audio:
        read = np.concatenate(list(audio.blocks(333)))
        assert audio.channel_count == expected
    wanted = samples if channel_count <= 2 else samples.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(read, wanted, atol=1e-6)


@pytest.mark.parametrize("rate_hz", [4_000, 192_000])
def test_a_rate_that_the_engine_does_not_take_is_resampled(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "tone.wav"
    seconds = np.arange(rate_hz) / rate_hz
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * 440 * seconds), rate_hz, subtype="FLOAT")
    with open_audio(path) as audio:
        samples = np.concatenate(list(audio.blocks(4_800)))[:, 0]
        assert audio.sample_rate_hz == 48_000
    assert samples.size == pytest.approx(48_000, abs=500)
    assert np.argmax(np.abs(np.fft.rfft(samples[12_000:36_000]))) * 2.0 == pytest.approx(440, abs=3)


def _truncated(path: Path, tmp_path: Path, keep: float) -> Path:
    data = path.read_bytes()
    cut = tmp_path / f"half{path.suffix}"
    cut.write_bytes(data[: int(len(data) * keep)])
    return cut


@pytest.mark.parametrize("audio_path", ["flac", "m4a"], indirect=True)
def test_a_file_that_was_cut_off_says_so(audio_path: Path, tmp_path: Path) -> None:
    cut = _truncated(audio_path, tmp_path, 0.5)
    with pytest.raises(MediaError, match=r"cut off|damaged"), open_audio(cut) as audio:
        for _ in audio.blocks(1_600):
            pass


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.wav", b"", "the file is empty"),
        ("notes.wav", b"practise slowly\n" * 40, "notes.wav"),
        ("head.wav", b"RIFF\x24\x00\x00\x00WAVE", "head.wav"),
        ("noise.mp3", bytes(range(256)) * 8, "noise.mp3"),
    ],
)
def test_what_is_no_audio_gives_one_clear_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaError, match=sentence), open_audio(path) as audio:
        list(audio.blocks(1_600))


def test_missing_files_and_directories(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        open_audio(tmp_path / "missing.wav")
    with pytest.raises(MediaError, match="is a directory"):
        open_audio(tmp_path)


def test_a_wav_without_samples_says_so(tmp_path: Path) -> None:
    path = tmp_path / "none.wav"
    soundfile.write(path, np.zeros((0, 1), np.float32), SAMPLE_RATE_HZ)
    with pytest.raises(MediaError, match="no audio samples"), open_audio(path) as audio:
        list(audio.blocks(1_600))


def test_an_unknown_bundled_performance_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no bundled performance 'polka'"):
        bundled_performance("polka")
